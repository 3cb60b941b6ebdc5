"""What `ruff check --output-format json` prints: a list of diagnostics.

Source: `crates/ruff_db/src/diagnostic/render/json.rs` of github.com/astral-sh/ruff; `severity` and `name` are new in
0.13, and `code` was null for syntax errors before 0.12.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import mapping, plain, text
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Lint, LintCounts

NAME = "ruff"
KIND = "lint"

MAX_RULES = 10_000

_SYNTAX = "invalid-syntax"
_UNREADABLE = ("E902", "io-error")
# Without a severity every diagnostic is an error, as in Ruff's own SARIF.
_LEVELS = {"": "error", "fatal": "error", "error": "error", "warning": "warning", "info": "note", "help": "note"}


def claims(report: Opened) -> bool:
    """Lists that begin with a diagnostic. An empty list could be any tool's, and is read only where Ruff is named."""
    document = report.json
    return isinstance(document, list) and bool(document) and _is_diagnostic(document[0])


def _is_diagnostic(entry: Any) -> bool:
    return isinstance(entry, dict) and {"code", "filename", "location", "message", "noqa_row"} <= entry.keys()


def read(report: Opened) -> Reading:
    """Diagnostics by level and rule. Raises EvidenceError where a file could not be read, and for other forms."""
    if not isinstance(report.json, list):
        raise EvidenceError("the report is not a list of diagnostics")
    levels = {"error": 0, "warning": 0, "note": 0}
    rules: dict[str, int] = {}
    for index, entry in enumerate(report.json):
        level, rule = _diagnostic(entry, f"[{index}]")
        levels[level] += 1
        rules[rule] = rules.get(rule, 0) + 1
        if len(rules) > MAX_RULES:
            raise EvidenceError(f"there are findings of more than {MAX_RULES} rules")
    total = len(report.json)
    return Reading(
        facts=Lint(counts=LintCounts(total=total, **levels), rules=dict(sorted(rules.items()))),
        counts={"findings": total, "syntax_errors": rules.get(_SYNTAX, 0)},
    )


def _diagnostic(entry: Any, place: str) -> tuple[str, str]:
    diagnostic = mapping(entry, place)
    if not _is_diagnostic(diagnostic):
        raise EvidenceError(f"{place} is not a diagnostic as Ruff writes one")
    code = text(diagnostic["code"], f"{place}.code") or _SYNTAX
    if code in _UNREADABLE:
        raise EvidenceError(f"{place} says that a file could not be read")
    severity = text(diagnostic.get("severity"), f"{place}.severity")
    if severity not in _LEVELS:
        raise EvidenceError(f"{place}.severity is none that Ruff knows")
    return _LEVELS[severity], plain(code)
