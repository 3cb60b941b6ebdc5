"""`--format sarif`: SARIF 2.1.0 as GitHub code scanning takes it.

Rules:
1. What did not pass is a result, located at the rule's line in its policy; the evidence is a related location. GitHub
   shows every result as an alert, so what passed is told as a rule only.
2. Levels: enforced is `error`, warned is `warning`, audited or waived is `note`; a waiver is also a suppression.
3. The fingerprint covers environment, artifact, policy and rule, never the value: an alert is followed over runs.
4. What a promotion waits for, an override and a rollback are told in notifications: they are no finding of a file.
5. GitHub refuses empty strings and more than 25,000 results; what is cut is said in a notification.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from gatekeeper import __version__
from gatekeeper.model.judgement import Promotion, Report, Result
from gatekeeper.reports import words
from gatekeeper.reports.jsontext import indented
from gatekeeper.reports.marks import marks
from gatekeeper.reports.plain import line
from gatekeeper.reports.sariftext import MOST, SCHEMA, said, uri

_SECURITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5", "info": "0.1"}
_LEVELS = {"deny": "error", "warn": "warning", "audit": "note"}
_VERDICT = "gatekeeper/verdict"
_MOST_WAITING = 100


def render(report: Report) -> str:
    """The report as one SARIF run."""
    return indented({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]})


def _run(report: Report) -> dict[str, Any]:
    shown = [result for result in report.judgement.results if words.stands(result)]
    rules = {_id(result): result for result in (*shown[:MOST], *report.judgement.results)}
    rules = dict(list(rules.items())[:MOST])
    index = {name: at for at, name in enumerate(rules)}
    descriptors = [_rule(name, result, report) for name, result in rules.items()]
    results = [_result(result, index[_id(result)], report) for result in shown[:MOST]]
    if words.advice(report):
        descriptors.append(_verdict_rule())
        results.append(_verdict(report, len(rules)))
    return {
        "tool": {"driver": {"name": "gatekeeper", "semanticVersion": __version__, "rules": descriptors}},
        "automationDetails": {"id": f"{_category(report)}/{line(report.decision)}"},
        "invocations": [_invocation(len(shown), report.promotion)],
        "results": results,
        "properties": {"verdict": report.judgement.verdict, "decision": said(report.decision)},
    }


def _id(result: Result) -> str:
    return line(f"{result.policy}/{result.rule}")


def _category(report: Report) -> str:
    artifact = report.judgement.artifact
    name = (artifact.name or artifact.image) if artifact else ""
    return "/".join(part for part in ("gatekeeper", line(report.judgement.environment or ""), line(name)) if part)


def _invocation(found: int, promotion: Promotion | None) -> dict[str, Any]:
    """What is no alert: results that are left out, and what became of the promotion."""
    told = (
        [("warning", f"{found - MOST} more results are left out: a run holds at most {MOST}")] if found > MOST else []
    )
    if promotion is not None:
        told.append(("note", f"promotion: {words.outcome(promotion)}"))
        told += [("warning", f"{mark} {text}") for mark, text in marks(promotion)]
        told += [("note", f"waiting for {text}") for text in words.waits(promotion)[:_MOST_WAITING]]
    notifications = [{"level": level, "message": {"text": said(text)}} for level, text in told]
    more = {"toolExecutionNotifications": notifications} if notifications else {}
    return {"executionSuccessful": True, **more}


def _rule(name: str, result: Result, report: Report) -> dict[str, Any]:
    kinds = {item.name: item.kind for item in report.judgement.evidence if item.name is not None}
    secure = kinds.get(result.evidence or "") == "scan"
    tags = ["gatekeeper", line(result.policy) or "none", *(["security"] if secure else [])]
    properties: dict[str, Any] = {"tags": list(dict.fromkeys(tags))}
    properties["problem.severity"] = {"error": "error", "warning": "warning"}.get(_level(result), "recommendation")
    if secure:
        properties["security-severity"] = _SECURITY.get(result.severity, "5.5")
    return {
        "id": name,
        "shortDescription": {"text": said(f"{result.rule} ({result.policy})")},
        "fullDescription": {"text": said(result.why)},
        "help": {"text": said(f"{line(result.why)} Remedy: {line(result.remedy)}")},
        "defaultConfiguration": {"level": _level(result)},
        "properties": properties,
    }


def _result(result: Result, index: int, report: Report) -> dict[str, Any]:
    precision = words.precision(result)
    told = f"{words.state(result)}: {line(result.message)}{f' ({precision})' if precision else ''}."
    found: dict[str, Any] = {
        "ruleId": _id(result),
        "ruleIndex": index,
        "level": "note" if result.waived else _level(result),
        "message": {"text": said(f"{told} Remedy: {line(result.remedy)}")},
        "locations": [_location(result.file or "gatekeeper.yaml", max(result.line, 1))],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(report, _id(result))},
    }
    related = _related(result, report)
    if related:
        found["relatedLocations"] = related
    if result.waived:
        justification = said(words.waived(result))
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return found


def _level(result: Result) -> str:
    return _LEVELS.get(result.enforcement, "note")


def _related(result: Result, report: Report) -> list[dict[str, Any]]:
    pairs = zip(report.judgement.evidence, report.sources, strict=True)
    sources = [source for item, source in pairs if source and item.name is not None and item.name == result.evidence]
    text = {"text": said(f"evidence {words.origin(result)}")}
    return [{"id": at, **_location(source, 0), "message": text} for at, source in enumerate(sources[:10], 1)]


def _verdict_rule() -> dict[str, Any]:
    text = {"text": "An artifact is let through only by an enforced rule that passed."}
    return {"id": _VERDICT, "shortDescription": text, "fullDescription": text, "help": text}


def _verdict(report: Report, index: int) -> dict[str, Any]:
    files = [result.file for result in report.judgement.results if result.file]
    told = f"{words.verdict(report)}: {words.summary(report)}. {words.advice(report)}"
    return {
        "ruleId": _VERDICT,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": said(told)},
        "locations": [_location(files[0] if files else "gatekeeper.yaml", 1)],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(report, _VERDICT)},
    }


def _location(path: str, row: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(path)}}
    if row:
        place["region"] = {"startLine": row}
    return {"physicalLocation": place}


def _fingerprint(report: Report, rule: str) -> str:
    return f"{sha256(f'{_category(report)}/{rule}'.encode()).hexdigest()[:32]}:1"
