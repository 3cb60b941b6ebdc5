"""Applying waivers: the result stays, `waived` stands beside it, and a waiver that did nothing is listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET, Struct

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.prepared import Expression, ReadyPolicy
from gatekeeper.judge.running import Run
from gatekeeper.judge.supply import Supplied
from gatekeeper.judge.waivers import ACTIVE, Scope, applying, note, standing
from gatekeeper.model.judgement import Result, WaiverNote
from gatekeeper.model.waiver import Waiver
from gatekeeper.policy.documents import Document
from gatekeeper.policy.near import near


class ReadyWaiver(Struct, frozen=True, kw_only=True):
    """A waiver of this environment; `only_while` is compiled under the policy that it names."""

    waiver: Waiver
    only_while: Expression | None = None


class Bench:
    """The waivers of one environment, and what became of each."""

    def __init__(self, waivers: Sequence[ReadyWaiver], scope: Scope, applied: frozenset[str]) -> None:
        self._waivers = tuple(waivers)
        self._scope = scope
        self._states: dict[str, str] = {
            ready.waiver.metadata.name: _first_state(ready.waiver, scope, applied) for ready in waivers
        }

    @property
    def trusts(self) -> bool:
        """Whether it follows from the trust file which waivers count."""
        return bool(self._waivers) and (self._scope.terms.level != "asserted" or bool(self._scope.vouching))

    def apply(
        self, results: Sequence[Result], policy: ReadyPolicy, run: Run, supplied: Mapping[str, Supplied]
    ) -> list[Result]:
        """The results of `policy` with `waived` set where a waiver in force covers them; others unchanged."""
        name = policy.policy.metadata.name
        waivable = {rule.rule.id: rule.rule.waivable for rule in policy.rules}
        return [
            self._waive(result, waivable.get(result.rule, True), run, supplied) if result.policy == name else result
            for result in results
        ]

    def notes(self) -> tuple[WaiverNote, ...]:
        """The waivers that changed nothing, each with the reason."""
        return tuple(
            WaiverNote(
                waiver=w.metadata.name, policy=w.spec.policy, rule=w.spec.rule, state=self._states[w.metadata.name]
            )
            for w in (ready.waiver for ready in self._waivers)
            if self._states[w.metadata.name] != "used"
        )

    def _waive(self, result: Result, waivable: bool, run: Run, supplied: Mapping[str, Supplied]) -> Result:
        if result.waived is not None or result.result in ("pass", "skipped"):
            return result
        for ready in self._waivers:
            waiver = ready.waiver
            if (waiver.spec.policy, waiver.spec.rule) != (result.policy, result.rule):
                continue
            if self._counts(ready, result, waivable, run, supplied):
                self._states[waiver.metadata.name] = "used"
                return msgspec.structs.replace(result, waived=note(waiver))
        return result

    def _counts(
        self, ready: ReadyWaiver, result: Result, waivable: bool, run: Run, supplied: Mapping[str, Supplied]
    ) -> bool:
        waiver, name = ready.waiver, ready.waiver.metadata.name
        if not waivable:
            self._states[name] = "the rule is not waivable"
            return False
        if standing(waiver, self._scope) != ACTIVE:
            return False
        if result.result not in waiver.spec.covers:
            self._states[name] = f"does not cover {result.result}"
            return False
        if ready.only_while is not None and not _true(ready.only_while, run, supplied):
            self._states[name] = "its `only_while` does not hold"
            return False
        return True


def ready_waivers(
    documents: Sequence[Document],
    environment: str,
    policies: Sequence[Document],
    applied: Sequence[Document],
    engines: Sequence[Engine],
) -> tuple[ReadyWaiver, ...]:
    """The waivers of an environment. Raises InvalidFileError for a rule that no version of the policy has."""
    problems: list[Problem] = []
    by_name = {document.waiver.metadata.name: document for document in documents}
    ready = []
    for waiver in applying([document.waiver for document in documents], environment):
        document = by_name[waiver.metadata.name]
        in_force = next((p for p in applied if p.policy.metadata.name == waiver.spec.policy), None)
        problems += _unknown_rule(document, waiver, policies if in_force is None else (in_force,))
        only_while = None
        if waiver.spec.only_while is not UNSET and in_force is not None:
            only_while = _only_while(document, waiver, in_force, engines, problems)
        ready.append(ReadyWaiver(waiver=waiver, only_while=only_while))
    if problems:
        raise InvalidFileError(problems)
    return tuple(ready)


def _unknown_rule(document: Document, waiver: Waiver, policies: Sequence[Document]) -> list[Problem]:
    named = [p.policy for p in policies if p.policy.metadata.name == waiver.spec.policy]
    if not named:
        names = {p.policy.metadata.name for p in policies}
        return [
            Problem(
                f"there is no policy {waiver.spec.policy!r}",
                document.file,
                *document.place("spec", "policy"),
                near(waiver.spec.policy, names),
            )
        ]
    rules = {rule.id for policy in named for rule in policy.spec.rules}
    rules |= {f"evidence/{name}" for policy in named for name in policy.spec.evidence}
    if waiver.spec.rule in rules:
        return []
    message = f"policy {waiver.spec.policy} has no rule {waiver.spec.rule!r}"
    return [Problem(message, document.file, *document.place("spec", "rule"), near(waiver.spec.rule, rules))]


def _only_while(
    document: Document, waiver: Waiver, policy: Document, engines: Sequence[Engine], problems: list[Problem]
) -> Expression | None:
    """The waiver's condition in the names of its policy; its faults are placed in the waiver's own file."""
    compiler = Compiler(policy, engines)
    for name, source in policy.policy.spec.variables.items():
        compiler.variable(name, source, ("spec", "variables", name))
    compiler.problems.clear()
    expression = compiler.condition(str(waiver.spec.only_while), ())
    place = document.place("spec", "only_while")
    problems += [Problem(fault.message, document.file, *place, fault.remedy) for fault in compiler.problems]
    return expression


def _first_state(waiver: Waiver, scope: Scope, applied: frozenset[str]) -> str:
    if waiver.spec.policy not in applied:
        return "orphaned: the policy does not apply here"
    now_state = standing(waiver, scope)
    return "unused" if now_state == ACTIVE else now_state


def _is_unkept(expression: Expression, supplied: Mapping[str, Supplied]) -> bool:
    """Whether it asks for facts that a record did not keep."""
    if not any(one.masked for one in supplied.values()):
        return False
    from gatekeeper.judge.recorded import unkept  # most evidence was not judged before

    return unkept(expression, supplied) is not None


def _true(expression: Expression, run: Run, supplied: Mapping[str, Supplied]) -> bool:
    """Whether the condition holds; an error or anything missing in it means it does not."""
    if any(supplied[name].state != "ok" for name in expression.evidence if name in supplied):
        return False
    if run.missing(expression.reads) is not None or _is_unkept(expression, supplied):
        return False
    answer = run.answer(expression)
    return not answer.failed and answer.value is True
