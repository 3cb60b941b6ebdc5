"""A version of a model in MLflow's registry: the answer of `model-versions/get`, or what gatekeeper recorded of it.

Format: MLflow's REST API, `{"model_version": {"name", "version", "status", "run_id", "source", "tags", "aliases"}}`.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, sequence, text
from gatekeeper.evidence.quoting import shown
from gatekeeper.model.digests import is_sha256
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts_origin import Model

NAME = "mlflow-model"
KIND = "model"
SCHEMA = "gatekeeper.mlflow-model/v1"
DIGEST_TAG = "gatekeeper.model.digest"
MAX_TAGS = 20_000


def claims(report: Opened) -> bool:
    """Whether this is the answer of `model-versions/get` or of `registered-models/alias`."""
    document = report.json
    if not isinstance(document, dict):
        return False
    version = document.get("model_version")
    return isinstance(version, dict) and "name" in version and "version" in version


def read(report: Opened) -> Reading:
    """The version as the registry has it; its subjects are its run, and the digest that the tag
    `gatekeeper.model.digest` gives. Raises NotEvaluatedError unless it is READY, EvidenceError for what is no answer.
    """
    version = mapping(mapping(report.json, "the report").get("model_version"), "model_version")
    status = text(version.get("status"), "model_version.status")
    if status != "READY":
        raise NotEvaluatedError("the version of the model is not READY in the registry")
    name, number = text(version.get("name"), "model_version.name"), _number(version.get("version"))
    if not name:
        raise EvidenceError("model_version.name is empty")
    tags = _tags(version)
    run, digest = _said(version, "run_id"), tags.get(DIGEST_TAG, "")
    facts = Model(
        name=name,
        version=number,
        status=status,
        stage=_stage(version),
        aliases=tuple(sorted({text(one, "an alias") for one in sequence(version.get("aliases"), "aliases")})),
        tags=tags,
        run=UNSET if run is UNSET else f"mlflow:{run}",
        source=_said(version, "source"),
        digest=digest if is_sha256(digest) else UNSET,
    )
    return Reading(facts=facts, subjects=tuple(one for one in (facts.run, facts.digest) if one is not UNSET))


def _number(value: Any) -> str:
    """A version: the API writes it as text, the database as a number."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()):
        raise EvidenceError("model_version.version is not a version")
    return value


def _said(version: dict[str, Any], key: str) -> str | UnsetType:
    return text(version.get(key), f"model_version.{key}") or UNSET


def _stage(version: dict[str, Any]) -> str | UnsetType:
    """The stage, which MLflow writes as "None" where there is none."""
    stage = _said(version, "current_stage")
    return UNSET if stage == "None" else stage


def _tags(version: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in sequence(version.get("tags"), "model_version.tags"):
        tag = mapping(item, "a tag")
        name = text(tag.get("key"), "the key of a tag")
        if name in found:
            raise EvidenceError(f"tag {shown(name)} stands twice")
        if len(found) >= MAX_TAGS:
            raise EvidenceError(f"the version has more than {MAX_TAGS} tags")
        found[name] = text(tag.get("value"), "the value of a tag")
    return found
