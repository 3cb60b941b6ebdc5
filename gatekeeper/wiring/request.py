"""From what a user typed to a request that can be judged."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from gatekeeper.app.evaluate import Request
from gatekeeper.connect.report_files import read_file
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.judge.cel import Engine, load_engine
from gatekeeper.wiring.evidence import collect
from gatekeeper.wiring.project import Base, commit_tree, current_folder, find_base, folders_of, working_tree

if TYPE_CHECKING:
    from gatekeeper.model.artifact import Artifact
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
        return None, request_of(typed, base, now, tell)
    if typed.policies:
        raise InvalidRequestError("--env and --policy do not go together", "An environment names its own policies.")
    if typed.trust is not None:
        raise InvalidRequestError("--trust goes with --policy", "An environment is judged by the trust.yaml beside it.")
    tree = working_tree(base) if typed.repo is None else commit_tree(typed.repo)
    folders = base.folders if typed.repo is None else folders_of(tree)
    return tree, msgspec.structs.replace(request_of(typed, base, now, tell), folders=folders)


def _check_alone(typed: Typed) -> None:
    if not typed.policies:
        raise InvalidRequestError("nothing to judge by", "Give --env NAME, or --policy FILE.")
    if typed.repo is not None:
        raise InvalidRequestError("--repo goes with --env", "--policy FILE reads the file itself.")


def request_of(typed: Typed, base: Base, now: datetime, tell: Tell, *, resolving: bool = False) -> Request:
    """What is to be judged, out of the options and the project's own. Raises InvalidRequestError."""
    given = base.artifact if typed.artifact is None else typed.artifact
    notes: list[str] = []
    artifact = None if given is None else artifact_of(given, tell, notes, resolving=resolving)
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


def artifact_of(text: str, tell: Tell, notes: list[str], *, resolving: bool) -> Artifact:
    """The artifact that the option names; with the digest of its tag where that is to be resolved."""
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
