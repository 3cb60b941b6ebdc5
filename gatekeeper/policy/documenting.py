"""A schema with the meaning of every key. Loaded only to print it."""

from __future__ import annotations

from typing import Any

from gatekeeper.policy import fielddocs, fielddocs_delivery, fielddocs_further
from gatekeeper.policy.fielddocs import Entry

ENTRIES: dict[str, Entry] = {
    **fielddocs.COMMON,
    **fielddocs.POLICY,
    **fielddocs_further.ENVIRONMENT,
    **fielddocs_further.WAIVER,
    **fielddocs_further.ARTIFACT,
    **fielddocs_further.PROJECT,
    **fielddocs_further.POLICY_TEST,
    **fielddocs_further.TRUST,
    **fielddocs_further.SERVICE_LEVEL,
    **fielddocs_delivery.CONDITIONS,
    **fielddocs_delivery.DELIVERY,
    **fielddocs_delivery.PEOPLE,
}


def with_documentation(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with a description for each property; the form that its type asks for stands below it."""
    definitions = {name: _documented(name, part) for name, part in schema["$defs"].items()}
    return {**_documented(schema["title"], schema), "$defs": definitions}


def entry(owner: str, key: str) -> Entry | None:
    """What is said of a key of a type."""
    return ENTRIES.get(f"{owner}.{key}") or ENTRIES.get(key)


def _documented(owner: str, part: dict[str, Any]) -> dict[str, Any]:
    if "properties" not in part:
        return part
    properties = {key: _property(entry(owner, key), value) for key, value in part["properties"].items()}
    return {**part, "properties": properties}


def _property(found: Entry | None, part: dict[str, Any]) -> dict[str, Any]:
    if found is None:
        return part
    text, *examples = found
    form = part.get("description", "")
    described = {"description": "\n\n".join(filter(None, [text, form if form != text else ""]))}
    return {**described, **part, **described, **({"examples": list(examples)} if examples else {})}
