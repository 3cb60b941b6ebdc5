"""Kept facts are named by their content, read back bounded and whole, and believed in no other way."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import CannotActError
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.evidence import Envelope, Producer
from gatekeeper.records import facts as module
from gatekeeper.records.canonical import canonical
from gatekeeper.records.facts import FactsError, facts_path, kept_facts, read_facts
from gatekeeper.records.masking import Known
from tests.policies import reports
from tests.records.keeping import EARLIER

DIGEST = "sha256:" + "a" * 64


def metrics(**more: Any) -> Envelope:
    values: dict[str, Any] = {
        "name": "metrics",
        "kind": "metrics",
        "producer": Producer(name="json", version="1"),
        "source": "reports/metrics.json",
        "digest": DIGEST,
        "facts": {"values": {"accuracy": 0.9}, "n": {}, "lower": {}, "upper": {}, "level": {}, "se": {}},
    }
    return Envelope(**(values | more))


def packed(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def read(data: bytes) -> Envelope:
    return read_facts(packed(data), sha256_of(data), "s", EARLIER)


def document(**changes: Any) -> bytes:
    whole = json.loads(zlib.decompress(kept_facts(metrics(), {}, Known())[1], 31))
    whole.update(changes)
    return canonical(whole)


def test_facts_read_back() -> None:
    digest, data = kept_facts(metrics(signed_by=("ci",)), {"ci": DIGEST}, Known())
    found = read_facts(data, digest, "s", EARLIER)
    assert found.facts == metrics().facts
    assert (found.name, found.kind, found.digest, found.source) == ("metrics", "metrics", DIGEST, "s")
    assert found.signed_by == ()
    assert found.recorded is not None
    assert (found.recorded.keys, found.recorded.decision) == ((DIGEST,), EARLIER.decision)


def test_the_name_is_that_of_the_content() -> None:
    digest, data = kept_facts(metrics(), {}, Known())
    assert digest == sha256_of(zlib.decompress(data, 31))
    assert facts_path(digest) == f"facts/{digest[7:9]}/{digest[7:]}.json.gz"
    assert kept_facts(metrics(source="elsewhere"), {}, Known()) == (digest, data)


def test_the_compressed_file_holds_neither_time_nor_name() -> None:
    _, data = kept_facts(metrics(), {}, Known())
    assert data[:4] == b"\x1f\x8b\x08\x00"
    assert data[4:8] == bytes(4)


def test_the_digest_of_fixed_facts_stays_the_same_for_ever() -> None:
    """Records name facts by it: whoever changes the form changes what old records point at."""
    assert kept_facts(metrics(), {}, Known())[0] == (
        "sha256:ab1ce0ffca3536b4b558702fe4f44b033e092ef4c32742a733fb2980e6b08bb6"
    )


@pytest.mark.parametrize("name", sorted(reports.healthy()))
def test_real_reports_come_back_as_they_were(name: str) -> None:
    given_one = envelope(reports.healthy()[name], source=name)
    digest, data = kept_facts(given_one, {}, Known())
    found = read_facts(data, digest, name, EARLIER)
    assert found.recorded is not None
    assert found.recorded.masked == ()
    assert found.facts == given_one.facts
    assert (found.counts, found.subjects, found.produced_at) == (
        given_one.counts,
        given_one.subjects,
        given_one.produced_at,
    )


WRONG: dict[str, tuple[bytes, str]] = {
    "another schema": (document(schema="gatekeeper.facts/v2"), "version 1"),
    "a key more": (document(note="hello"), "version 1"),
    "no kind": (document(kind=None), "evaluated"),
    "another kind": (document(kind="feelings"), "no kind of evidence"),
    "another kind's facts": (document(kind="scan"), "no facts of kind scan"),
    "text for a number": (document(facts={"values": {"a": "1"}}), "no facts of kind metrics"),
    "a field more": (document(facts={"values": {}, "n": {}, "mood": 1}), "does not have"),
    "nothing": (document(facts={}), "evaluated and hold nothing"),
    "facts of what was not evaluated": (document(status="not_evaluated"), "evaluated"),
    "no digest": (document(digest="metrics.json"), "no digest"),
    "a key that is none": (document(signed_by=[{"name": "ci", "fingerprint": "ci"}]), "no digest"),
    "a nameless mask": (document(masked=[[]]), "no name"),
    "not canonical": (document() + b"\n", "cannot be read"),
    "not an object": (b"[]", "version 1"),
    "not JSON": (b"\xff", "cannot be read"),
    "empty": (b"", "cannot be read"),
    "too deep": (b"[" * 100_000 + b"]" * 100_000, "cannot be read"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said(what: str) -> None:
    data, said = WRONG[what]
    with pytest.raises(FactsError, match=said):
        read(data)


def test_a_digest_is_asked_for_before_anything_is_parsed() -> None:
    _, data = kept_facts(metrics(), {}, Known())
    with pytest.raises(FactsError, match="digest that the record names"):
        read_facts(data, DIGEST, "s", EARLIER)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[:-1], "cut off"),
        (lambda data: data + b"x", "something follows"),
        (lambda data: data + data, "something follows"),
        (lambda _: b"", "cut off"),
        (lambda _: b"PK\x03\x04", "not whole gzip"),
        (lambda data: data[:-8] + bytes(4) + data[-4:], "not whole gzip"),
    ],
)
def test_damaged_gzip_is_refused(change: Any, said: str) -> None:
    digest, data = kept_facts(metrics(), {}, Known())
    with pytest.raises(FactsError, match=said):
        read_facts(change(data), digest, "s", EARLIER)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(FactsError, match="unpacked they have more"):
        read_facts(packed(bytes(65 * 1024 * 1024)), DIGEST, "s", EARLIER)
    with pytest.raises(FactsError, match="more than 8388608 bytes"):
        read_facts(bytes(8 * 1024 * 1024 + 1), DIGEST, "s", EARLIER)


@given(st.integers(0, 400), st.integers(0, 255))
def test_no_byte_can_be_changed_unseen(at: int, byte: int) -> None:
    digest, data = kept_facts(metrics(), {}, Known())
    changed = data[: at % len(data)] + bytes([byte]) + data[at % len(data) + 1 :]
    try:
        found = read_facts(changed, digest, "s", EARLIER)
    except FactsError:
        return
    assert found.facts == metrics().facts


@pytest.mark.parametrize("limit", ["MAX_DOCUMENT", "MAX_COMPRESSED"])
def test_facts_that_are_too_large_name_their_evidence(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, limit, 100)
    with pytest.raises(CannotActError, match=r"the facts of metrics \(reports/metrics.json\) have \d+ bytes") as fault:
        kept_facts(metrics(), {}, Known())
    assert fault.value.remedy


def test_a_number_that_no_record_can_hold_names_its_evidence() -> None:
    facts = {**metrics().facts, "n": {"a": 2**60}}
    with pytest.raises(CannotActError, match=r"the facts of metrics .* cannot be kept"):
        kept_facts(metrics(facts=facts), {}, Known())


@pytest.mark.parametrize("status", ["error", "not_evaluated"])
def test_what_was_not_evaluated_stays_so(status: Any) -> None:
    one = metrics(status=status, reason="it is empty", facts={}, digest=None)
    digest, data = kept_facts(one, {}, Known())
    found = read_facts(data, digest, "s", EARLIER)
    assert (found.status, found.reason, found.facts) == (status, "it is empty", {})


def test_kept_facts_fit_their_schema() -> None:
    from jsonschema import Draft202012Validator

    from gatekeeper.records.schema import facts_schema

    validator = Draft202012Validator(facts_schema())
    value = json.loads(document(masked=[["tags", "note"]], signed_by=[{"name": "ci", "fingerprint": DIGEST}]))
    validator.validate(value)
    value["note"] = "more"
    assert not validator.is_valid(value)
