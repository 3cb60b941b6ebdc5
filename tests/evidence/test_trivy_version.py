"""The age of Trivy's database: it completes a scan of the same tool, and is never a scan or a shard by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import trivy
from gatekeeper.evidence.merge import merge
from gatekeeper.evidence.reading import envelope
from gatekeeper.judge.supply import supply
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.policy import Requirement
from tests.evidence.reports import FIXTURES, fixture, opened

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
IMAGE = Artifact(name="churn", image="registry.example/churn-model", digest="sha256:" + "2" * 64)


def version_document(**changes: Any) -> dict[str, Any]:
    return {"Version": "0.69.1", "VulnerabilityDB": {"UpdatedAt": "2026-11-20T06:12:31.4Z"}, **changes}


def file(name: str) -> Envelope:
    return envelope((FIXTURES / "trivy" / name).read_bytes(), source=name, name="image")


def from_document(document: Any, source: str = "other.json") -> Envelope:
    return envelope(msgspec.json.encode(document), source=source, name="image")


def listed(scan: Envelope) -> dict[str, Any]:
    """The facts, with the findings in an order of their own."""
    return {**scan.facts, "findings": sorted(scan.facts["findings"], key=str)}


def test_what_trivy_version_says() -> None:
    reading = trivy.read(fixture("trivy/version.json"))
    assert reading.facts.db_updated_at == "2026-11-20T06:12:31.415926Z"
    assert reading.version == "0.69.1"
    assert reading.produced_at is None


@pytest.mark.parametrize("database", [None, {}, []])
def test_no_database_is_not_a_fresh_one(database: Any) -> None:
    with pytest.raises(NotEvaluatedError, match="no database"):
        trivy.read(opened(version_document(VulnerabilityDB=database)))


@pytest.mark.parametrize("updated", [None, "", "0001-01-01T00:00:00Z", "2026-11-20", True])
def test_a_database_without_a_time_is_refused(updated: Any) -> None:
    with pytest.raises(EvidenceError, match="not an instant"):
        trivy.read(opened(version_document(VulnerabilityDB={"Version": 2, "UpdatedAt": updated})))


@pytest.mark.parametrize("document", [{"Version": "1"}, [version_document()], {"VulnerabilityDB": {}}])
def test_only_the_version_document_is_claimed(document: Any) -> None:
    assert trivy.claims(opened(version_document()))
    assert not trivy.claims(opened(document))


def test_it_completes_the_scan_and_changes_nothing_else() -> None:
    scan = file("image.json")
    for order in ([scan, file("version.json")], [file("version.json"), scan]):
        whole = merge(order)
        assert whole.status == "evaluated"
        assert listed(whole) == {**listed(scan), "db_updated_at": "2026-11-20T06:12:31.415926Z"}
        assert (whole.producer, whole.subjects, whole.produced_at) == (scan.producer, scan.subjects, scan.produced_at)


def test_alone_it_is_no_scan() -> None:
    assert merge([file("version.json")]).status == "error"
    found = supply("image", Requirement(kind="scan"), [file("version.json")], None, NOW)
    assert (found.state, found.reason) == ("error", "the age of a database without a scan")


def test_another_versions_database_says_nothing_of_this_scan() -> None:
    whole = merge([file("image.json"), from_document(version_document(Version="0.50.0"))])
    assert whole.status == "error"
    assert "another tool or version" in str(whole.reason)


def test_it_is_no_shard_and_needs_no_permission_of_its_own() -> None:
    both = [file("image.json"), file("version.json")]
    asked = Requirement(kind="scan", producers=("trivy",), about="artifact", max_age="1d", expect=1)
    found = supply("image", asked, both, IMAGE, NOW)
    assert (found.state, found.reason, found.bound) == ("ok", "", True)
    two = msgspec.structs.replace(asked, expect=2)
    assert supply("image", two, both, IMAGE, NOW).state == "missing"
