"""The sentences for values of a wrong type or form. Loaded only after a mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from gatekeeper.policy.near import near
from gatekeeper.policy.tree import Step

Words = tuple[str, str]

_USER = re.compile(r"://[^/?#@\s]*(@[^/?#@\s]*)*@")

_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def named(path: tuple[Step, ...]) -> str:
    """What stands at the end of a path, as a reader would call it."""
    if not path:
        return "the document"
    *parents, last = path
    if isinstance(last, int):
        return f"item {last + 1} of {named(tuple(parents))}"
    return f"`{shown(last)}`"


def wrong_type(name: str, value: Any, expected: str | Iterable[str], raw: str | None) -> Words:
    """For a value of another type; `raw` is its text where it is unquoted."""
    wanted = [expected] if isinstance(expected, str) else list(expected)
    words = " or ".join(_TYPES.get(kind, kind) for kind in wanted)
    if value is None and not raw:
        return f"{name} has no value; it must be {words}", ""
    quote = f"Quote it: '{raw}'." if raw and "string" in wanted else ""
    wrap = f"Write `[{shown(raw)}]`." if raw and wanted == ["array"] else ""
    return f"{name} must be {words}, but {_described(value, raw)}", quote or wrap


def _described(value: Any, raw: str | None) -> str:
    if isinstance(value, str):
        return "it is text"
    if isinstance(value, list | dict):
        return "it is a list" if isinstance(value, list) else "it is a mapping"
    kind = "a boolean" if isinstance(value, bool) else "nothing" if value is None else "a number"
    if isinstance(value, float) and value.is_integer():
        kind = "a number with a fraction"
    return f"unquoted `{shown(raw or '')}` is {kind} in YAML"


def not_among(name: str, value: Any, choices: Iterable[Any], raw: str | None) -> Words:
    """For a value that is none of the choices."""
    known = [str(choice) for choice in choices]
    one_of = f"It is one of {', '.join(known)}." if len(known) > 1 else f"It must be {known[0]}."
    if not isinstance(value, str):
        message, remedy = wrong_type(name, value, "string", raw)
        return message, remedy if raw in known else one_of
    return f"{name} cannot be `{shown(value)}`", " ".join(filter(None, [near(value, known), one_of]))


def wrong_form(name: str, value: str, description: str) -> Words:
    """For text that has not the form that its description asks for."""
    if value != value.strip():
        return f"{name} begins or ends with white space", "Remove it; a block `>-` ends without a line break."
    return f"{name} cannot be `{shown(value)}`", description


def out_of_bounds(name: str, validator: str, bound: Any) -> Words:
    """For a value or list that is too small, too large, too short or too long."""
    sentences = {
        "minLength": f"{name} is empty",
        "maxLength": f"{name} is longer than {bound} characters",
        "minItems": f"{name} is empty; it needs {bound} or more",
        "maxItems": f"{name} has more than {bound} items",
        "minimum": f"{name} must be at least {bound}",
        "maximum": f"{name} must be at most {bound}",
    }
    return sentences.get(validator, f"{name} is not as its schema asks ({validator})"), ""


def shown(text: str) -> str:
    """One line of at most 60 characters, without what stands before an `@` of a URL, which may be a password."""
    line = _USER.sub("://…@", " ".join(text.split()))
    return line if len(line) <= 60 else line[:57] + "…"
