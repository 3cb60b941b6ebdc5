"""The exit codes: one table, the same in every format."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.errors import (
    CannotActError,
    EvidenceError,
    GatekeeperError,
    InvalidFileError,
    InvalidRequestError,
    NotEvaluatedError,
)
from gatekeeper.model.judgement import Report

ALLOWED, DENIED, INVALID, UNDECIDED, CANNOT_ACT, WAITING, BUG, INTERRUPTED = 0, 1, 2, 3, 4, 5, 70, 130

TABLE = (
    (ALLOWED, "allowed; promoted or proposed; or already as wished"),
    (DENIED, "denied: an enforced rule failed, or the digest is on the deny list"),
    (INVALID, "wrong usage, or an invalid policy, environment, waiver or option: nothing was judged"),
    (UNDECIDED, "undecided: nothing failed, but something needed is missing, broken or inconclusive"),
    (CANNOT_ACT, "could not act: git, forge, network, or a manifest that cannot be edited safely"),
    (WAITING, "waiting: allowed, but order, soak, a window, a hold, an approval or the forge is open"),
    (BUG, "a fault of gatekeeper itself"),
    (INTERRUPTED, "interrupted"),
)
_WORST_FIRST = (DENIED, UNDECIDED, CANNOT_ACT, WAITING)
_DONE = frozenset({"committed", "proposed", "already"})
_BY_VERDICT = {"allowed": ALLOWED, "denied": DENIED, "undecided": UNDECIDED}
_BY_ERROR: tuple[tuple[type[GatekeeperError], int], ...] = (
    (InvalidFileError, INVALID),
    (InvalidRequestError, INVALID),
    (CannotActError, CANNOT_ACT),
    (EvidenceError, UNDECIDED),
    (NotEvaluatedError, UNDECIDED),
)


def of_report(report: Report) -> int:
    """The code of a judgement, and of what was or was not done after it."""
    action = report.promotion.action if report.promotion is not None else None
    if action == "waiting":
        return WAITING
    if action in _DONE:
        return ALLOWED  # also what was overridden: it was promoted, and every report says how
    return _BY_VERDICT[report.judgement.verdict]


def of_reports(reports: Sequence[Report], *, all_ready: bool = False) -> int:
    """The code of a promotion of several artifacts: that of the worst.

    Where only those that are ready were asked for, one that waits is worst only when none was promoted; one that was
    left behind because it could not be judged is a failure to act, whatever became of the others.
    """
    found = [of_report(report) for report in reports]
    found += [CANNOT_ACT for report in reports if report.promotion and report.promotion.left]
    done = [report for report in reports if report.promotion and report.promotion.action in _DONE]
    if all_ready and done:
        found = [code for code in found if code != WAITING]
    return next((code for code in _WORST_FIRST if code in found), ALLOWED)


def of_error(error: GatekeeperError) -> int:
    """The code of an error; one of no known remedy is a bug of ours."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), BUG)
