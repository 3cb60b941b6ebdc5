"""A proposal that is there already: whether it is ours, and whether it still says what would be proposed now."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import UNSET, Struct

from gatekeeper.app.batch import Batch
from gatekeeper.app.item import Item
from gatekeeper.app.proposed import branch_of
from gatekeeper.errors import CannotActError
from gatekeeper.model.judgement import Judgement
from gatekeeper.ports import Tip
from gatekeeper.records.history import latest_promotion
from gatekeeper.records.place import ROOT
from gatekeeper.records.statement import Record

_LATEST = datetime.max.replace(tzinfo=UTC)


class Standing(Struct, frozen=True, kw_only=True):
    """The tip of the branch, and what it says of each artifact that goes, by its name."""

    tip: Tip
    records: dict[str, Record | None]

    @property
    def commit(self) -> str:
        """Its id."""
        assert self.tip.commit is not None
        return self.tip.commit


def branch_name(batch: Batch) -> str:
    """The branch of a proposal: one for each artifact of an environment, and one for several together."""
    environment = batch.going[0].environment.metadata.name
    single = batch.going[0].row.name if len(batch.going) == 1 else "_several"
    return branch_of(environment, single)


def find_standing(batch: Batch, branch: str) -> Standing | None:
    """What is on the branch; None where there is none. Raises CannotActError where somebody else changed it."""
    repository = batch.site.repository
    tip = repository.proposed(branch)
    if tip is None:
        return None
    steps = repository.line(tip, repository.line(tip, _LATEST)[0].at)
    if len(steps) < 2:
        raise CannotActError(f"{branch} has no commit before it, so it is none of ours", "Delete that branch.")
    (before,) = repository.at([steps[1].commit])
    _check_ours(batch, branch, repository.changed(before, tip))
    environment = batch.going[0].environment.metadata.name
    records = {item.row.name: latest_promotion(tip, environment, item.row.name) for item in batch.going}
    return Standing(tip=tip, records=records)


def _check_ours(batch: Batch, branch: str, changed: frozenset[str]) -> None:
    """A commit of ours changes manifests of these artifacts and adds records, and nothing else."""
    manifests = {place.path for item in batch.going for place in item.row.manifests}
    environment = batch.going[0].environment.metadata.name
    ours = tuple(f"{ROOT}/{environment}/{item.row.name}/" for item in batch.going)
    others = sorted(path for path in changed - manifests - set(batch.files) if not path.startswith((*ours, "holds/")))
    if others or not any(path.startswith(ours) for path in changed):
        told = f"it changes {others[0]}" if others else "it holds no decision"
        raise CannotActError(
            f"somebody else changed the branch {branch}: {told}; it was left as it is",
            "Merge or close its pull request and delete the branch; then run this again.",
        )


def is_same(batch: Batch, standing: Standing) -> bool:
    """Whether the branch proposes exactly what would be proposed now, decided on the same grounds."""
    return all(_is_same(item, standing) for item in batch.going)


def _is_same(item: Item, standing: Standing) -> bool:
    record = standing.records[item.row.name]
    if record is None or item.changes is None or item.promoted is None:
        return False
    texts = all(standing.tip.read(change.path) == change.new.encode() for change in item.changes.manifests)
    said = record.promotion
    forced = (UNSET, UNSET) if said is None else (said.override, said.rollback)
    return (
        texts
        and forced == (item.promoted.override, item.promoted.rollback)
        and _grounds(record.judgement) == _grounds(item.report.judgement)
    )


def _grounds(judgement: Judgement) -> tuple[object, ...]:
    """What the decision follows from, without the times at which things were looked at."""
    return (
        judgement.artifact,
        judgement.policies,
        judgement.trust,
        tuple((one.name, one.digest, one.signed_by) for one in judgement.evidence),
        tuple((one.policy, one.rule, one.result, one.waived) for one in judgement.results),
    )
