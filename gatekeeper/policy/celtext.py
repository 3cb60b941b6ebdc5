"""Writing CEL source: paths, strings, numbers and durations that mean the same on every engine."""

from __future__ import annotations

from functools import lru_cache

from gatekeeper.model.scalars import Limit

Path = tuple[str | int, ...]

_RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "package",
        "namespace",
        "null",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@lru_cache(maxsize=4096)
def path_text(path: Path) -> str:
    """`('a', 'b c', 0)` as `a['b c'][0]`."""
    head, *rest = path
    return str(head) + "".join(_step(part) for part in rest)


def string_text(value: str) -> str:
    """A CEL string literal; everything but printable ASCII is escaped."""
    return "'" + "".join(_character(character) for character in value) + "'"


def number_text(value: float | int) -> str:
    """A CEL double literal."""
    text = repr(float(value))
    return text if any(mark in text for mark in ".en") else text + ".0"


def limit_text(limit: Limit) -> str:
    """A limit as a double: a literal, or the author's expression converted."""
    if not isinstance(limit, str):
        return number_text(limit)
    end = "\n" if "//" in limit else ""  # a comment must not swallow the closing parenthesis
    return f"double({limit}{end})"


def duration_text(text: str) -> str:
    """`7d` as a CEL duration; CEL itself knows no days."""
    return f"duration('{seconds(text)}s')"


def seconds(text: str) -> int:
    """The length of a duration such as `24h`, in seconds."""
    return int(text[:-1]) * _SECONDS[text[-1]]


def is_identifier(name: str) -> bool:
    """Whether CEL can name this as a variable or field."""
    return name.isascii() and name.isidentifier() and name not in _RESERVED


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if is_identifier(part) else f"[{string_text(part)}]"


def _character(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    code = ord(character)
    if 32 <= code < 127:
        return character
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
