"""Approving: one person's yes to one digest, under the policies that are in force at the tip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from gatekeeper.app.applied import applications_of, row_of
from gatekeeper.app.landing import FoldersOf, Write, land
from gatekeeper.app.pacing import Pace
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.conditions import Approvals
from gatekeeper.model.environment import ArtifactRow
from gatekeeper.model.image import parse_image
from gatekeeper.model.instants import format_instant
from gatekeeper.model.project import Folders
from gatekeeper.policy.documents import Document, load
from gatekeeper.policy.library import Place, load_environment, load_policies
from gatekeeper.policy.near import near
from gatekeeper.policy.people import SIGNATURE, approval_of, load_deny
from gatekeeper.policy.trust import Ring, read_trust
from gatekeeper.ports import Tip
from gatekeeper.ports.repository import Repository
from gatekeeper.promotion.approvals import Wanted, person_fault
from gatekeeper.promotion.denial import denial
from gatekeeper.promotion.written import approval_file, subject
from gatekeeper.records.history import latest_promotion
from gatekeeper.records.keys import Signer
from gatekeeper.records.signed_file import sign_file


class Asked(Struct, frozen=True, kw_only=True):
    """What is approved. `artifact` is a name of the environment, or an image; `who(ring)` names who approves."""

    environment: str
    artifact: str
    digest: str | None
    reason: str | None
    lasts: timedelta
    now: datetime
    who: Callable[[Ring], str]
    key: Signer | None = None


class Given(Struct, frozen=True, kw_only=True):
    """The approval that was written: its file's path and `spec`, and the commit."""

    file: str
    spec: dict[str, Any]
    signed: bool
    commit: str


def approve(repository: Repository, folders: FoldersOf, asked: Asked, pace: Pace) -> Given:
    """Write it, and the signature beside it.

    Raises InvalidRequestError where it could never count, and CannotActError where the policies changed while it was
    written: what was looked at is then not what would be approved.
    """
    specs: list[dict[str, Any]] = []

    def derive(tip: Tip) -> Write:
        specs.append(_spec(tip, folders(tip), asked))
        if specs[-1] != specs[0]:
            raise CannotActError("what is in force there changed meanwhile; nothing was written", "Look again.")
        return _write(tip, specs[-1], asked)

    commit = land(repository, derive, pace)
    assert commit is not None
    return Given(file=approval_file(specs[0])[0], spec=specs[0], signed=asked.key is not None, commit=commit)


def _spec(tip: Tip, folders: Folders, asked: Asked) -> dict[str, Any]:
    place = load_environment(tip, folders.environments, asked.environment)
    row, origin, digest = _artifact(tip, place, asked)
    used = applications_of(place, row, origin, load_policies(tip, folders.policies))
    policies = {one.document.policy.metadata.name: one.document.digest for one in used}
    ring = read_trust(tip)
    if ring is None:
        raise InvalidRequestError("there is no trust.yaml that says who may approve")
    by = asked.who(ring)
    _check_person(by, place, ring, asked, digest, policies)
    _check_not_denied(tip, digest)
    spec = {"environment": asked.environment, "artifact": row.name, "digest": digest, "policies": policies, "by": by}
    times = {"granted": format_instant(asked.now), "expires": format_instant(asked.now + asked.lasts)}
    return {**spec, **times, **({} if asked.reason is None else {"reason": asked.reason})}


def _artifact(tip: Tip, place: Place, asked: Asked) -> tuple[ArtifactRow, Document, str]:
    """The row that is meant by its name or its image, and the digest: given, in the image, or that of the environment
    before.
    """
    named = next(((row, origin) for row, origin in place.rows if row.name == asked.artifact), None)
    given = asked.digest
    if named is None:
        if not any(mark in asked.artifact for mark in "/:@"):
            names = [row.name for row, _ in place.rows]
            hint = near(asked.artifact, names) or f"There is {', '.join(names)}."
            raise InvalidRequestError(f"environment {asked.environment} has no artifact {asked.artifact!r}", hint)
        image = parse_image(asked.artifact)
        named = row_of(place, Artifact(name=None, image=image.written))
        if given is not None and image.digest not in (None, given):
            raise InvalidRequestError("--digest is not that of --artifact", "Give one of them.")
        given = given or image.digest
    return *named, given or _digest_before(tip, place, named[0])


def _digest_before(tip: Tip, place: Place, row: ArtifactRow) -> str:
    """What was promoted last to the one environment that comes before."""
    after = place.environment.spec.after
    record = latest_promotion(tip, after[0].environment, row.name) if len(after) == 1 else None
    artifact = None if record is None else record.judgement.artifact
    if artifact is None or artifact.digest is None:
        where = f" in {after[0].environment}" if len(after) == 1 else ""
        raise InvalidRequestError(
            f"which digest of {row.name}? No promotion{where} tells it", "Give --digest sha256:…."
        )
    return artifact.digest


def _check_person(by: str, place: Place, ring: Ring, asked: Asked, digest: str, policies: Mapping[str, str]) -> None:
    """An approval that could not count is not written."""
    terms = place.environment.spec.approvals
    wanted = Wanted(
        environment=asked.environment,
        artifact=asked.artifact,
        digest=digest,
        policies=policies,
        now=asked.now,
        ring=ring,
    )
    if fault := person_fault(by, wanted, frozenset() if terms is UNSET else frozenset(terms.from_)):
        raise InvalidRequestError(f"this approval would not count: {fault}")
    _check_key(by, terms, ring, asked)


def _check_key(by: str, terms: Approvals | UnsetType, ring: Ring, asked: Asked) -> None:
    key = asked.key
    if key is None:
        if terms is not UNSET and terms.level == "signed":
            what = f"{asked.environment} asks for signed approvals"
            raise InvalidRequestError(f"this approval would not count: {what}", f"Sign it: --key with a key of {by}.")
        return
    own = [one for one in ring.keys if one.owner == by and one.public.fingerprint == key.public.fingerprint]
    if not own:
        raise InvalidRequestError(f"this approval would not count: the key is not one of {by} in {ring.file}")
    if fault := own[0].fault(asked.now):
        raise InvalidRequestError(f"this approval would not count: the key {own[0].name} {fault}")


def _check_not_denied(tip: Tip, digest: str) -> None:
    found = denial(load_deny(tip), Artifact(name=None, image="", digest=digest))
    if found:
        raise InvalidRequestError(found[0].message)


def _write(tip: Tip, spec: dict[str, Any], asked: Asked) -> Write:
    path, data = approval_file(spec)
    _check_own(tip, path, spec)
    beside = f"{path}{SIGNATURE}"
    files: dict[str, bytes | None] = {path: data}
    if asked.key is not None:
        files[beside] = sign_file("Approval", data, [asked.key])
    elif tip.read(beside) is not None:
        files[beside] = None  # it is of the former text
    head = subject(f"Approve {spec['environment']}/{spec['artifact']} {spec['digest'][:19]}")
    return Write(files=files, message=f"{head}\n\nGatekeeper-Approved-By: {spec['by']}\n")


def _check_own(tip: Tip, path: str, spec: Mapping[str, Any]) -> None:
    """A file that is there is written over only when it is the same approval, given before."""
    data = tip.read(path)
    if data is None:
        return
    documents = load(data, path, frozenset({"Approval"}))
    keys = ("environment", "artifact", "digest", "by")
    if len(documents) != 1 or any(getattr(approval_of(documents[0]).spec, key) != spec[key] for key in keys):
        raise InvalidRequestError(f"{path} is there, and says something else", "Move it to another name.")
