"""flux: the values of a HelmRelease, the images of Flux's Kustomizations, and what setter markers mark in any file."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.manifests.asked import check_keys
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.imagelists import Found, deployed, entries, matching, set_entry
from gatekeeper.manifests.markers import check_policy, edit_marked, is_policy, marked_image, refuse_unsaid
from gatekeeper.manifests.scalars import shown
from gatekeeper.manifests.valuemaps import Held, set_values, values_image, values_matching
from gatekeeper.manifests.walk import Spot, group_kind, objects
from gatekeeper.manifests.yamlnodes import Source, meaning
from gatekeeper.model.image import ImageRef

_RELEASE = ("helm.toolkit.fluxcd.io", "HelmRelease")
_KUSTOMIZATION = ("kustomize.toolkit.fluxcd.io", "Kustomization")
_LISTS = {
    _RELEASE: ("spec", "postRenderers", "[]", "kustomize", "images"),
    _KUSTOMIZATION: ("spec", "images"),
}


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set what the policy named by `at` marks; without one, the only values or entry of images that is the target's.

    Raises InvalidRequestError where the pin asks for what the place or the image has not, ManifestError with the place
    where not exactly one fits, or where it cannot be changed alone.
    """
    source = _opened(text, target)
    if is_policy(target.at):
        return edit_marked(source, target, wish)
    one = _only(source, target)
    if one is None:
        source.refuse(f"neither values nor images: hold {target.image} here; image: says the name in the manifest")
    return set_values(one, target, wish) if isinstance(one, Held) else set_entry(one, target, wish)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that stands there; None where there is none, or neither tag nor digest.

    Raises ManifestError where that cannot be told.
    """
    source = _opened(text, target)
    if is_policy(target.at):
        return marked_image(source, target)
    one = _only(source, target)
    if one is None:
        return None
    return values_image(one, target) if isinstance(one, Held) else deployed(one)


def _opened(text: str, target: Target) -> Source:
    check_keys(target, "flux", "at")
    check_policy(target)
    source = Source(text, target.file)
    meaning(source)
    return source


def _only(source: Source, target: Target) -> Held | Found | None:
    known = [spot for spot in objects(source) if group_kind(spot) in _LISTS]
    refuse_unsaid(source)
    if not known:
        source.refuse("no object here is a HelmRelease or Kustomization of Flux, and no marker stands here")
    found = [each for each in _all(source, known, target) if target.at in (None, _where(each))]
    if len(found) > 1:
        some = ", ".join(_where(each) for each in found[:5])
        second = found[1]
        node = second.node if isinstance(second, Held) else second.spot.node
        source.refuse(f"{len(found)} places are {target.image} ({some}); at: chooses one", node)
    return found[0] if found else None


def _all(source: Source, known: list[Spot], target: Target) -> Iterator[Held | Found]:
    values = [spot.place for each in known if group_kind(each) == _RELEASE for spot in each.effective("spec", "values")]
    yield from values_matching(source, target, values)
    for each in known:
        for images in each.effective(*_LISTS[group_kind(each)]):
            yield from matching(entries(images), target.image)


def _where(each: Held | Found) -> str:
    return shown(each.at[0].path if isinstance(each, Held) else each.spot.path)
