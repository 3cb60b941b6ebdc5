"""The first-parent line of a branch: what landed on it, one commit after another."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gatekeeper.connect.git.objects import committed_at, parse_commit
from gatekeeper.errors import CannotActError
from gatekeeper.ports.repository import Step

LONGEST = 50_000
_DEPTH = 64
_MOST_DEPTH = 65_536


class Past(Protocol):
    """Where commits come from."""

    def commit_at(self, oid: str) -> bytes | None:
        """A commit's content, where it is here."""

    def lengthen(self, oid: str, limit: str) -> None:
        """Get the commits from `oid` back: `limit` is `depth=N` or `shallow-since=SECONDS`. Raises CannotActError."""


def first_parents(past: Past, tip: str, since: datetime) -> tuple[Step, ...]:
    """From `tip` back to the first commit older than `since`, that one too, newest first.

    Raises CannotActError where the line is longer than 50,000 commits or cannot be read.
    """
    steps: list[Step] = []
    more = _More(past, since)
    oid: str | None = tip
    while oid is not None:
        if len(steps) == LONGEST:
            raise CannotActError(f"more than {LONGEST} commits lie between {tip} and {since.isoformat()}")
        content = past.commit_at(oid) or more.content(oid, steps[-1].commit if steps else oid)
        parents = parse_commit(content).parents
        steps.append(Step(commit=oid, at=committed_at(content), is_merge=len(parents) > 1))
        oid = None if steps[-1].at < since else next(iter(parents), None)
    return tuple(steps)


class _More:
    """By date first, which is all there is to do where dates are in order; then one commit more, then ever more."""

    def __init__(self, past: Past, since: datetime) -> None:
        self._past = past
        self._since: str | None = f"shallow-since={max(int(since.timestamp()), 0)}"
        self._depth = 1

    def content(self, oid: str, child: str) -> bytes:
        found = self._by_date(oid, child)
        if found is None:
            self._past.lengthen(oid, f"depth={self._depth}")
            self._depth = min(max(self._depth * 4, _DEPTH), _MOST_DEPTH)
            found = self._past.commit_at(oid)
        if found is None:
            raise CannotActError(f"the history ends before {child}: its parent {oid} is not there")
        return found

    def _by_date(self, oid: str, child: str) -> bytes | None:
        limit, self._since = self._since, None
        if limit is None:
            return None
        try:
            self._past.lengthen(child, limit)
        except CannotActError:  # a server may not know this way; the other one then tells what is wrong
            return None
        return self._past.commit_at(oid)
