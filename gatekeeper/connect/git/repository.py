"""A branch of a GitOps repository, written by compare-and-swap: new objects on top of the tip that was read, pushed
only if the tip is still that one. Nothing is ever merged, rebased or forced.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from gatekeeper.connect.git import evidence
from gatekeeper.connect.git.address import check_address, check_ref, local_folder, redact
from gatekeeper.connect.git.changed import changed
from gatekeeper.connect.git.command import patience
from gatekeeper.connect.git.evidence import Evidence
from gatekeeper.connect.git.identity import Committer
from gatekeeper.connect.git.landing import Lander, Place
from gatekeeper.connect.git.line import first_parents
from gatekeeper.connect.git.local import LocalSource
from gatekeeper.connect.git.objects import Entry, loose
from gatekeeper.connect.git.proposal import check_proposal, options_of, update_of
from gatekeeper.connect.git.push import Update
from gatekeeper.connect.git.remote import RemoteSource
from gatekeeper.connect.git.tree import CommitTree
from gatekeeper.connect.git.workspace import Workspace
from gatekeeper.connect.git.writer import write_tree
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.ports import Tip, Tree
from gatekeeper.ports.repository import EVIDENCE_BRANCH, Landing, Proposal, Step


class GitRepository:
    """The branch `branch` of the repository at `address`, a path or a git URL."""

    def __init__(
        self,
        address: str,
        branch: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        timeout: float | None = None,
        cache: str | None = None,
        source: RemoteSource | LocalSource | None = None,
    ) -> None:
        """`cache` is a folder that keeps what was read for the next run; by default GATEKEEPER_GIT_CACHE names it.

        `source` is one of this address that was opened before, with all that it has fetched.
        """
        cache = os.environ.get("GATEKEEPER_GIT_CACHE") if cache is None else cache
        folder = local_folder(check_address(address))
        if check_ref(branch) == EVIDENCE_BRANCH:
            raise InvalidRequestError(f"{branch} is where evidence is kept; no environment is delivered there")
        self._address = folder or address
        self.branch = branch
        self._ref = f"refs/heads/{branch}"
        self._sleep = sleep
        self._timeout = patience() if timeout is None else timeout
        made = RemoteSource(address, self._timeout, cache) if source is None and folder is None else source
        self._source = LocalSource(folder or address) if made is None else made
        self._scratch: Workspace | None = None
        self._committer: Committer | None = None
        self._kept: str | None = None

    @property
    def name(self) -> str:
        """The repository as messages call it, with no credentials."""
        return redact(self._address)

    def tip(self) -> CommitTree:
        """The branch's tip, read now. Raises CannotActError when there is no such branch or it cannot be reached."""
        found = self._source.tips([self._ref, evidence.REF])
        self._kept = found.get(evidence.REF)
        commit = found.get(self._ref)
        if commit is None:
            raise CannotActError(f"{self.name} has no branch {self.branch}")
        return CommitTree(self._source, commit, beside=CommitTree(self._source, self._kept) if self._kept else None)

    def proposed(self, branch: str) -> CommitTree | None:
        """The tip of another branch, fetched now; None where there is none."""
        ref = f"refs/heads/{check_ref(branch)}"
        commit = self._source.tips([ref]).get(ref)
        return CommitTree(self._source, commit) if commit else None

    def line(self, tip: Tip, since: datetime) -> tuple[Step, ...]:
        """The first-parent commits from `tip` back to the first one older than `since`, that one too, newest first.

        Commits alone are fetched. Raises CannotActError where the line is longer than can be read.
        """
        assert isinstance(tip, CommitTree)
        return first_parents(self._source, tip.commit, since)

    def at(self, commits: Iterable[str]) -> tuple[CommitTree, ...]:
        """These commits as trees; what is prefetched in one is fetched for all of them in the same requests."""
        oids = tuple(commits)
        self._source.want_commits(oids)
        known: dict[str, dict[str, Entry]] = {}
        family = tuple(CommitTree(self._source, oid, known=known) for oid in oids)
        for tree in family:
            tree.family = family
        return family

    def kept(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Those of the paths that the evidence branch holds."""
        wanted = tuple(paths)
        found = self._read_kept(wanted)
        if len(found) == len(set(wanted)):
            return found
        before, self._kept = self._kept, self._source.tips([evidence.REF]).get(evidence.REF)
        return found if self._kept == before else self._read_kept(wanted)

    def _read_kept(self, paths: tuple[str, ...]) -> dict[str, bytes]:
        if self._kept is None:
            return {}
        tree = CommitTree(self._source, self._kept)
        tree.prefetch(paths)
        read = {path: tree.read(path) for path in paths}
        return {path: data for path, data in read.items() if data is not None}

    def commit(
        self, base: Tree, files: Mapping[str, bytes | None], message: str, *, keep: Mapping[str, bytes] | None = None
    ) -> Landing:
        """Put `files` on top of `base` and push it if the tip is still `base`; `moved` when it is not.

        `keep` is put on the evidence branch before, or together in one atomic push. Raises CannotActError when the push
        is refused for another reason, or nothing can be told about it.
        """
        assert isinstance(base, CommitTree)
        try:
            commit, kept = self._made(base, files, message, keep)
        except CannotActError:
            # Some servers give only what a branch holds now: what `base` lacks cannot be had once it has moved.
            if self._source.list([self._ref]).get(self._ref) == base.commit:
                raise
            return Landing(moved=True)
        update = Update(self._ref, base.commit, commit)

        def is_in(tip: str, sent: bool) -> bool:
            return self._is_in(tip, base, commit, files, sent=sent)

        return self._lander(base).land(update, kept, is_in)

    def propose(
        self,
        base: Tree,
        files: Mapping[str, bytes | None],
        message: str,
        proposal: Proposal,
        *,
        replaces: str | None = None,
        keep: Mapping[str, bytes] | None = None,
    ) -> Landing:
        """Put `files` on top of `base` and push that where `proposal` says, never to the branch itself.

        A branch that is there is replaced only when it still is at `replaces`; `moved` when it is not. Raises
        CannotActError as `commit` does, and where the server takes no push options although they are needed.
        """
        assert isinstance(base, CommitTree)
        check_proposal(proposal, self.branch)
        commit, kept = self._made(base, files, message, keep)
        update = update_of(proposal, self.branch, commit, replaces)
        options = options_of(proposal, self.branch)
        lander = self._lander(base)
        if proposal.via == "agit":
            return lander.submit(update, kept, options, replaces)
        return lander.land(update, kept, _nowhere_else, options)

    def changed(self, old: Tip, new: Tip) -> frozenset[str]:
        """The paths that differ between two commits of this repository."""
        assert isinstance(old, CommitTree)
        assert isinstance(new, CommitTree)
        return changed(old, new)

    def check_identity(self, base: Tree) -> None:
        """Raises CannotActError, with git's own words, where git does not know who would commit on top of `base`."""
        assert isinstance(base, CommitTree)
        self._committing().check(self._workspace(base))

    def _made(
        self, base: CommitTree, files: Mapping[str, bytes | None], message: str, keep: Mapping[str, bytes] | None
    ) -> tuple[str, Evidence | None]:
        """The commits are made before anything is pushed: whatever stands in their way leaves nothing behind."""
        work, committer = self._workspace(base), self._committing()
        commit = committer.commit(work, write_tree(work, self._source, base, files), base.commit, message)
        return commit, Evidence(self._source, work, committer, keep, self._kept) if keep else None

    def _lander(self, base: CommitTree) -> Lander:
        place = Place(self.name, self._workspace(base), self._timeout, self._sleep)
        return Lander(self._source, place)

    def _is_in(self, tip: str, base: CommitTree, commit: str, files: Mapping[str, bytes | None], *, sent: bool) -> bool:
        """Whether the commit is below the tip: somebody may have built on it before its answer got lost.

        History is looked at when the commit may have been sent, as it may have been reverted since, or when a file that
        it adds is there.
        """
        there = sent or _looks_like(CommitTree(self._source, tip), base, files)
        return there and self._source.descends(tip, commit)

    def _workspace(self, base: CommitTree) -> Workspace:
        if isinstance(self._source, RemoteSource):
            return self._source.workspace
        if self._scratch is None:
            self._scratch = Workspace(self._address, _algorithm(base.commit), self._source.objects())
        return self._scratch

    def _committing(self) -> Committer:
        if self._committer is None:
            self._committer = (
                Committer((self._address, self._source.git_dir), self._source.objects())
                if isinstance(self._source, LocalSource)
                else Committer(None)
            )
        return self._committer

    def close(self) -> None:
        """End what runs and remove what was fetched."""
        self._source.close()
        if self._scratch is not None:
            self._scratch.close()


def _looks_like(tip: CommitTree, base: CommitTree, files: Mapping[str, bytes | None]) -> bool:
    """Whether the tip holds what the commit would have changed: the files that it adds, where it adds any."""
    added = [path for path, data in files.items() if data is not None and base.entry(path) is None] or list(files)
    return all(_is_at(tip, path, files[path]) for path in added)


def _is_at(tip: CommitTree, path: str, data: bytes | None) -> bool:
    entry = tip.entry(path)
    if data is None or entry is None:
        return data is None and entry is None
    return entry.oid == loose("blob", data, _algorithm(tip.commit)).oid


def _nowhere_else(tip: str, sent: bool) -> bool:  # noqa: ARG001 - what Lander asks of a branch that others build on
    """Nobody builds on a proposal without being noticed: a tip that is another one has moved."""
    return False


def _algorithm(oid: str) -> str:
    return "sha256" if len(oid) == 64 else "sha1"
