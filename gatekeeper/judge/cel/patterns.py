"""Regular expressions for cel-python: RE2, kept from writing a faulty pattern, which may be evidence, to stderr."""

from __future__ import annotations

from celpy.evaluation import re2  # type: ignore[attr-defined]

_QUIET = re2.Options()
_QUIET.log_errors = False


def is_pattern(pattern: str) -> bool:
    """Whether RE2 takes this as a regular expression."""
    try:
        re2.compile(pattern, _QUIET)
    except re2.error:
        return False
    return True


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern is found in the text. Raises ValueError where it is none."""
    try:
        return re2.compile(pattern, _QUIET).search(text) is not None
    except re2.error:
        raise ValueError("pattern") from None
