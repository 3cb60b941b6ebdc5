"""Binding changes nothing of a report but what it is about, when it was made, and who signed it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from gatekeeper.records.binding import Subject, Wish, bind, countersign
from gatekeeper.records.unseal import unseal
from tests.corpus import ROOT
from tests.policies import reports
from tests.signing import key, ring, signer

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIXTURES = sorted(path for path in (ROOT / "tests" / "fixtures").glob("*/*") if path.suffix != ".py")
RUN = Wish(subjects=(Subject(name="run", value="mlflow:1"),), now=NOW)
ALGORITHMS = ("ed25519", "ecdsa-p256")
KEYS = ring(
    {
        "ci": [key("ci-1"), key("ci-2", "ecdsa-p256")],
        "release": [key("release-1")],
        "late": [key("late-1", until="2026-01-01")],
    }
)


def readable() -> list[Path]:
    """The fixtures that are evidence and not bound already."""
    plain = [(path, envelope(path.read_bytes(), source=path.name)) for path in FIXTURES if path.is_file()]
    return [path for path, found in plain if found.status == "evaluated" and found.facts and not _wraps(found)]


def _wraps(found: Envelope) -> bool:
    return found.producer is not None and found.producer.name == "in-toto"


READABLE = readable()


def test_there_are_reports_of_many_producers() -> None:
    producers = {
        found.producer.name for path in READABLE if (found := envelope(path.read_bytes(), source="x")).producer
    }
    assert {"junit", "k6", "locust", "sarif", "trivy"} <= producers


@pytest.mark.parametrize("path", READABLE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_report_means_the_same_once_bound_and_signed(path: Path) -> None:
    data = path.read_bytes()
    plain = envelope(data, source=path.name)
    found = unseal(envelope(bind(data, path.name, RUN, [signer("ci-1")]), source="x"), KEYS, NOW)
    assert (found.status, found.kind, found.producer, found.facts) == (
        "evaluated",
        plain.kind,
        plain.producer,
        plain.facts,
    )
    assert found.counts == plain.counts
    assert set(found.subjects) == {*plain.subjects, "mlflow:1"}
    assert found.produced_at == (plain.produced_at or "2026-11-23T12:00:00Z")
    assert found.signed_by == ("ci-1",)


DIGESTS = st.integers(0, 9).map(lambda n: f"{n}" * 64)
SUBJECTS = st.lists(
    st.builds(Subject, name=st.text(max_size=5), algorithm=st.just("sha256"), value=DIGESTS)
    | st.builds(
        Subject, name=st.text(max_size=5), algorithm=st.just("gitCommit"), value=DIGESTS.map(lambda text: text[:40])
    )
    | st.builds(Subject, name=st.just("run"), value=st.from_regex(r"[a-z]{1,9}:[0-9a-f]{1,9}", fullmatch=True)),
    min_size=1,
    max_size=5,
)
SIGNERS = {"ci-1": "ed25519", "ci-2": "ecdsa-p256", "release-1": "ed25519", "late-1": "ed25519", "stranger": "ed25519"}


@given(SUBJECTS, st.lists(st.sampled_from(sorted(SIGNERS)), unique=True))
def test_what_is_said_and_who_signed_is_what_is_read(subjects: list[Subject], names: list[str]) -> None:
    keys = [signer(name, SIGNERS[name]) for name in names]  # type: ignore[arg-type]
    written = bind(reports.junit(), "x", Wish(subjects=tuple(subjects), now=NOW), keys)
    found = unseal(envelope(written, source="x"), KEYS, NOW)
    wished = {f"{one.algorithm}:{one.value}" if one.algorithm else one.value for one in subjects}
    assert set(found.subjects) == wished
    assert set(found.signed_by) == set(names) - {"late-1", "stranger"}
    assert (found.unverified is None) == (bool(found.signed_by) or not names) or "late-1" in names


def test_signing_one_after_the_other_is_as_signing_together() -> None:
    once = bind(reports.junit(), "x", RUN, [signer("ci-1")])
    both = countersign(once, "x", NOW, [signer("release-1")])
    assert both == bind(reports.junit(), "x", RUN, [signer("ci-1"), signer("release-1")])
    assert countersign(bind(reports.junit(), "x", RUN, []), "x", NOW, [signer("ci-1")]) == once


@given(st.binary(max_size=300))
def test_noise_is_not_bound(noise: bytes) -> None:
    try:
        bind(noise, "x", RUN, [])
    except (EvidenceError, NotEvaluatedError):
        return
    assert envelope(noise, source="x").status == "evaluated"


def test_too_large_a_report_is_not_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.records.binding.MAX_REPORT", 100)
    with pytest.raises(EvidenceError, match="more than 100 bytes"):
        bind(reports.junit(), "x", RUN, [])
