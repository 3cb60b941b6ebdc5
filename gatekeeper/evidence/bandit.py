"""What `bandit -f json` writes. Source: `bandit/formatters/json.py` and `bandit/core/metrics.py` of PyCQA/bandit."""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import instant, mapping, plain, text, whole
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Lint, LintCounts

NAME = "bandit"
KIND = "lint"

MAX_RULES = 10_000

_TOTALS = "_totals"
# What no plug-in rated could be the worst.
_LEVELS = {"HIGH": "error", "MEDIUM": "warning", "LOW": "note", "UNDEFINED": "error"}


def claims(report: Opened) -> bool:
    """Objects with lists of `results` and `errors`, and `metrics`."""
    document = report.json
    return (
        isinstance(document, dict)
        and isinstance(document.get("results"), list)
        and isinstance(document.get("errors"), list)
        and isinstance(document.get("metrics"), dict)
    )


def read(report: Opened) -> Reading:
    """Issues by severity: high is an error, medium a warning, low a note; as many as the metrics say, at the least.

    Raises NotEvaluatedError where no line of any file was looked at; EvidenceError where a file could not be, or where
    there are more results than the metrics know of.
    """
    document = mapping(report.json, "the report")
    if not claims(report):
        raise EvidenceError("results, errors or metrics is absent or of another type")
    if failed := len(document["errors"]):
        raise EvidenceError(f"errors is not empty: bandit could not look at {failed} of the files")
    totals = mapping(document["metrics"].get(_TOTALS), "metrics._totals")
    files = len(document["metrics"]) - 1
    lines = whole(totals.get("loc"), "metrics._totals.loc")
    if not files or not lines:
        raise NotEvaluatedError("no line of code was looked at")
    listed, rules = _listed(document["results"])
    levels, left_out = _levels(totals, listed)
    return Reading(
        facts=Lint(
            counts=LintCounts(total=sum(levels.values()), **levels),
            suppressed=sum(whole(totals.get(key, 0), f"metrics._totals.{key}") for key in ("nosec", "skipped_tests")),
            rules=dict(sorted(rules.items())),
        ),
        produced_at=instant(document.get("generated_at")),
        counts={"files": files, "lines": lines, "results": len(document["results"]), "left_out": left_out},
    )


def _listed(results: list[Any]) -> tuple[dict[str, int], dict[str, int]]:
    """The results, by severity and by rule."""
    severities = dict.fromkeys(_LEVELS, 0)
    rules: dict[str, int] = {}
    for index, entry in enumerate(results):
        place = f"results[{index}]"
        result = mapping(entry, place)
        severity, rule = (text(result.get(key), f"{place}.{key}") for key in ("issue_severity", "test_id"))
        if severity not in severities or not rule:
            raise EvidenceError(f"{place} has no test_id, or a severity that bandit does not know")
        severities[severity] += 1
        rules[plain(rule)] = rules.get(plain(rule), 0) + 1
        if len(rules) > MAX_RULES:
            raise EvidenceError(f"there are findings of more than {MAX_RULES} rules")
    return severities, rules


def _levels(totals: dict[str, Any], listed: dict[str, int]) -> tuple[dict[str, int], int]:
    """Counts by level, and how many are only in the totals: `-l`, `-i` and a baseline leave results out."""
    levels = {"error": 0, "warning": 0, "note": 0}
    left_out = 0
    for severity, level in _LEVELS.items():
        found = whole(totals.get(f"SEVERITY.{severity}"), f"metrics._totals.SEVERITY.{severity}")
        if found < listed[severity]:
            raise EvidenceError(f"there are more results of severity {severity} than metrics._totals says")
        left_out += found - listed[severity]
        levels[level] += found
    return levels, left_out
