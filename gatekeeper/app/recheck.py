"""An earlier decision looked at again: nothing is judged, but what may have been taken back since then is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import UNSET, Struct
from msgspec.structs import replace

from gatekeeper.judge.waivers import ACTIVE, Scope, note, standing
from gatekeeper.model.artifact import Artifact, ModelIdentity
from gatekeeper.model.environment import Environment
from gatekeeper.model.instants import format_instant
from gatekeeper.model.judgement import JudgedArtifact, Judgement, Result
from gatekeeper.model.verdict import counts, verdict
from gatekeeper.model.waiver import Waiver
from gatekeeper.policy.library import load_waivers
from gatekeeper.policy.people import load_deny
from gatekeeper.ports import Tree
from gatekeeper.promotion.denial import denial
from gatekeeper.records.statement import Record


class Rechecked(Struct, frozen=True, kw_only=True):
    """The judgement as it counts now: the record's own where nothing was taken back. `notes` say what was."""

    judgement: Judgement
    notes: tuple[str, ...] = ()


def recheck(record: Record, tree: Tree, folder: str, environment: Environment, now: datetime) -> Rechecked:
    """The deny list, and the waivers by which it was allowed, as they stand at the tip. `folder` holds the waivers.

    Raises InvalidFileError where they cannot be read.
    """
    judgement = record.judgement
    denied = denial(load_deny(tree), _carried(judgement.artifact))
    faults = _faults(record, tree, folder, environment, now)
    results = (*(_unwaived(result, faults) for result in judgement.results), *denied)
    if results == judgement.results:
        return Rechecked(judgement=judgement)
    changed = replace(
        judgement,
        results=results,
        verdict=verdict(results),
        counts=counts(results),
        judged_at=format_instant(now),
    )
    return Rechecked(judgement=changed, notes=tuple(faults.values()))


def _carried(judged: JudgedArtifact | None) -> Artifact | None:
    """What has a digest of its own, as the deny list asks."""
    if judged is None:
        return None
    model = None if judged.model is UNSET else ModelIdentity(name=judged.model.name, digest=judged.model.digest)
    datasets = {} if judged.datasets is UNSET else dict(judged.datasets)
    return Artifact(name=judged.name, image=judged.image, digest=judged.digest, model=model, datasets=datasets)


def _unwaived(result: Result, faults: Mapping[str, str]) -> Result:
    return result if result.waived is None or result.waived.waiver not in faults else replace(result, waived=None)


def _faults(record: Record, tree: Tree, folder: str, environment: Environment, now: datetime) -> dict[str, str]:
    """By the waivers that let something through, why they do so no more; those that still do are left out."""
    used = [result for result in record.judgement.results if result.waived is not None]
    if not used:
        return {}
    known = {one.waiver.metadata.name: one.waiver for one in load_waivers(tree, folder)}
    artifact = record.judgement.artifact
    scope = Scope(
        environment=environment.metadata.name,
        terms=environment.spec.waivers,
        digest=None if artifact is None else artifact.digest,
        now=now,
        vouching=dict.fromkeys(known, ""),  # who approved it was looked at when it was judged
    )
    faults: dict[str, str] = {}
    for result in used:
        assert result.waived is not None
        name = result.waived.waiver
        if fault := _fault(known.get(name), result, scope):
            faults[name] = f"the waiver {name} of {result.policy}/{result.rule} counts no more: {fault}"
    return faults


def _fault(waiver: Waiver | None, result: Result, scope: Scope) -> str:
    if waiver is None:
        return "it was removed"
    spec = waiver.spec
    if scope.environment not in spec.environments or (spec.policy, spec.rule) != (result.policy, result.rule):
        return "it is of something else now"
    if result.result not in spec.covers:
        return f"it does not cover {result.result} now"
    if scope.terms.level != "asserted" and note(waiver) != result.waived:
        return f"it was changed since, and nobody looked whether that is {scope.terms.level}"
    state = standing(waiver, scope)
    return "" if state == ACTIVE else state
