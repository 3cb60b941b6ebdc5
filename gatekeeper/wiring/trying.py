"""From what a user typed after `gatekeeper try` to policies, evidence and engines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gatekeeper.app.applied import applications_of, load_applied, named, row_of
from gatekeeper.app.evaluate import Request, trusted
from gatekeeper.app.given import application_of
from gatekeeper.errors import InvalidRequestError
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.judge import Case
from gatekeeper.judge.prepare import Application
from gatekeeper.model.artifact import Artifact
from gatekeeper.policy.documents import load
from gatekeeper.policy.near import near
from gatekeeper.policy.plain import Ambiguous, read_plain
from gatekeeper.ports import Tree
from gatekeeper.wiring.artifact import read_artifact
from gatekeeper.wiring.evidence import collect
from gatekeeper.wiring.project import current_folder, find_base
from gatekeeper.wiring.request import Tell, Typed, engines_of, judging, trust_file
from gatekeeper.wiring.unsealing import unsealed


class Tried(Struct, frozen=True, kw_only=True):
    """All that a trial needs. `alone` says that no policy was named."""

    applications: tuple[Application, ...]
    engines: tuple[Engine, ...]
    case: Case
    alone: bool


def trying(typed: Typed, parameters: Sequence[str], now: datetime, tell: Tell) -> Tried:
    """The policies, evidence and engines. Raises InvalidRequestError or InvalidFileError."""
    pairs = dict(_pair(text) for text in parameters)
    alone = typed.environment is None and not typed.policies
    if alone:
        request, ring = trusted(_without_policy(typed, now, tell), (), None)
        given = {name: _guessed(name, text) for name, text in pairs.items()}
        applications = [application_of(request.envelopes, given)]
    else:
        tree, request = judging(typed, now, tell)
        applications, artifact = _applications(tree, request)
        request = replace(request, artifact=artifact)
        request, ring = trusted(request, [one.document for one in applications], tree)
        applications = _with_parameters(applications, pairs)
    case = Case(
        artifact=request.artifact,
        environment=request.environment,
        envelopes=request.envelopes,
        now=request.now,
        signers=ring,
    )
    return Tried(applications=tuple(applications), engines=request.engines, case=case, alone=alone)


def _without_policy(typed: Typed, now: datetime, tell: Tell) -> Request:
    base = find_base(current_folder())
    given = base.artifact if typed.artifact is None else typed.artifact
    return Request(
        artifact=None if given is None else read_artifact(given),
        envelopes=unsealed(collect(typed.evidence or base.evidence, tell=tell), None, now),
        now=now,
        engines=engines_of(typed.engine, typed.cross_check),
        trust=trust_file(typed.trust, base),
    )


def _applications(tree: Tree | None, request: Request) -> tuple[list[Application], Artifact | None]:
    if request.environment is None or tree is None:
        documents = [load(data, label, frozenset({"Policy"}))[0] for label, data in request.policy_files]
        return [Application(document=document, enforcement="deny") for document in documents], request.artifact
    place, _, policies = load_applied(tree, request.folders, request.environment)
    row, origin = row_of(place, request.artifact)
    return applications_of(place, row, origin, policies), named(request.artifact, row)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidRequestError(f"--param {text!r} is not NAME=VALUE")
    return name, value


def _guessed(name: str, text: str) -> Any:
    """What the text would be in YAML, unquoted."""
    value = read_plain(text)
    if isinstance(value, Ambiguous):
        raise InvalidRequestError(f"--param {name}: {value.message}")
    return value


def _with_parameters(applications: list[Application], pairs: dict[str, str]) -> list[Application]:
    """Each policy with those of the values that it has a parameter for. Raises where none has it."""
    declared = {name for one in applications for name in one.document.policy.spec.parameters}
    for name in pairs:
        if name not in declared:
            hint = near(name, declared) or f"Parameters here: {', '.join(sorted(declared)) or 'none'}."
            raise InvalidRequestError(f"no policy has a parameter {name!r}", hint)
    return [_set(application, pairs) for application in applications]


def _set(application: Application, pairs: dict[str, str]) -> Application:
    types = {name: one.type for name, one in application.document.policy.spec.parameters.items()}
    own = {
        name: text if types[name] in ("string", "duration") else _guessed(name, text)
        for name, text in pairs.items()
        if name in types
    }
    return replace(application, parameters={**application.parameters, **own})
