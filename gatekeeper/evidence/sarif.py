"""SARIF 2.1.0: findings of linters and other static analysers, whoever wrote the file.

Source: OASIS SARIF 2.1.0, chapter 3; section numbers below are its own.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import instant, mapping, sequence, version
from gatekeeper.evidence.sarif_tool import LEVELS, Source, one_of
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Lint, LintCounts

NAME = "sarif"
KIND = "lint"

MAX_RULES = 10_000

_KINDS = ("fail", "pass", "open", "informational", "notApplicable", "review")
_BASELINES = ("new", "unchanged", "updated", "absent")
_SUPPRESSING = ("accepted", "underReview", "rejected")
_EXTERNAL = ("results", "invocations", "driver", "extensions", "policies", "conversion")


class _Tally(Struct):
    """What counts, by level and by rule, and what does not count, by reason."""

    levels: dict[str, int] = {}
    rules: dict[str, int] = {}
    suppressed: int = 0
    not_failures: int = 0
    gone: int = 0


def claims(report: Opened) -> bool:
    """Objects with `runs` and either a `version` or a `$schema` that names SARIF."""
    document = report.json
    if not isinstance(document, dict) or "runs" not in document:
        return False
    return isinstance(document.get("version"), str) or "sarif" in str(document.get("$schema", "")).lower()


def read(report: Opened) -> Reading:
    """Results of kind `fail` by level: the result's own, else its rule's configuration, else warning (§3.27.10).

    Raises NotEvaluatedError where there are no runs, or a run has no `results`; EvidenceError for other versions, for
    a run that failed or notified an error, and for results that stand in another file.
    """
    document = mapping(report.json, "the report")
    if document.get("version") != "2.1.0":
        raise EvidenceError("the SARIF version is not 2.1.0")
    _refuse_inline_results(document)
    runs = sequence(document.get("runs"), "runs")
    if not runs:
        raise NotEvaluatedError("runs is empty: no tool ran")
    tally = _Tally()
    for index, run in enumerate(runs):
        _add_run(tally, mapping(run, f"runs[{index}]"), f"runs[{index}]")
    return _reading(runs, tally)


def _refuse_inline_results(document: dict[str, Any]) -> None:
    for index, inline in enumerate(sequence(document.get("inlineExternalProperties"), "inlineExternalProperties")):
        if isinstance(inline, dict) and not inline.keys().isdisjoint(_EXTERNAL):
            raise EvidenceError(f"inlineExternalProperties[{index}] holds parts of a run, which is not read")


def _add_run(tally: _Tally, run: dict[str, Any], place: str) -> None:
    external = run.get("externalPropertyFileReferences")
    if external and not mapping(external, f"{place}.externalPropertyFileReferences").keys().isdisjoint(_EXTERNAL):
        raise EvidenceError(f"parts of {place} stand in other files, which are not here")
    source = Source(run, place)
    results = run.get("results")
    if results is None:
        raise NotEvaluatedError(f"{place} has no results: the tool did not run, or only described its rules")
    for index, result in enumerate(sequence(results, f"{place}.results")):
        _add_result(tally, source, mapping(result, f"{place}.results[{index}]"), f"{place}.results[{index}]")


def _add_result(tally: _Tally, source: Source, result: dict[str, Any], place: str) -> None:
    kind = one_of(result, "kind", _KINDS, "fail", place)
    if kind != "fail":
        tally.not_failures += 1
    elif one_of(result, "baselineState", _BASELINES, "new", place) == "absent":
        tally.gone += 1
    elif _is_suppressed(result, place):
        tally.suppressed += 1
    else:
        level = source.level(result, place)
        tally.levels[level] = tally.levels.get(level, 0) + 1
        _add_rule(tally.rules, source.rule_id(result, place) if level != "none" else None)


def _add_rule(rules: dict[str, int], name: str | None) -> None:
    if name is None:
        return
    rules[name] = rules.get(name, 0) + 1
    if len(rules) > MAX_RULES:
        raise EvidenceError(f"there are findings of more than {MAX_RULES} rules")


def _is_suppressed(result: dict[str, Any], place: str) -> bool:
    # §3.27.23, §3.35.3: one that is under review or rejected undoes the others; no status means accepted.
    suppressions = sequence(result.get("suppressions"), f"{place}.suppressions")
    states = [
        one_of(mapping(entry, f"{place}.suppressions"), "status", _SUPPRESSING, "accepted", place)
        for entry in suppressions
    ]
    return bool(states) and all(state == "accepted" for state in states)


def _reading(runs: list[dict[str, Any]], tally: _Tally) -> Reading:
    counted = {level: tally.levels.get(level, 0) for level in LEVELS[1:]}
    return Reading(
        facts=Lint(
            counts=LintCounts(total=sum(counted.values()), **counted),
            suppressed=tally.suppressed,
            rules=dict(sorted(tally.rules.items())),
        ),
        version=_version(runs),
        produced_at=_ended(runs),
        counts={
            "runs": len(runs),
            "suppressed": tally.suppressed,
            "not_failures": tally.not_failures,
            "absent": tally.gone,
            "level_none": tally.levels.get("none", 0),
        },
    )


def _version(runs: list[dict[str, Any]]) -> str | None:
    drivers = [run["tool"]["driver"] for run in runs]
    found = {version(driver.get("version")) or version(driver.get("semanticVersion")) for driver in drivers}
    return found.pop() if len(found) == 1 else None


def _ended(runs: list[dict[str, Any]]) -> str | None:
    # The oldest end counts, and one run without an end leaves the age of the whole unknown.
    ends = [[instant(entry.get("endTimeUtc")) for entry in run.get("invocations") or [{}]] for run in runs]
    flat = [end for run in ends for end in run]
    return None if None in flat else min(end for end in flat if end)
