"""kserve: the images and model URIs of KServe's InferenceServices, serving runtimes and language-model services.

Sources: KServe's API types v1beta1 and v1alpha1 (0.16). A component is a PodSpec with one model in it, which is a
Container with a `storageUri`; `canaryTrafficPercent` is nobody's image and stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.asked import check_keys
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.imagespots import current_image, edit_images
from gatekeeper.manifests.modeluri import edit_uri
from gatekeeper.manifests.pods import container_images, pod_images
from gatekeeper.manifests.walk import Spot, group_kind, objects
from gatekeeper.manifests.yamlnodes import Source, meaning
from gatekeeper.model.image import ImageRef

_GROUP = "serving.kserve.io"
_COMPONENTS = ("predictor", "transformer", "explainer")
_MODELS = {
    "predictor": (
        *("model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml"),
        *("lightgbm", "paddle"),
    ),
    "transformer": (),
    "explainer": ("art", "alibi", "aix"),
}
_RUNTIMES = frozenset({"ServingRuntime", "ClusterServingRuntime"})
_LANGUAGE = frozenset({"LLMInferenceService", "LLMInferenceServiceConfig"})
_LANGUAGE_PODS = (
    *(("spec", "template"), ("spec", "worker"), ("spec", "prefill", "template"), ("spec", "prefill", "worker")),
    ("spec", "router", "scheduler", "template"),
)
_KINDS = frozenset({"InferenceService", "TrainedModel"}) | _RUNTIMES | _LANGUAGE


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the image of all containers whose repository is the target's, or for `write: model-uri` the model's URI.

    `at` narrows to a component. Raises InvalidRequestError for a wish that the artifact cannot fill, ManifestError with
    the place where nothing or too much fits, or where it cannot be set alone.
    """
    source, found = _opened(text, target)
    if target.write == "model-uri":
        return edit_uri(source, [uri for spot in found for uri in _uris(spot, target, _CHIEF)], target, wish)
    return edit_images(source, _images(found, target), target, wish)


def current(text: str, target: Target) -> ImageRef | None:
    """The image of those containers; None where there are none, and for a model's URI.

    Raises ManifestError where they differ.
    """
    source, found = _opened(text, target)
    return None if target.write == "model-uri" else current_image(source, _images(found, target), target)


def _opened(text: str, target: Target) -> tuple[Source, list[Spot]]:
    check_keys(target, "kserve", "at", "container", "write")
    if target.at is not None and target.at not in _COMPONENTS:
        raise InvalidRequestError(f"{target.file}: at: {target.at} is none of {', '.join(_COMPONENTS)}")
    if target.write not in (None, "image", "model-uri"):
        raise InvalidRequestError(f"{target.file}: format kserve writes image or model-uri, not {target.write}")
    if target.write == "model-uri" and target.container is not None:
        raise InvalidRequestError(f"{target.file}: container: narrows images, and model-uri is none")
    source = Source(text, target.file)
    meaning(source)
    found = [spot for spot in objects(source) if _is_known(spot)]
    if not found:
        source.refuse(f"no object here is one of KServe's {', '.join(sorted(_KINDS))}")
    return source, found


def _is_known(spot: Spot) -> bool:
    group, kind = group_kind(spot)
    if group != _GROUP or kind not in _KINDS:
        return False
    version = spot.text("apiVersion").rpartition("/")[2]
    if kind == "InferenceService" and version != "v1beta1":
        spot.source.refuse(f"{version[:80]} is no version of InferenceService that is served; v1beta1 is", spot.node)
    return True


def _images(found: list[Spot], target: Target) -> list[Spot]:
    images = [image for spot in found for image in _of(spot, target)]
    # A model in an image: oci://name:tag.
    uris = () if target.container else (uri for spot in found for uri in _uris(spot, target, _COMPONENTS))
    return [*images, *(uri for uri in uris if str(getattr(uri.node, "value", "")).startswith("oci://"))]


def _of(spot: Spot, target: Target) -> Iterator[Spot]:
    kind = group_kind(spot)[1]
    if kind in _RUNTIMES:
        yield from _pods(spot.walk("spec"), target)
        yield from _pods(spot.walk("spec", "workerSpec"), target)
    elif kind in _LANGUAGE:
        for path in _LANGUAGE_PODS:
            yield from _pods(spot.walk(*path), target)
    elif kind == "InferenceService":
        for name in _COMPONENTS if target.at is None else (target.at,):
            yield from _component(spot, name, target)


def _component(spot: Spot, name: str, target: Target) -> Iterator[Spot]:
    yield from _pods(spot.walk("spec", name), target)
    yield from _pods(spot.walk("spec", name, "workerSpec"), target)
    for model in _MODELS[name]:
        for container in spot.walk("spec", name, model):
            yield from container_images(container, target.container)


def _pods(pods: Iterator[Spot], target: Target) -> Iterator[Spot]:
    for pod in pods:
        yield from pod_images(pod, target.container)


_CHIEF = ("predictor",)


def _uris(spot: Spot, target: Target, components: tuple[str, ...]) -> Iterator[Spot]:
    """Where models lie; without `at`, those of the components named."""
    kind = group_kind(spot)[1]
    if kind == "TrainedModel":
        yield from spot.walk("spec", "model", "storageUri")
    elif kind in _LANGUAGE:
        yield from spot.walk("spec", "model", "uri")
    elif kind == "InferenceService":
        for name in components if target.at is None else (target.at,):
            for model in _MODELS[name]:
                yield from spot.walk("spec", name, model, "storageUri")
