"""A repository elsewhere, of which only the objects that are asked for are fetched.

First the commit alone (`--depth 1 --filter=tree:0`), then trees and files by their ids, many in one request. A server
that refuses the filter is asked for `blob:none`, then for the whole tip; one that ignores filters sends the whole tip.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatekeeper.connect.git.address import is_id, names_of, redact
from gatekeeper.connect.git.command import TIMEOUT, Done, run
from gatekeeper.connect.git.reader import ObjectFinder, ObjectReader
from gatekeeper.connect.git.workspace import REMOTE, TIP, Workspace
from gatekeeper.errors import CannotActError
from gatekeeper.model.digests import is_commit

_FILTERS = ("--filter=tree:0", "--filter=blob:none", "--no-filter")
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap=")
# Objects are asked for by id: what we seem to have says nothing about what we lack.
_NO_HAVES = "fetch.negotiationAlgorithm=noop"
_HAVES = "fetch.negotiationAlgorithm=consecutive"


class RemoteSource:
    """The objects of the repository at `address`."""

    def __init__(self, address: str, timeout: float = TIMEOUT) -> None:
        self.address = address
        self._timeout = timeout
        self._filters: tuple[str, ...] = _FILTERS
        self._open("sha1")

    def _open(self, algorithm: str) -> None:
        self.workspace = Workspace(self.address, algorithm)
        self._reader = ObjectReader(self.workspace.git_dir)
        self._finder = ObjectFinder(self.workspace.git_dir)

    def fetch(self, ref: str) -> str:
        """The commit at `ref`, a full ref name or id, fetched now. Raises CannotActError, with git's words."""
        if self.workspace.fetched() and self._again(ref):
            return self._tip()
        self._first([f"+{ref}:{TIP}"], ref, depth=True)
        return self._tip()

    def _tip(self) -> str:
        fetched = self.workspace.fetched()
        assert fetched is not None
        return fetched

    def _again(self, ref: str) -> bool:
        """What changed since the last time, in one request; where that fails, the long way decides."""
        options = ["--depth=1", "--filter=blob:none", f"--negotiation-tip={TIP}"]
        return not self._run(_HAVES, [*options, REMOTE, f"+{ref}:{TIP}"]).code

    def _first(self, refspecs: Sequence[str], ref: str, *, depth: bool) -> None:
        while True:
            options = [self._filters[0], *(["--depth=1"] if depth else [])]
            done = self._run(_NO_HAVES, [*options, "--stdin", REMOTE], "\n".join(refspecs).encode())
            if not done.code:
                return
            self._diagnose(ref, done)

    def _diagnose(self, ref: str, done: Done) -> None:
        """Told by asking, not by the error's text, which differs between servers: gone, another format, or a filter."""
        listed = self.list([] if is_id(ref) else [ref])
        if not listed:
            raise CannotActError(f"{redact(self.address)} has no {ref.removeprefix('refs/heads/')}")
        if any(len(oid) == 64 for oid in listed.values()) and self.workspace.algorithm == "sha1":
            self._open("sha256")
        elif len(self._filters) > 1:
            self._filters = self._filters[1:]
        else:
            raise CannotActError(f"cannot fetch from {redact(self.address)}: {done.said}")

    def list(self, refs: Sequence[str]) -> dict[str, str]:
        """What the repository has of `refs` (all, when empty), with their ids. Raises CannotActError."""
        done = run(self.workspace.git_dir, ["ls-remote", "--quiet", REMOTE, *refs], timeout=self._timeout)
        if done.code:
            raise CannotActError(f"cannot read {redact(self.address)}: {done.said or 'git gave no reason'}")
        pairs = (line.partition("\t") for line in done.out.decode("utf-8", "replace").splitlines())
        return {name: oid for oid, _, name in pairs}

    def resolve(self, ref: str | None) -> str | None:
        """The full id of the commit that a branch, tag or id means; HEAD where None. None where there is none.

        A name that is both a branch and a tag, on different commits, is refused with CannotActError.
        """
        if ref is not None and is_commit(ref):
            return self.fetch(ref)
        wanted = ["HEAD"] if ref is None else names_of(ref)
        listed = self.list([*wanted, *(f"{name}^{{}}" for name in wanted)])
        found = {listed.get(f"{name}^{{}}", listed.get(name)) for name in wanted} - {None}
        if len(found) > 1:
            raise CannotActError(f"{ref} is a branch and a tag; write refs/heads/{ref} or refs/tags/{ref}")
        if found:
            return self.fetch(str(found.pop()))
        return self._by_short_id(ref) if ref is not None and is_id(ref) else None

    def _by_short_id(self, ref: str) -> str | None:
        """No server looks up short ids: all commits are fetched, without their trees where the server can."""
        refspecs = [f"+refs/{kind}/*:refs/gatekeeper/{kind}/*" for kind in ("heads", "tags")]
        self._first(refspecs, "HEAD", depth=False)
        found = self._reader.find(f"{ref}^{{commit}}")
        return found.oid if found else None

    def content(self, oid: str) -> bytes:
        """The object's content, fetched when it is not here. Raises CannotActError."""
        found = self._reader.find(oid)
        if found is None:
            self._get([oid])
            found = self._reader.find(oid)
        if found is None:
            raise CannotActError(f"{redact(self.address)} did not send object {oid}")
        return found.content

    def want(self, folders: Iterable[str], files: Iterable[str]) -> None:
        """Fetch those of the objects that are not here, in one request."""
        missing = sorted({oid for oid in (*folders, *files) if not self._finder.has(oid)})
        if missing:
            self._get(missing)

    def _get(self, oids: Sequence[str]) -> None:
        options = [self._filters[0], "--stdin", REMOTE]
        done = self._run(_NO_HAVES, options, "\n".join(oids).encode() + b"\n")
        if done.code:
            raise CannotActError(f"cannot fetch from {redact(self.address)}: {done.said}")

    def descends(self, tip: str, commit: str, limit: int = 100) -> bool:
        """Whether `commit` is one of the `limit` commits before `tip`."""
        self._run(_NO_HAVES, ["--filter=tree:0", f"--depth={limit}", REMOTE, f"+{tip}:{TIP}"])
        return self._reader.descends(tip, commit, limit)

    def _run(self, setting: str, words: Sequence[str], stdin: bytes = b"") -> Done:
        extra = {"GIT_OBJECT_DIRECTORY": self.workspace.objects}
        arguments = ["-c", setting, *_FETCH, *words]
        return run(self.workspace.fetch_dir, arguments, stdin=stdin, extra=extra, timeout=self._timeout)

    def close(self) -> None:
        """End the reading processes and remove what was fetched."""
        self._reader.close()
        self._finder.close()
        self.workspace.close()
