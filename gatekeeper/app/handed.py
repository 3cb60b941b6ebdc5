"""Handing over: the artifact and the recorded facts of what stands in one environment, to be judged for another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from gatekeeper.app.applied import row_of
from gatekeeper.app.evaluate import Request
from gatekeeper.app.look import Look
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.model.artifact import Artifact, ModelIdentity
from gatekeeper.model.environment import ArtifactRow
from gatekeeper.model.evidence import Envelope, Recorded
from gatekeeper.model.image import parse_image
from gatekeeper.model.judgement import JudgedArtifact, JudgedEvidence
from gatekeeper.policy.library import Place, load_environment
from gatekeeper.policy.near import near
from gatekeeper.ports import Tip
from gatekeeper.ports.repository import EVIDENCE_BRANCH, Repository
from gatekeeper.records.facts import FactsError, facts_path, read_facts
from gatekeeper.records.history import is_allowed, latest_promotion
from gatekeeper.records.place import newest_first, record_folder
from gatekeeper.records.statement import Record


class Handed(Struct, frozen=True, kw_only=True):
    """What is judged anew: the artifact, its evidence, and the decision that both are from."""

    artifact: Artifact
    envelopes: tuple[Envelope, ...]
    decision: str


def hand_over(look: Look, request: Request, origin: str, named: str | None = None) -> tuple[Request, str]:
    """The request with what stands in the environment `origin` at this look, and the decision that it is from.

    `named` chooses the target's row by name, as the request's artifact does by its image; without both there must be
    one row only. Raises what `handed` raises.
    """
    assert request.environment is not None
    if origin == request.environment:
        raise InvalidRequestError(f"{origin} hands nothing over to itself", "Give --from another environment.")
    folder = request.folders.environments
    before = load_environment(look.home.tip, folder, origin)
    target = load_environment(look.home.tip, folder, request.environment)
    row = _row(target, request.artifact, named)
    site = look.site(before.environment)
    image = parse_image(row.image).written
    found = handed(site.tip, site.repository, origin, row.name, image, request.envelopes)
    if request.artifact is not None:
        check_agrees(request.artifact, found, origin)
    return replace(request, artifact=found.artifact, envelopes=found.envelopes), found.decision


def _row(target: Place, artifact: Artifact | None, named: str | None) -> ArtifactRow:
    if named is None:
        return row_of(target, artifact)[0]
    rows = {row.name: row for row, _ in target.rows}
    if named not in rows:
        hint = near(named, rows) or f"There is {', '.join(sorted(rows))}."
        raise InvalidRequestError(f"environment {target.environment.metadata.name} has no artifact {named!r}", hint)
    return rows[named]


def handed(
    tip: Tip, repository: Repository, environment: str, artifact: str, image: str, given: Sequence[Envelope] = ()
) -> Handed:
    """What stands in `environment` as `artifact` by its newest record at `tip`, with the evidence that is given now.

    `repository` is where the environment is delivered, `image` the repository that the target's row names. Facts that
    are gone or damaged are evidence in error. Raises InvalidRequestError where nothing allowed stands there, and
    CannotActError where the newest record cannot be believed or the facts cannot be fetched.
    """
    record = _in_force(tip, environment, artifact)
    recorded = _recorded(repository, environment, record)
    judged = record.judgement.artifact
    assert judged is not None  # of a promotion there is one
    return Handed(
        artifact=_artifact(judged, image), envelopes=_together(recorded, tuple(given)), decision=record.decision
    )


def check_agrees(given: Artifact, from_record: Handed, environment: str) -> None:
    """Refuse an artifact that is named by its reference and is not the one that is handed over."""
    wanted = from_record.artifact
    if given.digest != wanted.digest:
        shown = ":".join(filter(None, (wanted.image, wanted.tag)))
        raise InvalidRequestError(
            f"{environment} holds {shown}@{wanted.digest}, which is not the artifact given",
            "Leave out --artifact, or give only its name.",
        )


def _in_force(tip: Tip, environment: str, artifact: str) -> Record:
    folder = record_folder(environment, artifact)
    tip.prefetch([folder])
    if not newest_first(tip.names(folder)):
        raise InvalidRequestError(
            f"there is no decision about {artifact} in {environment}", f"Promote it to {environment} first."
        )
    record = latest_promotion(tip, environment, artifact)
    if record is None:
        raise CannotActError(
            f"the newest record in {folder} is not a whole one of a promotion, so nothing is handed over by it",
            f"See what happened to it, and promote {artifact} to {environment} again.",
        )
    if not is_allowed(record):
        raise InvalidRequestError(
            f"what stands in {environment} of {artifact} was let through by an override ({record.decision})",
            f"Promote it to {environment} again by a judgement that allows it.",
        )
    return record


def _artifact(judged: JudgedArtifact, image: str) -> Artifact:
    model = judged.model
    return Artifact(
        name=judged.name,
        image=image,
        tag=judged.tag,
        digest=judged.digest,
        model=None
        if model is UNSET
        else ModelIdentity(name=model.name, version=model.version, uri=model.uri, digest=model.digest),
        commit=None if judged.commit is UNSET else judged.commit,
        run=None if judged.run is UNSET else judged.run,
        datasets={} if judged.datasets is UNSET else dict(judged.datasets),
    )


def _recorded(repository: Repository, environment: str, record: Record) -> tuple[Envelope, ...]:
    """One envelope for each file that the decision was made by, with all requirements that it served."""
    evidence, facts = record.judgement.evidence, record.context.facts
    digests = (None,) * len(evidence) if facts is UNSET else facts
    files = repository.kept(sorted({facts_path(digest) for digest in digests if digest is not None}))
    found: dict[str, Envelope] = {}
    for index, (judged, digest) in enumerate(zip(evidence, digests, strict=True)):
        key = digest or str(index)
        one = _envelope(judged, digest, files, _Place(environment, record, index))
        if key in found:
            one = replace(one, recorded=_serving(found[key].recorded, one.recorded))
        found[key] = one
    return tuple(found.values())


_RECORDED = "recorded in "


class _Place(Struct, frozen=True):
    """Which evidence of which record."""

    environment: str
    record: Record
    index: int

    @property
    def source(self) -> str:
        """What reports call the file."""
        sources = self.record.context.sources
        told = sources[self.index] if self.index < len(sources) else None
        place = told.partition(": ")[2] if told and told.startswith(_RECORDED) else told
        return f"{_RECORDED}{self.environment}: {place or self.record.judgement.evidence[self.index].name}"


def _envelope(judged: JudgedEvidence, digest: str | None, files: dict[str, bytes], place: _Place) -> Envelope:
    names = () if judged.name is None else (judged.name,)
    earlier = Recorded(environment=place.environment, decision=place.record.decision, names=names)
    if digest is None:
        return _lost(judged, place.source, earlier, "its facts were not kept with the decision")
    packed = files.get(facts_path(digest))
    if packed is None:
        return _lost(judged, place.source, earlier, f"its recorded facts are not on the branch {EVIDENCE_BRANCH}")
    try:
        found = read_facts(packed, digest, place.source, earlier)
    except FactsError as fault:
        return _lost(judged, place.source, earlier, f"its recorded facts cannot be used: {fault.message}")
    if not _is_of(found, judged):
        return _lost(judged, place.source, earlier, "its recorded facts are those of other evidence")
    return found


def _is_of(found: Envelope, judged: JudgedEvidence) -> bool:
    said = (found.kind, found.producer, found.digest, found.produced_at, found.status, found.reason, found.subjects)
    return found.name in (None, judged.name) and said == (
        judged.kind,
        judged.producer,
        judged.digest,
        judged.produced_at,
        judged.status,
        judged.reason,
        judged.subjects,
    )


def _lost(judged: JudgedEvidence, source: str, earlier: Recorded, reason: str) -> Envelope:
    """In error, and under no name: whatever asks for evidence of its kind must see that it is gone."""
    return Envelope(
        name=None if judged.kind else judged.name,
        kind=judged.kind,
        producer=judged.producer,
        source=source,
        digest=judged.digest,
        subjects=judged.subjects,
        produced_at=judged.produced_at,
        status="error",
        reason=f"{reason}; give it again by its name, --evidence {judged.name}=FILE",
        recorded=earlier,
    )


def _serving(first: Recorded | None, second: Recorded | None) -> Recorded | None:
    if first is None or second is None:
        return first or second
    return replace(second, names=tuple(dict.fromkeys((*first.names, *second.names))))


def _together(recorded: Sequence[Envelope], given: tuple[Envelope, ...]) -> tuple[Envelope, ...]:
    """What is given now, and of what was recorded that which it does not replace: by its name, or as the same bytes."""
    names = {one.name for one in given if one.name is not None}
    return (*given, *(one for one in recorded if not _is_replaced(one, names, given)))


def _is_replaced(one: Envelope, names: set[str], given: Iterable[Envelope]) -> bool:
    served = one.recorded.names if one.recorded is not None else ()
    if one.name in names or (one.name is None and not names.isdisjoint(served)):
        return True
    return any(_is_same_report(one, other) for other in given)


def _is_same_report(one: Envelope, other: Envelope) -> bool:
    if one.digest is None or (None not in (one.name, other.name) and one.name != other.name):
        return False
    return not {one.digest, one.payload}.isdisjoint({other.digest, other.payload} - {None})
