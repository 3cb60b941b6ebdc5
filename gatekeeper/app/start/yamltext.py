"""What stands around the values of a file that is written."""

from __future__ import annotations


def comment(text: str) -> str:
    """Text as it can stand in a comment or in a sentence: one line, nothing that cannot be seen."""
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def head(kind: str, depth: int) -> str:
    """The first line, by which an editor finds the schema; `depth` folders below the project's."""
    return f"# yaml-language-server: $schema={'../' * depth}.gatekeeper/schemas/{kind.lower()}.schema.json\n"
