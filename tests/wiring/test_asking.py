"""Living systems among the evidence that is given: each is asked once, and none is taken for a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.errors import CannotActError, EvidenceError, NotEvaluatedError
from gatekeeper.ports import Fetched
from gatekeeper.wiring import sources
from gatekeeper.wiring.evidence import collect


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was asked of whom; nobody answers."""
    questions: list[tuple[str, str]] = []

    def fetch(producer: str, locator: str) -> Fetched:
        questions.append((producer, locator))
        kinds = {"gone": CannotActError, "nothing": NotEvaluatedError, "lie": EvidenceError}
        raise kinds.get(locator, CannotActError)("it did not answer", "Try again.")

    monkeypatch.setattr(sources, "fetch", fetch)
    return questions


def test_two_systems_may_know_something_by_one_name(
    asked: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "churn:1").write_text("{}")
    found = collect(["oci:churn:1", "mlflow-model:churn:1", "./churn:1", "oci:churn:1", "other=oci:churn:1"])
    assert asked == [("oci", "churn:1"), ("mlflow-model", "churn:1"), ("oci", "churn:1")]
    assert [(envelope.name, envelope.kind) for envelope in found] == [
        (None, "image"),
        (None, "model"),
        (None, "metrics"),
        ("other", "image"),
    ]


def test_a_named_file_does_not_hide_a_living_system(
    asked: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "churn:1").write_text("{}")
    assert len(collect(["file=./churn:1", "oci:churn:1"])) == 2
    assert asked == [("oci", "churn:1")]


@pytest.mark.parametrize(
    ("locator", "status"), [("gone", "not_evaluated"), ("nothing", "not_evaluated"), ("lie", "error")]
)
def test_silence_is_a_reason_and_never_clean(asked: list[tuple[str, str]], locator: str, status: str) -> None:
    (envelope,) = collect([f"image=oci:{locator}"])
    assert (envelope.status, envelope.facts, envelope.digest) == (status, {}, None)
    assert envelope.reason == "it did not answer. Try again."
    assert envelope.source == f"oci:{locator}"
