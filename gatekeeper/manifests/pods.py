"""Where Kubernetes' pods name images."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.manifests.walk import Spot

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def pod_images(pod: Spot, container: str | None = None) -> Iterator[Spot]:
    """The images of a PodSpec: all its containers' and image volumes', or those of the containers so named."""
    for kind in CONTAINERS:
        for spot in pod.walk(kind, "[]"):
            yield from container_images(spot, container)
    if container is None:
        yield from pod.walk("volumes", "[]", "image", "reference")


def container_images(spot: Spot, container: str | None = None) -> Iterator[Spot]:
    """The image of one Container, if it has that name."""
    if container is None or spot.text("name") == container:
        yield from spot.get("image")
