"""The kinds of evidence for people and programs: `gatekeeper evidence kinds`, and the tables of the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict

from gatekeeper.evidence.kinds import Field, fields, summary
from gatekeeper.evidence.registry import PRODUCERS
from gatekeeper.model.facts import ADDING, ALL_KINDS, SUPPLIED, facts_type

_SUPPLIED = "the environment's own repository"


def kinds_data(kinds: Sequence[str] = ALL_KINDS) -> list[dict[str, Any]]:
    """The kinds with their producers and fields, as plain values for JSON."""
    return [
        {
            "kind": kind,
            "about": summary(facts_type(kind)),
            "producers": producers_of(kind),
            "adds_up": kind in ADDING,
            "fields": [asdict(field) for field in fields(kind)],
        }
        for kind in kinds
    ]


def kinds_text(kinds: Sequence[str] = ALL_KINDS) -> str:
    """The kinds with their fields, one a line, as a rule would write them after `evidence.<name>.`."""
    return "\n".join(_kind_text(kind) for kind in kinds)


def kinds_markdown() -> str:
    """The section of each kind for the documentation."""
    return "\n".join(_kind_markdown(kind) for kind in ALL_KINDS)


def producers_of(kind: str) -> list[str]:
    """The names of the producers that feed the kind."""
    return sorted(name for name, entry in PRODUCERS.items() if kind in entry.kinds)


def _kind_text(kind: str) -> str:
    width = max(len(field.path) for field in fields(kind)) + 2
    lines = [f"{kind} (from {', '.join(producers_of(kind)) or _SUPPLIED}): {summary(facts_type(kind))}"]
    lines += [f"  {field.path:<{width}}{_type(field):<9} {field.description}".rstrip() for field in fields(kind)]
    return "\n".join(lines) + "\n"


def _kind_markdown(kind: str) -> str:
    rows = [f"| `{field.path}` | {_type(field)} | {field.description} |" for field in fields(kind)]
    head = [
        f"### `{kind}`",
        "",
        f"{summary(facts_type(kind))} From {_code_list(producers_of(kind)) or _SUPPLIED}. {_several(kind)}".rstrip(),
        "",
    ]
    return "\n".join([*head, "| field | type | |", "|---|---|---|", *rows, ""])


def _several(kind: str) -> str:
    if kind == "fairness":
        return "Several files for one name join where their attributes differ."
    if kind == "lineage":
        return "Several files for one name join where they do not contradict each other."
    if kind in SUPPLIED:
        return ""
    return "Several files for one name add up." if kind in ADDING else "One file for one name."


def _type(field: Field) -> str:
    return field.type if field.required else f"{field.type}?"


def _code_list(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
