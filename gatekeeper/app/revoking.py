"""Taking back what an open pull request says, when it is judged again and may not go any more."""

from __future__ import annotations

from msgspec.structs import replace

from gatekeeper.app.asked import Means
from gatekeeper.app.batch import Batch
from gatekeeper.app.item import Item
from gatekeeper.app.proposed import STICKY, branch_of
from gatekeeper.errors import CannotActError
from gatekeeper.model.judgement import Report
from gatekeeper.ports.forge import Forge, StatusState
from gatekeeper.promotion.proposal import context_of, said
from gatekeeper.records.history import is_about, latest_promotion
from gatekeeper.reports import render


def revoke(batch: Batch, means: Means, reports: tuple[Report, ...]) -> tuple[Report, ...]:
    """The reports, after the status and the comment of each open pull request of the same image were set anew.

    Where the forge fails, a note says so: the judgement stands, and its exit code with it.
    """
    return tuple(_revoked(item, means, report) for item, report in zip(batch.items, reports, strict=True))


def _revoked(item: Item, means: Means, report: Report) -> Report:
    delivery = item.environment.spec.delivery
    if delivery.mode != "pull-request" or item.state not in {"none", "waiting"}:
        return report
    try:
        forge = means.forge(item.environment)
        if forge is not None:
            _tell(item, forge, report)
    except CannotActError as fault:
        return _noted(report, f"its pull request, if there is one, could not be told: {fault.message}")
    return report


def _tell(item: Item, forge: Forge, report: Report) -> None:
    branch = branch_of(item.environment.metadata.name, item.row.name)
    tip = item.site.repository.proposed(branch)
    artifact = report.judgement.artifact
    if tip is None or tip.commit is None or artifact is None or artifact.digest is None:
        return
    record = latest_promotion(tip, item.environment.metadata.name, item.row.name)
    if record is None or not is_about(record, artifact.digest):
        return
    for pull in forge.find(branch, item.site.branch):
        forge.status(pull.commit, context_of(item.environment.metadata.name), _state(report), _words(report), pull.url)
        forge.comment(pull.number, f"{STICKY}\n{render('markdown', report)}", STICKY)


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
