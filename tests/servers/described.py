"""Requests and answers held against an OpenAPI description: whatever it does not know is a fault, not a detail."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import jsonschema


class Operation(NamedTuple):
    """One operation of the description, and the values in the path that was asked."""

    path: str
    method: str
    described: dict[str, Any]
    values: dict[str, str]


class Description:
    """An OpenAPI 3.0 document. Every check gives the faults that it finds, in words."""

    def __init__(self, file: Path) -> None:
        self.document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a path and method ask for; `path` is as it was sent, its parts quoted."""
        found = []
        for template, methods in self.document["paths"].items():
            values = _values(template, path)
            if values is not None and method.lower() in methods:
                found.append(Operation(template, method.lower(), methods[method.lower()], values))
        return min(found, key=lambda one: len(one.values)) if found else None

    def request_faults(self, operation: Operation, query: str, headers: dict[str, str], body: bytes) -> list[str]:
        """What is wrong with a request: unknown or missing parameters, types, the body's form."""
        known = {(one["in"], one["name"]): one for one in map(self.resolved, operation.described.get("parameters", []))}
        given = [("path", name, value) for name, value in operation.values.items()]
        given += [("query", name, value) for name, value in parse_qsl(query, keep_blank_values=True)]
        faults = []
        for place, name, value in given:
            if (place, name) not in known:
                faults.append(f"unknown {place} parameter {name}")
                continue
            schema = known[place, name].get("schema", {})
            faults += [f"{place} {name}: {fault}" for fault in self._faults(_typed(value, self._kinds(schema)), schema)]
        asked = {(place, name) for place, name, _ in given}
        required = {key for key, one in known.items() if one.get("required") and key[0] in ("path", "query")}
        faults += [f"missing {place} parameter {name}" for place, name in sorted(required - asked)]
        return faults + self._body_faults(operation, headers, body)

    def answer_faults(self, operation: Operation, status: int, document: Any) -> list[str]:
        """What is wrong with an answer of ours."""
        responses = operation.described["responses"]
        if str(status) not in responses:
            if status in _ANYWHERE:
                return [] if isinstance(document, dict) and "message" in document else ["an error without a message"]
            return [f"{operation.method} {operation.path} never answers {status}"]
        content = self.resolved(responses[str(status)]).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return [] if schema is None else self._faults(document, schema)

    def example(self, name: str) -> Any:
        """A copy of one of the description's own examples."""
        return json.loads(json.dumps(self.document["components"]["examples"][name]["value"]))

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """The part itself, or what it refers to."""
        while "$ref" in part:
            found: Any = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            part = found
        return part

    def _body_faults(self, operation: Operation, headers: dict[str, str], body: bytes) -> list[str]:
        described = self.resolved(operation.described.get("requestBody", {}))
        if not body:
            return ["no body"] if described.get("required") else []
        if not described:
            return ["a body where none is known"]
        if headers.get("content-type", "").split(";")[0] != "application/json":
            return ["the body is not called JSON"]
        schema = described["content"]["application/json"]["schema"]
        document = json.loads(body)
        unknown = sorted(set(document) - self._properties(schema)) if isinstance(document, dict) else []
        return [f"unknown in the body: {name}" for name in unknown] + self._faults(document, schema)

    def _properties(self, schema: dict[str, Any]) -> set[str]:
        schema = self.resolved(schema)
        found = set(schema.get("properties", {}))
        for key in ("oneOf", "anyOf", "allOf"):
            for part in schema.get(key, []):
                found |= self._properties(part)
        return found

    def _kinds(self, schema: dict[str, Any]) -> set[str]:
        schema = self.resolved(schema)
        kinds = {schema["type"]} if "type" in schema else set()
        for key in ("oneOf", "anyOf"):
            for part in schema.get(key, []):
                kinds |= self._kinds(part)
        return kinds

    def _faults(self, value: Any, schema: dict[str, Any]) -> list[str]:
        validator = jsonschema.Draft4Validator(self._plain(schema, 0))
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)][:5]

    def _plain(self, schema: Any, depth: int) -> Any:
        """The schema in JSON Schema's own words: references put in place, `nullable` as a type."""
        if isinstance(schema, list):
            return [self._plain(part, depth) for part in schema]
        if not isinstance(schema, dict):
            return schema
        schema = self.resolved(schema)
        if depth > 40:
            return {}
        plain = {key: self._plain(value, depth + 1) for key, value in schema.items() if key not in _COMMENT}
        return {"anyOf": [{"type": "null"}, plain]} if plain.pop("nullable", False) is True else plain


_ANYWHERE = (401, 403, 404)
"""What any operation answers to a token that is wrong, or may not do or see that; not described at each."""
_COMMENT = ("example", "examples", "description", "default", "format", "deprecated", "discriminator")


def _values(template: str, path: str) -> dict[str, str] | None:
    """What stands for the names in a template, where the path is of its form."""
    parts, given = template.split("/"), path.split("/")
    if len(parts) != len(given):
        return None
    pairs = list(zip(parts, given, strict=True))
    if any(part != one and not (part.startswith("{") and part.endswith("}") and one) for part, one in pairs):
        return None
    return {part[1:-1]: unquote(one) for part, one in pairs if part.startswith("{")}


def _typed(value: str, kinds: set[str]) -> Any:
    if "integer" in kinds and re.fullmatch("-?[0-9]+", value):
        return int(value)
    if "boolean" in kinds and value in ("true", "false"):
        return value == "true"
    return value
