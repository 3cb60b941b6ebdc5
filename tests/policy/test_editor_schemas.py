"""What an editor gets: every key explained, and the verdict of a validator that is not ours on good and bad files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from gatekeeper.errors import InvalidFileError
from gatekeeper.policy.checks import check
from gatekeeper.policy.documenting import ENTRIES, entry
from gatekeeper.policy.documents import TYPES, load
from gatekeeper.policy.schema import documented, schema
from gatekeeper.policy.yamltext import compose
from tests.policy import samples
from tests.policy.test_schema import BEYOND_THE_SCHEMA, documents, is_loaded

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = {kind: json.loads((ROOT / "schemas" / f"{kind.lower()}.schema.json").read_text()) for kind in TYPES}
VALIDATORS = {kind: jsonschema_rs.validator_for(schema) for kind, schema in PUBLISHED.items()}
BLOCKS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/files.md").read_text(encoding="utf-8"), re.DOTALL)
SHIPPED = sorted(
    path
    for folder in ("policies", "environments", "examples")
    for path in (ROOT / folder).rglob("*.yaml")
    if "apiVersion: gatekeeper/v1" in path.read_text(encoding="utf-8")
)
FREE_TYPES = {"string", "number"}


def definitions(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every type of a kind's published schema, by its title."""
    yield PUBLISHED[kind]["title"], PUBLISHED[kind]
    yield from PUBLISHED[kind]["$defs"].items()


PROPERTIES = [
    pytest.param(kind, owner, key, part, id=f"{kind}-{owner}.{key}")
    for kind in TYPES
    for owner, definition in definitions(kind)
    for key, part in definition.get("properties", {}).items()
]


@pytest.mark.parametrize(("kind", "owner", "key", "part"), PROPERTIES)
def test_every_key_is_explained(kind: str, owner: str, key: str, part: dict[str, Any]) -> None:
    said = entry(owner, key)
    assert said is not None, f"say in gatekeeper/policy/fielddocs*.py what {owner}.{key} means"
    assert part["description"].startswith(said[0])
    assert said[0][0].isupper() or said[0][0] == "`"
    assert said[0].endswith(".")


@pytest.mark.parametrize(("kind", "owner", "key", "part"), PROPERTIES)
def test_what_is_free_has_an_example_and_each_example_is_valid(
    kind: str, owner: str, key: str, part: dict[str, Any]
) -> None:
    types = part.get("type", [])
    is_free = not FREE_TYPES.isdisjoint([types] if isinstance(types, str) else types)
    is_form = "enum" in part or "const" in part or "sha256" in part.get("pattern", "") or "PEM" in part["description"]
    if is_free and not is_form and key not in ("error_ratio",):
        assert part.get("examples"), f"give an example of {owner}.{key}"
    validator = jsonschema_rs.validator_for({**part, "$defs": PUBLISHED[kind]["$defs"]})
    for example in part.get("examples", []):
        assert validator.is_valid(example), list(validator.iter_errors(example))


def test_nothing_is_said_of_a_key_that_there_is_not() -> None:
    keys = {
        f"{owner}.{key}" for kind in TYPES for owner, part in definitions(kind) for key in part.get("properties", {})
    }
    alone = {name.rpartition(".")[2] for name in keys}
    assert [name for name in ENTRIES if name not in keys and name not in alone] == []


@pytest.mark.parametrize("kind", TYPES)
def test_nothing_is_left_open(kind: str) -> None:
    def visit(part: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(part, dict):
            for key, value in part.items():
                if key not in ("default", "examples", "const"):
                    assert value != {}, f"{path} may be anything"
                    visit(value, (*path, key))
        elif isinstance(part, list):
            for index, value in enumerate(part):
                visit(value, (*path, index))

    visit(PUBLISHED[kind], (kind,))


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_explained_decides_nothing(kind: str) -> None:
    def bare(part: Any) -> Any:
        if isinstance(part, list):
            return [bare(item) for item in part]
        if not isinstance(part, dict):
            return part
        return {
            key: {name: bare(value) for name, value in inner.items()} if key == "properties" else bare(inner)
            for key, inner in part.items()
            if key not in ("description", "examples")
        }

    assert bare(documented(kind)) == bare(json.loads(json.dumps(schema(kind))))


def values(text: str) -> list[Any]:
    return [tree.value for tree in compose(text.encode(), "f.yaml")]


@pytest.mark.parametrize("text", BLOCKS, ids=range(len(BLOCKS)))
def test_what_the_documentation_shows_is_valid(text: str) -> None:
    for value in values(text):
        assert list(VALIDATORS[value["kind"]].iter_errors(value)) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_shipped_is_valid_and_finds_its_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for value in values(text):
        assert list(VALIDATORS[value["kind"]].iter_errors(value)) == []
    if place := re.match(r"# yaml-language-server: \$schema=(\S+)\n", text):
        assert (path.parent / place[1]).resolve().parent == ROOT / "schemas"


@pytest.mark.parametrize("document", samples.ALL, ids=lambda document: document["kind"])
def test_the_samples_are_valid(document: dict[str, Any]) -> None:
    assert VALIDATORS[document["kind"]].is_valid(document)


BAD = [
    ("Policy", "metadata", {"name": "X", "version": "1.0.0"}),
    ("Policy", "metadata", {"name": "x", "version": "1.0"}),
    ("Policy", "metadata", {"name": "x", "version": "1.0.0", "ownrs": []}),
    ("Policy", "spec", {"rules": []}),
    ("Policy", "spec", {"rules": [{"id": "a", "why": "w", "remedy": "r"}]}),
    ("Policy", "spec", {"rules": [{"id": "a", "why": "w", "remedy": "r", "require": "true", "tests": {}}]}),
    ("Policy", "spec", {"rules": [{"id": "a", "why": "w", "remedy": "r", "severity": "hihg", "require": "true"}]}),
    ("Policy", "apiVersion", "gatekeeper/v2"),
    ("Environment", "spec", {"image": "x", "artifacts": []}),
    ("Environment", "spec", {"policies": [{"name": "x", "version": ">=1"}]}),
    ("Waiver", "spec", {}),
    ("Project", "spec", {"polices": "policies"}),
    ("Artifact", "spec", {"image": ""}),
]


@pytest.mark.parametrize(("kind", "key", "value"), BAD, ids=range(len(BAD)))
def test_bad_files_are_bad_to_both(kind: str, key: str, value: Any) -> None:
    (sample, *_) = (document for document in samples.ALL if document["kind"] == kind)
    document = {**sample, key: value}
    assert not VALIDATORS[kind].is_valid(document)
    with pytest.raises(InvalidFileError):
        load(json.dumps(document).encode(), "f.yaml")


@settings(max_examples=300)
@given(documents())
def test_another_validator_agrees_with_the_loader(document: dict[str, Any]) -> None:
    kind = document["kind"]
    data = json.dumps(document).encode()
    fits = VALIDATORS[kind].is_valid(document)
    if is_loaded(data):
        assert fits
    elif fits and not _has_whole_double(document):
        (tree,) = compose(data, "f.yaml")
        told = {problem.message for problem in check(kind, tree, "f.yaml")}
        assert any(word in message for message in told for word in BEYOND_THE_SCHEMA)


def _has_whole_double(value: Any) -> bool:
    """1.0 is an integer to JSON Schema, and not to us."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, float) and value.is_integer()) or any(map(_has_whole_double, inside))
