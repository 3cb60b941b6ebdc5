"""Checks of a data set, in a JSON form of our own, for scripts and tools that have no report of theirs.

    {"checks": [{"name": "ids are unique", "passed": true, "observed": 0.0}, ...],
     "rows": 10000, "produced_at": "2026-11-23T08:00:00Z", "subjects": ["sha256:..."]}

Only `checks` with `name` and `passed` are required. `passed: null` is a check that was not run.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, real, seen, whole
from gatekeeper.evidence.quoting import shown
from gatekeeper.evidence.times import utc
from gatekeeper.model.digests import is_md5, is_sha256
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts_data import Data, DataCheck

NAME = "data"
KIND = "data"

MAX_CHECKS = 50_000
MAX_NAME = 1000
MAX_SUBJECTS = 1000

_KEYS = frozenset({"checks", "rows", "produced_at", "subjects"})
_CHECK_KEYS = frozenset({"name", "passed", "observed"})
_NEEDED = frozenset({"name", "passed"})


def claims(report: Opened) -> bool:
    """Objects with a list of `checks`: one that has `name` and `passed`, or whatever else where no other key is."""
    document = report.json
    checks = document.get("checks") if isinstance(document, dict) else None
    if not isinstance(checks, list):
        return False
    return document.keys() <= _KEYS or any(isinstance(check, dict) and check.keys() >= _NEEDED for check in checks)


def read(report: Opened) -> Reading:
    """The checks that ran, by name. Raises EvidenceError for other keys and types and for a name that stands twice,
    NotEvaluatedError where no check ran or no row was looked at.
    """
    document = mapping(report.json, "the report")
    _check_keys(document, _KEYS, "the report")
    checks, skipped = _checks(document.get("checks"))
    rows: int | UnsetType = whole(document["rows"], "rows") if "rows" in document else UNSET
    if not checks:
        raise NotEvaluatedError("every check was skipped" if skipped else "there is no check")
    if rows == 0:
        raise NotEvaluatedError("no row was looked at")
    failed = sum(not check.passed for check in checks.values())
    facts = Data(
        total=len(checks),
        passed=len(checks) - failed,
        failed=failed,
        failed_share=failed / len(checks),
        skipped=skipped,
        checks=checks,
        rows=rows,
    )
    return Reading(
        facts=facts,
        subjects=_subjects(document.get("subjects", [])),
        produced_at=_produced_at(document),
        counts={"checks": len(checks), "failed": failed, "skipped": skipped},
    )


def _check_keys(given: dict[str, Any], known: frozenset[str], place: str) -> None:
    """A misspelt key would be a time, a subject or an outcome that nobody gave."""
    for key in given:
        if key not in known:
            raise EvidenceError(f"{place} has a key {shown(key)}", f"Its keys are {', '.join(sorted(known))}.")


def _checks(given: Any) -> tuple[dict[str, DataCheck], int]:
    """The checks that ran, and how many did not."""
    if not isinstance(given, list):
        raise EvidenceError("checks is not a list")
    if len(given) > MAX_CHECKS:
        raise EvidenceError(f"there are more than {MAX_CHECKS} checks")
    found: dict[str, DataCheck | None] = {}
    for index, member in enumerate(given):
        check = mapping(member, f"checks[{index}]")
        name = _name(check.get("name"), index)
        if name in found:
            raise EvidenceError(f"two checks are called {shown(name)}")
        found[name] = _check(check, f"check {shown(name)}")
    ran = {name: check for name, check in found.items() if check is not None}
    return ran, len(found) - len(ran)


def _name(given: Any, index: int) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > MAX_NAME:
        raise EvidenceError(f"the name of checks[{index}] is not a text of 1 to {MAX_NAME} characters")
    return seen(given)


def _check(check: dict[str, Any], place: str) -> DataCheck | None:
    _check_keys(check, _CHECK_KEYS, place)
    passed = check.get("passed", UNSET)
    observed = check.get("observed")
    number = UNSET if observed is None else real(observed, f"the observed value of {place}")
    if passed is None:
        return None
    if not isinstance(passed, bool):
        raise EvidenceError(f"{place} has no `passed` that is true, false or null")
    return DataCheck(passed=passed, observed=number)


def _subjects(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or len(given) > MAX_SUBJECTS:
        raise EvidenceError(f"subjects is not a list of at most {MAX_SUBJECTS} digests")
    for index, subject in enumerate(given):
        if not isinstance(subject, str) or not (is_sha256(subject) or is_md5(subject)):
            raise EvidenceError(f"subjects[{index}] is not a digest", "Such as sha256: and 64 lower-case hex digits.")
    return tuple(given)


def _produced_at(document: dict[str, Any]) -> str | None:
    given = document.get("produced_at")
    if given is None:
        return None
    moment = utc(given)
    if moment is None:
        raise EvidenceError("produced_at is not RFC 3339 with an offset", "Such as 2026-11-23T08:00:00Z.")
    return moment
