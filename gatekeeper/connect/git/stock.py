"""Fetching by `git fetch`: slower than one lasting conversation, and works wherever git itself does.

First the commits alone (`--depth 1 --filter=tree:0`), then trees and files by their ids, many in one request. A server
that refuses the filter is asked for `blob:none`, then for the whole tip; so is one that gives nothing by its id.
"""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.connect.git.address import redact
from gatekeeper.connect.git.command import Done, run
from gatekeeper.connect.git.store import Store
from gatekeeper.connect.git.workspace import REMOTE, Workspace
from gatekeeper.errors import CannotActError

_FILTERS = ("--filter=tree:0", "--filter=blob:none", "--no-filter")
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap=")
# Objects are asked for by id: what we seem to have says nothing about what we lack.
_NO_HAVES = "fetch.negotiationAlgorithm=noop"
_HAVES = "fetch.negotiationAlgorithm=consecutive"
_DEPTH = 64
_MOST_DEPTH = 65_536


class StockLink:
    """Git's own commands, one connection each."""

    def __init__(self, store: Store, timeout: float) -> None:
        self._store = store
        self._timeout = timeout
        self._filters: tuple[str, ...] = _FILTERS
        self.tips: tuple[str, ...] = ()  # what the branches hold that are read: all that some servers give
        self._last: tuple[str, ...] = ()

    def list(self, refs: Sequence[str]) -> dict[str, str]:
        """What the repository has of `refs` (all, when empty), with their ids. Raises CannotActError."""
        words = ["ls-remote", "--quiet", REMOTE, *refs]
        done = run(self._store.workspace.git_dir, words, timeout=self._timeout)
        if done.code:
            raise CannotActError(f"cannot read {self._name}: {done.said or 'git gave no reason'}")
        pairs = (line.partition("\t") for line in done.out.decode("utf-8", "replace").splitlines())
        return {name: oid for oid, _, name in pairs}

    def commits(self, oids: Sequence[str], haves: Sequence[str] = ()) -> None:
        """Fetch these commits, without their parents; where some are had, with the trees that they changed."""
        self._last = tuple(oids)
        if haves and len(self._filters) > 1:
            options = ["--depth=1", "--filter=blob:none", *(f"--negotiation-tip={oid}" for oid in haves)]
            if not self._fetch(_HAVES, options, oids).code:
                return
        while len(self._filters) > 1:
            if not self._fetch(_NO_HAVES, [self._filters[0], "--depth=1"], oids).code:
                return
            self._filters = self._filters[1:]
        self._anew(oids)

    def _anew(self, oids: Sequence[str]) -> None:
        """All of it, into an empty folder: git stumbles over shallow histories that it fetched in another way."""
        fresh = self._store.borrow()
        done = self._fetch(_NO_HAVES, ["--no-filter", "--depth=1"], oids, fresh)
        if done.code:
            raise self._failed(done)

    def objects(self, oids: Sequence[str]) -> None:
        """Fetch these trees and files. A server that gives none by its id gives the whole tip."""
        done = self._fetch(_NO_HAVES, [self._filters[0]], oids)
        if not done.code:
            return
        if self._filters[0] == "--no-filter" or not (self.tips or self._last):
            raise self._failed(done)
        self._filters = _FILTERS[-1:]
        self._anew(self.tips or self._last)

    def history(self, oid: str, limit: str) -> None:
        """Fetch commits from `oid` back: `limit` is `depth=N` or `shallow-since=SECONDS`."""
        done = self._fetch(_NO_HAVES, [self._filters[0], f"--{limit}"], [oid])
        depth = _DEPTH
        while done.code and not self._store.has(oid):
            # A server that gives only what its branches hold is asked for more and more before that.
            if depth > _MOST_DEPTH or not self.tips:
                raise self._failed(done)
            if self._fetch(_NO_HAVES, [self._filters[0], f"--depth={depth}"], self.tips).code:
                raise self._failed(done)
            depth *= 4

    def everything(self) -> None:
        """Fetch all branches and tags, for ids that no server looks up."""
        refspecs = [f"+refs/{kind}/*:refs/gatekeeper/{kind}/*" for kind in ("heads", "tags")]
        while (done := self._fetch(_NO_HAVES, [self._filters[0]], refspecs)).code:
            if len(self._filters) == 1:
                raise self._failed(done)
            self._filters = self._filters[1:]

    def _fetch(
        self, setting: str, options: Sequence[str], wanted: Sequence[str], into: Workspace | None = None
    ) -> Done:
        work = into or self._store.workspace
        words = ["-c", setting, *_FETCH, *options, "--stdin", REMOTE]
        stdin = "".join(f"{one}\n" for one in wanted).encode()
        extra = {"GIT_OBJECT_DIRECTORY": work.objects}
        done = run(work.fetch_dir, words, stdin=stdin, extra=extra, timeout=self._timeout)
        self._store.taken()
        return done

    def _failed(self, done: Done) -> CannotActError:
        return CannotActError(f"cannot fetch from {self._name}: {done.said or 'git gave no reason'}")

    @property
    def _name(self) -> str:
        return redact(self._store.address)

    def close(self) -> None:
        """Nothing lasts."""
