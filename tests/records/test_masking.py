"""Nothing of a report that is prose, a row of data or a secret is kept, of whatever kind it is."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields

from gatekeeper.evidence.kinds import bare
from gatekeeper.model.evidence import Envelope, Producer
from gatekeeper.model.facts import ALL_KINDS, facts_type
from gatekeeper.records.facts import kept_facts
from gatekeeper.records.masking import KEPT, Known, mask
from gatekeeper.records.texts import MAX_TEST_WORDS, is_name, is_plain, looks_secret

# Put together here, so that no scanner of this repository takes them for real ones.
SECRETS = {
    "github": "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8",
    "gitlab": "glpat-" + "x7Yq2LmN9pRsT4vWzA1b",
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "aws key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
    "google": "AIza" + "SyA1234567890abcdefghijklmnopqrstuvw",
    "slack": "xoxb-" + "123456789012-abcdefghijkl",
    "hugging face": "hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz",
    "web token": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "private key": "-----BEGIN " + "PRIVATE KEY-----",
    "address": "https://ci:hunter2" + "@registry.example/v2/",
    "announced": "DB_PASSWORD" + "=hunter2",
    "bearer": "Bearer " + "c2VjcmV0LXRva2Vu",
    "yaml": "db_password" + ": hunter2",
    "header": "Authorization" + ": Basic Y2k6aHVudGVyMg==",
    "e-mail": "jane.doe" + "@customers.example.com",
    "random": "q8Zr3Xv9Lk2Wm7Tn5Bp1Hs6Yd4Gc0Fj",
}
PROSE = {
    "a sentence": "Customer Jane Doe from Springfield called again today and said that her card was charged "
    "twice for one and the same order of shoes",
    "a traceback": "Traceback (most recent call last):\n  File \"x.py\", line 1\nValueError: row 17 is ['Jane', 41]",
    "a long text": "lorem-ipsum-" * 40,
    "a row": "17\tJane\tDoe\t1980-02-29\t41000",
}
PLANTS = {**SECRETS, **PROSE}


def planted(hint: Any, text: str) -> Any:
    """Facts of a type with the text wherever a report's text can stand: as values, as keys, and in lists."""
    hint = bare(hint)
    if isinstance(hint, type) and issubclass(hint, Struct):
        return {field.encode_name: planted(field.type, text) for field in fields(hint)}
    if get_origin(hint) is dict:
        return {text: planted(get_args(hint)[1], text), "usual": planted(get_args(hint)[1], text)}
    if get_origin(hint) is tuple:
        return [planted(get_args(hint)[0], text)]
    plain = {int: 40, float: 0.5, bool: True, str: text}
    return {"deep": [{"er": text}], text: 1} if hint is Any else plain[hint]


def only_values(hint: Any, text: str) -> Any:
    """As `planted`, with usual keys."""
    made = json.loads(json.dumps(planted(hint, text)))

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {("other" if key == text else key): renamed(member) for key, member in value.items()}
        return [renamed(member) for member in value] if isinstance(value, list) else value

    return renamed(made)


def kept_text(kind: str, facts: dict[str, Any]) -> str:
    """All that is kept of such evidence, as text."""
    envelope = Envelope(name="e", kind=kind, producer=Producer(name="p"), source="s", digest=None, facts=facts)
    return zlib.decompress(kept_facts(envelope, {}, Known())[1], 31).decode()


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("way", [planted, only_values])
def test_nothing_that_was_planted_is_kept(kind: str, plant: str, way: Any) -> None:
    text = PLANTS[plant]
    found = kept_text(kind, way(facts_type(kind), text))
    assert json.dumps(text)[1:-1] not in found
    assert text not in found
    assert "hunter2" not in found
    assert "Jane" not in found


def test_every_field_of_every_kind_was_thought_of() -> None:
    """A field that does not stand in the table is never kept: whoever adds one decides what may be kept of it."""
    for kind in ALL_KINDS:
        assert {field.encode_name for field in fields(facts_type(kind))} == KEPT[kind].keys(), kind


def test_an_unknown_kind_keeps_nothing() -> None:
    assert mask("feelings", {"a": 1}, Known()) == ({}, (("a",),))
    assert mask(None, {"a": 1}, Known()) == ({}, (("a",),))


def test_of_a_map_only_what_says_something_is_left_out() -> None:
    tags = {"stage": "candidate", "note": PROSE["a sentence"], "db_password": "1234", "version": "7"}
    kept, masked = mask("metrics", {"values": {"a": 0.5}, "tags": tags}, Known(public=("tags.stage == 'candidate'",)))
    assert kept == {"values": {"a": 0.5}, "tags": {"stage": "candidate", "version": "7"}}
    assert masked == (("tags", "note"), ("tags", "db_password"))


def test_a_map_with_a_key_that_is_a_secret_is_left_out_whole() -> None:
    kept, masked = mask("metrics", {"values": {"a": 0.5, SECRETS["github"]: 1.0}}, Known())
    assert (kept, masked) == ({}, (("values",),))


def test_what_was_left_out_is_listed() -> None:
    envelope = Envelope(
        name="e",
        kind="metrics",
        producer=Producer(name="p"),
        source="s",
        digest=None,
        facts={"values": {"a": 1.0}, "tags": {"note": PROSE["a sentence"]}},
        counts={"metrics": 1, SECRETS["github"]: 2},
    )
    document = json.loads(zlib.decompress(kept_facts(envelope, {}, Known())[1], 31))
    assert document["masked"] == [["tags", "note"]]
    assert document["counts"] == {"metrics": 1}
    assert "source" not in document


NAMES = [
    "accuracy",
    "test.recall@10",
    "Recall (macro)",
    "tests.test_model.TestAccuracyOnHoldoutSetV2WithLargeBatches::test_it[gpu-fp16-1024]",
    "expect_column_values_to_be_between(age)",
    "missing_count(email) = 0",
    'slo{code="500",path="/predict"}',
    "lib/python3.11/site-packages/scikit_learn-1.5.2.dist-info",
    "CVE-2026-12345",
    "GHSA-jfh8-c2jp-5v3q",
    "pkg:npm/%40angular/core@17.0.1",
    "sha256:" + "ab" * 32,
    "mlflow:3f6c0a1b2d4e5f60718293a4b5c6d7e8",
    "Größe",
    "45-54",
    "npm:jsonwebtoken:20150331",
    "test secret handling: token refresh works",
    "test_basic_auth[wrong password]",
    "GET /v1/models/churn:predict",
    "registry.example:5000/team/churn-model:1.4.2@sha256:" + "ab" * 32,
]


@pytest.mark.parametrize("name", NAMES)
def test_usual_names_are_kept(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_told_from_names(secret: str) -> None:
    assert looks_secret(SECRETS[secret])
    assert not is_name(f"x {SECRETS[secret]} y")


@pytest.mark.parametrize(
    "value",
    ["1", "-0.5", "1e-05", "True", "none", "1.4.2", "v2.0", "c" * 40, "sha256:" + "ab" * 32, "2026-11-23T07:00:00Z"],
)
def test_values_that_say_no_more_than_a_number_are_kept(value: str) -> None:
    assert is_plain(value, ())


@pytest.mark.parametrize("value", ["adam", "hunter2", "jane", "C:\\Users\\jane", "a b", "", "0x12", "1" * 30])
def test_other_values_are_not_kept_unless_a_policy_says_them(value: str) -> None:
    assert not is_plain(value, ("xhunter2x janeway adamant",))


def test_a_part_of_a_word_of_a_policy_is_not_public() -> None:
    assert is_plain("adam", ("params.optimizer == 'adam'",))
    assert not is_plain("adam", ("adamant",))


def walk(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from walk(member)
    elif isinstance(value, list):
        for member in value:
            yield from walk(member)
    else:
        yield value


@given(st.sampled_from([kind for kind in ALL_KINDS if kind != "fairness"]), st.text(max_size=400))
def test_what_is_kept_is_names_and_numbers_whatever_the_text(kind: str, text: str) -> None:
    kept, _ = mask(kind, planted(facts_type(kind), text), Known())
    assert all(is_name(one, MAX_TEST_WORDS) for one in walk(kept) if isinstance(one, str))
