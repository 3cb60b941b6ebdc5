"""A forge's REST API, asked with a token: whole lists, limits that are waited for, changes that are never doubled."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from gatekeeper.connect.forges.limits import pause_asked
from gatekeeper.connect.forges.words import told
from gatekeeper.errors import CannotActError
from gatekeeper.ports import Answered, Door

Kind = TypeVar("Kind")

_MOVED = (301, 302, 303, 307, 308)
_UNKNOWN = (500, 502, 503, 504)
"""A change that is answered so may have been made all the same."""
_READ = tuple(status for status in range(200, 600) if status not in (*_MOVED, 502, 503, 504))
_CHANGED = tuple(range(200, 600))
_MAX_PAGES = 100
_MAX_ITEMS = 10_000
_PER_PAGE = 100
_ATTEMPTS = 3
_STEP = 0.5
_LONGEST = 8.0
_NEXT = re.compile(r'rel="?next"?(?:[\s;,]|$)')


class Pace(Struct, frozen=True, kw_only=True):
    """Time, as it passes: pauses and their jitter, the clock in seconds since 1970, and where waiting is told of.

    `limits` and `merging` are the seconds that are waited at most, for limits and until a forge has made up its mind.
    """

    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform
    now: Callable[[], float] = time.time
    tell: Callable[[str], None] = lambda _: None
    limits: float = 120.0
    merging: float = 60.0


class Login(Struct, frozen=True, kw_only=True):
    """How the forge is told who asks: the header of its kind, and what it needs beside. Never shown."""

    header: str
    value: str
    token: str
    others: dict[str, str] = {}

    def __repr__(self) -> str:
        return "Login(…)"


class UnansweredError(CannotActError):
    """A change was sent, and nobody knows whether it was made."""


class Api:
    """The API at `base`, whose pages' size is asked by `size`. All raise CannotActError where it fails."""

    def __init__(self, door: Door, base: str, login: Login, pace: Pace, *, size: str = "per_page") -> None:
        self._door = door
        self._base = base.rstrip("/")
        self._login = login
        self._size = size
        self._pace = pace
        self._left = pace.limits
        self._headers = {"accept": "application/json", **login.others, login.header: login.value}

    @property
    def host(self) -> str:
        """The forge, as messages call it."""
        return self._base.partition("://")[2].partition("/")[0]

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answered:
        """What it answers, whatever the status."""
        url = f"{self._base}{path}{f'?{urlencode(query)}' if query else ''}"
        return self._unhurried(lambda: self._door.get(url, headers=self._headers, accept=_READ))

    def read(self, path: str, kind: type[Kind], what: str) -> Kind:
        """What stands there. `what` names it in messages."""
        answer = self.get(path)
        if answer.status != 200:
            raise self.refusal(answer, f"read {what}")
        return self.decoded(answer, kind)

    def every(self, path: str, kind: type[Kind], what: str, query: Mapping[str, str] | None = None) -> list[Kind]:
        """All of a list, page by page; only the numbers of pages are followed, never an address that was answered."""
        found: list[Kind] = []
        for page in range(1, _MAX_PAGES + 1):
            answer = self.get(path, {**(query or {}), self._size: str(_PER_PAGE), "page": str(page)})
            if answer.status != 200:
                raise self.refusal(answer, f"list {what}")
            part = self.decoded(answer, list[kind])  # type: ignore[valid-type]
            found += part
            if len(found) > _MAX_ITEMS:
                break
            if not part or not _goes_on(answer, len(found)):
                return found
        raise CannotActError(f"{self.host} has more {what} than are read ({_MAX_PAGES} pages, {_MAX_ITEMS} in all)")

    def change(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answered:
        """What it answers to a change, whatever the status. Raises UnansweredError where it may have been made."""
        data = None if body is None else msgspec.json.encode(body)
        headers = self._headers if data is None else {**self._headers, "content-type": "application/json"}
        return self._unhurried(lambda: self._sent(method, f"{self._base}{path}", data, headers))

    def settled(self, act: Callable[[], Kind], look: Callable[[], Kind | None]) -> Kind:
        """What `act` gives; where no answer came, what `look` finds to be there, and only else `act` again."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return act()
            except UnansweredError:
                self.pause(attempt)
                if (there := look()) is not None:
                    return there
                if attempt == _ATTEMPTS:
                    raise

    def insisted(self, act: Callable[[], Kind]) -> Kind:
        """What `act` gives, for a change that may be made twice without harm."""
        return self.settled(act, lambda: None)

    def pause(self, attempt: int) -> float:
        """Wait a random time that grows with the attempts; how long it was."""
        seconds = self._pace.jitter(0.0, min(_STEP * 2**attempt, _LONGEST))
        self._pace.sleep(seconds)
        return seconds

    def wait_for(self, look: Callable[[], Kind | None], words: str) -> Kind | None:
        """What `look` finds within the time that a forge is given; None where it does not. `words` are told."""
        waited, attempt = 0.0, 0
        while (found := look()) is None and waited < self._pace.merging and attempt < 1000:
            attempt += 1
            if attempt == 2:
                self._pace.tell(f"{self.host}: {words}")
            waited += self.pause(attempt)
        return found

    def decoded(self, answer: Answered, kind: type[Kind]) -> Kind:
        """The answer's document."""
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise CannotActError(
                f"{self.host} does not answer in the form that is known of it",
                "Is the forge's `type` right, and its `url`, if one is given?",
            ) from None

    def words(self, answer: Answered) -> str:
        """What the forge says of an error, fit to be shown."""
        return told(answer.body, self._login.token) or f"status {answer.status}"

    def refusal(self, answer: Answered, act: str) -> CannotActError:
        """The error for an answer that is not the one asked for. `act` completes "cannot …"."""
        reason, remedy = _reason(answer.status)
        return CannotActError(f"{self.host}: cannot {act}: {reason} ({self.words(answer)})", remedy)

    def _sent(self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Answered:
        try:
            answer = self._door.send(method, url, data, headers=headers, accept=_CHANGED)
        except CannotActError as fault:
            raise UnansweredError(fault.message, fault.remedy) from None
        if answer.status in _UNKNOWN:
            raise UnansweredError(f"{self.host}: the server failed ({self.words(answer)})")
        return answer

    def _unhurried(self, ask: Callable[[], Answered]) -> Answered:
        """The answer, asked for again after the time that a limit names. What was refused by a limit was not done."""
        attempt = 0
        while (pause := pause_asked(answer := ask(), self._pace.now())) is not None:
            attempt += 1
            pause += self._pace.jitter(0.0, 2.0**attempt)
            if pause > self._left:
                until = datetime.fromtimestamp(min(self._pace.now() + pause, 4e9), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                raise CannotActError(
                    f"{self.host} takes no more requests of this token until {until}",
                    "Run it again then; a token of its own has limits of its own.",
                )
            self._left -= pause
            self._pace.tell(f"{self.host} limits its requests: waiting {pause:.0f} s")
            self._pace.sleep(pause)
        return answer


def _goes_on(answer: Answered, got: int) -> bool:
    """Whether there is another page, by whichever of the three ways the forge says so."""
    total = answer.headers.get("x-total-count", "")
    return (
        _NEXT.search(answer.headers.get("link", "")[:8000]) is not None
        or bool(answer.headers.get("x-next-page", "").strip())
        or (total.isascii() and total.isdecimal() and len(total) < 10 and got < int(total))
    )


def _reason(status: int) -> tuple[str, str]:
    if status in _MOVED:
        return "it has moved", "Write the repository's new address."
    return _SAID.get(status, (f"it answers {status}", ""))


_SAID = {
    401: ("the token is not accepted: it is wrong, revoked or expired", "Give a new one by GATEKEEPER_FORGE_TOKEN."),
    403: ("the token may not do that", "docs/forges.md lists the permissions that it needs."),
    404: ("there is no such thing, or the token may not see it", "docs/forges.md lists the permissions that it needs."),
    409: ("it conflicts with what is there", ""),
    410: ("it is switched off or gone", ""),
    422: ("the forge does not take it", ""),
    423: ("it is locked or archived", ""),
}
