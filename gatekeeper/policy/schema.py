"""The JSON Schema of each kind, generated from its types. Editors use it, and so does the explanation of a mistake."""

from __future__ import annotations

import json
from typing import Any

from gatekeeper.errors import InvalidRequestError
from gatekeeper.policy.checks import CONDITIONS
from gatekeeper.policy.documents import TYPES
from gatekeeper.policy.near import near

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# What the types cannot say; `load` enforces it in `checks`, with the same meaning.
_ONE_CONDITION = {"oneOf": [{"required": [key]} for key in CONDITIONS]}
_FLAT_OR_ROWS = {
    "if": {"anyOf": [{"required": [key]} for key in ("image", "manifests", "name")]},
    "then": {
        "required": ["image", "manifests"],
        "not": {"anyOf": [{"required": [key]} for key in ("artifacts", "include")]},
    },
}
_FURTHER = {"Rule": _ONE_CONDITION, "EnvironmentSpec": _FLAT_OR_ROWS}
_WITHOUT_DOUBLES = {"WaiverSpec": ("covers", "environments"), "Requirement": ("signed_by",)}


def schema(kind: str) -> dict[str, Any]:
    """The schema (draft 2020-12) of a kind of file. Raises InvalidRequestError for an unknown kind."""
    from msgspec.json import schema as generate  # needed by `gatekeeper schema` and after a mistake only

    if kind not in TYPES:
        raise InvalidRequestError(f"there is no kind {kind!r}", near(kind, TYPES) or f"Kinds: {', '.join(TYPES)}.")
    generated = _tidy(generate(TYPES[kind]()))
    definitions = generated["$defs"]
    for name, definition in definitions.items():
        definition.update(_FURTHER.get(name, {}))
        for field in _WITHOUT_DOUBLES.get(name, ()):
            definition["properties"][field]["uniqueItems"] = True
    root = definitions.pop(generated["$ref"].rpartition("/")[2])
    head = {"$schema": DIALECT, "$id": f"urn:ml-gatekeeper:schema:{kind.lower()}:v1"}
    whole: dict[str, Any] = _dedented({**head, **root, "title": kind, "$defs": definitions})
    return whole


def schema_text(kind: str) -> str:
    """The schema as `gatekeeper schema KIND` prints it; `kind` in any case. Raises InvalidRequestError."""
    known = {name.lower(): name for name in TYPES}
    return as_text(documented(known.get(kind.lower(), kind)))


def documented(kind: str) -> dict[str, Any]:
    """The schema with what every key means and examples, as editors show them. Raises InvalidRequestError."""
    from gatekeeper.policy.documenting import with_documentation  # only to print a schema

    return with_documentation(schema(kind))


def as_text(schema: dict[str, Any]) -> str:
    """A schema as it is published."""
    return json.dumps(_dedented(schema), indent=2, ensure_ascii=False) + "\n"


def _dedented(part: Any) -> Any:
    """Descriptions without a docstring's indentation, which the compiler strips from Python 3.13 on."""
    if isinstance(part, list | tuple):
        return [_dedented(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {key: _described(value) if key == "description" else _dedented(value) for key, value in part.items()}


def _described(value: Any) -> Any:
    from inspect import cleandoc  # only to print a schema

    return cleandoc(value) if isinstance(value, str) else _dedented(value)


def _tidy(part: Any) -> Any:
    """A choice of plain types as one list of types, without what another of them includes."""
    if isinstance(part, list | tuple):
        return [_tidy(item) for item in part]
    if not isinstance(part, dict):
        return part
    part = {key: _tidy(value) for key, value in part.items()}
    choices = part.get("anyOf")
    if choices and all(isinstance(choice, dict) and choice.keys() == {"type"} for choice in choices):
        del part["anyOf"]
        types = [choice["type"] for choice in choices]
        part["type"] = [name for name in types if name != "integer" or "number" not in types]
    return part
