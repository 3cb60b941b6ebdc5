"""The JSON parsing test suite of others, through our strict door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.jsontext import parse_json
from tests.corpus import corpus_files

pytestmark = pytest.mark.corpus

STRICTER = {"y_object_duplicated_key_and_value.json": "a key that stands twice"}
"""What the suite accepts and we do not, with the reason."""


def _cases(start: str) -> list[Path]:
    return corpus_files(f"json-test-suite/test_parsing/{start}_*")


@pytest.mark.parametrize("file", _cases("n"), ids=lambda file: file.name)
def test_refuses_what_is_not_json(file: Path) -> None:
    with pytest.raises(EvidenceError):
        parse_json(file.read_bytes())


@pytest.mark.parametrize("file", _cases("y"), ids=lambda file: file.name)
def test_accepts_json_save_where_we_are_stricter(file: Path) -> None:
    if file.name in STRICTER:
        with pytest.raises(EvidenceError):
            parse_json(file.read_bytes())
    else:
        assert parse_json(file.read_bytes()) == json.loads(file.read_bytes())


@pytest.mark.parametrize(
    "file", [*_cases("i"), *corpus_files("json-test-suite/test_transform/*")], ids=lambda file: file.name
)
def test_where_readers_differ_it_agrees_with_one_or_refuses(file: Path) -> None:
    data = file.read_bytes()
    try:
        document = parse_json(data)
    except EvidenceError:
        return
    assert repr(document) == repr(json.loads(data.decode("utf-8-sig")))
