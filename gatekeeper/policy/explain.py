"""Why a document is not one of ours: every fault at once, placed, in plain words. Loaded only after a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from msgspec import Struct

from gatekeeper.errors import Problem
from gatekeeper.policy import unbuilt
from gatekeeper.policy.documents import TYPES
from gatekeeper.policy.near import near
from gatekeeper.policy.schema import schema
from gatekeeper.policy.tree import Step, Tree
from gatekeeper.policy.wording import named, not_among, out_of_bounds, shown, wrong_form, wrong_type

Path = tuple[Step, ...]

MAX_FAULTS = 500

# 1.0 is a whole number to JSON Schema and not to us.
_TYPES = Draft202012Validator.TYPE_CHECKER.redefine(
    "integer", lambda _checker, value: isinstance(value, int) and not isinstance(value, bool)
)
Validator = extend(Draft202012Validator, type_checker=_TYPES)  # type: ignore[no-untyped-call]
_SAID_BY_CHECKS = frozenset({"oneOf", "then", "uniqueItems"})
"""Steps on the way to what `schema` adds to the types: `checks` has told of it already, with a better place."""


def explain_kind(tree: Tree, file: str, kinds: frozenset[str] | None) -> Problem:
    """Why a document has no kind that may stand here."""
    allowed = [kind for kind in TYPES if kinds is None or kind in kinds]
    here = f"Kinds that may stand here: {', '.join(allowed)}."
    if not isinstance(tree.value, dict):
        message = "a document of gatekeeper is a mapping with `apiVersion`, `kind`, `metadata` and `spec`"
        return Problem(message, file, *tree.place(), here)
    if "kind" not in tree.value:
        return Problem("`kind` is missing", file, *tree.place(), here)
    message, remedy = _kind_words(tree.value["kind"], allowed, here, tree.raw("kind"))
    return Problem(message, file, *tree.place("kind"), remedy)


def _kind_words(kind: Any, allowed: list[str], here: str, raw: str | None) -> tuple[str, str]:
    if not isinstance(kind, str):
        return wrong_type("`kind`", kind, "string", raw)
    if kind in unbuilt.KINDS:
        return f"`kind: {kind}` is not built in this version", "Take the document out."
    if kind in TYPES:
        return f"`kind: {kind}` has no place here", here
    return f"there is no `kind: {shown(kind)}`", " ".join(filter(None, [near(kind, allowed), here]))


def explain(tree: Tree, kind: str, file: str, faults: list[Problem], reason: str) -> list[Problem]:
    """Every fault of a document: those given, then what the schema of its kind refuses, where nothing was said yet.

    Never empty: where the types refused what the schema allows, `reason` is their word.
    """
    told = list(faults)
    places = {(fault.line, fault.column) for fault in faults}
    root = schema(kind)
    errors = (inner for error in Validator(root).iter_errors(tree.value) for inner in _inside(error))
    of_types = (error for error in errors if _SAID_BY_CHECKS.isdisjoint(error.absolute_schema_path))
    for error in islice(of_types, MAX_FAULTS):
        fault = _fault(root, error, tree, file)
        told += [problem for problem in _tell(fault) if (problem.line, problem.column) not in places]
    return told or [Problem(reason or "the document does not fit its kind", file, *tree.place())]


def _inside(error: ValidationError) -> Iterator[ValidationError]:
    """The faults in the one alternative that the value has the type of; the error itself where there is no such one."""
    branches: dict[Any, list[ValidationError]] = {}
    for fault in error.context or () if error.validator == "anyOf" else ():
        branches.setdefault(fault.relative_schema_path[0], []).append(fault)
    fitting = [faults for faults in branches.values() if not any(map(_is_other_type, faults))]
    yield from fitting[0] if fitting else (error,)


def _is_other_type(fault: ValidationError) -> bool:
    of_itself = not fault.relative_path
    return of_itself and (fault.validator == "type" or (fault.validator == "enum" and isinstance(fault.instance, dict)))


class _Fault(Struct, frozen=True, kw_only=True):
    """One error of jsonschema. `owner` is the type of the mapping around the value; `asked` what the schema asks."""

    validator: str
    asked: Any
    schema: Any
    instance: Any
    path: Path
    owner: str
    in_name: bool
    sentence: str
    tree: Tree
    file: str

    def problem(self, message: str, remedy: str, place: tuple[int, int] | None = None) -> Problem:
        return Problem(message, self.file, *(place or self.tree.place(*self.path)), remedy)


def _fault(root: dict[str, Any], error: ValidationError, tree: Tree, file: str) -> _Fault:
    where = tuple(error.absolute_schema_path)
    return _Fault(
        validator=str(error.validator),
        asked=error.validator_value,
        schema=error.schema,
        instance=error.instance,
        path=tuple(error.absolute_path),
        owner=_owner(root, where),
        in_name="propertyNames" in where,
        sentence=error.message,
        tree=tree,
        file=file,
    )


def _owner(root: dict[str, Any], where: Path) -> str:
    """The title of the last type on the way; the way leaves references out."""
    part: Any = root
    owner = ""
    for step in where:
        part = part[step]
        if isinstance(part, dict) and "$ref" in part:
            part = root["$defs"][part["$ref"].rpartition("/")[2]]
        if isinstance(part, dict) and "properties" in part:
            owner = part.get("title", owner)
    return owner or str(root["title"])


def _tell(fault: _Fault) -> Iterator[Problem]:
    if fault.validator == "additionalProperties":
        yield from _unknown_keys(fault)
    elif fault.validator == "required":
        yield from _missing_key(fault)
    elif fault.in_name:
        place = fault.tree.key_place(*fault.path, fault.instance)
        yield fault.problem(*wrong_form("the name", fault.instance, _description(fault.schema)), place)
    else:
        yield fault.problem(*_value_words(fault))


def _unknown_keys(fault: _Fault) -> Iterator[Problem]:
    known = fault.schema["properties"]
    for key in islice((key for key in fault.instance if key not in known), MAX_FAULTS):
        place = fault.tree.key_place(*fault.path, key)
        if unbuilt.is_unbuilt_key(fault.owner, key):
            yield fault.problem(f"`{key}` is not built in this version", "Remove it.", place)
        else:
            remedy = near(key, known) or f"Keys here: {', '.join(known)}."
            yield fault.problem(f"there is no key `{shown(key)}` here", remedy, place)


def _missing_key(fault: _Fault) -> Iterator[Problem]:
    """jsonschema gives one error for each missing key, and names the key in its sentence alone."""
    for key in fault.asked:
        if key not in fault.instance and fault.sentence.startswith(f"{key!r} "):
            yield fault.problem(f"`{key}` is missing", _description(fault.schema["properties"].get(key)))


def _value_words(fault: _Fault) -> tuple[str, str]:
    name, raw = named(fault.path), fault.tree.raw(*fault.path)
    if fault.validator in ("enum", "const"):
        choices = fault.asked if isinstance(fault.asked, list) else [fault.asked]
        key = next((step for step in reversed(fault.path) if isinstance(step, str)), "")
        if unbuilt.is_unbuilt_value(fault.owner, key, fault.instance):
            message = f"`{key}: {fault.instance}` is not built in this version"
            return message, f"This version has {', '.join(choices)}."
        return not_among(name, fault.instance, choices, raw)
    if fault.validator == "type":
        return wrong_type(name, fault.instance, fault.asked, raw)
    if fault.validator == "pattern":
        return wrong_form(name, fault.instance, _description(fault.schema))
    return out_of_bounds(name, fault.validator, fault.asked)


def _description(part: Any) -> str:
    return part.get("description", "") if isinstance(part, dict) else ""
