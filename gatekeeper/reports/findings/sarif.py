"""`--format sarif`: SARIF 2.1.0 as GitHub code scanning takes it: one rule for each finding's id.

What a comment allows is a suppressed result. The fingerprint covers file, id, policy, rule and message, never the line:
an alert is followed when text above it moves. What cannot be used at all is a result of the rule `invalid-file`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from gatekeeper import __version__
from gatekeeper.errors import Problem
from gatekeeper.model.finding import INVALID, CheckReport, Finding
from gatekeeper.reports.jsontext import indented
from gatekeeper.reports.plain import line
from gatekeeper.reports.sariftext import MOST, SCHEMA, said, uri

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_INVALID_TEXT = "A file cannot be used: nothing was checked."


def render(report: CheckReport) -> str:
    """The report as one SARIF run."""
    ids = sorted({finding.id for finding in report.findings} | ({INVALID} if report.problems else set()))
    texts = {**report.ids, INVALID: _INVALID_TEXT}
    results = [_problem(problem, ids.index(INVALID)) for problem in report.problems]
    results += [_result(finding, ids.index(finding.id)) for finding in report.findings]
    run = {
        "tool": {
            "driver": {
                "name": "gatekeeper policy check",
                "semanticVersion": __version__,
                "rules": [_rule(id_, texts.get(id_, id_)) for id_ in ids],
            }
        },
        "automationDetails": {"id": "gatekeeper-policy-check/"},
        "invocations": [_invocation(report, len(results))],
        "results": results[:MOST],
    }
    return indented({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(id_: str, text: str) -> dict[str, Any]:
    where = "" if id_ == INVALID else f" See docs/policy-check.md, section {id_}."
    help_ = {"text": f"{said(text)}{where}"}
    short = {"text": said(text)}
    return {"id": id_, "shortDescription": short, "fullDescription": short, "help": help_}


def _invocation(report: CheckReport, found: int) -> dict[str, Any]:
    told: dict[str, Any] = {"executionSuccessful": not report.problems}
    if found > MOST:
        text = {"text": f"{found - MOST} more results are left out: a run holds at most {MOST}"}
        told["toolExecutionNotifications"] = [{"level": "warning", "message": text}]
    return told


def _result(finding: Finding, index: int) -> dict[str, Any]:
    subject = f"{line(finding.rule)}: " if finding.rule else ""
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": said(f"{subject}{line(finding.message)}. Remedy: {line(finding.remedy)}")},
        "locations": [_location(finding.file, finding.line, finding.column)],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding)},
    }
    if finding.allowed is not None:
        result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": said(finding.allowed)}]
    return result


def _problem(problem: Problem, index: int) -> dict[str, Any]:
    remedy = f". Remedy: {line(problem.remedy)}" if problem.remedy else ""
    return {
        "ruleId": INVALID,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": said(f"{line(problem.message)}{remedy}")},
        "locations": [_location(problem.file or "gatekeeper.yaml", problem.line, problem.column)],
    }


def _location(file: str, row: int, column: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(file)}}
    if row:
        place["region"] = {"startLine": row, **({"startColumn": column} if column else {})}
    return {"physicalLocation": place}


def _fingerprint(finding: Finding) -> str:
    parts = (finding.file, finding.id, finding.policy or "", finding.rule or "", finding.message)
    return f"{sha256('/'.join(parts).encode('utf-8', 'backslashreplace')).hexdigest()[:32]}:1"
