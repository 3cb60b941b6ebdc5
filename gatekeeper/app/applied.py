"""What applies: the environment, the artifact's row in it, and the policies with their enforcement and parameters."""

from __future__ import annotations

import msgspec

from gatekeeper.errors import InvalidFileError, InvalidRequestError, Problem
from gatekeeper.judge.expressions import Position
from gatekeeper.judge.prepare import Application
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.environment import ArtifactRow, Environment, PolicyUse
from gatekeeper.model.image import same_repository
from gatekeeper.model.project import Folders
from gatekeeper.policy.documents import Document
from gatekeeper.policy.library import Place, choose_policy, load_environment, load_policies
from gatekeeper.ports import Tree


def load_applied(
    tree: Tree, folders: Folders, name: str
) -> tuple[Place, tuple[Environment, ...], tuple[Document, ...]]:
    """The environment, those it comes after, and all policies; the problems of all these files at once."""
    problems: list[Problem] = []
    policies: tuple[Document, ...] = ()
    try:
        policies = load_policies(tree, folders.policies)
    except InvalidFileError as fault:
        problems += fault.problems
    try:
        place = load_environment(tree, folders.environments, name)
        before = _before(tree, folders.environments, place)
    except InvalidFileError as fault:
        raise InvalidFileError([*problems, *fault.problems]) from fault
    if problems:
        raise InvalidFileError(problems)
    return place, before, policies


def _before(tree: Tree, folder: str, place: Place) -> tuple[Environment, ...]:
    if not place.environment.spec.after:
        return ()
    from gatekeeper.app.preceding import load_before  # many environments come after none

    return load_before(tree, folder, place)


def row_of(place: Place, artifact: Artifact | None) -> tuple[ArtifactRow, Document]:
    """The row that the artifact's image names; without an artifact, the only one."""
    rows = place.rows
    if artifact is None:
        if len(rows) > 1:
            names = ", ".join(row.name for row, _ in rows)
            raise InvalidRequestError(
                f"environment {place.environment.metadata.name} holds {names}", "Say which with --artifact."
            )
        return rows[0]
    found = [(row, document) for row, document in rows if same_repository(row.image, artifact.image)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(row.name for row, _ in found)
        raise InvalidRequestError(f"{names} have the same image {artifact.image}: it does not say which is meant")
    images = ", ".join(row.image for row, _ in rows)
    message = f"no artifact of environment {place.environment.metadata.name} has the image {artifact.image}"
    raise InvalidRequestError(message, f"Its images: {images}.")


def named(artifact: Artifact | None, row: ArtifactRow) -> Artifact:
    """The artifact under the name of its row; of an artifact that was not given, name and image are all."""
    if artifact is None:
        return Artifact(name=row.name, image=row.image)
    return msgspec.structs.replace(artifact, name=row.name)


def applications_of(
    place: Place, row: ArtifactRow, origin: Document, policies: tuple[Document, ...]
) -> list[Application]:
    """The environment's policies, then the artifact's; one policy twice is a problem, never a precedence."""
    position = _row_position(row, origin)
    own = place.environment.spec.policies
    uses: list[tuple[PolicyUse, Document, Position]] = [
        (use, place.document, ("spec", "policies", n)) for n, use in enumerate(own)
    ]
    uses += [(use, origin, (*position, "policies", n)) for n, use in enumerate(row.policies)]
    applications: list[Application] = []
    seen: set[str] = set()
    for use, by, at in uses:
        where = by.place(*at, "name")
        if use.name in seen:
            raise InvalidFileError([Problem(f"policy {use.name!r} is applied twice to {row.name!r}", by.file, *where)])
        seen.add(use.name)
        document = choose_policy(policies, use, by=by, at=where)
        applications.append(
            Application(document=document, enforcement=use.enforcement, parameters=dict(use.parameters), by=by, at=at)
        )
    return applications


def _row_position(row: ArtifactRow, origin: Document) -> tuple[str | int, ...]:
    rows = origin.environment.spec.artifacts
    return ("spec", "artifacts", rows.index(row)) if row in rows else ("spec",)
