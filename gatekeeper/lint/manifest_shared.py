"""`manifest-shared`: two artifacts that write the same place of one file."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.subject import Site, Spot, Subject, found, spot
from gatekeeper.model.environment import ArtifactRow, ManifestPlace
from gatekeeper.model.finding import Finding, Level
from gatekeeper.model.image import parse_image

ID = "manifest-shared"
SEVERITY: Level = "error"
SUMMARY = "Two artifacts write the same place of the same file: each promotion of one undoes that of the other."
_REMEDY = "Give each its own file, or tell the places apart by `image`, `at` or `container`."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each row but the first, within an environment and between environments."""
    seen: dict[tuple[object, ...], str] = {}
    for site in subject.sites:
        for applied in site.rows:
            mine = f"{site.name}/{applied.row.name}"
            for index, place in enumerate(applied.row.manifests):
                other = seen.setdefault(_key(site, applied.row, place), mine)
                if other != mine:
                    message = f"{mine} writes {place.path}, in the same place as {other}"
                    yield found(ID, SEVERITY, _spot(site, applied.origin, applied.row, index), message, _REMEDY)


def _key(site: Site, row: ArtifactRow, place: ManifestPlace) -> tuple[object, ...]:
    delivery = site.environment.spec.delivery
    image = parse_image(str(row.image if place.image is UNSET else place.image)).repository
    named = image if place.at is UNSET else place.at
    narrowed = tuple(None if one is UNSET else one for one in (place.container, place.write))
    repo = None if delivery.repo is UNSET else delivery.repo
    return (repo, delivery.branch, place.path, named, *narrowed)


def _spot(site: Site, origin: object, row: ArtifactRow, index: int) -> Spot:
    document = next(one.origin for one in site.rows if one.origin is origin)
    rows = document.environment.spec.artifacts
    at = ("spec", "artifacts", rows.index(row)) if row in rows else ("spec",)
    return spot(document, *at, "manifests", index, "path")
