"""Promoting: read the tip, judge by what it says, derive the commit, and put it there if the tip is still the same."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.app.ahead import fetch_ahead
from gatekeeper.app.asked import Asked, Means
from gatekeeper.app.batch import Batch, make_batch
from gatekeeper.app.held import hold_message
from gatekeeper.app.item import make_item
from gatekeeper.app.look import Look
from gatekeeper.app.outcome import outcome
from gatekeeper.app.pacing import Attempts
from gatekeeper.model.judgement import Report
from gatekeeper.ports.repository import Repository

_TICK = 0.001


def plan(repository: Repository, branch: str, means: Means, asked: Asked | None = None) -> tuple[Report, ...]:
    """All that `promote` would do now, with its diff; nothing is written. A report for each artifact."""
    batch = look_once(repository, branch, means, replace(asked or Asked(), dry=True))
    if batch.going:
        batch.site.repository.check_identity(batch.site.tip)
    return outcome(batch, attempts=1, shows_diff=True)


def promote(repository: Repository, branch: str, means: Means, asked: Asked | None = None) -> tuple[Report, ...]:
    """Judge, and commit in one go what is allowed and waits for nothing. A report for each artifact.

    Everything is read and judged again whenever the branch moved in between. Raises CannotActError when the commit is
    refused, or when others were faster until the deadline; then nothing was written.
    """
    wanted = asked or Asked()
    return write(means, lambda: look_once(repository, branch, means, wanted), wanted)


def write(means: Means, look: Callable[[], Batch], asked: Asked) -> tuple[Report, ...]:
    """Commit, or propose, what a look finds is to be done; look again whenever the branch moved.

    Raises what `promote` raises.
    """
    attempts, held = Attempts(means), False
    while True:
        batch = look()
        if not batch.going:
            return _followed(batch, means, _left(batch, means, attempts.number))
        if batch.early is not None:
            trouble = f"this clock does not pass that of the newest record on {batch.site.branch}"
            attempts.wait(batch.early + _TICK, trouble)
        else:
            held = held or _hold_ahead(batch)
            if held and batch.apart:
                attempts.written = "the hold that goes with it was put, and nothing else was written"
            reports = _put(batch, means, asked, attempts.number) if held else None
            if reports is not None:
                return _followed(batch, means, reports)
            attempts.lost(f"on {batch.site.branch}")


def _left(batch: Batch, means: Means, attempt: int) -> tuple[Report, ...]:
    """Nothing goes; what a pull request said of it before is taken back."""
    reports = outcome(batch, attempts=attempt)
    if all(item.environment.spec.delivery.mode == "commit" for item in batch.items):
        return reports
    from gatekeeper.app.revoking import revoke  # most promotions are commits

    return revoke(batch, means, reports)


def _followed(batch: Batch, means: Means, reports: tuple[Report, ...]) -> tuple[Report, ...]:
    """What follows a promotion elsewhere. Raises CannotActError, saying what remains, where it cannot be done."""
    if all(item.environment.spec.registry is UNSET for item in batch.items):
        return reports
    from gatekeeper.app.alias import follow  # few environments have a registry

    return follow(batch, means, reports)


def _put(batch: Batch, means: Means, asked: Asked, attempt: int) -> tuple[Report, ...] | None:
    """The reports once it is there; None where somebody else was faster."""
    if batch.by_pull_request:
        from gatekeeper.app.propose import propose  # most promotions are commits

        return propose(batch, means, asked, attempt)
    landing = batch.site.repository.commit(batch.site.tip, batch.files, batch.message, keep=batch.keep)
    return None if landing.moved else outcome(batch, attempts=attempt, commit=landing.commit)


def _hold_ahead(batch: Batch) -> bool:
    """Put the holds that cannot go along in the same commit, and say whether they are there now."""
    if not batch.apart:
        return True
    home = batch.items[0].home
    return not home.repository.commit(home.tip, batch.apart, hold_message(batch.held.values())).moved


def look_once(repository: Repository, branch: str, means: Means, asked: Asked) -> Batch:
    """What is to be done now: everything is read, judged and derived anew."""
    look = Look(repository, branch, means.open_site)
    look.home.tip.prefetch(means.hints)
    now = means.now()
    judged = means.judge(look, now)
    fetch_ahead(look, (one for one in judged if asked.override or one.report.judgement.verdict == "allowed"))
    items = tuple(make_item(look, one, means, asked, now) for one in judged)
    return replace(make_batch(items, asked, means.version), look=look, now=now)
