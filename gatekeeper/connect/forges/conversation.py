"""Comments: one is written once, and one with our marker is edited, but never one that somebody else wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from gatekeeper.connect.forges.rest import Api
from gatekeeper.errors import CannotActError
from gatekeeper.ports import Answered


class Comment(Struct, frozen=True, kw_only=True):
    """One comment, and the login of its author, empty where the account is gone."""

    id: int
    by: str
    text: str


class Comments(Struct, frozen=True, kw_only=True):
    """How one forge treats the comments on a number; `edit` and `remove` take the number and the comment's id."""

    every: Callable[[int], Iterable[Comment]]
    write: Callable[[int, str], Answered]
    edit: Callable[[int, int, str], Answered]
    remove: Callable[[int, int], Answered]


class Conversation:
    """Comments of whoever `us` tells; where nobody knows who that is, none is ours."""

    def __init__(self, api: Api, us: Callable[[], str | None], comments: Comments) -> None:
        self._api = api
        self._us = us
        self._comments = comments

    def say(self, number: int, text: str, marker: str) -> None:
        """Comment, or make our comment with the marker say this; where two runs at once wrote one each, one is left."""
        there = self._ours(number, marker) if marker else []
        if not there:
            self._api.settled(lambda: self._write(number, text), lambda: self._written(number, marker or text))
            there = self._ours(number, marker) if marker else []
        for place, comment in enumerate(sorted(there, key=lambda one: one.id)):
            if not (place and self._is_removed(number, comment.id)) and comment.text != text:
                self._edit(number, comment.id, text)

    def _is_removed(self, number: int, comment: int) -> bool:
        """Whether one too many is gone; where the token may not remove it, it is edited like the first."""
        answer = self._api.insisted(lambda: self._comments.remove(number, comment))
        return answer.status in (204, 404)

    def _write(self, number: int, text: str) -> bool:
        answer = self._comments.write(number, text)
        if answer.status != 201:
            raise self._api.refusal(answer, f"comment on {number}")
        return True

    def _written(self, number: int, text: str) -> bool | None:
        """Whether a comment whose answer was lost is there all the same."""
        if self._us() is None:
            raise CannotActError(
                f"{self._api.host}: no answer came to a comment on {number}, and whether it is there cannot be seen",
                "The token does not tell whose it is.",
            )
        return True if self._ours(number, text) else None

    def _edit(self, number: int, comment: int, text: str) -> None:
        answer = self._api.insisted(lambda: self._comments.edit(number, comment, text))
        if answer.status != 200:
            raise self._api.refusal(answer, f"edit our comment on {number}")

    def _ours(self, number: int, text: str) -> list[Comment]:
        us = (self._us() or "").lower()
        every = self._comments.every(number) if us else ()
        return [one for one in every if one.by.lower() == us and text in one.text]
