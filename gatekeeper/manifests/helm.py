"""helm: an image in a file of values, as the map that charts use for it or as one string.

What such a map holds stands in valuemaps. An overlay may have the tag alone, which only `at:` finds.
"""

from __future__ import annotations

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.asked import check_keys
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.places import place_of
from gatekeeper.manifests.scalars import Place, shown
from gatekeeper.manifests.valuemaps import Held, set_values, values_image, values_matching
from gatekeeper.manifests.yamlnodes import Source
from gatekeeper.manifests.yamlplaces import locate
from gatekeeper.model.image import ImageRef


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the tag and digest of the map, or the string, that is the target's image.

    Raises InvalidRequestError where the pin asks for what the image has not or the map cannot hold, ManifestError
    where there is not exactly one such image, or it cannot be changed alone.
    """
    return set_values(_only(text, target), target, wish)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that the values name; None where they give neither tag nor digest.

    Raises ManifestError where there is not exactly one such image.
    """
    return values_image(_only(text, target), target)


def _only(text: str, target: Target) -> Held:
    check_keys(target, "helm", "at", "add")
    source = Source(text, target.file)
    if target.at is not None:
        return _placed(source, target)
    everything = [Place(number, (), root) for number, root in enumerate(source.documents)]
    held = values_matching(source, target, everything)
    if len(held) != 1:
        some = ", ".join(shown(each.at[0].path) for each in held[:8])
        what = f"{len(held)} places are {target.image} ({some})" if held else f"no place is {target.image}"
        source.refuse(f"{what}; at: chooses one", held[1].node if held else None)
    if held[0].at[0].document:
        source.refuse("Helm reads the first document only, and this is another one", held[0].node)
    return held[0]


def _placed(source: Source, target: Target) -> Held:
    if place_of(target).document is not None:
        raise InvalidRequestError(f"{target.file}: at: a file of values is one document; begin with a dot")
    found = locate(source, target)
    if found.node is None:
        source.refuse(f"{target.at}: nothing stands there", found.holder)
    if found.document:
        source.refuse("Helm reads the first document only, and this is another one", found.node)
    return Held(source, found.node, (Place(found.document, found.path, found.node),))
