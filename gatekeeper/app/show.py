"""The rules in force: each policy with its values and where they come from, and each rule as CEL with its limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.app.applied import applications_of, load_applied
from gatekeeper.app.origins import applied_at, enforced_at, origin_of, written_at
from gatekeeper.app.shown import Shown, ShownLimit, ShownPolicy, ShownRule, ShownWaiver
from gatekeeper.app.vouching import Vouching, waiver_faults
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.judge import enforcement_of
from gatekeeper.judge.numbers import plain
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.judge.prepared import Limit, ReadyPolicy, ReadyRule
from gatekeeper.judge.waivers import ACTIVE, Scope, standing
from gatekeeper.judge.waiving import ready_waivers
from gatekeeper.model.environment import PolicyUse
from gatekeeper.model.instants import format_instant
from gatekeeper.model.project import Folders
from gatekeeper.model.waiver import Waiver
from gatekeeper.policy.celtext import path_text
from gatekeeper.policy.condition import Term
from gatekeeper.policy.documents import Document, load
from gatekeeper.policy.library import Place, load_waivers
from gatekeeper.policy.trust import read_trust
from gatekeeper.policy.versions import version_key
from gatekeeper.ports import Tree

Documents = Sequence[Document]


def show_environment(
    tree: Tree, folders: Folders, name: str, engines: Sequence[Engine], now: datetime
) -> tuple[Shown, ...]:
    """What applies to each artifact of an environment. Raises InvalidFileError or InvalidRequestError."""
    place, _, policies = load_applied(tree, folders, name)
    waivers = load_waivers(tree, folders.waivers)
    terms = place.environment.spec.waivers
    around = Vouching(tree=tree, environment=name, terms=terms, ring=read_trust(tree), now=now)
    vouching = waiver_faults(around, waivers, {})
    scope = Scope(environment=name, terms=terms, digest=None, now=now, vouching=vouching)
    return tuple(
        _artifact(place, row.name, applications_of(place, row, origin, policies), policies, waivers, engines, scope)
        for row, origin in place.rows
    )


def show_files(files: Sequence[tuple[str, bytes]], engines: Sequence[Engine], now: datetime) -> tuple[Shown, ...]:
    """The rules of policy files, with their own defaults."""
    documents = [load(data, label, frozenset({"Policy"}))[0] for label, data in files]
    applications = [Application(document=document, enforcement="deny") for document in documents]
    policies = _policies(applications, (), engines, (), now)
    return (Shown(environment=None, artifact=None, policies=policies, as_of=format_instant(now)),)


def _artifact(
    place: Place,
    artifact: str,
    applications: Sequence[Application],
    policies: Documents,
    waivers: Documents,
    engines: Sequence[Engine],
    scope: Scope,
) -> Shown:
    name, now = scope.environment, scope.now
    # Checked as a judgement does: a waiver for a rule that does not exist is a mistake, and not one less line.
    ready_waivers(waivers, name, policies, tuple(one.document for one in applications), engines)
    applied = {one.document.policy.metadata.name for one in applications}
    here = [one for one in waivers if name in one.waiver.spec.environments and one.waiver.spec.policy in applied]
    shown = tuple(_waiver(one, scope) for one in sorted(here, key=lambda one: one.waiver.metadata.name))
    return Shown(
        environment=name,
        artifact=artifact,
        policies=_policies(applications, policies, engines, shown, now),
        after=tuple(one.environment for one in place.environment.spec.after),
        waivers=shown,
        as_of=format_instant(now),
    )


def _waiver(document: Document, scope: Scope) -> ShownWaiver:
    waiver = document.waiver
    return ShownWaiver(
        waiver=waiver.metadata.name,
        policy=waiver.spec.policy,
        rule=waiver.spec.rule,
        state=_state(waiver, scope),
        covers=tuple(waiver.spec.covers),
        ticket=waiver.spec.ticket,
        approved_by=waiver.spec.approved_by,
        expires=waiver.spec.expires,
        file=document.file,
        line=document.place("metadata", "name")[0],
    )


def _state(waiver: Waiver, scope: Scope) -> str:
    """Without an artifact's digest, a waiver for one digest can only be said to be for that."""
    state = standing(waiver, scope)
    return f"active for {waiver.spec.artifact}" if state == "for another artifact" else state


def _policies(
    applications: Sequence[Application],
    documents: Documents,
    engines: Sequence[Engine],
    waivers: Sequence[ShownWaiver],
    now: datetime,
) -> tuple[ShownPolicy, ...]:
    ready = prepare(applications, engines)
    return tuple(
        _policy(one, application, documents, waivers, now) for one, application in zip(ready, applications, strict=True)
    )


def _policy(
    ready: ReadyPolicy,
    application: Application,
    documents: Documents,
    waivers: Sequence[ShownWaiver],
    now: datetime,
) -> ShownPolicy:
    use = _use(application)
    return ShownPolicy(
        name=ready.policy.metadata.name,
        version=ready.policy.metadata.version,
        digest=ready.digest,
        enforcement=ready.enforcement,
        file=ready.file,
        parameters={name: _parameter(name, ready, application) for name in ready.settings},
        variables=dict(ready.policy.spec.variables),
        evidence={
            name: {**_requirement(requirement), "line": line}
            for name, (requirement, line) in ready.requirements.items()
        },
        rules=tuple(_rule(rule, ready, waivers, now) for rule in ready.rules),
        applied_at=None if use is None else _place(applied_at(application)),
        enforced_at=_place(enforced_at(application)),
        range=None if use is None else use.version,
        versions=_versions(ready.policy.metadata.name, documents),
    )


def _use(application: Application) -> PolicyUse | None:
    """What the environment wrote."""
    if application.by is None:
        return None
    value: Any = application.by.environment
    for step in application.at:
        value = value[step] if isinstance(step, int) else getattr(value, step)
    assert isinstance(value, PolicyUse)
    return value


def _place(place: tuple[str, int] | None) -> str | None:
    return None if place is None else f"{place[0]}:{place[1]}"


def _versions(name: str, documents: Documents) -> tuple[str, ...]:
    found = (one.policy.metadata.version for one in documents if one.policy.metadata.name == name)
    return tuple(sorted(found, key=version_key))


def _parameter(name: str, ready: ReadyPolicy, application: Application) -> dict[str, Any]:
    declared = ready.policy.spec.parameters[name]
    file, line = written_at(application, name)
    told = {"value": ready.settings[name].value, "origin": origin_of(application, name), "file": file, "line": line}
    further = {key: getattr(declared, key) for key in ("default", "minimum", "maximum", "choices", "stricter")}
    return {**told, **{key: value for key, value in further.items() if value is not UNSET}}


def _requirement(requirement: Struct) -> dict[str, Any]:
    fields = {field: getattr(requirement, field) for field in requirement.__struct_fields__}
    return {field: value for field, value in fields.items() if value not in (UNSET, (), "", False)}


def _rule(ready: ReadyRule, policy: ReadyPolicy, waivers: Sequence[ShownWaiver], now: datetime) -> ShownRule:
    rule = ready.rule
    named = [one for one in waivers if (one.policy, one.rule) == (policy.policy.metadata.name, rule.id)]
    terms = zip(ready.condition.terms, ready.limits, strict=True)
    return ShownRule(
        id=rule.id,
        severity=rule.severity,
        why=rule.why,
        remedy=rule.remedy,
        pass_if=ready.condition.pass_if,
        fail_if=ready.condition.fail_if,
        when=None if rule.when is UNSET else rule.when,
        effective_on=None if rule.effective_on is UNSET else rule.effective_on,
        enforcement=enforcement_of(policy, ready, now)[1],
        limits=(*(_limit(term, limit, policy) for term, limit in terms), *_compared(ready, policy)),
        waivable=rule.waivable,
        optional=rule.optional,
        waivers=tuple(one.waiver for one in named if one.state.startswith(ACTIVE) and rule.waivable),
        file=policy.file,
        line=ready.line,
    )


def _limit(term: Term, limit: Limit, policy: ReadyPolicy) -> ShownLimit:
    number = limit.number if limit.path is None else _value(limit.path, policy)
    return ShownLimit(
        label=term.label,
        path=path_text(term.observed),
        comparator=term.comparator,
        limit=plain(number),
        written=str(term.limit),
    )


def _compared(ready: ReadyRule, policy: ReadyPolicy) -> tuple[ShownLimit, ...]:
    """The plain comparisons of a `require`."""
    if ready.condition.terms:
        return ()
    return tuple(
        ShownLimit(
            label=str(one.observed[-1]),
            path=path_text(one.observed),
            comparator=one.comparator,
            limit=plain(_value(one.limit, policy)),
            written=path_text(one.limit) if isinstance(one.limit, tuple) else str(one.limit),
        )
        for one in ready.pass_if.checked.comparisons
    )


def _value(limit: Any, policy: ReadyPolicy) -> float | int | None:
    """The number that a literal or a parameter is; None for what only the evidence knows."""
    if isinstance(limit, tuple):
        is_parameter = len(limit) == 2 and limit[0] == "params" and limit[1] in policy.settings
        limit = policy.settings[limit[1]].value if is_parameter else None
    return limit if isinstance(limit, int | float) and not isinstance(limit, bool) else None
