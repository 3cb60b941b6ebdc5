"""`--artifact`: an image reference, a file of kind Artifact, or `oci:` and a reference whose labels are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import msgspec
from msgspec import UNSET

from gatekeeper.connect.report_files import read_file
from gatekeeper.errors import CannotActError, EvidenceError, InvalidFileError, InvalidRequestError, Problem
from gatekeeper.model.artifact import Artifact, ArtifactFile, ArtifactSpec, ModelIdentity
from gatekeeper.model.image import parse_image
from gatekeeper.policy.documents import Document, load

MAX_FILE = 1024 * 1024
LIVE = "oci:"
Note = Callable[[str], None]


def read_artifact(text: str, note: Note = lambda _: None) -> Artifact:
    """The artifact that `text` names; only `oci:…` asks its registry, and `note` hears where its tag has moved.

    Raises InvalidRequestError or InvalidFileError, and CannotActError where the registry does not answer.
    """
    if os.path.isfile(text):
        return _from_file(text, note)
    if text.endswith((".yaml", ".yml", ".json")) and not text.startswith(LIVE):
        raise InvalidRequestError(f"there is no file {text!r}")
    return _from_spec(*_told(text, note))


def with_digest(artifact: Artifact) -> Artifact:
    """The artifact with the digest that its tag names in its registry now, unless it has one.

    Raises InvalidRequestError without a tag to ask for, CannotActError where it cannot be resolved.
    """
    if artifact.digest is not None:
        return artifact
    if artifact.tag is None:
        raise InvalidRequestError(
            f"{artifact.image} has neither tag nor digest", "Give --artifact name:tag@sha256:…, or name:tag."
        )
    from gatekeeper.wiring.sources import resolve_tag  # only here the registry is needed

    reference = f"{artifact.image}:{artifact.tag}"
    try:
        digest = resolve_tag(parse_image(reference))
    except EvidenceError as fault:
        raise CannotActError(f"{reference} cannot be resolved: {fault.message}", fault.remedy) from fault
    if digest is None:
        raise CannotActError(f"{reference} cannot be resolved: its registry has no such tag", "Push the image first.")
    return msgspec.structs.replace(artifact, digest=digest)


def _told(text: str, note: Note) -> tuple[ArtifactSpec, str | None]:
    """What is known of an image without a file, and its digest; with its labels where it is asked for."""
    if not text.startswith(LIVE):
        return ArtifactSpec(image=text), parse_image(text).digest
    from gatekeeper.wiring.labels import ask_image  # most artifacts are not asked for

    return ask_image(text.removeprefix(LIVE), note)


def _from_spec(spec: ArtifactSpec, digest: str | None) -> Artifact:
    image = parse_image(spec.image)
    return Artifact(
        name=None,
        image=image.written,
        tag=image.tag,
        digest=digest,
        model=None if spec.model is UNSET else spec.model,
        commit=None if spec.commit is UNSET else spec.commit,
        run=None if spec.run is UNSET else spec.run,
        datasets=dict(spec.datasets),
    )


def _from_file(path: str, note: Note) -> Artifact:
    try:
        data = read_file(path, MAX_FILE)
    except CannotActError as fault:
        raise InvalidRequestError(f"{path}: {fault.message}") from fault
    documents = load(data, path, frozenset({"Artifact"}))
    if len(documents) != 1:
        raise InvalidFileError([Problem("one artifact per file", path)])
    value = documents[0].value
    assert isinstance(value, ArtifactFile)
    try:
        told, digest = _told(value.spec.image, note)
    except InvalidRequestError as fault:
        raise InvalidFileError([_problem(documents[0], path, fault.message, fault.remedy, "image")]) from fault
    problems = [_problem(documents[0], path, *said) for said in _contradictions(value.spec, told)]
    if problems:
        raise InvalidFileError(problems)
    return _from_spec(_both(value.spec, told), digest)


def _problem(document: Document, path: str, message: str, remedy: str, *keys: str) -> Problem:
    return Problem(message, path, *document.place("spec", *keys), remedy)


def _contradictions(file: ArtifactSpec, labels: ArtifactSpec) -> Iterator[tuple[str, ...]]:
    """Message, remedy and keys of each thing that the file and the image's labels say differently."""
    said = _leaves(labels)
    for keys, value in _leaves(file).items():
        if said.get(keys, value) != value:
            yield (
                f"{'.'.join(keys)} is {value!r} here, and the image's label says {said[keys]!r}",
                "One of them is wrong; what the labels say can be left out here.",
                *keys,
            )


def _leaves(spec: ArtifactSpec) -> dict[tuple[str, ...], str]:
    plain = msgspec.to_builtins(spec)
    leaves = {(key,): plain[key] for key in ("commit", "run") if key in plain}
    return leaves | {
        (key, inner): value for key in ("model", "datasets") for inner, value in plain.get(key, {}).items()
    }


def _both(file: ArtifactSpec, labels: ArtifactSpec) -> ArtifactSpec:
    models = [msgspec.to_builtins(spec.model) for spec in (labels, file) if spec.model is not UNSET]
    return ArtifactSpec(
        image=labels.image,
        model=msgspec.convert({**models[0], **models[-1]}, ModelIdentity) if models else UNSET,
        commit=labels.commit if file.commit is UNSET else file.commit,
        run=labels.run if file.run is UNSET else file.run,
        datasets={**labels.datasets, **file.datasets},
    )
