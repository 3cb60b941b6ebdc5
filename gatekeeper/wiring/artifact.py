"""`--artifact`: an image reference, or a file of kind Artifact."""

from __future__ import annotations

import os

from msgspec import UNSET

from gatekeeper.connect.report_files import read_file
from gatekeeper.errors import CannotActError, InvalidFileError, InvalidRequestError, Problem
from gatekeeper.model.artifact import Artifact, ArtifactFile
from gatekeeper.model.image import parse_image
from gatekeeper.policy.documents import load

MAX_FILE = 1024 * 1024


def read_artifact(text: str) -> Artifact:
    """The artifact that `text` names. Raises InvalidRequestError or InvalidFileError."""
    if os.path.isfile(text):
        return _from_file(text)
    if text.endswith((".yaml", ".yml", ".json")):
        raise InvalidRequestError(f"there is no file {text!r}")
    return _from_reference(text)


def _from_reference(text: str) -> Artifact:
    image = parse_image(text)
    return Artifact(name=None, image=image.written, tag=image.tag, digest=image.digest)


def _from_file(path: str) -> Artifact:
    try:
        data = read_file(path, MAX_FILE)
    except CannotActError as fault:
        raise InvalidRequestError(f"{path}: {fault.message}") from fault
    documents = load(data, path, frozenset({"Artifact"}))
    if len(documents) != 1:
        raise InvalidFileError([Problem("one artifact per file", path)])
    value = documents[0].value
    assert isinstance(value, ArtifactFile)
    spec = value.spec
    try:
        image = _from_reference(spec.image)
    except InvalidRequestError as fault:
        place = documents[0].place("spec", "image")
        raise InvalidFileError([Problem(fault.message, path, *place, fault.remedy)]) from fault
    return Artifact(
        name=None,
        image=image.image,
        tag=image.tag,
        digest=image.digest,
        model=None if spec.model is UNSET else spec.model,
        commit=None if spec.commit is UNSET else spec.commit,
        run=None if spec.run is UNSET else spec.run,
        datasets=dict(spec.datasets),
    )
