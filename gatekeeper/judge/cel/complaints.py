"""cel-cpp's complaints about a text, brought to our words, places and suggestions. Loaded only when there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from gatekeeper.judge.cel.fault import CelFault, fault_at, unaskable
from gatekeeper.judge.cel.vocabulary import FUNCTIONS

_TOO_DEEP = ("recursion depth", "recursion limit")
DEPTH_TEXT = (
    "the expression is nested too deeply: 32 levels, that is 31 terms of one sum or 30 branches of one ?: chain, "
    "are the most"
)
_OPERATORS = {"_?_:_": "?:", "_[_]": "[]", "!_": "!", "-_": "-", "@in": "in", "_?._": ".?"}


def complaint(text: str, source: str, names: Mapping[str, str]) -> CelFault:
    """The first of cel-cpp's errors as a CelFault."""
    if any(phrase in text for phrase in _TOO_DEEP):
        return CelFault(DEPTH_TEXT, remedy="Split it with a variable.")
    line, column, message = _first(text)
    if message.startswith("Syntax error: "):
        return CelFault(_syntax(message.removeprefix("Syntax error: ")), line, column, "syntax")
    if message.startswith("undeclared reference to "):
        return undeclared(_quoted(message), source, line, column, names)
    if message.startswith("found no matching overload for ") and (asked := _asked_variable(source)):
        return fault_at(source, asked[0], *unaskable(asked[1]))
    if message.startswith("found no matching overload for "):
        function, _, given = message.removeprefix("found no matching overload for ").partition(" applied to ")
        return CelFault(f"{operator(_quoted(function))} cannot take {_quoted(given)}", line, column, "type")
    return CelFault(message or "the expression cannot be read", line, column, "type")


def _asked_variable(source: str) -> tuple[int, str] | None:
    """Where has() of a whole variable stands, which cel-cpp takes for the variable's value."""
    import re

    match = re.search(r"\bhas\s*\(\s*variables\s*\.\s*(\w+)\s*\)", source)
    return (match.start(1), match[1]) if match else None


def undeclared(name: str, source: str, line: int, column: int, names: Mapping[str, str]) -> CelFault:
    """A name or function that does not exist, with the nearest that does."""
    text = source.split("\n")[line - 1]
    if text[column - 1 : column] == "(":
        near = _nearest(name, FUNCTIONS)
        return CelFault(f"there is no function {name}", line, max(1, column - len(name)), "name", near)
    head, dot, rest = name.lstrip(".").partition(".")
    if head == "variables" and dot:
        head = f"variables.{rest.partition('.')[0]}"
    start = text.rfind(head.partition(".")[0], 0, column + len(name))
    return CelFault(
        f"there is no name {head}", line, start + 1 if start >= 0 else column, "name", _nearest(head, names)
    )


def operator(function: str) -> str:
    """A function's name as one writes it: `_>=_` is `>=`."""
    return _OPERATORS.get(function) or function.strip("_").replace("@", "")


def _nearest(name: str, known: Iterable[str]) -> str:
    matches = get_close_matches(name, list(known), 1, 0.6)
    return f"Did you mean {matches[0]}?" if matches else f"There are: {', '.join(sorted(known)[:40])}."


def _quoted(text: str) -> str:
    """What stands between the first and the last single quote."""
    return text.partition("'")[2].rpartition("'")[0] or text


def _first(text: str) -> tuple[int, int, str]:
    """Line, column and message of the first `ERROR: <input>:line:column: message`."""
    _, _, rest = text.partition("ERROR: <input>:")
    place, _, message = rest.partition(": ")
    line, _, column = place.partition(":")
    message = message.partition("\n")[0].replace(" (in container '')", "").removesuffix(" [INVALID_ARGUMENT]")
    if not rest:
        return 1, 1, ""
    return max(1, int(line)), max(1, int(column)), message


def _syntax(message: str) -> str:
    if "'<EOF>' expecting" in message:
        return "the expression ends too early"
    if "token recognition error at: " in message:
        return f"unexpected text {message.rpartition('token recognition error at: ')[2]}"
    return f"unexpected {_quoted(message.partition(' expecting ')[0])!r}"
