"""What an image says of itself in its labels: which model, commit, run and data sets it carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET

from gatekeeper.errors import CannotActError, EvidenceError, InvalidRequestError, NotEvaluatedError
from gatekeeper.evidence.fields import plain, seen
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.artifact import ArtifactSpec
from gatekeeper.model.digests import is_id
from gatekeeper.model.facts_origin import Image
from gatekeeper.model.image import parse_image

COMMIT = "org.opencontainers.image.revision"
PREFIX = "ml.gatekeeper."
_MODEL = {f"{PREFIX}model.{field}": field for field in ("name", "version", "uri", "digest")}
_RUN = f"{PREFIX}run"
_DATASET = f"{PREFIX}dataset."
_KNOWN = (COMMIT, _RUN, *_MODEL)


def ask_image(reference: str, note: Callable[[str], None]) -> tuple[ArtifactSpec, str]:
    """What the labels of an image in its registry say of it, and its digest; `note` hears where its tag has moved.

    Raises InvalidRequestError for a wrong reference or label, CannotActError where the registry does not answer.
    """
    from gatekeeper.wiring.sources import fetch  # only an artifact that is written `oci:…` is asked for

    try:
        fetched = fetch("oci", reference)
    except (EvidenceError, NotEvaluatedError) as fault:
        raise CannotActError(f"the image cannot be read: {fault.message}", fault.remedy) from fault
    found = envelope(fetched.data, source=fetched.source, producer="oci")
    if found.status != "evaluated":
        raise CannotActError(f"the image cannot be read: {found.reason}")
    image = msgspec.convert(found.facts, Image)
    asked = parse_image(reference)
    if asked.tag is not None and image.tag_digest != image.digest:
        now = "is not in the registry" if image.tag_digest is UNSET else f"names {image.tag_digest} now"
        note(f"the tag {asked.tag} {now}; the digest that was given counts")
    return carried(reference, image), image.digest


def carried(reference: str, image: Image) -> ArtifactSpec:
    """What the labels say. Raises InvalidRequestError for one that is malformed, unknown under ours, or not one."""
    labels = {} if image.labels is UNSET else image.labels
    _check_names(reference, set(labels) | set(image.differing), image.differing)
    spec: dict[str, Any] = {"image": reference, "model": {}, "datasets": {}}
    for label, value in labels.items():
        if label in _MODEL:
            spec["model"][_MODEL[label]] = value
        elif label.startswith(_DATASET):
            spec["datasets"][label.removeprefix(_DATASET)] = value
        elif label in (COMMIT, _RUN):
            spec["commit" if label == COMMIT else "run"] = value
    return _converted(reference, spec)


def _check_names(reference: str, names: set[str], differing: tuple[str, ...]) -> None:
    for name in sorted(names):
        ours = name.startswith(PREFIX)
        if ours and name not in _KNOWN and not name.startswith(_DATASET):
            raise InvalidRequestError(
                f"{reference}: there is no label {plain(name)!r}", f"There are {', '.join(_KNOWN)} and {_DATASET}NAME."
            )
        if name in differing and (ours or name == COMMIT):
            raise InvalidRequestError(
                f"{reference}: its platforms do not have the label {plain(name)!r} alike",
                "Build all platforms with the same labels, or name one platform's digest.",
            )


def _converted(reference: str, spec: dict[str, Any]) -> ArtifactSpec:
    """The specification, its labels checked one by one so that a fault names its own."""
    model = spec.pop("model")
    parts = [(COMMIT, "commit", spec.get("commit")), (_RUN, "run", spec.get("run"))]
    parts += [(f"{PREFIX}model.{field}", "model", {field: value}) for field, value in model.items()]
    parts += [(f"{_DATASET}{name}", "datasets", {name: digest}) for name, digest in spec["datasets"].items()]
    for label, field, value in parts:
        if value is not None:
            _check(reference, label, {"image": reference, field: value})
    return msgspec.convert({**spec, **({"model": model} if model else {})}, ArtifactSpec)


def _check(reference: str, label: str, document: dict[str, Any]) -> None:
    value = next(iter(document[field] for field in document if field != "image"))
    text = next(iter(value.values())) if isinstance(value, dict) else value
    try:
        msgspec.convert(document, ArtifactSpec)
        is_good = text == seen(text).strip() and (label not in (COMMIT, _RUN) or is_id(text))
    except msgspec.ValidationError:
        is_good = False
    if not is_good:
        what = "a digest, sha256:… or md5:…" if label.startswith(_DATASET) else _FORMS.get(label, "plain text")
        raise InvalidRequestError(
            f"{reference}: the label {plain(label)!r} is not {what}",
            "Correct it where the image is built; labels are inherited from the base image.",
        )


_FORMS = {f"{PREFIX}model.digest": "sha256: and 64 lower-case hex digits", COMMIT: "a commit", _RUN: "a run's id"}
