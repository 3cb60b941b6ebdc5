"""Which files of a tree change when an artifact is promoted, and how."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.manifests import FORMATS
from gatekeeper.model.environment import ArtifactRow, ManifestPlace, Pin
from gatekeeper.model.image import ImageRef, parse_image
from gatekeeper.model.judgement import JudgedArtifact
from gatekeeper.model.paths import path_parts
from gatekeeper.ports import Tree

_RECORDS = "decisions"


class Change(NamedTuple):
    """One manifest before and after; `held` says that it already named the wished image."""

    path: str
    old: str
    new: str
    before: str
    after: str
    held: bool


class Changes(NamedTuple):
    """All of an artifact's manifests, each once, and what a person should know."""

    manifests: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether every manifest already named the wished image."""
        return all(change.held for change in self.manifests)

    @property
    def files(self) -> dict[str, bytes]:
        """The files that differ, by path."""
        return {change.path: change.new.encode() for change in self.manifests if change.new != change.old}


def wished_image(row: ArtifactRow, artifact: JudgedArtifact | None) -> ImageRef:
    """What the manifests are to name: the row's repository with the artifact's tag and digest.

    Raises InvalidRequestError for an artifact without a digest: a tag may mean another image tomorrow.
    """
    if artifact is None or artifact.digest is None:
        raise InvalidRequestError(
            "only an image with a digest can be promoted", "Give it as --artifact name:tag@sha256:… ."
        )
    name = parse_image(row.image)
    return ImageRef(repository=name.repository, written=name.written, tag=artifact.tag, digest=artifact.digest)


def find_changes(tree: Tree, row: ArtifactRow, new: ImageRef, pin: Pin) -> Changes:
    """Edit every manifest of the row. Raises ManifestError, or InvalidRequestError where a path or pin cannot be."""
    changes: dict[str, Change] = {}
    notes: list[str] = []
    for place in row.manifests:
        known = changes.get(place.path)
        text = known.new if known else _text(tree, place.path)
        changes[place.path], said = _change(place, row, text, new, pin)
        if known:
            changes[place.path] = changes[place.path]._replace(
                old=known.old, before=known.before, held=known.held and changes[place.path].held
            )
        notes += said
    return Changes(tuple(changes.values()), tuple(notes))


def _change(
    place: ManifestPlace, row: ArtifactRow, text: str, new: ImageRef, pin: Pin
) -> tuple[Change, tuple[str, ...]]:
    format_ = FORMATS.get(place.format)
    if format_ is None:
        raise InvalidRequestError(f"manifests of format {place.format} are not written by this version")
    image = parse_image(row.image).written if place.image is UNSET else place.image
    edited = format_.edit(text, image=image, new=new, pin=pin, file=place.path)
    held = edited.text == text
    if not held and pin != "tag":
        current = format_.current(text, image=image, file=place.path)
        held = current is not None and (current.repository, current.digest) == (new.repository, new.digest)
    return Change(place.path, text, edited.text, edited.before, edited.after, held), edited.notes


def _text(tree: Tree, path: str) -> str:
    if path_parts(path)[:1] in {(), (_RECORDS,)}:
        raise InvalidRequestError(f"{path}: a manifest cannot lie among the decision records")
    data = tree.read(path)
    if data is None:
        raise ManifestError(f"{path}: there is no such file at the tip of the branch")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise ManifestError(f"{path}: the file is not UTF-8 (byte {fault.start})") from fault
