"""Mutants of what rules stand on: parameters' defaults, variables, and what is asked of evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.cases.digits import nudged, nudged_duration
from gatekeeper.cases.edits import edits
from gatekeeper.cases.mutants import Mutant, Place, Variant
from gatekeeper.cases.rule_mutants import RuleMutants, expressions, place_in
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.parameters import BadParameterError, settle
from gatekeeper.judge.prepare import ready_rule
from gatekeeper.judge.prepared import Expression, ReadyPolicy, ReadyRule
from gatekeeper.model.policy import Parameter, Requirement
from gatekeeper.policy.documents import Document

_UNREAD = "no rule reads it"


class PolicyMutants:
    """Makes the mutants of one policy."""

    def __init__(self, document: Document, base: ReadyPolicy, engines: tuple[Any, ...]) -> None:
        self.document = document
        self.base = base
        self.engines = engines

    def all(self) -> Iterator[Mutant]:
        """Every mutant, in the order in which a policy is written."""
        for name, parameter in self.base.policy.spec.parameters.items():
            yield from self._of_parameter(name, parameter)
        for name, (requirement, _) in self.base.requirements.items():
            yield from self._of_evidence(name, requirement)
        compiler, _ = self.compiled({})
        for name, source in self.base.policy.spec.variables.items():
            yield from self._of_variable(name, source)
        yield from RuleMutants(self.document, self.base, compiler).all()

    def _of_parameter(self, name: str, parameter: Parameter) -> Iterator[Mutant]:
        place = self.document.place("spec", "parameters", name, "default")
        for old, new, value in self._other_defaults(name, parameter):
            variant = None
            try:
                seen = settle({name: replace(parameter, default=value)}, {})[name].seen
            except BadParameterError:
                pass
            else:
                variant = Variant(rules=self._reading(("params", name)), parameter=(name, seen))
            what = "boolean" if parameter.type == "boolean" else "limit"
            same = "" if variant is None or variant.rules else _UNREAD
            yield Mutant(subject=f"params.{name}", what=what, old=old, new=new, place=place, variant=variant, same=same)

    def _other_defaults(self, name: str, parameter: Parameter) -> Iterator[tuple[str, str, Any]]:
        default = parameter.default
        if parameter.type == "boolean":
            if isinstance(default, bool):
                yield ("true", "false", False) if default else ("false", "true", True)
        elif parameter.type == "duration" and isinstance(default, str):
            yield from ((default, new, new) for new in nudged_duration(default))
        elif isinstance(default, int | float):
            text = self.document.tree.raw("spec", "parameters", name, "default") or str(default)
            read = int if parameter.type == "integer" else float
            yield from ((text, new, read(new)) for new in nudged(text))

    def _of_evidence(self, name: str, requirement: Requirement) -> Iterator[Mutant]:
        dropped = {"about": UNSET, "max_age": UNSET, "expect": UNSET, "signed_by": (), "producers": ()}
        for key, nothing in dropped.items():
            if (value := getattr(requirement, key)) != nothing:
                yield self._evidence(name, requirement, key, _words(value), "nothing", {key: nothing})
        for key in ("signed_by", "producers"):
            yield from self._less(name, requirement, key, getattr(requirement, key))
        if requirement.max_age is not UNSET:
            for new in nudged_duration(requirement.max_age):
                yield self._evidence(name, requirement, "max_age", requirement.max_age, new, {"max_age": new})
        if requirement.expect is not UNSET:
            for text in nudged(str(requirement.expect)):
                if int(text) > 0:
                    value = {"expect": int(text)}
                    yield self._evidence(name, requirement, "expect", str(requirement.expect), text, value)
        words = ("true", "false") if requirement.optional else ("false", "true")
        yield self._evidence(name, requirement, "optional", *words, {"optional": not requirement.optional})

    def _less(self, name: str, requirement: Requirement, key: str, names: tuple[str, ...]) -> Iterator[Mutant]:
        """One of several names left out."""
        for one in names if len(names) > 1 else ():
            rest = tuple(other for other in names if other != one)
            yield self._evidence(name, requirement, key, _words(names), _words(rest), {key: rest})

    def _evidence(
        self, name: str, requirement: Requirement, key: str, old: str, new: str, keys: dict[str, Any]
    ) -> Mutant:
        at = ("spec", "evidence", name)
        raw = self.document.tree.value["spec"]["evidence"][name]
        place = self.document.place(*at, key) if key in raw else self.document.key_place(*at)
        variant = Variant(rules=self._touching(name), evidence={name: replace(requirement, **keys)}, enforced=True)
        return Mutant(subject=f"evidence/{name}", what=key, old=old, new=new, place=place, variant=variant)

    def _of_variable(self, name: str, source: str) -> Iterator[Mutant]:
        at = ("spec", "variables", name)
        for edit in edits(source):
            place: Place = place_in(self.document, at, source, edit.start)
            variant = self._with_variable(name, edit.text)
            yield Mutant(
                subject=f"variables.{name}",
                what=edit.what,
                old=edit.old,
                new=edit.new,
                place=place,
                variant=variant,
                same="" if variant is None or variant.rules else _UNREAD,
                only_where=edit.only_where,
            )

    def _with_variable(self, name: str, source: str) -> Variant | None:
        compiler, variables = self.compiled({name: source})
        rules = {
            ready.rule.id: ready_rule(index, ready.rule, self.base.policy, compiler)
            for index, ready in enumerate(self.base.rules)
            if any(name in expression.variables for expression in expressions(ready))
        }
        if compiler.problems or any(rule is None for rule in rules.values()):
            return None
        return Variant(rules=rules, variables=variables)

    def compiled(self, others: dict[str, str]) -> tuple[Compiler, dict[str, Expression]]:
        """A compiler that knows the variables, some of them with another source."""
        compiler = Compiler(self.document, self.engines)
        found = {
            name: compiler.variable(name, others.get(name, source), ("spec", "variables", name))
            for name, source in self.base.policy.spec.variables.items()
        }
        return compiler, {name: one for name, one in found.items() if one is not None}

    def _reading(self, path: tuple[str, str]) -> dict[str, ReadyRule | None]:
        return {
            ready.rule.id: ready
            for ready in self.base.rules
            if any(path in (*one.reads, *one.checked.guarded) for one in expressions(ready))
        }

    def _touching(self, name: str) -> dict[str, ReadyRule | None]:
        return {
            ready.rule.id: ready for ready in self.base.rules if any(name in one.evidence for one in expressions(ready))
        }


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
