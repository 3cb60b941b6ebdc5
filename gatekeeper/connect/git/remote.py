"""A repository elsewhere, of which only the objects that are asked for are fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from gatekeeper.connect.git.address import is_id, names_of, redact
from gatekeeper.connect.git.cache import Cache
from gatekeeper.connect.git.command import patience
from gatekeeper.connect.git.link import WireLink
from gatekeeper.connect.git.objects import parse_commit
from gatekeeper.connect.git.route import find_route
from gatekeeper.connect.git.stock import StockLink
from gatekeeper.connect.git.store import Store
from gatekeeper.connect.git.wire import NoWireError
from gatekeeper.connect.git.workspace import Workspace
from gatekeeper.errors import CannotActError
from gatekeeper.model.digests import is_commit

_MOST_TIPS = 3


class Link(Protocol):
    """A way to ask the repository; every method raises CannotActError, with the server's words."""

    def list(self, refs: Sequence[str]) -> dict[str, str]:
        """What the repository has of `refs` (all, when empty), with their ids."""

    def commits(self, oids: Sequence[str], haves: Sequence[str] = ()) -> None:
        """Fetch these commits, without their parents; where some are had, with the trees that they changed."""

    def objects(self, oids: Sequence[str]) -> None:
        """Fetch these trees and files."""

    def history(self, oid: str, limit: str) -> None:
        """Fetch commits from `oid` back: `limit` is `depth=N` or `shallow-since=SECONDS`."""

    def close(self) -> None:
        """End what lasts."""


class RemoteSource:
    """The objects of the repository at `address`."""

    def __init__(self, address: str, timeout: float | None = None, cache: str | None = None) -> None:
        self.address = address
        self._store = Store(address)
        self._timeout = patience() if timeout is None else timeout
        self._stock = StockLink(self._store, self._timeout)
        self._chosen: Link | None = None
        self._tips: dict[str, str] = {}
        self._cache = Cache(cache, address) if cache else None
        self._had, self._loaded = self._cache.load() if self._cache else ((), {})
        self._store.add(self._loaded)

    @property
    def _link(self) -> Link:
        if self._chosen is None:
            self._chosen = self._begun() or self._stock
        return self._chosen

    def _begun(self) -> Link | None:
        """A lasting conversation, where the server and the user's git allow one."""
        route = find_route(self.address, self.workspace.git_dir)
        if route is None:
            return None
        link = WireLink(self._store, route, self._timeout)
        try:
            self._agree_on(link.algorithm())
        except NoWireError:
            link.close()
            return None
        return link

    @property
    def workspace(self) -> Workspace:
        """Where what is pushed lies."""
        return self._store.workspace

    def list(self, refs: Sequence[str]) -> dict[str, str]:
        """What the repository has of `refs` (all, when empty), with their ids. Raises CannotActError."""
        listed = self._link.list(refs)
        self._agree(listed.values())
        return {name: oid for name, oid in listed.items() if not refs or name in refs}

    def _agree(self, oids: Iterable[str]) -> None:
        """The ids tell which algorithm makes them here."""
        if any(len(oid) == 64 for oid in oids):
            self._agree_on("sha256")

    def _agree_on(self, algorithm: str) -> None:
        if self.workspace.algorithm != algorithm:
            self._store.open(algorithm)

    def tips(self, refs: Sequence[str]) -> dict[str, str]:
        """The commits at those of the refs that are there, fetched now in one go. Raises CannotActError."""
        found = self.list(refs)
        new = [oid for oid in dict.fromkeys(found.values()) if not self._store.has(oid)]
        self._stock.tips = tuple(found.values())
        if new:
            self._link.commits(new, tuple(self._tips[ref] for ref in refs if ref in self._tips) or self._had)
        self._tips.update(found)
        return found

    def fetch(self, ref: str) -> str:
        """The commit at `ref`, a full ref name or id, fetched now. Raises CannotActError, with git's words."""
        oid = ref if is_commit(ref) else self.tips([ref]).get(ref)
        if oid is None:
            raise CannotActError(f"{redact(self.address)} has no {ref.removeprefix('refs/heads/')}")
        self._agree([oid])
        self.want_commits([oid])
        return oid

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
        self._agree(self._link.list([]).values())
        self._stock.everything()
        found = self._store.find(f"{ref}^{{commit}}")
        return found.oid if found else None

    def under(self, prefix: str) -> dict[str, str]:
        """The refs whose names begin with `prefix`, which ends in `/`, with their ids."""
        return {name: oid for name, oid in self._link.list([f"{prefix}*"]).items() if name.startswith(prefix)}

    def content(self, oid: str) -> bytes:
        """The object's content, fetched when it is not here. Raises CannotActError."""
        found = self._store.find(oid)
        if found is None:
            self._link.objects([oid])
            found = self._store.find(oid)
        if found is None:
            raise CannotActError(f"{redact(self.address)} did not send object {oid}")
        return found.content

    def want(self, folders: Iterable[str], files: Iterable[str]) -> None:
        """Fetch those of the objects that are not here, in one request."""
        wanted = {*folders, *files}
        missing = sorted(oid for oid in wanted if not self._store.has(oid))
        if missing:
            self._link.objects(missing)
        self._store.use(wanted)

    def want_commits(self, oids: Iterable[str]) -> None:
        """Fetch those of the commits that are not here, without their parents, in one request."""
        missing = [oid for oid in dict.fromkeys(oids) if not self._store.has(oid)]
        if missing:
            self._link.commits(missing)

    def write(self, oid: str) -> None:
        """Put an object where git finds it when it pushes."""
        self._store.write(oid)

    def descends(self, tip: str, commit: str, limit: int = 100) -> bool:
        """Whether `commit` is one of the `limit` commits before `tip`."""
        self._link.history(tip, f"depth={limit}")
        waiting, seen = [tip], {tip}
        while waiting:
            oid = waiting.pop()
            if oid == commit:
                return True
            found = self._store.find(oid)
            new = [parent for parent in (parse_commit(found.content).parents if found else ()) if parent not in seen]
            seen.update(new)
            waiting += new
        return False

    def commit_at(self, oid: str) -> bytes | None:
        """A commit's content, where it is here."""
        found = self._store.find(oid)
        return found.content if found else None

    def lengthen(self, oid: str, limit: str) -> None:
        """Fetch the commits from `oid` back: `limit` is `depth=N` or `shallow-since=SECONDS`."""
        self._link.history(oid, limit)

    def close(self) -> None:
        """End what lasts and remove what was fetched."""
        if self._chosen is not None:
            self._chosen.close()
        if self._cache is not None:
            tips = [oid for oid in dict.fromkeys(self._tips.values()) if self._store.has(oid)][:_MOST_TIPS]
            self._cache.save(tips, self._store.used(), self._loaded.values())
        self._store.close()
