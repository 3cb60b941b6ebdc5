"""From what a user typed to what is to be promoted."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import UNSET

from gatekeeper.app.candidates import Candidate, Candidates
from gatekeeper.app.evaluate import Request, identities
from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.project import ProjectSpec
from gatekeeper.wiring.project import Base, current_folder, find_base
from gatekeeper.wiring.request import Tell, Typed, artifact_of, request_of


def promoting(typed: Typed, now: datetime, tell: Tell, *, all_ready: bool = False) -> tuple[str, Candidates]:
    """The repository's address, and what is to be promoted.

    Raises InvalidRequestError without environment, repository or artifact.
    """
    base = find_base(current_folder())
    if typed.environment is None:
        raise InvalidRequestError("no environment to promote to", "Give --env.")
    repo = repository_of(typed.repo, base)
    alone = msgspec.structs.replace(typed, artifact=None)
    if typed.origin is not None:
        common = request_of(alone, msgspec.structs.replace(base, spec=_of_the_place(base)), now, tell)
        found = tuple(_handed(common, text, tell) for text in typed.artifacts)
        every = all_ready and not found
        single = found or (Candidate(request=common),)
        return repo, Candidates(environment=typed.environment, single=single, origin=typed.origin, every=every)
    given = typed.artifacts or (() if base.artifact is None else (base.artifact,))
    if not given:
        raise InvalidRequestError("no artifact to promote", "Give --artifact name:tag@sha256:…, or --from ENVIRONMENT.")
    first = request_of(msgspec.structs.replace(typed, artifact=given[0]), base, now, tell, resolving=True)
    requests = (first, *(_another(first, text, tell) for text in given[1:]))
    apart = (
        msgspec.structs.replace(request, others=identities(requests, request)) if given[1:] else request
        for request in requests
    )
    return repo, Candidates(
        environment=typed.environment, single=tuple(Candidate(request=request) for request in apart)
    )


def _of_the_place(base: Base) -> ProjectSpec:
    """What is handed over is neither the project's artifact nor the evidence that its own runs write."""
    return msgspec.structs.replace(base.spec, artifact=UNSET, evidence=())


def _handed(common: Request, text: str, tell: Tell) -> Candidate:
    """An artifact that is handed over: the name of a row, or a reference or file that must be what stands there.

    Names of rows may hold dots, and a folder or file here may have the same name.
    """
    if not any(mark in text for mark in "/:@") and not text.endswith((".yaml", ".yml", ".json")):
        return Candidate(request=common, named=text)
    return Candidate(request=_another(common, text, tell))


def repository_of(given: str | None, base: Base) -> str:
    """The GitOps repository that is given, else the project's. Raises InvalidRequestError where there is none."""
    repo = base.repo if given is None else given
    if not repo:
        raise InvalidRequestError("no repository to work on", "Give --repo, or name one as `repo:` in gatekeeper.yaml.")
    return repo


def _another(first: Request, text: str, tell: Tell) -> Request:
    """The same evidence for one more artifact."""
    notes: list[str] = []
    artifact = artifact_of(text, tell, notes, resolving=True)
    return msgspec.structs.replace(first, artifact=artifact, notes=tuple(notes))
