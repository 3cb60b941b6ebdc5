"""compose: the images of the services of a Compose file (compose-spec).

A service that is only built has none. What stands under `x-` is no image either, but may be what a service gets by an
alias or a merge key; then it changes with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.manifests.asked import check_keys
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.imagespots import current_image, edit_images
from gatekeeper.manifests.scalars import Place, places
from gatekeeper.manifests.walk import Spot, documents
from gatekeeper.manifests.yamlnodes import Source
from gatekeeper.model.image import ImageRef


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the image of every service that runs the target's, or of the service that `container` names.

    Raises InvalidRequestError where the pin asks for what the image has not, ManifestError where no service runs the
    image, a look-alike or variable stands there, or an alias brings it to what is not meant.
    """
    source = Source(text, target.file)
    return edit_images(source, _spots(source, target), target, wish)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that the services run; None where none runs the target's. Raises ManifestError where they differ."""
    source = Source(text, target.file)
    return current_image(source, _spots(source, target), target)


def _spots(source: Source, target: Target) -> list[Spot]:
    check_keys(target, "compose", "container")
    # First: aliases that multiply are refused before anything looks through merge keys.
    everything = list(places(source))
    services = [spot for root in documents(source) for spot in root.walk("services", target.container or "*")]
    if not services:
        what = f"no service is called {target.container}" if target.container else "it has no services:"
        source.refuse(f"not what a Compose file should be: {what}")
    spots = [image for service in services for image in service.get("image")]
    if not spots and target.container:
        source.refuse(f"the service {target.container} has no image: it is built", services[0].node)
    return [*spots, *_templates(source, spots, everything)]


def _templates(source: Source, spots: list[Spot], everything: list[Place]) -> Iterator[Spot]:
    """Where under `x-` the same scalars stand."""
    nodes = {id(spot.node) for spot in spots}
    for place in everything:
        if id(place.node) in nodes and str(place.path[0]).startswith("x-"):
            yield Spot(source, place.node, place.document, place.path, live=False)
