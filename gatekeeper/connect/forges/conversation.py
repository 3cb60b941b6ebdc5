"""Comments in the form that GitHub gave them and Gitea took over, and texts cut to what a forge takes."""

from __future__ import annotations

from collections.abc import Callable

from gatekeeper.connect.forges.pulls import Comment, ours
from gatekeeper.connect.forges.rest import Api
from gatekeeper.errors import CannotActError

_CUT = "\n\n… (cut)"


def cut(text: str, most: int, marker: str = "") -> str:
    """`text`, or as much of it as fits, still with the marker that stood in it."""
    if len(text) <= most:
        return text
    end = (_CUT if most > 1000 else "…") + (f"\n{marker}" if marker else "")
    return text[: most - len(end)] + end


class Conversation:
    """The comments of the repository at the path `here`; `us` tells our login."""

    def __init__(self, api: Api, here: str, us: Callable[[], str | None]) -> None:
        self._api = api
        self._here = f"{here}/issues"
        self._us = us

    def say(self, number: int, text: str, marker: str) -> None:
        """Comment, or make our comment with the marker say this. Somebody else's with our marker is left alone."""
        there = self._ours(number, marker) if marker else None
        if there is None:
            self._api.settled(lambda: self._write(number, text), lambda: self._written(number, marker or text))
        elif there.body != text:
            self._edit(there.id, text)

    def _write(self, number: int, text: str) -> bool:
        answer = self._api.change("POST", f"{self._here}/{number}/comments", {"body": text})
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

    def _edit(self, comment: int, text: str) -> None:
        path = f"{self._here}/comments/{comment}"
        answer = self._api.insisted(lambda: self._api.change("PATCH", path, {"body": text}))
        if answer.status != 200:
            raise self._api.refusal(answer, "edit the comment that stands there")

    def _ours(self, number: int, text: str) -> Comment | None:
        if (us := self._us()) is None:
            return None
        return ours(self._api.every(f"{self._here}/{number}/comments", Comment, f"comments on {number}"), us, text)
