"""Taking back what an open pull request says, when it is judged again and may not go any more."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from gatekeeper.app.asked import Means
from gatekeeper.app.batch import Batch
from gatekeeper.app.item import Item
from gatekeeper.app.proposed import SEVERAL, STICKY, branch_of
from gatekeeper.errors import CannotActError
from gatekeeper.model.judgement import Report
from gatekeeper.ports import Tip
from gatekeeper.ports.forge import StatusState
from gatekeeper.promotion.proposal import context_of, said
from gatekeeper.records.history import is_about, latest_promotion
from gatekeeper.reports.several import render


class _Told(NamedTuple):
    """An artifact that may not go, its place in the batch, and what is to be said of it."""

    place: int
    item: Item
    report: Report


def revoke(batch: Batch, means: Means, reports: tuple[Report, ...]) -> tuple[Report, ...]:
    """The reports, after the status and the comment of each open pull request of the same images were set anew.

    Where the forge fails, a note says so: the judgement stands, and its exit code with it.
    """
    found = list(reports)
    told = [
        _Told(place, item, report)
        for place, (item, report) in enumerate(zip(batch.items, reports, strict=True))
        if item.environment.spec.delivery.mode == "pull-request" and item.state in {"none", "waiting"}
    ]
    for branch, those in _by_branch(told).items():
        try:
            _revoke(branch, those, means)
        except CannotActError as fault:
            note = f"its pull request, if there is one, could not be told: {fault.message}"
            for one in those:
                found[one.place] = _noted(found[one.place], note)
    return tuple(found)


def _by_branch(told: list[_Told]) -> dict[str, list[_Told]]:
    """Where each may be proposed: alone, or together with others."""
    branches: dict[str, list[_Told]] = {}
    for one in told:
        environment = one.item.environment.metadata.name
        branches[branch_of(environment, one.item.row.name)] = [one]
        branches.setdefault(branch_of(environment, SEVERAL), []).append(one)
    return branches


def _revoke(branch: str, told: list[_Told], means: Means) -> None:
    item = told[0].item
    forge = means.forge(item.environment)
    tip = None if forge is None else item.site.repository.proposed(branch)
    proposed = [] if tip is None else [one.report for one in told if _is_proposed(one, tip)]
    if forge is None or not proposed:
        return
    worst = next((one for one in proposed if one.judgement.verdict != "allowed"), proposed[0])
    for pull in forge.find(branch, item.site.branch):
        forge.status(pull.commit, context_of(item.environment.metadata.name), _state(worst), _words(worst), pull.url)
        forge.comment(pull.number, f"{STICKY}\n{render('markdown', proposed)}", STICKY)


def _is_proposed(one: _Told, tip: Tip) -> bool:
    artifact = one.report.judgement.artifact
    record = latest_promotion(tip, one.item.environment.metadata.name, one.item.row.name)
    return bool(record and artifact and artifact.digest and is_about(record, artifact.digest))


def _state(report: Report) -> StatusState:
    return "pending" if report.judgement.verdict == "allowed" else "failure"


def _words(report: Report) -> str:
    if report.promotion is not None and report.promotion.waiting:
        return said("; ".join(one.message for one in report.promotion.waiting))
    counts = report.judgement.counts
    return said(
        f"{report.judgement.verdict}: {counts.fail} failed, {counts.missing + counts.error} missing or in error"
    )


def _noted(report: Report, note: str) -> Report:
    if report.promotion is None:
        return report
    return replace(report, promotion=replace(report.promotion, notes=(*report.promotion.notes, note)))
