"""From policy documents to policies that can judge, or every problem they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.errors import InvalidFileError, InvalidRequestError, Problem
from gatekeeper.judge.cel import Engine, Path
from gatekeeper.judge.expressions import Compiler, Position
from gatekeeper.judge.parameters import BadParameterError, Setting, check_default, settle
from gatekeeper.judge.prepared import Expression, Limit, ReadyPolicy, ReadyRule
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.policy import Policy, Rule
from gatekeeper.policy.compile import compile_rule, shorthand_of
from gatekeeper.policy.condition import Condition
from gatekeeper.policy.documents import Document


class Application(Struct, frozen=True, kw_only=True):
    """A policy document at one enforcement; `by` and `at` say where the parameters were written."""

    document: Document
    enforcement: str
    parameters: dict[str, Any] = {}
    by: Document | None = None
    at: Position = ()


def prepare(applications: Sequence[Application], engines: Sequence[Engine]) -> tuple[ReadyPolicy, ...]:
    """Ready policies in the given order. Raises InvalidFileError with the problems of all of them."""
    problems: list[Problem] = []
    ready = []
    for application in applications:
        found: list[Problem] = []
        policy = prepare_one(application, engines, found)
        problems += found
        if policy is not None and not found:
            ready.append(policy)
    if problems:
        raise InvalidFileError(dict.fromkeys(problems))
    return tuple(ready)


def check_policies(documents: Sequence[Document]) -> None:
    """Check policies that do not apply, too: a fault in one of them must not wait for the day it does.

    Raises InvalidFileError with the problems of all of them.
    """
    problems: list[Problem] = []
    for document in documents:
        compiler = Compiler(document, ())
        _check_ids(document.policy, compiler)
        _check_defaults(document.policy, compiler)
        _variables(document.policy, compiler)
        for index, rule in enumerate(document.policy.spec.rules):
            ready_rule(index, rule, document.policy, compiler)
        problems += compiler.problems
    if problems:
        raise InvalidFileError(dict.fromkeys(problems))


def prepare_one(application: Application, engines: Sequence[Engine], problems: list[Problem]) -> ReadyPolicy | None:
    """One ready policy; its problems are added to `problems`."""
    document = application.document
    policy = document.policy
    compiler = Compiler(document, engines)
    _check_ids(policy, compiler)
    settings = _settings(application, compiler, problems)
    variables = _variables(policy, compiler)
    rules = tuple(ready_rule(index, rule, policy, compiler) for index, rule in enumerate(policy.spec.rules))
    problems += compiler.problems
    if settings is None or compiler.problems:
        return None
    return ReadyPolicy(
        policy=policy,
        digest=document.digest,
        file=document.file,
        enforcement=application.enforcement,
        settings=settings,
        variables={name: value for name, value in variables.items() if value is not None},
        rules=tuple(rule for rule in rules if rule is not None),
        requirements={
            name: (requirement, document.place("spec", "evidence", name)[0])
            for name, requirement in policy.spec.evidence.items()
        },
    )


def _check_ids(policy: Policy, compiler: Compiler) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(policy.spec.rules):
        if rule.id in seen:
            compiler.problem(("spec", "rules", index, "id"), f"two rules have the id {rule.id!r}")
        seen.add(rule.id)


def _settings(application: Application, compiler: Compiler, problems: list[Problem]) -> dict[str, Setting] | None:
    declared = application.document.policy.spec.parameters
    if not _check_defaults(application.document.policy, compiler):
        return None
    try:
        return settle(declared, application.parameters)
    except BadParameterError as fault:
        if application.by is None:
            compiler.problem(("spec", "parameters", fault.name), fault.message, fault.remedy)
        else:
            place = application.by.place(*application.at, "parameters", fault.name)
            problems.append(Problem(fault.message, application.by.file, *place, fault.remedy))
        return None


def _check_defaults(policy: Policy, compiler: Compiler) -> bool:
    before = len(compiler.problems)
    for name, parameter in policy.spec.parameters.items():
        try:
            check_default(name, parameter)
        except BadParameterError as fault:
            compiler.problem(("spec", "parameters", name, "default"), fault.message, fault.remedy)
    return len(compiler.problems) == before


def _variables(policy: Policy, compiler: Compiler) -> dict[str, Expression | None]:
    return {
        name: compiler.variable(name, source, ("spec", "variables", name))
        for name, source in policy.spec.variables.items()
    }


def ready_rule(
    index: int, rule: Rule, policy: Policy, compiler: Compiler, condition: Condition | None = None
) -> ReadyRule | None:
    """The rule, ready; None where it has problems, which the compiler then holds.

    It stands at `index` of the policy. A `condition` that is given takes the place of what its text comes to.
    """
    at: Position = ("spec", "rules", index)
    try:
        condition = condition or compile_rule(rule, policy.spec)
    except InvalidRequestError as fault:
        compiler.problem((*at, shorthand_of(rule) or "require"), fault.message, fault.remedy)
        return None
    limits = _limits(rule, condition, compiler, at)
    body: Position = (*at, shorthand_of(rule) or "require")
    pass_if = compiler.condition(condition.pass_if, body) if limits is not None else None
    fail_if = None if condition.fail_if is None else compiler.condition(condition.fail_if, body)
    when = None if rule.when is UNSET else compiler.condition(rule.when, (*at, "when"))
    message = None if rule.message is UNSET else _message(rule.message, compiler, (*at, "message"))
    effective = _instant(rule, compiler, at)
    if pass_if is None or limits is None:
        return None
    return ReadyRule(
        rule=rule,
        condition=condition,
        line=compiler.document.place(*at, "id")[0],
        pass_if=pass_if,
        fail_if=fail_if,
        when=when,
        message=message,
        limits=limits,
        effective_on=effective,
    )


def _limits(rule: Rule, condition: Condition, compiler: Compiler, at: Position) -> tuple[Limit, ...] | None:
    """Every limit on its own, so that a fault in the author's expression is told as the author wrote it."""
    before = len(compiler.problems)
    limits = []
    for term in condition.terms:
        if isinstance(term.limit, str) and (path := _parameter(term.limit, compiler)) is not None:
            limits.append(Limit(path=path))
        elif isinstance(term.limit, str):
            compiled = compiler.number if term.form in ("number", "size", "chosen") else compiler.expression
            limit = compiled(term.limit, (*at, shorthand_of(rule) or ""))
            limits.append(Limit(expression=limit, path=None if limit is None else limit.path))
        else:
            limits.append(Limit(number=float(term.limit)))
    return tuple(limits) if len(compiler.problems) == before else None


def _parameter(text: str, compiler: Compiler) -> Path | None:
    """`params.x` of a declared number, the usual limit, needs no engine to be read."""
    declared = compiler.document.policy.spec.parameters
    name = text.removeprefix("params.")
    if text == name or name not in declared or declared[name].type not in ("number", "integer"):
        return None
    return ("params", name)


def _message(source: str, compiler: Compiler, at: Position) -> Expression | None:
    expression = compiler.expression(source, at)
    if expression is not None and expression.checked.result_type not in ("string", "dyn"):
        compiler.problem(at, f"a message is a string; this gives {expression.checked.result_type}")
    return expression


def _instant(rule: Rule, compiler: Compiler, at: Position) -> Any:
    if rule.effective_on is UNSET:
        return None
    try:
        return parse_instant(rule.effective_on)
    except ValueError as fault:
        compiler.problem((*at, "effective_on"), str(fault))
        return None
