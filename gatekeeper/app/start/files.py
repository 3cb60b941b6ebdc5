"""All files of a first gate, checked by the loaders that will read them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from gatekeeper.app.start import cases, policy, project
from gatekeeper.app.start.found import Found
from gatekeeper.app.start.limits import Choice, choose
from gatekeeper.errors import InvalidRequestError
from gatekeeper.judge.prepare import check_policies
from gatekeeper.policy.documents import TYPES, load
from gatekeeper.policy.schema import schema_text

SCHEMAS = ".gatekeeper/schemas"


class Wanted(Struct, frozen=True, kw_only=True):
    """What was asked for besides the gate itself. `ci` is a key of `project.CI_FILES`, or None."""

    margin: Decimal
    version: str
    ci: str | None = None
    template: str = ""
    deployed: project.Deployed | None = None


def files_of(found: Found, wanted: Wanted) -> dict[str, bytes]:
    """By path. Raises InvalidRequestError where a metrics file holds nothing that a rule could be made of."""
    choice = _choice(found, wanted.margin)
    texts = {
        "gatekeeper.yaml": project.project_text(found),
        policy.FILE: policy.policy_text(found, choice, wanted.margin),
        cases.FILE: cases.cases_text(found, choice),
    }
    if wanted.deployed is not None:
        texts |= project.environment_files(wanted.deployed)
    _check(texts)
    if wanted.ci is not None:
        environment = wanted.deployed is not None
        snippet = project.snippet(wanted.template, found, wanted.version, environment=environment)
        texts[project.CI_FILES[wanted.ci]] = snippet
    texts |= {f"{SCHEMAS}/{kind.lower()}.schema.json": schema_text(kind) for kind in TYPES}
    return {path: text.encode() for path, text in texts.items()}


def _choice(found: Found, margin: Decimal) -> Choice:
    if found.metrics is None:
        return Choice((), ())
    choice = choose(found.metrics.values, margin)
    if not choice.limits:
        named = f" ({', '.join(choice.misnamed[:5])}: not in the range that the name says)" if choice.misnamed else ""
        message = f"{found.metrics.path} holds no metric that a rule could be made of{named}"
        raise InvalidRequestError(message, "Name another file with --metrics.")
    return choice


def _check(texts: Mapping[str, str]) -> None:
    """What is written must be what is read. Raises InvalidFileError, where a path or name has no place in YAML."""
    for path, text in texts.items():
        if not path.endswith("kustomization.yaml"):
            documents = load(text.encode(), path)
            check_policies([document for document in documents if document.kind == "Policy"])
