"""The verdict: *allowed* needs one enforced rule that was judged, and every enforced rule passed, skipped or waived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from gatekeeper.model.judgement import Counts, Result, Verdict


class Judged(Protocol):
    """What a verdict needs to know of a result."""

    @property
    def result(self) -> str:
        """The outcome."""

    @property
    def enforcement(self) -> str:
        """deny, warn or audit."""

    @property
    def waived(self) -> object | None:
        """The waiver, or None."""


def verdict(results: Sequence[Judged]) -> Verdict:
    """`denied` on any enforced fail; `allowed` when nothing stands against it; else `undecided`."""
    enforced = [result for result in results if result.enforcement == "deny"]
    if any(result.result == "fail" and result.waived is None for result in enforced):
        return "denied"
    judged = any(result.result != "skipped" for result in enforced)
    fine = all(result.result in ("pass", "skipped") or result.waived is not None for result in enforced)
    return "allowed" if judged and fine else "undecided"


def counts(results: Iterable[Result]) -> Counts:
    """Results by outcome; waived ones once more."""
    tally = dict.fromkeys(("pass", "fail", "inconclusive", "missing", "error", "skipped", "waived"), 0)
    for result in results:
        tally[result.result] += 1
        tally["waived"] += result.waived is not None
    passed = tally.pop("pass")
    return Counts(passed=passed, **tally)
