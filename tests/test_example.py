"""The example's scan report, which stands in for Trivy's: gatekeeper reads it as one, about the image it names."""

from __future__ import annotations

import importlib.util
import json
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from gatekeeper.evidence.reading import envelope

SOURCE = Path(__file__).resolve().parent.parent / "examples" / "churn" / "churn" / "written_scan.py"
DIGEST = "sha256:" + "a" * 64


def written_scan() -> ModuleType:
    """The module by its path: the package around it needs scikit-learn."""
    spec = importlib.util.spec_from_file_location("written_scan", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_written_scan_is_read_as_trivys() -> None:
    now = datetime(2026, 11, 23, 7, tzinfo=UTC)
    report = written_scan().report(f"registry.example/churn-model:1.4.0@{DIGEST}", now)
    seen = envelope(json.dumps(report).encode(), source="written-not-scanned.trivy.json")
    assert seen.producer is not None
    assert (seen.producer.name, seen.status, seen.subjects) == ("trivy", "evaluated", (DIGEST,))
    assert seen.produced_at == "2026-11-23T07:00:00Z"
    counts = {severity: number for severity, number in seen.facts["counts"].items() if number}
    fixable = {severity: number for severity, number in seen.facts["fixable"].items() if number}
    assert (counts, fixable) == ({"critical": 1, "high": 2, "low": 2, "total": 5}, {"high": 2, "total": 2})
