"""A proposal that is there already: whether it is ours, and whether it still says what would be proposed now."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from gatekeeper.app.asked import Asked
from gatekeeper.app.batch import Batch, record_of
from gatekeeper.app.held import holds_for
from gatekeeper.app.item import Item
from gatekeeper.app.proposed import SEVERAL, branch_of
from gatekeeper.errors import CannotActError, InvalidRequestError, ManifestError
from gatekeeper.manifests.edited import Wish
from gatekeeper.model.environment import ArtifactRow
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.judgement import Judgement
from gatekeeper.model.promoted import Requester
from gatekeeper.policy.people import HOLDS
from gatekeeper.ports import Tip
from gatekeeper.ports.repository import Step
from gatekeeper.promotion.changes import find_changes, model_uri, wished_image
from gatekeeper.records.history import latest_promotion
from gatekeeper.records.place import newest_first, record_folder
from gatekeeper.records.statement import Record

_LATEST = datetime.max.replace(tzinfo=UTC)
_APART = timedelta(days=1)
"""How far the clocks of those who commit are apart at most, to be found in the order of their dates."""


class ProposalBranch(Struct, frozen=True, kw_only=True):
    """The tip of the branch, what it lies on, and which paths it changes; by their folder, what they are.

    `decides` names the artifacts that it adds records of, `records` by name its newest of each that goes.
    """

    tip: Tip
    before: Tip
    changed: frozenset[str]
    decides: frozenset[str]
    records: dict[str, Record | None]

    @property
    def commit(self) -> str:
        """Its id."""
        assert self.tip.commit is not None
        return self.tip.commit

    @property
    def requesters(self) -> tuple[Requester, ...]:
        """Those who asked for this commit, as its records say."""
        told = [record.promotion for record in self.records.values() if record is not None]
        return tuple(one.requester for one in told if one is not None and one.requester is not None)


def branch_name(batch: Batch) -> str:
    """The branch of a proposal: one for each artifact of an environment, and one for several together."""
    environment = batch.going[0].environment.metadata.name
    return branch_of(environment, batch.going[0].row.name if len(batch.going) == 1 else SEVERAL)


def find_branch(batch: Batch, branch: str) -> ProposalBranch | None:
    """What is on the branch; None where there is none. Raises CannotActError where somebody else changed it."""
    repository = batch.site.repository
    tip = repository.proposed(branch)
    if tip is None:
        return None
    steps = repository.line(tip, repository.line(tip, _LATEST)[0].at)
    if len(steps) < 2:
        raise CannotActError(f"{branch} has no commit before it, so it is none of ours", "Delete that branch.")
    (before,) = repository.at([steps[1].commit])
    changed = repository.changed(before, tip)
    decides = _check_paths(batch, branch, before, changed)
    _check_place(batch, branch, steps)
    environment = batch.going[0].environment.metadata.name
    records = {item.row.name: latest_promotion(tip, environment, item.row.name) for item in batch.going}
    found = ProposalBranch(tip=tip, before=before, changed=changed, decides=decides, records=records)
    _check_texts(batch, branch, found)
    return found


def _rows(batch: Batch) -> tuple[ArtifactRow, ...]:
    """The artifacts that the branch may be about: together with others, each of the environment."""
    if len(batch.going) == 1:
        return (batch.going[0].row,)
    return tuple(batch.going[0].environment.spec.artifacts)


def _folders(batch: Batch) -> dict[str, str]:
    """The artifacts that the branch may be about, by the folder of their records."""
    environment = batch.going[0].environment.metadata.name
    return {record_folder(environment, row.name): row.name for row in _rows(batch)}


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _check_paths(batch: Batch, branch: str, before: Tip, changed: frozenset[str]) -> frozenset[str]:
    """A commit of ours changes manifests of these artifacts, adds one record of each and holds, and nothing else."""
    folders = _folders(batch)
    manifests = {place.path for row in _rows(batch) for place in row.manifests} | set(batch.files)
    added = {path for path in changed if _folder(path) in {HOLDS, *folders} and _is_new(path, before)}
    if others := sorted(changed - manifests - added):
        raise _foreign(branch, f"it changes {others[0]}")
    decides = Counter(folders[_folder(path)] for path in added if _folder(path) in folders)
    if not decides:
        raise _foreign(branch, "it holds no decision")
    if several := sorted(name for name, count in decides.items() if count > 1):
        raise _foreign(branch, f"it holds several decisions on {several[0]}")
    return frozenset(decides)


def _is_new(path: str, before: Tip) -> bool:
    return path.rpartition("/")[2] not in before.names(_folder(path))


def _check_place(batch: Batch, branch: str, steps: tuple[Step, ...]) -> None:
    """A commit of ours lies on one of the branch it is for, and on that alone: with it, all below it is merged."""
    last, below = steps[:2]
    if last.is_merge:
        raise _foreign(branch, "it is a merge")
    site = batch.site
    if below.commit == site.tip.commit:
        return
    if all(step.commit != below.commit for step in site.repository.line(site.tip, below.at - _APART)):
        raise _foreign(branch, f"it lies on a commit that is not on {site.branch}")


def _check_texts(batch: Batch, branch: str, found: ProposalBranch) -> None:
    """What it did to the manifests is what its own decision did. Where several share a file nobody can say."""
    if len(batch.going) > 1:
        return
    item, record = batch.going[0], found.records[batch.going[0].row.name]
    artifact = None if record is None else record.judgement.artifact
    try:
        wish = Wish(
            image=wished_image(item.row, artifact), pin=item.environment.spec.pin, model_uri=model_uri(artifact)
        )
        changes = find_changes(found.before, item.row, wish)
    except (InvalidRequestError, ManifestError):
        return  # the environment has changed since
    for change in changes.manifests:
        if found.tip.read(change.path) != change.new.encode():
            raise _foreign(branch, f"{change.path} is not as its decision made it")


def _foreign(branch: str, told: str) -> CannotActError:
    return CannotActError(
        f"somebody else changed the branch {branch}: {told}; it was left as it is",
        "Merge or close its pull request and delete the branch; then run this again.",
    )


def is_same(batch: Batch, found: ProposalBranch, asked: Asked) -> bool:
    """Whether the branch proposes exactly what would be proposed now, decided on the same grounds."""
    going = {item.row.name for item in batch.going}
    return (
        found.decides == going
        and all(_is_same(item, found) and _is_current(item, found) for item in batch.going)
        and all(_is_as_wished(path, batch, found) for path in _manifests(batch, found))
        and _are_its_holds(batch, found, asked)
    )


def as_recorded(batch: Batch, found: ProposalBranch) -> tuple[tuple[Item, ...], dict[str, bytes | None]]:
    """What goes, with the decisions that the branch records instead of those made now; and its records by path."""
    going = []
    for item in batch.going:
        record = found.records[item.row.name]
        assert record is not None
        assert item.promoted is not None
        report = replace(item.report, decision=record.decision, judgement=record.judgement)
        promoted = replace(item.promoted, at=record.at)
        going.append(replace(item, judged=replace(item.judged, report=report), promoted=promoted))
    return tuple(going), {path: found.tip.read(path) for path in map(record_of, going)}


def _is_current(item: Item, found: ProposalBranch) -> bool:
    """Whether its record is the newest, and no decision landed since: a record is never merged behind a newer one."""
    folder = record_folder(item.environment.metadata.name, item.row.name)
    before = set(found.before.names(folder))
    return before == set(item.site.tip.names(folder)) and newest_first(found.tip.names(folder))[0] not in before


def _manifests(batch: Batch, found: ProposalBranch) -> set[str]:
    """Those that would be changed now, and those that the branch changes."""
    changed = {path for path in found.changed if _folder(path) not in {HOLDS, *_folders(batch)}}
    return changed.union(*map(_paths, batch.going))


def _are_its_holds(batch: Batch, found: ProposalBranch, asked: Asked) -> bool:
    """Whether the holds that it puts are those that come with its own overrides, and no others."""
    records = {name: record for name, record in found.records.items() if record is not None}
    own = (replace(item, promoted=records[item.row.name].promotion) for item in batch.going)
    wanted = {put.path: put.data for put in holds_for(own, asked).values() if not put.apart}
    put = {path for path in found.changed if _folder(path) == HOLDS}
    return all(found.tip.read(path) == wanted.get(path) for path in put.union(wanted))


def _paths(item: Item) -> list[str]:
    return [] if item.changes is None else [change.path for change in item.changes.manifests]


def _is_as_wished(path: str, batch: Batch, found: ProposalBranch) -> bool:
    """Whether a manifest became there what it would become now, from what it is now: else it would not merge."""
    now = batch.site.tip.read(path)
    return found.before.read(path) == now and found.tip.read(path) == batch.files.get(path, now)


def _is_same(item: Item, found: ProposalBranch) -> bool:
    record = found.records[item.row.name]
    if record is None or record.promotion is None or item.promoted is None:
        return False
    said, now = record.promotion, item.promoted
    return (
        (said.override, said.rollback, said.handed) == (now.override, now.rollback, now.handed)
        and set(said.approvals) <= set(now.approvals)
        and parse_instant(said.at) <= parse_instant(now.at) + _APART
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
