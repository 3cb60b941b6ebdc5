"""Where a model lies, as a URI: one scalar, whatever stood there."""

from __future__ import annotations

from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.images import UnfitError
from gatekeeper.manifests.scalars import replace, shown, text_of
from gatekeeper.manifests.slots import fill
from gatekeeper.manifests.walk import Spot
from gatekeeper.manifests.yamlnodes import Source


def edit_uri(source: Source, spots: list[Spot], target: Target, wish: Wish) -> Edited:
    """Set the only URI among the spots to the artifact's model.

    Raises InvalidRequestError where the artifact names none, ManifestError where there is no such place or more.
    """
    one = _only(source, spots)
    before = text_of(one.node)
    try:
        written = fill(before, target, wish)
    except UnfitError as fault:
        source.refuse(str(fault), one.node)
    places = [spot.place for spot in spots if spot.node is one.node]
    return Edited(replace(source, [(place, written.text) for place in places]), before or "", written.text)


def _only(source: Source, spots: list[Spot]) -> Spot:
    live = [spot for spot in spots if spot.live]
    if not live:
        source.refuse("no model's URI stands here; write one first")
    if len({id(spot.node) for spot in live}) > 1:
        some = ", ".join(shown(spot.path) for spot in live[:5])
        source.refuse(f"several models have a URI here ({some}); at: narrows to a component", live[1].node)
    return live[0]
