"""What became of each artifact of a promotion, for its report."""

from __future__ import annotations

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.app.batch import Batch, named, record_of
from gatekeeper.app.item import Item
from gatekeeper.model.judgement import Action, Promotion, Report
from gatekeeper.promotion.changes import Changes


def outcome(
    batch: Batch, *, attempts: int, commit: str | None = None, url: str | None = None, shows_diff: bool = False
) -> tuple[Report, ...]:
    """The report of each artifact, with what was, or in a plan would be, done about it.

    `url` is that of the pull request.
    """
    going = {id(item.report): item for item in batch.going}
    reports = []
    for item in batch.items:
        gone = going.get(id(item.report))
        promotion = _promotion(gone or item, batch, gone is not None, shows_diff=shows_diff)
        promotion = replace(promotion, attempts=attempts)
        if gone is not None:
            promotion = replace(promotion, commit=commit, pull_request=url)
        record = None if gone is None else batch.files.get(record_of(gone))
        reports.append(replace(item.report, promotion=promotion, written=record))
    return tuple(reports)


def _promotion(item: Item, batch: Batch, goes: bool, *, shows_diff: bool) -> Promotion:
    return replace(
        _beside(item),
        action=_action(item, batch, goes),
        waiting=item.waiting,
        not_before=_not_before(item),
        record=record_of(item) if goes else None,
        diff=diff(item.changes) if shows_diff and item.changes is not None and item.state != "already" else None,
        notes=(*_behind(item), *item.notes, *(_held(item, batch) if goes else _left(item, batch))),
    )


def _not_before(item: Item) -> str | None:
    if not item.waiting:
        return None
    from gatekeeper.promotion.windows import not_before  # most promotions wait for nothing

    return not_before(item.waiting, item.environment.spec.windows)


def _action(item: Item, batch: Batch, goes: bool) -> Action:
    if goes:
        return "proposed" if batch.by_pull_request else "committed"
    return item.state if item.state in {"already", "waiting"} else "none"


def _held(item: Item, batch: Batch) -> tuple[str, ...]:
    put = batch.held.get(item.row.name)
    return () if put is None else (put.note,)


def _behind(item: Item) -> tuple[str, ...]:
    return tuple(f"{name} was left behind: {reason}" for name, reason in item.judged.left.items())


def _left(item: Item, batch: Batch) -> tuple[str, ...]:
    """Why an artifact that could go did not."""
    if item.state != "ready":
        return ()
    others = named(other for other in batch.items if other.state not in {"ready", "already"})
    return (f"not promoted, because all go together and {others} cannot",)


def _beside(item: Item) -> Promotion:
    """With what the record says beside the judgement."""
    promoted, left = item.promoted, tuple(item.judged.left) or UNSET
    if promoted is None:
        return Promotion(action="none", left=left)
    return Promotion(
        action="none",
        left=left,
        requester=UNSET if promoted.requester is None else promoted.requester,
        approvals=promoted.approvals or UNSET,
        override=promoted.override,
        rollback=promoted.rollback,
        handed=promoted.handed,
    )


def diff(changes: Changes) -> str:
    """The change of all manifests, as `git diff` would show it."""
    from difflib import unified_diff  # only a plan shows it

    lines = (
        line
        for change in changes.manifests
        for line in unified_diff(_lines(change.old), _lines(change.new), f"a/{change.path}", f"b/{change.path}")
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """As git sees them: only a line feed ends one."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [text.rpartition("\n")[2]] * (not text.endswith("\n"))
