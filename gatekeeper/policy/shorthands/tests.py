"""`tests`: a test suite that really ran, with few enough failures, errors and skips."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.model.policy import TestsRule
from gatekeeper.policy.celtext import path_text, string_text
from gatekeeper.policy.condition import Condition, Term, from_terms

KIND = "tests"


def compile_rule(rule: TestsRule, evidence: str) -> Condition:
    """`min_tests` counts those that ran; a `must_pass` name or glob must match a case, and all it matches passed."""
    limits = (
        ("ran", ">=", rule.min_tests, "tests that ran"),
        ("failures", "<=", rule.max_failures, "failures"),
        ("errors", "<=", rule.max_errors, "errors"),
        ("skipped", "<=", rule.max_skipped, "skipped tests"),
    )
    terms = tuple(
        Term(observed=("evidence", evidence, field), comparator=comparator, limit=limit, label=label)
        for field, comparator, limit, label in limits
        if limit is not UNSET
    )
    return from_terms(terms, evidence, *(_passed(pattern, evidence) for pattern in rule.must_pass))


def _passed(pattern: str, evidence: str) -> str:
    cases = path_text(("evidence", evidence, "cases"))
    if not any(mark in pattern for mark in "*?["):
        name = string_text(pattern)
        return f"({name} in {cases} && {cases}[{name}] == 'passed')"
    matches = f"c.matches({string_text(_expression(pattern))})"
    return f"({cases}.exists(c, {matches}) && {cases}.all(c, !{matches} || {cases}[c] == 'passed'))"


def _expression(pattern: str) -> str:
    """A glob (`*`, `?`) as an RE2 expression for the whole name; every other character means itself."""
    known = {"*": ".*", "?": "."}
    return "^(?s:" + "".join(known.get(character) or _literal(character) for character in pattern) + ")$"


def _literal(character: str) -> str:
    return (
        character
        if character.isalnum() or character in "_ /:-"
        else f"[{character}]"
        if character not in "^\\]"
        else "\\" + character
    )
