"""Trying an expression on real evidence: its value, and the value of every path in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from gatekeeper.app.evaluate import check_names
from gatekeeper.errors import InvalidFileError
from gatekeeper.judge.cel import MISSING, CelFault, Checked, Engine, Path, agree, check, compose, find
from gatekeeper.judge.cel.answer import Answer
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.judge import Case, data_of, supply_all
from gatekeeper.judge.names import fault_of
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.judge.prepared import Expression, ReadyPolicy
from gatekeeper.judge.running import Run
from gatekeeper.judge.supply import Supplied
from gatekeeper.policy.celtext import path_text
from gatekeeper.policy.near import near


class Seen(Struct, frozen=True, kw_only=True):
    """A path of the expression. `state` is `value` or `missing`; `reason` says what is missing, and what is near it."""

    path: str
    guarded: bool
    state: str
    value: Any = None
    reason: str = ""


class Said(Struct, frozen=True, kw_only=True):
    """What one engine answered: `state` is `value` or `error`."""

    engine: str
    version: str
    state: str
    value: Any = None
    type: str | None = None
    message: str = ""


class Used(Struct, frozen=True, kw_only=True):
    """The evidence behind one name that the expression reads; `state` as in `Supplied`."""

    name: str
    state: str
    reason: str
    sources: tuple[str, ...]


class Trial(Struct, frozen=True, kw_only=True):
    """One expression under one policy. `state` is `value`, `missing` or `error`, as a rule of it would find."""

    expression: str
    policy: str | None
    version: str | None
    environment: str | None
    state: str
    type: str
    message: str
    answers: tuple[Said, ...]
    paths: tuple[Seen, ...]
    evidence: tuple[Used, ...]

    @property
    def first(self) -> Said:
        """What the engine that judges by default said."""
        return self.answers[0]


def try_expression(
    source: str, applications: Sequence[Application], engines: Sequence[Engine], case: Case, *, alone: bool
) -> tuple[Trial, ...]:
    """A trial under each policy that has every name of the expression. `alone`: the policy stands for given evidence.

    Raises CelFault, with the place in the expression, where no policy has them all or it is no CEL; InvalidFileError
    where a policy is not sound; InvalidRequestError for evidence whose name no policy declares.
    """
    ready = prepare(applications, engines)
    check_names(case.envelopes, applications)
    trials: list[Trial] = []
    faults: list[CelFault] = []
    for application, policy in zip(applications, ready, strict=True):
        try:
            expression = _compiled(source, application, engines)
        except CelFault as fault:
            faults.append(fault)
            continue
        trials.append(_trial(source, policy, expression, engines, case, alone))
    if not trials:
        raise min(faults, key=lambda fault: fault.kind != "name")
    return tuple(trials)


def _compiled(source: str, application: Application, engines: Sequence[Engine]) -> Expression:
    compiler = Compiler(application.document, engines)
    policy = application.document.policy
    for name, text in policy.spec.variables.items():
        compiler.variable(name, text, ("spec", "variables", name))
    checked = check(source, compiler.names)
    reads, guarded = compose(checked, compiler.variables)
    for path in (*reads, *guarded):
        if fault := fault_of(path, policy):
            raise CelFault(fault.message, *checked.place(fault.at), "name")
    expression = compiler.expression(source, ())
    if expression is None:
        raise InvalidFileError(compiler.problems)
    return expression


def _trial(
    source: str, policy: ReadyPolicy, expression: Expression, engines: Sequence[Engine], case: Case, alone: bool
) -> Trial:
    supplied = supply_all(policy, case)
    data = data_of(policy, supplied, case)
    answers = [(engine, _answer(engine, index, expression, policy, data)) for index, engine in enumerate(engines)]
    said = tuple(_said(engine, answer, expression.checked) for engine, answer in answers)
    paths = tuple(_paths(expression, policy, data, supplied, engines[0]))
    state, message = _state(expression, data, supplied, [answer for _, answer in answers], said)
    return Trial(
        expression=source,
        policy=None if alone else policy.policy.metadata.name,
        version=None if alone else policy.policy.metadata.version,
        environment=case.environment,
        state=state,
        type=said[0].type or expression.checked.result_type,
        message=message,
        answers=said,
        paths=paths,
        evidence=tuple(_used(name, supplied[name]) for name in expression.evidence),
    )


def _answer(engine: Engine, index: int, expression: Expression, policy: ReadyPolicy, data: Mapping[str, Any]) -> Answer:
    """What one engine says, with variables of its own."""
    own = {name: _one_program(one, index) for name, one in policy.variables.items()}
    return Run((engine,), data, own).answer(_one_program(expression, index))


def _one_program(expression: Expression, index: int) -> Expression:
    return Expression(
        checked=expression.checked,
        programs=(expression.programs[index],),
        reads=expression.reads,
        evidence=expression.evidence,
        variables=expression.variables,
    )


def _state(
    expression: Expression,
    data: Mapping[str, Any],
    supplied: Mapping[str, Supplied],
    answers: Sequence[Answer],
    said: Sequence[Said],
) -> tuple[str, str]:
    """As a rule is judged: evidence that cannot be used, then a path that is missing, then what the engines say."""
    for name in expression.evidence:
        if supplied[name].state == "error":
            return "error", f"evidence {name!r} cannot be used: {supplied[name].reason}"
    for path in expression.reads:
        if path[0] != "variables" and find(data, path) is MISSING:
            return "missing", f"{path_text(path)} is missing"
    if not all(agree(answers[0], other) for other in answers[1:]):
        return "error", "the engines disagree"
    return said[0].state, said[0].message


def _said(engine: Engine, answer: Answer, checked: Checked) -> Said:
    if answer.failed:
        return Said(engine=engine.name, version=engine.version, state="error", message=answer.message)
    kind = checked.result_type if checked.result_type != "dyn" else type_of(answer.value)
    return Said(engine=engine.name, version=engine.version, state="value", value=answer.value, type=kind)


def type_of(value: Any) -> str:
    """The CEL type of a plain value that an expression of no known type gave."""
    names = {bool: "bool", int: "int", float: "double", str: "string", bytes: "bytes", list: "list", dict: "map"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


def _paths(
    expression: Expression,
    policy: ReadyPolicy,
    data: Mapping[str, Any],
    supplied: Mapping[str, Supplied],
    engine: Engine,
) -> list[Seen]:
    needed = dict.fromkeys((*expression.reads, *_guarded(expression, policy)))
    found = [_seen(path, path not in expression.reads, data, supplied) for path in needed if path[0] != "variables"]
    return found + [_variable(name, policy, data, engine) for name in expression.variables]


def _guarded(expression: Expression, policy: ReadyPolicy) -> tuple[Path, ...]:
    checked = {name: one.checked for name, one in policy.variables.items()}
    return compose(expression.checked, checked)[1]


def _seen(path: Path, guarded: bool, data: Mapping[str, Any], supplied: Mapping[str, Supplied]) -> Seen:
    value = find(data, path)
    text = path_text(path)
    if value is not MISSING:
        return Seen(path=text, guarded=guarded, state="value", value=value)
    return Seen(path=text, guarded=guarded, state="missing", reason=_why(path, data, supplied))


def _why(path: Path, data: Mapping[str, Any], supplied: Mapping[str, Supplied]) -> str:
    """The first part that is not there, with what is near it; for evidence that is not usable, why."""
    if path[0] == "evidence" and len(path) > 1 and (one := supplied.get(str(path[1]))) and one.state != "ok":
        return one.reason
    end = next((end for end in range(1, len(path) + 1) if find(data, path[:end]) is MISSING), len(path))
    around = find(data, path[: end - 1]) if end > 1 else data
    if not isinstance(around, dict):
        return f"{path_text(path[: end - 1])} is no map"
    if end == 1:
        return f"no {path[0]} was given"
    known = [str(key) for key in around]
    hint = near(str(path[end - 1]), known) or f"There is {', '.join(sorted(known)[:20]) or 'nothing'}."
    return f"{path_text(path[: end - 1])} has no {str(path[end - 1])!r}. {hint}"


def _variable(name: str, policy: ReadyPolicy, data: Mapping[str, Any], engine: Engine) -> Seen:
    own = {each: _one_program(one, 0) for each, one in policy.variables.items()}
    answer = Run((engine,), data, own).answer(own[name])
    text = f"variables.{name}"
    if answer.failed:
        return Seen(path=text, guarded=False, state="missing", reason=answer.message)
    return Seen(path=text, guarded=False, state="value", value=answer.value)


def _used(name: str, one: Supplied) -> Used:
    return Used(name=name, state=one.state, reason=one.reason, sources=tuple(part.source for part in one.parts))
