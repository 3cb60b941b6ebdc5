"""The schemas say what the types and checks enforce: neither passes what the other refuses."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gatekeeper.errors import InvalidFileError, InvalidRequestError
from gatekeeper.policy import unbuilt
from gatekeeper.policy.checks import check
from gatekeeper.policy.documents import TYPES, load
from gatekeeper.policy.explain import Validator
from gatekeeper.policy.schema import documented, schema, schema_text
from gatekeeper.policy.yamltext import compose
from tests.policy import samples

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {kind: schema(kind) for kind in TYPES}
OPEN = {"CaseEvidence"}
"""Its other keys are facts, of whatever kind; they are checked against the policy that is tested."""


def titles(kind: str) -> dict[str, Any]:
    """Every type of a kind's schema by its title."""
    return {SCHEMAS[kind]["title"]: SCHEMAS[kind], **SCHEMAS[kind]["$defs"]}


@pytest.mark.parametrize("kind", TYPES)
def test_each_is_a_schema_with_a_name_and_a_description(kind: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])
    assert SCHEMAS[kind]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert kind.lower() in SCHEMAS[kind]["$id"]
    for definition in titles(kind).values():
        assert definition["description"]
        assert definition.get("additionalProperties") is (None if definition["title"] in OPEN else False)


@pytest.mark.parametrize("kind", TYPES)
def test_the_files_in_schemas_are_those_of_the_types(kind: str) -> None:
    assert (ROOT / "schemas" / f"{kind.lower()}.schema.json").read_text(encoding="utf-8") == schema_text(kind)
    assert json.loads(schema_text(kind.lower())) == documented(kind)


def test_every_schema_is_that_of_the_types() -> None:
    run = [sys.executable, str(ROOT / "scripts/schemas"), "--check"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), "make them with: scripts/schemas"


def test_the_script_finds_a_file_that_differs(tmp_path: Path) -> None:
    for name in ("scripts", "schemas", "gatekeeper"):
        (tmp_path / name).mkdir()
    script = (ROOT / "scripts/schemas").read_text(encoding="utf-8")
    (tmp_path / "scripts/schemas").write_text(script, encoding="utf-8")
    run = [sys.executable, str(tmp_path / "scripts/schemas")]
    (tmp_path / "gatekeeper").rmdir()
    assert subprocess.run([*run, "--check"], capture_output=True, check=False).returncode == 1
    assert subprocess.run(run, capture_output=True, check=False).returncode == 0
    assert subprocess.run([*run, "--check"], capture_output=True, check=False).returncode == 0
    assert (tmp_path / "schemas/policy.schema.json").read_text(encoding="utf-8") == schema_text("Policy")


def test_an_unknown_kind_has_no_schema() -> None:
    with pytest.raises(InvalidRequestError, match="Did you mean 'Policy'"):
        schema_text("polcy")


@pytest.mark.parametrize("document", samples.ALL, ids=lambda document: document["kind"])
def test_the_samples_are_valid_for_both(document: dict[str, Any]) -> None:
    assert list(Draft202012Validator(SCHEMAS[document["kind"]]).iter_errors(document)) == []
    assert load(json.dumps(document).encode(), "f.yaml")[0].kind == document["kind"]


def test_what_is_unbuilt_is_in_no_type() -> None:
    types = {title: definition for kind in TYPES for title, definition in titles(kind).items()}
    for owner, keys in unbuilt.KEYS.items():
        assert keys.isdisjoint(types[owner]["properties"])
    for (owner, key), values in unbuilt.VALUES.items():
        assert values.isdisjoint(types[owner]["properties"][key]["enum"])
    assert unbuilt.KINDS.isdisjoint(TYPES)


SCALARS = st.sampled_from(
    [None, True, False, 0, 1, -1, 2.0, 0.5, 10_001, "", "x", "X y", "x\n", "7d", "999999999w", "2026-01-01",
     "2026-02-30", "fail", "deny", "number", "commit", "kustomize", "1.2.3", "^2", "carol", "metrics", samples.DIGEST,
     "a" * 101]
)  # fmt: skip
VALUES = (
    SCALARS
    | st.lists(SCALARS, max_size=2)
    | st.dictionaries(st.sampled_from(["name", "id", "a-b", "x"]), SCALARS, max_size=2)
)
KEYS = st.sampled_from(
    [
        "name",
        "min",
        "max",
        "scan",
        "metric",
        "require",
        "slices",
        "image",
        "manifests",
        "artifacts",
        "in",
        "in_",
        "vs",
        "x",
    ]
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything in a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inside for place in places(child, (*path, key)))]


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A sample with one to three mutations: a value replaced, a key taken out, added or renamed."""
    document = copy.deepcopy(draw(st.sampled_from(samples.ALL)))
    for _ in range(draw(st.integers(1, 3))):
        if document.keys() == {"kind"}:
            break
        path = draw(st.sampled_from([place for place in places(document) if place and place != ("kind",)]))
        *parents, last = path
        parent = document
        for step in parents:
            parent = parent[step]
        match draw(st.sampled_from(["replace", "remove", "add", "copy"])):
            case "remove":
                del parent[last]
            case "add" if isinstance(parent, dict):
                parent[draw(KEYS)] = draw(VALUES)
            case "copy" if isinstance(parent, dict):
                parent[draw(KEYS)] = copy.deepcopy(parent[last])
            case _:
                parent[last] = draw(VALUES)
    return document


def is_loaded(data: bytes) -> bool:
    try:
        return bool(load(data, "f.yaml"))
    except InvalidFileError as fault:
        return not fault.problems


@settings(max_examples=500)
@example({**samples.POLICY, "spec": {"rules": []}})
@example({**samples.PROJECT, "spec": {"policies": "x\n"}})
@given(documents())
def test_types_and_schema_agree(document: dict[str, Any]) -> None:
    kind = document["kind"]
    data = json.dumps(document).encode()
    fits = Validator(SCHEMAS[kind]).is_valid(document)
    if is_loaded(data):
        assert fits
    elif fits:
        (tree,) = compose(data, "f.yaml")
        told = {problem.message for problem in check(kind, tree, "f.yaml")}
        assert any(word in message for message in told for word in BEYOND_THE_SCHEMA)


BEYOND_THE_SCHEMA = ("does not exist", "hundred years", "cannot approve", "expires before", "no offset", "leap second")
"""What no schema can say: times that do not exist, and who and when of a waiver."""
