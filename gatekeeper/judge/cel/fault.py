"""What is wrong with an expression before anything is judged."""

from __future__ import annotations

from gatekeeper.errors import GatekeeperError


class CelFault(GatekeeperError):  # noqa: N818 - a fault of the text, one of the words of the judge
    """An expression that cannot be used. `kind` is syntax, name or type; `line` and `column` count from 1 within it."""

    def __init__(self, message: str, line: int = 1, column: int = 1, kind: str = "syntax", remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.line = line
        self.column = column
        self.kind = kind


def fault_at(source: str, offset: int, message: str, kind: str, remedy: str = "") -> CelFault:
    """A CelFault at a code point of the source."""
    line, column = position(source, offset)
    return CelFault(message, line, column, kind, remedy)


def position(source: str, offset: int) -> tuple[int, int]:
    """Line and column of a code point, both from 1."""
    return source.count("\n", 0, offset) + 1, offset - source.rfind("\n", 0, offset)


def unaskable(variable: str) -> tuple[str, str, str]:
    """Message, kind and remedy for has() of a whole variable."""
    text = f"has(variables.{variable}) cannot be asked: a variable always has a value or an error"
    return text, "name", "Ask has() of the path that the variable reads."
