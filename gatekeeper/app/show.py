"""The rules in force: each policy with its parameters and where they come from, and each rule as CEL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.app.applied import applications_of, load_applied
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.judge.prepared import ReadyPolicy, ReadyRule
from gatekeeper.model.project import Folders
from gatekeeper.policy.documents import load
from gatekeeper.policy.library import refuse_unread
from gatekeeper.ports import Tree


class ShownRule(Struct, frozen=True, kw_only=True):
    """One rule: what must hold to pass, what makes it fail where that is not simply the opposite."""

    id: str
    severity: str
    why: str
    remedy: str
    pass_if: str
    file: str
    line: int
    fail_if: str | None = None
    when: str | None = None
    effective_on: str | None = None
    waivable: bool = True
    optional: bool = False


class ShownPolicy(Struct, frozen=True, kw_only=True):
    """One policy in force. `parameters` and `variables` by name; a parameter with `value` and `origin`."""

    name: str
    version: str
    digest: str
    enforcement: str
    file: str
    parameters: dict[str, dict[str, Any]]
    variables: dict[str, str]
    evidence: dict[str, dict[str, Any]]
    rules: tuple[ShownRule, ...]


class Shown(Struct, frozen=True, kw_only=True):
    """What applies to one artifact of an environment; both null for policy files alone."""

    environment: str | None
    artifact: str | None
    policies: tuple[ShownPolicy, ...]


def show_environment(tree: Tree, folders: Folders, name: str, engines: Sequence[Engine]) -> tuple[Shown, ...]:
    """What applies to each artifact of an environment. Raises InvalidFileError or InvalidRequestError."""
    refuse_unread(tree)
    place, _, policies = load_applied(tree, folders, name)
    return tuple(
        Shown(
            environment=name,
            artifact=row.name,
            policies=_shown(applications_of(place, row, origin, policies), engines),
        )
        for row, origin in place.rows
    )


def show_files(files: Sequence[tuple[str, bytes]], engines: Sequence[Engine]) -> tuple[Shown, ...]:
    """The rules of policy files, with their own defaults."""
    documents = [load(data, label, frozenset({"Policy"}))[0] for label, data in files]
    applications = [Application(document=document, enforcement="deny") for document in documents]
    return (Shown(environment=None, artifact=None, policies=_shown(applications, engines)),)


def _shown(applications: Sequence[Application], engines: Sequence[Engine]) -> tuple[ShownPolicy, ...]:
    return tuple(_policy(policy) for policy in prepare(applications, engines))


def _policy(ready: ReadyPolicy) -> ShownPolicy:
    spec = ready.policy.spec
    return ShownPolicy(
        name=ready.policy.metadata.name,
        version=ready.policy.metadata.version,
        digest=ready.digest,
        enforcement=ready.enforcement,
        file=ready.file,
        parameters={
            name: {"value": setting.value, "origin": setting.origin} for name, setting in ready.settings.items()
        },
        variables=dict(spec.variables),
        evidence={name: _requirement(requirement) for name, requirement in spec.evidence.items()},
        rules=tuple(_rule(rule, ready.file) for rule in ready.rules),
    )


def _requirement(requirement: Struct) -> dict[str, Any]:
    fields = {field: getattr(requirement, field) for field in requirement.__struct_fields__}
    return {field: value for field, value in fields.items() if value not in (UNSET, (), "", False)}


def _rule(ready: ReadyRule, file: str) -> ShownRule:
    rule = ready.rule
    return ShownRule(
        id=rule.id,
        severity=rule.severity,
        why=rule.why,
        remedy=rule.remedy,
        pass_if=ready.condition.pass_if,
        fail_if=ready.condition.fail_if,
        when=None if rule.when is UNSET else rule.when,
        effective_on=None if rule.effective_on is UNSET else rule.effective_on,
        waivable=rule.waivable,
        optional=rule.optional,
        file=file,
        line=ready.line,
    )
