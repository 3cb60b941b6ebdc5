"""Fetching in one lasting conversation: one connection, a request for each level of folders, and no process besides.

First the commits alone (`tree:0`), then trees and files by their ids. A server that refuses the filter is asked for
`blob:none`, then for the whole tip.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from gatekeeper.connect.git.address import redact
from gatekeeper.connect.git.command import patience
from gatekeeper.connect.git.intake import take_in
from gatekeeper.connect.git.route import Route
from gatekeeper.connect.git.store import Store
from gatekeeper.connect.git.talk import SilentError
from gatekeeper.connect.git.wire import Conversation, NoWireError, RefusedError
from gatekeeper.errors import CannotActError

_FILTERS: tuple[str, ...] = ("tree:0", "blob:none", "")
_MOST_WANTS = 10_000
T = TypeVar("T")


class WireLink:
    """Raises NoWireError at the first question where the server does not speak so."""

    def __init__(self, store: Store, route: Route, timeout: float | None = None) -> None:
        self._store = store
        self._route = route
        self._timeout = patience() if timeout is None else timeout
        self._filters = _FILTERS
        self._conversation: Conversation | None = None
        self._spoke = False

    def algorithm(self) -> str:
        """By which objects get their ids there. Raises CannotActError where the server cannot be reached."""
        return self._kept_up(lambda: self._open().algorithm, "read")

    def list(self, refs: Sequence[str]) -> dict[str, str]:
        """What the repository has of `refs` (all, when empty), with their ids. Raises CannotActError."""
        if self._conversation is not None and self._conversation.is_stale:
            self.close()
        prefixes = [ref.removesuffix("^{}").removesuffix("*") for ref in refs]
        found = self._kept_up(lambda: self._open().refs(list(dict.fromkeys(prefixes))), "read")
        wanted = {*refs}
        return {name: oid for name, oid in found.items() if not refs or name in wanted or _fits(name, refs)}

    def commits(self, oids: Sequence[str], haves: Sequence[str] = ()) -> None:
        """Fetch these commits, without their parents; where some are had, with the trees that they changed."""
        done = bool(haves) and self._again(oids, haves)
        while not done:
            try:
                self._fetch(oids, ["deepen 1", *self._filter()])
                done = True
            except RefusedError:
                if len(self._filters) == 1:
                    raise
                self._filters = self._filters[1:]

    def _again(self, oids: Sequence[str], haves: Sequence[str]) -> bool:
        """What changed since, in one request; where that fails, the long way decides."""
        had = [f"{word} {oid}" for oid in haves for word in ("shallow", "have")]
        least = ["filter blob:none"] if self._filter() else []
        try:
            self._fetch(oids, ["deepen 1", "thin-pack", *least, *had], leans=True)
        except CannotActError:
            return False
        return all(self._store.has(oid) for oid in oids)

    def objects(self, oids: Sequence[str]) -> None:
        """Fetch these trees and files."""
        for at in range(0, len(oids), _MOST_WANTS):
            self._fetch(oids[at : at + _MOST_WANTS], self._filter())

    def history(self, oid: str, limit: str) -> None:
        """Fetch commits from `oid` back: `limit` is `depth=N` or `shallow-since=SECONDS`."""
        kind, _, number = limit.partition("=")
        word = "deepen" if kind == "depth" else "deepen-since"
        self._fetch([oid], [f"{word} {number}", *self._filter()])

    def _filter(self) -> Sequence[str]:
        if not self._kept_up(lambda: self._open().filters, "read"):
            self._filters = _FILTERS[-1:]
        return [f"filter {self._filters[0]}"] if self._filters[0] else []

    def _fetch(self, oids: Sequence[str], arguments: Sequence[str], *, leans: bool = False) -> None:
        wanted = [*arguments, *(f"want {oid}" for oid in oids)]
        self._kept_up(lambda: take_in(self._store, self._open().fetch(wanted), leans=leans), "fetch from")

    def _kept_up(self, act: Callable[[], T], doing: str) -> T:
        """A server may end a conversation that rested for a while: it is begun once more."""
        rested = self._conversation is not None
        try:
            try:
                return act()
            except SilentError:
                self.close()
                if not rested:
                    raise
                return act()
        except RefusedError as fault:
            self.close()
            raise RefusedError(f"cannot {doing} {redact(self._store.address)}: {fault.message}") from fault
        except CannotActError as fault:
            self.close()
            raise CannotActError(f"cannot {doing} {redact(self._store.address)}: {fault.message}") from fault

    def _open(self) -> Conversation:
        if self._conversation is None:
            self._conversation = self._begun()
            self._spoke = True
        return self._conversation

    def _begun(self) -> Conversation:
        try:
            return Conversation(self._route, self._timeout)
        except NoWireError as fault:
            if not self._spoke:
                raise
            raise CannotActError("the server no longer speaks as it did") from fault

    def close(self) -> None:
        """End the conversation."""
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.close()


def _fits(name: str, refs: Sequence[str]) -> bool:
    return any(ref.endswith("*") and name.startswith(ref[:-1]) for ref in refs)
