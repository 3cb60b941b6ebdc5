"""From what a user typed to a request that can be judged."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, Struct

from gatekeeper.app.candidates import Candidate, Candidates
from gatekeeper.app.evaluate import Request, identities
from gatekeeper.connect.report_files import read_file
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.judge.cel import Engine, load_engine
from gatekeeper.wiring.evidence import collect
from gatekeeper.wiring.project import Base, commit_tree, current_folder, find_base, folders_of, working_tree

if TYPE_CHECKING:
    from gatekeeper.model.artifact import Artifact
    from gatekeeper.model.project import ProjectSpec
    from gatekeeper.ports import Tree

MAX_POLICY = 1024 * 1024
Tell = Callable[[str], None]
"""Hears what is going on, for people who wait."""


class Typed(Struct, frozen=True, kw_only=True):
    """The judging options as given."""

    environment: str | None = None
    policies: tuple[str, ...] = ()
    artifact: str | None = None
    artifacts: tuple[str, ...] = ()
    origin: str | None = None
    evidence: tuple[str, ...] = ()
    repo: str | None = None
    engine: str | None = None
    cross_check: bool = False
    trust: str | None = None


def judging(typed: Typed, now: datetime, tell: Tell) -> tuple[Tree | None, Request]:
    """The tree to read our files from, and what to judge. Raises InvalidRequestError for options that do not fit."""
    base = find_base(current_folder())
    if typed.environment is None:
        _check_alone(typed)
        return None, _request(typed, base, now, tell)
    if typed.policies:
        raise InvalidRequestError("--env and --policy do not go together", "An environment names its own policies.")
    if typed.trust is not None:
        raise InvalidRequestError("--trust goes with --policy", "An environment is judged by the trust.yaml beside it.")
    tree = working_tree(base) if typed.repo is None else commit_tree(typed.repo)
    folders = base.folders if typed.repo is None else folders_of(tree)
    return tree, msgspec.structs.replace(_request(typed, base, now, tell), folders=folders)


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
        common = _request(alone, msgspec.structs.replace(base, spec=_of_the_place(base)), now, tell)
        found = tuple(_handed(common, text, tell) for text in typed.artifacts)
        every = all_ready and not found
        single = found or (Candidate(request=common),)
        return repo, Candidates(environment=typed.environment, single=single, origin=typed.origin, every=every)
    given = typed.artifacts or (() if base.artifact is None else (base.artifact,))
    if not given:
        raise InvalidRequestError("no artifact to promote", "Give --artifact name:tag@sha256:…, or --from ENVIRONMENT.")
    first = _request(msgspec.structs.replace(typed, artifact=given[0]), base, now, tell, resolving=True)
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
    artifact = _artifact(text, tell, notes, resolving=True)
    return msgspec.structs.replace(first, artifact=artifact, notes=tuple(notes))


def _check_alone(typed: Typed) -> None:
    if not typed.policies:
        raise InvalidRequestError("nothing to judge by", "Give --env NAME, or --policy FILE.")
    if typed.repo is not None:
        raise InvalidRequestError("--repo goes with --env", "--policy FILE reads the file itself.")


def _request(typed: Typed, base: Base, now: datetime, tell: Tell, *, resolving: bool = False) -> Request:
    given = base.artifact if typed.artifact is None else typed.artifact
    notes: list[str] = []
    artifact = None if given is None else _artifact(given, tell, notes, resolving=resolving)
    return Request(
        artifact=artifact,
        notes=tuple(notes),
        envelopes=collect(typed.evidence or base.evidence, tell=tell),
        now=now,
        engines=engines_of(typed.engine, typed.cross_check),
        environment=typed.environment,
        policy_files=tuple(policy_file(path) for path in typed.policies),
        trust=trust_file(typed.trust, base) if typed.environment is None else None,
    )


def trust_file(given: str | None, base: Base) -> tuple[str, bytes] | None:
    """The bytes of the trust file that is given, else of the project's, with what messages call it; None without."""
    path = os.path.join(base.folder, "trust.yaml") if given is None else given
    if given is None and not os.path.lexists(path):
        return None
    try:
        return (os.path.basename(path) or path, read_file(path, MAX_POLICY))
    except CannotActError as fault:
        raise InvalidRequestError(f"the trust file {path}: {fault.message}") from fault


def _artifact(text: str, tell: Tell, notes: list[str], *, resolving: bool) -> Artifact:
    from gatekeeper.wiring.artifact import LIVE, read_artifact, with_digest  # only where one is given

    if text.startswith(LIVE):
        tell(f"asking the registry for {text.removeprefix(LIVE)}")
    artifact = read_artifact(text, notes.append)
    if not resolving or artifact.digest is not None:
        return artifact
    tell(f"asking the registry what {artifact.image}:{artifact.tag} is")
    return with_digest(artifact)


def engines_of(name: str | None, cross_check: bool) -> tuple[Engine, ...]:
    """The engine asked for, and the other one beside it for a cross-check."""
    first = load_engine(name)
    if not cross_check:
        return (first,)
    other = "cel-python" if first.name == "cel-cpp" else "cel-cpp"
    return first, load_engine(other)


def policy_file(path: str) -> tuple[str, bytes]:
    """A policy's bytes, under a label that holds no absolute path: relative to here, or its last part."""
    if not path:
        raise InvalidRequestError("--policy names no file")
    label = os.path.relpath(path).replace(os.sep, "/")
    try:
        data = read_file(path, MAX_POLICY)
    except CannotActError as fault:
        raise InvalidRequestError(f"policy {path}: {fault.message}") from fault
    return (os.path.basename(path) if label.startswith("..") else label), data
