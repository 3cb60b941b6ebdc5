"""Merging what was proposed: pinned to the commit that was judged, and only while nothing is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.app.asked import Means
from gatekeeper.app.batch import Batch, part_of, template_of
from gatekeeper.app.evaluate import Judged
from gatekeeper.app.gathering import gather
from gatekeeper.app.item import AT_MERGE
from gatekeeper.app.look import Look
from gatekeeper.app.proposed import Proposed
from gatekeeper.errors import CannotActError
from gatekeeper.model.delivery import Forge as Settings
from gatekeeper.model.judgement import Report, Waiting
from gatekeeper.ports.forge import Forge
from gatekeeper.promotion.message import commit_message

_LATE = (0.5, 1.0, 2.0)
"""Seconds that are waited at most, each time that git does not show yet what the forge has merged."""


def merge(
    batch: Batch, means: Means, forge: Forge, settings: Settings, proposed: Proposed, reports: Sequence[Report]
) -> tuple[Report, ...] | None:
    """The reports after the merge, or with what it waits for; None where a branch that was judged by has moved.

    Raises CannotActError where what was merged would not be allowed by rules that landed at the same time.
    """
    if proposed.waiting:
        return _marked(reports, action="waiting", commit=None)
    if batch.has_moved:
        return None
    title, _, text = _message(batch, proposed).partition("\n")
    done = forge.merge(proposed.pull.number, proposed.commit, settings.merge, title, text.strip())
    if done.commit is None:
        refused = Waiting(condition="forge", message=f"{forge.name} does not merge it yet: {done.refused}")
        return _marked(reports, action="waiting", commit=None, waiting=(refused,))
    _check_landed(batch, means, proposed, done.commit)
    _check_after(batch, means, done.commit)
    return _marked(reports, action="committed", commit=done.commit)


def _message(batch: Batch, proposed: Proposed) -> str:
    """With those who approved by then: the record on the branch is from before."""
    parts = []
    for item, gathered in zip(proposed.going, proposed.gathered, strict=True):
        assert item.promoted is not None
        parts.append(part_of(replace(item, promoted=replace(item.promoted, approvals=gathered.approvals))))
    return commit_message(parts, template_of(batch.going[0]))


def _marked(reports: Sequence[Report], **changes: object) -> tuple[Report, ...]:
    return tuple(_with(report, changes) for report in reports)


def _with(report: Report, changes: dict[str, object]) -> Report:
    promotion = report.promotion
    if promotion is None or promotion.action != "proposed":
        return report
    return replace(report, promotion=replace(promotion, **changes))


def _check_landed(batch: Batch, means: Means, proposed: Proposed, commit: str) -> None:
    """Not the forge's word alone: it merges into whatever the pull request is for by then. It may be a little late."""
    site = batch.site
    for most in (*_LATE, None):
        tip = site.repository.tip()
        if all(tip.read(path) == data for path, data in proposed.records.items()):
            return
        if most is not None:
            means.sleep(means.jitter(most))
    raise CannotActError(
        f"the forge says that it merged {proposed.pull.url} as {commit}, and {site.branch} does not hold it",
        "Look at it there before anything else.",
    )


def _check_after(batch: Batch, means: Means, commit: str) -> None:
    """A forge merges on top of whatever is there: where that is more than was judged by, it is judged once more."""
    home = batch.items[0].home
    look = Look(home.repository, home.branch, means.open_site)
    if not home.repository.changed(home.tip, look.home.tip) - set(batch.files):
        return
    now = means.now()
    for judged in means.judge(look, now):
        if told := _against(batch, look, judged, now):
            assert judged.row is not None
            raise CannotActError(
                f"{judged.row.name} was merged as {commit}, and by what landed on {home.branch} meanwhile {told}",
                "Look at it now; `gatekeeper rollback` takes it back.",
            )


def _against(batch: Batch, look: Look, judged: Judged, now: datetime) -> str:
    """Why one that was merged, and not by an override, would not have been; empty where it would."""
    merged = [item for item in batch.going if judged.row is not None and item.row.name == judged.row.name]
    if not merged or merged[0].promoted is None or merged[0].promoted.override is not UNSET:
        return ""
    if judged.report.judgement.verdict != "allowed":
        return f"it is {judged.report.judgement.verdict}"
    waiting = gather(look, judged, merged[0].site, merged[0].promoted.requester, now).waiting
    return "; ".join(one.message for one in waiting if one.condition not in AT_MERGE)
