"""Writing YAML that every reader reads alike."""

from __future__ import annotations

import json
import re

from gatekeeper.policy.plain import read_plain

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*")


def scalar(text: str) -> str:
    """Text as one scalar: as it is where that can be nothing else, else in double quotes."""
    if _PLAIN.fullmatch(text) and read_plain(text) == text:
        return text
    return json.dumps(text, ensure_ascii=False)


def comment(text: str) -> str:
    """Text as it can stand in a comment or in a sentence: one line, nothing that cannot be seen."""
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def head(kind: str, depth: int) -> str:
    """The first line, by which an editor finds the schema; `depth` folders below the project's."""
    return f"# yaml-language-server: $schema={'../' * depth}.gatekeeper/schemas/{kind.lower()}.schema.json\n"
