"""Which files of a tree change when an artifact is promoted, and how."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.manifests import FORMATS, Format, format_of
from gatekeeper.manifests.edited import Target, Wish
from gatekeeper.model.environment import ArtifactRow, ManifestPlace
from gatekeeper.model.image import ImageRef, parse_image
from gatekeeper.model.judgement import JudgedArtifact
from gatekeeper.model.paths import path_parts
from gatekeeper.ports import Tree

_RECORDS = "decisions"
_OURS = b"gatekeeper/v1"
"""The `apiVersion` of deny lists, approvals, policies and the like, wherever they lie."""


class Change(NamedTuple):
    """One manifest before and after; `held` says that it already named the wished image."""

    path: str
    old: str
    new: str
    before: str
    after: str
    held: bool


class Changes(NamedTuple):
    """All of an artifact's manifests, each once, those first that say which version; and what a person should know."""

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


def model_uri(artifact: JudgedArtifact | None) -> str | None:
    """Where the artifact's model lies, as far as it was said."""
    if artifact is None or artifact.model is UNSET or artifact.model.uri is UNSET:
        return None
    return artifact.model.uri


def find_changes(tree: Tree, row: ArtifactRow, wish: Wish) -> Changes:
    """Edit every manifest of the row. Raises ManifestError, or InvalidRequestError where a path or pin cannot be."""
    changes: dict[str, Change] = {}
    notes: list[str] = []
    for place in row.manifests:
        known = changes.get(place.path)
        text = known.new if known else _text(tree, place.path)
        change, said = _change(place, row, text, wish)
        changes[place.path] = _joined(known, change, wish) if known else change
        notes += said
    return Changes(tuple(sorted(changes.values(), key=lambda change: not _says(change, wish))), tuple(notes))


def _joined(one: Change, other: Change, wish: Wish) -> Change:
    """Two places of one file, edited one after the other."""
    said = other if _says(other, wish) and not _says(one, wish) else one
    return said._replace(old=one.old, new=other.new, held=one.held and other.held)


def _says(change: Change, wish: Wish) -> bool:
    """Whether it names the wished version; a name alone and a model's URI do not."""
    parts = (f":{wish.image.tag}", f"@{wish.image.digest}")
    return change.after.endswith(parts)


def _change(place: ManifestPlace, row: ArtifactRow, text: str, wish: Wish) -> tuple[Change, tuple[str, ...]]:
    if place.format not in FORMATS:
        raise InvalidRequestError(f"manifests of format {place.format} are not written by this version")
    format_ = format_of(place.format)
    target = target_of(place, row)
    edited = format_.edit(text, target, wish)
    held = edited.text == text or (wish.pin != "tag" and _holds(format_, text, target, wish.image))
    return Change(place.path, text, edited.text, edited.before, edited.after, held), edited.notes


def _holds(format_: Format, text: str, target: Target, new: ImageRef) -> bool:
    """Whether the wished digest is there, under whatever tag. Where several images stand, it is not everywhere."""
    try:
        current = format_.current(text, target)
    except ManifestError:
        return False
    return current is not None and (current.repository, current.digest) == (new.repository, new.digest)


def target_of(place: ManifestPlace, row: ArtifactRow) -> Target:
    """Where in its file a place of a row is."""
    return Target(
        file=place.path,
        image=parse_image(row.image).written if place.image is UNSET else place.image,
        at=None if place.at is UNSET else place.at,
        container=None if place.container is UNSET else place.container,
        write=None if place.write is UNSET else place.write,
        add=place.add,
    )


def _text(tree: Tree, path: str) -> str:
    if path_parts(path)[:1] in {(), (_RECORDS,)}:
        raise InvalidRequestError(f"{path}: a manifest cannot lie among the decision records")
    data = tree.read(path)
    if data is None:
        raise ManifestError(f"{path}: there is no such file at the tip of the branch")
    if _OURS in data:
        message = f"{path}: this is a file of gatekeeper's own, and no promotion changes one"
        raise InvalidRequestError(message, "Name the manifest that is deployed.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise ManifestError(f"{path}: the file is not UTF-8 (byte {fault.start})") from fault
