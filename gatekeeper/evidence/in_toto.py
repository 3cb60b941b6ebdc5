"""in-toto Statements, v1 and v0.1, and the predicates that are evidence themselves.

Sources: github.com/in-toto/attestation, spec/v1/statement.md, spec/predicates/vuln.md, vulns_02.md and test-result.md.
A subject counts by its digest alone: `sha256`, and `gitCommit`; other algorithms are ignored, and names say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import instant, mapping, sequence, text
from gatekeeper.evidence.quoting import shown
from gatekeeper.model.digests import is_commit, is_sha256
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Scan, SeverityCounts, Tests
from gatekeeper.model.facts_origin import Attestation

NAME = "in-toto"
KIND = "attestation"

MAX_SUBJECTS = 1000
MAX_TYPE = 500

_TYPES = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
_VULNS = ("https://in-toto.io/attestation/vulns/v0.1", "https://in-toto.io/attestation/vulns/v0.2")
_TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
_ALGORITHMS: dict[str, Callable[[str], bool]] = {
    "sha256": lambda digits: is_sha256(f"sha256:{digits}"),
    "gitCommit": is_commit,
}
_WORDS = ("unknown", "low", "medium", "high", "critical")
_OTHER_WORDS = {"": 0, "none": 0, "negligible": 1, "moderate": 2, "important": 3}
_RANKS = {word: rank for rank, word in enumerate(_WORDS)} | _OTHER_WORDS


class Statement(Struct, frozen=True, kw_only=True):
    """A Statement. `subjects` are the digests that can be compared: `sha256:…` and `gitCommit:…`; empty is unbound."""

    subjects: tuple[str, ...]
    predicate_type: str
    predicate: dict[str, Any]


def claims(report: Opened) -> bool:
    """Objects that call themselves a Statement of in-toto, of whatever version."""
    kind = report.json.get("_type") if isinstance(report.json, dict) else None
    return isinstance(kind, str) and kind.startswith("https://in-toto.io/Statement/") and "predicateType" in report.json


def read(report: Opened) -> Reading:
    """Vulnerabilities as a scan, a test result as tests, everything else as the predicate that it is.

    Raises NotEvaluatedError where a test result names no test, EvidenceError for what is no Statement or no such
    predicate.
    """
    whole = statement(report.json)
    if whole.predicate_type in _VULNS:
        return _scan(whole)
    if whole.predicate_type == _TEST_RESULT:
        return _tests(whole)
    facts = Attestation(predicate_type=whole.predicate_type, predicate=whole.predicate)
    return Reading(facts=facts, subjects=whole.subjects)


def statement(document: Any) -> Statement:
    """The Statement. Raises EvidenceError for other versions, and for subjects or a predicate of a wrong form."""
    fields = mapping(document, "the statement")
    if fields.get("_type") not in _TYPES:
        raise EvidenceError("this is no in-toto Statement of version 1 or 0.1")
    kind = fields.get("predicateType")
    if not isinstance(kind, str) or not 0 < len(kind) <= MAX_TYPE:
        raise EvidenceError("the statement's predicateType is no text, or too long")
    subjects = sequence(fields.get("subject"), "subject")
    if not subjects or len(subjects) > MAX_SUBJECTS:
        raise EvidenceError(f"a statement has 1 to {MAX_SUBJECTS} subjects; this one has {len(subjects)}")
    found = {digest for index, given in enumerate(subjects) for digest in _digests(given, f"subject[{index}]")}
    predicate = fields.get("predicate")
    return Statement(
        subjects=tuple(sorted(found)),
        predicate_type=kind,
        predicate={} if predicate is None else mapping(predicate, "predicate"),
    )


def _digests(given: Any, place: str) -> list[str]:
    digests = mapping(mapping(given, place).get("digest"), f"{place}.digest")
    found = []
    for algorithm, is_whole in _ALGORITHMS.items():
        if algorithm in digests:
            value = digests[algorithm]
            if not isinstance(value, str) or not is_whole(value):
                raise EvidenceError(f"{place}.digest.{algorithm} is not in lower-case hex digits of its length")
            found.append(f"{algorithm}:{value}")
    return found


def _scan(whole: Statement) -> Reading:
    """Each entry counts, by the worst severity that any method gave it. Which have a fix, the form does not say."""
    scanner = mapping(whole.predicate.get("scanner"), "predicate.scanner")
    result = scanner.get("result")
    if not isinstance(result, list):
        raise NotEvaluatedError("predicate.scanner.result is not there: no scan")
    if not scanner.get("uri"):
        raise EvidenceError("predicate.scanner.uri is missing: nobody says that anything was scanned")
    counts = dict.fromkeys(_WORDS, 0)
    for index, entry in enumerate(result):
        counts[_severity(entry, f"predicate.scanner.result[{index}]")] += 1
    database = mapping(scanner.get("db", {}), "predicate.scanner.db")
    facts = Scan(
        counts=SeverityCounts(**counts, total=len(result)),
        targets=1,
        db_updated_at=instant(database.get("lastUpdate")) or UNSET,
    )
    metadata = mapping(whole.predicate.get("metadata", {}), "predicate.metadata")
    made = instant(metadata.get("scanFinishedOn")) or instant(metadata.get("scanStartedOn"))
    return Reading(facts=facts, subjects=whole.subjects, produced_at=made, counts={**counts, "total": len(result)})


def _severity(entry: Any, place: str) -> str:
    fields = mapping(entry, place)
    if not text(fields.get("id"), f"{place}.id"):
        raise EvidenceError(f"{place}.id is missing")
    scores = sequence(fields.get("severity"), f"{place}.severity")
    ranks = [_rank(mapping(score, f"{place}.severity").get("score"), f"{place}.severity") for score in scores]
    return _WORDS[max(ranks, default=0)]


def _rank(score: Any, place: str) -> int:
    """A word, or a CVSS score by the qualitative scale of CVSS 3.1, section 5. Raises EvidenceError for others."""
    word = text(score, f"{place}.score").strip().lower()
    if word in _RANKS:
        return _RANKS[word]
    if not re.fullmatch(r"(10(\.0)?|[0-9](\.[0-9])?)", word):
        raise EvidenceError(f"{place} has the score {shown(word)}, which is no severity and no CVSS score")
    number = float(word)
    return sum(number >= least for least in (0.1, 4.0, 7.0, 9.0))


def _tests(whole: Statement) -> Reading:
    """Each name is one case, however often it stands there; one that only warned has passed.

    A failure that names no case counts as an error.
    """
    lists = {key: _names(whole.predicate.get(key), f"predicate.{key}") for key in _OUTCOMES}
    verdict = whole.predicate.get("result")
    if verdict not in ("PASSED", "WARNED", "FAILED"):
        raise EvidenceError("predicate.result is none of PASSED, WARNED and FAILED")
    cases = {name: outcome for key, outcome in _OUTCOMES.items() for name in lists[key]}
    failed = sum(outcome == "failed" for outcome in cases.values())
    if verdict != "FAILED" and failed:
        raise EvidenceError(f"the result is {verdict}, and {failed} tests failed")
    unnamed = int(verdict == "FAILED" and not failed)
    total = len(cases) + unnamed
    if not total:
        raise NotEvaluatedError("it names no test")
    counts = {"total": total, "passed": total - failed - unnamed, "failures": failed, "errors": unnamed}
    facts = Tests(**counts, ran=total, skipped=0, cases=dict(sorted(cases.items())))
    return Reading(facts=facts, subjects=whole.subjects, counts=counts)


# The worst last: a name that stands in several lists has its worst outcome.
_OUTCOMES = {"passedTests": "passed", "warnedTests": "passed", "failedTests": "failed"}


def _names(given: Any, place: str) -> list[str]:
    names = sequence(given, place)
    if not all(isinstance(name, str) and name for name in names):
        raise EvidenceError(f"{place} holds what is no name")
    return names
