"""A branch of a GitOps repository, written by compare-and-swap: new objects on top of the tip that was read, pushed
only if the tip is still that one. Nothing is ever merged, rebased or forced.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from gatekeeper.connect.git.address import check_address, check_ref, local_folder, redact
from gatekeeper.connect.git.command import TIMEOUT, Done, checked, run
from gatekeeper.connect.git.local import LocalSource
from gatekeeper.connect.git.objects import FILE, FOLDER, REGULAR, Entry, format_tree, loose
from gatekeeper.connect.git.remote import RemoteSource
from gatekeeper.connect.git.tree import CommitTree
from gatekeeper.connect.git.workspace import REMOTE, Workspace
from gatekeeper.errors import CannotActError
from gatekeeper.model.paths import path_parts
from gatekeeper.ports import Tree
from gatekeeper.ports.repository import Landing

_TRIES = 4
_PAUSE = 0.2


class GitRepository:
    """The branch `branch` of the repository at `address`, a path or a git URL."""

    def __init__(
        self,
        address: str,
        branch: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        timeout: float = TIMEOUT,
    ) -> None:
        folder = local_folder(check_address(address))
        self._address = folder or address
        self.branch = check_ref(branch)
        self._ref = f"refs/heads/{branch}"
        self._sleep = sleep
        self._timeout = timeout
        self._source = RemoteSource(address, timeout) if folder is None else LocalSource(folder)
        self._scratch: Workspace | None = None

    def tip(self) -> CommitTree:
        """The branch's tip, read now. Raises CannotActError when there is no such branch or it cannot be reached."""
        if isinstance(self._source, RemoteSource):
            return CommitTree(self._source, self._source.fetch(self._ref))
        commit = self._source.resolve(self._ref)
        if commit is None:
            raise CannotActError(f"{redact(self._address)} has no branch {self.branch}")
        return CommitTree(self._source, commit)

    def commit(self, base: Tree, files: Mapping[str, bytes], message: str) -> Landing:
        """Put `files` on top of `base` and push it if the tip is still `base`; `moved` when it is not.

        Raises CannotActError when the push is refused for another reason, or nothing can be told about it.
        """
        assert isinstance(base, CommitTree)
        work = self._workspace(base)
        tree = _Writer(work, base).tree(files)
        commit = self._commit_object(work, tree, base.commit, message)
        sent = False
        for attempt in range(1, _TRIES + 1):
            done = self._push(work, base.commit, commit)
            sent = sent or _was_sent(done)
            landing = None if done.code else self._confirmed(commit)
            landing = landing or self._look(base, commit, files, done, sent=sent)
            if landing is not None:
                return landing
            if attempt == _TRIES or _is_final(done):
                raise self._refused(commit, done)
            # A held lock looks like a refusal; it is gone in a moment, and a refusal stays.
            self._sleep(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311 - spreads writers, keeps no secret
        raise AssertionError

    def _confirmed(self, commit: str) -> Landing | None:
        """Where the branch holds the commit, or cannot be asked, git is believed.

        A server may take a push and put it elsewhere, for a review; and `pushInsteadOf` may lead to another one.
        """
        try:
            if isinstance(self._source, RemoteSource):
                there = self._source.list([self._ref]).get(self._ref)
            else:
                there = self._source.resolve(self._ref)
        except CannotActError:
            return Landing(commit=commit)
        return Landing(commit=commit) if there == commit else None

    def _refused(self, commit: str, done: Done) -> CannotActError:
        """A server that was not waited for, or whose answer got lost, may still be at work on the commit."""
        said = _said(done)
        if _was_answered(done):
            return CannotActError(f"{redact(self._address)} refused the commit: {said}")
        return CannotActError(
            f"{redact(self._address)} did not take the commit: {said}",
            f"Run it again: it finds out whether commit {commit} landed after all.",
        )

    def _look(
        self, base: CommitTree, commit: str, files: Mapping[str, bytes], done: Done, *, sent: bool
    ) -> Landing | None:
        """What became of a push that reported failure, told by the branch itself; None when nothing changed there."""
        try:
            tip = self.tip()
            moved = tip.commit != base.commit
            if tip.commit == commit or (moved and self._is_in(tip, base, commit, files, sent=sent)):
                return Landing(commit=commit)
        except CannotActError as fault:
            raise CannotActError(
                f"the push failed ({_said(done)}), and the branch cannot be read: {fault.message}",
                f"commit {commit} may have landed; run again, which finds out",
            ) from fault
        return Landing(moved=True) if moved else None

    def _is_in(self, tip: CommitTree, base: CommitTree, commit: str, files: Mapping[str, bytes], *, sent: bool) -> bool:
        """Whether the commit is below the tip: somebody may have built on it before its answer got lost.

        History is looked at when the commit may have been sent, as it may have been reverted since, or when a file that
        it adds is there.
        """
        added = [path for path in files if base.entry(path) is None] or list(files)
        algorithm = _algorithm(commit)
        same = (tip.entry(path) for path in added)
        there = all(e and e.oid == loose("blob", files[p], algorithm).oid for e, p in zip(same, added, strict=True))
        return (sent or there) and self._source.descends(tip.commit, commit)

    def _workspace(self, base: CommitTree) -> Workspace:
        if isinstance(self._source, RemoteSource):
            return self._source.workspace
        if self._scratch is None:
            self._scratch = Workspace(self._address, _algorithm(base.commit), self._source.objects())
        return self._scratch

    def _commit_object(self, work: Workspace, tree: str, parent: str, message: str) -> str:
        """Made by git, which knows the user's identity and signs where the user's configuration says so."""
        identity = self._identity(work)
        extra = {"GIT_OBJECT_DIRECTORY": work.objects, **self._alternates()}
        signs = run(identity, ["config", "--type=bool", "--get", "commit.gpgSign"]).out.strip() == b"true"
        arguments = ["commit-tree", *(["-S"] if signs else []), "-p", parent, "-F", "-", tree]
        done = checked(identity, arguments, "make the commit", stdin=message.encode(), extra=extra)
        return done.out.decode("ascii").strip()

    def _alternates(self) -> dict[str, str]:
        if isinstance(self._source, RemoteSource):
            return {}
        return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": self._source.objects()}

    def _identity(self, work: Workspace) -> str:
        """The git folder whose configuration says who commits: the target's own, or that of the current folder."""
        if isinstance(self._source, LocalSource):
            # Found and not named, git refuses a repository of somebody else, whose configuration could run any program.
            look = ["-c", "safe.bareRepository=all", "-C", self._address, "rev-parse", "--git-dir"]
            checked(None, look, f"use {self._address}")
            return self._source.git_dir
        here = run(None, ["rev-parse", "--absolute-git-dir"])
        same = not here.code and run(None, ["rev-parse", "--show-object-format"]).out.decode().strip() == work.algorithm
        return here.out.decode("utf-8", "surrogateescape").rstrip("\n") if same else work.git_dir

    def _push(self, work: Workspace, old: str, new: str) -> Done:
        lease = f"--force-with-lease={self._ref}:{old}"
        arguments = ["push", "--porcelain", "--no-verify", lease, REMOTE, f"{new}:{self._ref}"]
        try:
            return run(work.git_dir, arguments, timeout=self._timeout)
        except CannotActError as fault:
            return Done(-1, b"", fault.message)

    def close(self) -> None:
        """End what runs and remove what was fetched."""
        self._source.close()
        if self._scratch is not None:
            self._scratch.close()


class _Writer:
    """Builds the trees above changed files, leaf to root; everything else keeps its id."""

    def __init__(self, work: Workspace, base: CommitTree) -> None:
        self._work = work
        self._base = base

    def tree(self, files: Mapping[str, bytes]) -> str:
        """The id of the new root tree. Raises CannotActError where a file's place is taken by something else."""
        return self._folder((), {path_parts(path): data for path, data in files.items()})

    def _folder(self, parts: tuple[str, ...], files: Mapping[tuple[str, ...], bytes]) -> str:
        entries = dict(self._base.folder(parts) or {})
        below: dict[str, dict[tuple[str, ...], bytes]] = {}
        for path, data in files.items():
            if len(path) == len(parts) + 1:
                entries[path[-1]] = self._file(entries.get(path[-1]), path, data)
            else:
                below.setdefault(path[len(parts)], {})[path] = data
        for name, inner in below.items():
            _check_folder(entries.get(name), (*parts, name))
            entries[name] = Entry(FOLDER, name, self._folder((*parts, name), inner))
        return self._work.store(loose("tree", format_tree(entries.values()), self._work.algorithm))

    def _file(self, entry: Entry | None, path: tuple[str, ...], data: bytes) -> Entry:
        if entry is not None and entry.mode not in REGULAR:
            raise CannotActError(f"{'/'.join(path)} is there, but it is not a file")
        oid = self._work.store(loose("blob", data, self._work.algorithm))
        return Entry(entry.mode if entry else FILE, path[-1], oid)


def _check_folder(entry: Entry | None, parts: tuple[str, ...]) -> None:
    if entry is not None and not entry.is_folder:
        raise CannotActError(f"{'/'.join(parts)} is there, but it is not a folder")


def _algorithm(oid: str) -> str:
    return "sha256" if len(oid) == 64 else "sha1"


def _is_final(done: Done) -> bool:
    """Git's own word for a hook's refusal; it only saves the waiting, and decides nothing else."""
    return b"hook declined" in done.out


def _was_sent(done: Done) -> bool:
    """Whether anything may have been sent: not when git saw for itself that the branch had moved.

    A refusal by the server proves nothing: after a broken line git's HTTP sends the same push again by itself.
    """
    return b"\t[rejected]" not in done.out


def _was_answered(done: Done) -> bool:
    """Whether the server, or git before it asked, refused the branch in so many words."""
    return b"rejected]" in done.out


def _said(done: Done) -> str:
    if not done.code:
        return (
            "the push was taken, and the branch does not hold it; does it lead to another repository, or to a review?"
        )
    return done.said or _status(done)


def _status(done: Done) -> str:
    line = next((text for text in done.out.decode("utf-8", "replace").splitlines() if text.startswith("!")), "")
    return line.rpartition("\t")[2] or f"git push exited with {done.code}"
