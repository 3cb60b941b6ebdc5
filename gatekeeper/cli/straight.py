"""The straight way through `gatekeeper evaluate`, for a call with nothing wrong in it.

Loading click takes a sixth of a whole judgement. A call that consists of known options alone, each written out with its
value, means the same without it; anything else, help and every mistake included, is left to click.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatekeeper.cli.table import EVALUATE, Option

_BY_NAME = {name: option for option in EVALUATE for name in option.names}


def options_of(arguments: Sequence[str]) -> dict[str, Any] | None:
    """The options of `evaluate` by key, as click gives them; None where click has to look at the arguments."""
    given: dict[str, Any] = {option.key: option.absent for option in EVALUATE}
    rest = list(reversed(arguments))
    while rest:
        name, equals, value = rest.pop().partition("=")
        option = _BY_NAME.get(name)
        if option is None or (equals and (not name.startswith("--") or option.takes in ("flag", "count"))):
            return None
        if option.takes in ("flag", "count"):
            given[option.key] = True if option.takes == "flag" else given[option.key] + 1
            continue
        if not equals:
            if not rest:
                return None
            value = rest.pop()
        if not _fits(option, value, equals):
            return None
        given[option.key] = (*given[option.key], value) if option.takes == "many" else value
    return given


def _fits(option: Option, value: str, equals: str) -> bool:
    """Whether a value is plainly one: no choice that there is not, and nothing that looks like another option."""
    if option.choices:
        return value in option.choices
    return bool(equals) or not value.startswith("-")
