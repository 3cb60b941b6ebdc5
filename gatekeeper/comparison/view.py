"""A policy as it is compared: checked, its conditions as trees, its parameters as far as their values are known."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.comparison.limits import Range, Ranges
from gatekeeper.comparison.trees import Unfolded, rendered, unfolded
from gatekeeper.errors import InvalidFileError, InvalidRequestError, Problem
from gatekeeper.judge.cel import Path
from gatekeeper.judge.cel.tree import Node
from gatekeeper.judge.expressions import Compiler, Position
from gatekeeper.judge.parameters import Setting
from gatekeeper.judge.prepare import check_policies
from gatekeeper.model.compared import Site
from gatekeeper.model.policy import Parameter, Policy, Rule
from gatekeeper.policy.celtext import seconds
from gatekeeper.policy.compile import compile_rule, shorthand_of
from gatekeeper.policy.condition import Condition
from gatekeeper.policy.documents import Document


class RuleView(Struct, frozen=True, kw_only=True):
    """One rule: its condition whole and as a tree, `when` as a tree, and the paths that it reads."""

    rule: Rule
    condition: Condition
    passes: Node
    when: Node | None
    reads: frozenset[Path]
    site: Site
    shorthand: str | None


class View(Struct, frozen=True, kw_only=True):
    """One policy of one side. `ranges` are of its parameters; `settings` those in force under an environment."""

    document: Document
    rules: dict[str, RuleView]
    variables: dict[str, str]
    ranges: Ranges
    settings: Mapping[str, Setting] | None = None

    @property
    def policy(self) -> Policy:
        """What the file says."""
        return self.document.policy

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.policy.metadata.name

    @property
    def version(self) -> str:
        """The policy's version."""
        return self.policy.metadata.version

    def site(self, *path: str | int) -> Site:
        """Where the value at `path` stands."""
        return Site(self.document.file, self.document.key_place(*path)[0])


def view_of(document: Document, settings: Mapping[str, Setting] | None = None) -> View:
    """The policy checked and taken apart. Raises InvalidFileError with every problem that it has."""
    check_policies([document])
    policy = document.policy
    compiler = Compiler(document, ())
    trees: dict[str, Unfolded] = {}
    for name, source in policy.spec.variables.items():
        compiler.variable(name, source, ("spec", "variables", name))
        trees[name] = _tree(source, document, ("spec", "variables", name), compiler, trees)
    ranges = _ranges(policy, settings)
    rules = {rule.id: _rule(index, rule, document, compiler, trees) for index, rule in enumerate(policy.spec.rules)}
    texts = {name: rendered(one.tree) for name, one in trees.items()}
    return View(document=document, rules=rules, variables=texts, ranges=ranges, settings=settings)


def _rule(index: int, rule: Rule, document: Document, compiler: Compiler, trees: Mapping[str, Unfolded]) -> RuleView:
    condition = compile_rule(rule, document.policy.spec)
    at = ("spec", "rules", index)
    expression = compiler.condition(condition.pass_if, at)
    when = None if rule.when is UNSET else compiler.condition(rule.when, (*at, "when"))
    if expression is None or compiler.problems:
        raise InvalidFileError(compiler.problems)
    reads = (*expression.reads, *(() if when is None else when.reads))
    return RuleView(
        rule=rule,
        condition=condition,
        passes=_tree(condition.pass_if, document, at, compiler, trees).tree,
        when=None if rule.when is UNSET else _tree(rule.when, document, (*at, "when"), compiler, trees).tree,
        reads=frozenset(path for path in reads if path[0] not in ("params", "variables", "now")),
        site=Site(document.file, document.place(*at, "id")[0]),
        shorthand=shorthand_of(rule),
    )


def _tree(source: str, document: Document, at: Position, compiler: Compiler, trees: Mapping[str, Unfolded]) -> Unfolded:
    try:
        return unfolded(source, compiler.names, trees)
    except InvalidRequestError as fault:
        problem = Problem(fault.message, document.file, *document.place(*at), "Split it into several rules.")
        raise InvalidFileError([problem]) from fault


def _ranges(policy: Policy, settings: Mapping[str, Setting] | None) -> dict[str, Range]:
    spans = {}
    for name, parameter in policy.spec.parameters.items():
        value = parameter.default if settings is None else settings[name].value
        span = _span(parameter, value, fixed=settings is not None)
        if span is not None:
            spans[name] = span
    return spans


def _span(parameter: Parameter, value: Any, *, fixed: bool) -> Range | None:
    now = number_of(value, parameter.type)
    if now is None:
        return None
    if fixed:
        return Range(now, now, now)
    least = -inf if parameter.minimum is UNSET else float(parameter.minimum)
    most = inf if parameter.maximum is UNSET else float(parameter.maximum)
    return Range(now, least, most)


def number_of(value: Any, kind: str) -> float | None:
    """A parameter's value as a number that can be compared: durations in seconds, false below true; None for others."""
    if value is UNSET or kind == "string":
        return None
    return float(seconds(value)) if kind == "duration" else float(value)
