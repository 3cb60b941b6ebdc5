"""A policy that stands for the evidence at hand, where an expression is tried without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.json import encode

from gatekeeper.errors import InvalidRequestError
from gatekeeper.judge.prepare import Application
from gatekeeper.model.evidence import Envelope
from gatekeeper.policy.celtext import is_identifier
from gatekeeper.policy.documents import load

_TYPES = ((bool, "boolean"), (int | float, "number"), (str, "string"))


def application_of(envelopes: Sequence[Envelope], parameters: Mapping[str, Any]) -> Application:
    """Evidence by its name, and without one by its kind; parameters of the types that their values have.

    Raises InvalidRequestError for two kinds under one name.
    """
    kinds: dict[str, str] = {}
    for envelope in envelopes:
        if envelope.kind is None:
            continue
        name = envelope.name or envelope.kind
        if kinds.setdefault(name, envelope.kind) != envelope.kind:
            raise InvalidRequestError(
                f"{name} is {kinds[name]} and {envelope.kind} evidence", "Give each its own name."
            )
    text = {
        "apiVersion": "gatekeeper/v1",
        "kind": "Policy",
        "metadata": {"name": "given", "version": "0.0.0"},
        "spec": {
            "evidence": {name: {"kind": kind} for name, kind in kinds.items()},
            "parameters": {name: {"type": _type(name, value)} for name, value in parameters.items()},
            "rules": [{"id": "tried", "why": "It is tried.", "remedy": "None.", "require": "true"}],
        },
    }
    document = load(encode(text), "the command line", frozenset({"Policy"}))[0]
    return Application(document=document, enforcement="audit", parameters=dict(parameters))


def _type(name: str, value: Any) -> str:
    if not is_identifier(name):
        raise InvalidRequestError(f"--param {name!r} is no name for a parameter", "Use letters, digits and `_`.")
    found = next((word for kind, word in _TYPES if isinstance(value, kind)), None)
    if found is None:
        raise InvalidRequestError(f"--param {name} has no value")
    return found
