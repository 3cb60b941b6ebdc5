"""Mutants of rules: dropped, without `when`, with another limit, comparator, condition or boolean."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from msgspec import UNSET, ValidationError, convert
from msgspec.structs import replace

from gatekeeper.cases.edits import FLIPS, edits
from gatekeeper.cases.mutants import Mutant, Place, Variant
from gatekeeper.cases.same import same_condition
from gatekeeper.cases.shorthand_edits import Change, changes
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.prepare import ready_rule
from gatekeeper.judge.prepared import Expression, ReadyPolicy, ReadyRule
from gatekeeper.model.policy import Rule
from gatekeeper.policy.compile import shorthand_of
from gatekeeper.policy.condition import Condition, Term
from gatekeeper.policy.documents import Document
from gatekeeper.policy.tree import Step

At = tuple[Step, ...]


_ALWAYS_THERE = {"params", "variables", "now"}


class RuleMutants:
    """Makes the mutants of a policy's rules; what they have in common is compiled once."""

    def __init__(self, document: Document, base: ReadyPolicy, compiler: Compiler) -> None:
        self.document = document
        self.base = base
        self.compiler = compiler

    def all(self) -> Iterator[Mutant]:
        """Every mutant of every rule."""
        for index, ready in enumerate(self.base.rules):
            yield from self._of_rule(index, ready)

    def _of_rule(self, index: int, ready: ReadyRule) -> Iterator[Mutant]:
        rule, at = ready.rule, ("spec", "rules", index)
        gone = Variant(rules={rule.id: None}, enforced=True)
        yield self._mutant(ready, "rule", rule.id, "nothing", self.document.key_place(*at), gone)
        yield from self._of_condition(index, ready)
        if rule.when is not UNSET:
            place = self.document.key_place(*at, "when")
            yield self._other(index, ready, "when", rule.when, "nothing", place, {"when": UNSET})
        yield self._optional(index, ready)
        if rule.effective_on is not UNSET:
            place = self.document.place(*at, "effective_on")
            words = ("effective_on", rule.effective_on, "nothing")
            yield self._other(index, ready, *words, place, {"effective_on": UNSET}, enforced=True)

    def _optional(self, index: int, ready: ReadyRule) -> Mutant:
        """The other way round; it makes no difference to a rule that reads nothing that may be absent."""
        at, is_so = ("spec", "rules", index), ready.rule.optional
        written = "optional" in self.document.tree.value["spec"]["rules"][index]
        place = self.document.place(*at, "optional") if written else self.document.key_place(*at)
        words = ("true", "false") if is_so else ("false", "true")
        mutant = self._other(index, ready, "optional", *words, place, {"optional": not is_so})
        reads = {path[0] for one in expressions(ready) for path in one.reads}
        return mutant if reads - _ALWAYS_THERE else replace(mutant, same="it reads nothing that may be absent")

    def _of_condition(self, index: int, ready: ReadyRule) -> Iterator[Mutant]:
        key = shorthand_of(ready.rule)
        texts = ("when",) if key else ("require", "when")
        for name in texts:
            if (text := getattr(ready.rule, name)) is not UNSET:
                yield from self._of_text(index, ready, name, text)
        if key:
            yield from self._of_keys(index, ready, key)
            yield from self._of_terms(index, ready, key)

    def _of_text(self, index: int, ready: ReadyRule, name: str, text: str) -> Iterator[Mutant]:
        at = ("spec", "rules", index, name)
        for edit in edits(text):
            place = place_in(self.document, at, text, edit.start)
            mutant = self._other(index, ready, edit.what, edit.old, edit.new, place, {name: edit.text})
            yield replace(mutant, only_where=edit.only_where)

    def _of_keys(self, index: int, ready: ReadyRule, key: str) -> Iterator[Mutant]:
        at = ("spec", "rules", index)
        raw = self.document.tree.value["spec"]["rules"][index]
        body = getattr(ready.rule, key)
        for change in changes(type(body), raw[key], (*at, key), self.document.tree):
            changed = _read_again(raw, change, len(at))
            place = self._place_of(change)
            what = f"{change.what}, {change.label}"
            if changed is None:
                yield self._mutant(ready, what, change.old, change.new, place, None)
            else:
                new = self._ready(index, changed)
                yield self._variant(ready, what, change.old, change.new, place, new)

    def _place_of(self, change: Change) -> Place:
        if change.offset is not None:
            text = self.document.text(*change.at) or ""
            return place_in(self.document, change.at, text, change.offset)
        return self.document.place(*change.at)

    def _of_terms(self, index: int, ready: ReadyRule, key: str) -> Iterator[Mutant]:
        """A shorthand's comparators are not written, and are changed in what it compiles to."""
        place = self.document.key_place("spec", "rules", index, key)
        for term in ready.condition.terms:
            for sign in FLIPS[term.comparator]:
                old, new = _shown(term, term.comparator), _shown(term, sign)
                condition = _flipped(ready.condition, term, sign)
                changed = self._ready(index, ready.rule, condition)
                yield self._variant(ready, "comparator", old, new, place, changed)

    def _other(
        self,
        index: int,
        ready: ReadyRule,
        what: str,
        old: str,
        new: str,
        place: Place,
        keys: dict[str, Any],
        enforced: bool = False,
    ) -> Mutant:
        """The mutant of a rule with other values for some of its keys."""
        changed = self._ready(index, replace(ready.rule, **keys))
        return self._variant(ready, what, old, new, place, changed, enforced)

    def _ready(self, index: int, rule: Rule, condition: Condition | None = None) -> ReadyRule | None:
        found = ready_rule(index, rule, self.document.policy, self.compiler, condition)
        refused = bool(self.compiler.problems)
        self.compiler.problems.clear()
        return None if refused else found

    def _variant(
        self,
        ready: ReadyRule,
        what: str,
        old: str,
        new: str,
        place: Place,
        changed: ReadyRule | None,
        enforced: bool = False,
    ) -> Mutant:
        if changed is None:
            return self._mutant(ready, what, old, new, place, None)
        same = "" if enforced else same_condition(ready, changed, self.document.policy)
        variant = Variant(rules={ready.rule.id: changed}, enforced=enforced)
        return self._mutant(ready, what, old, new, place, variant, same)

    def _mutant(
        self, ready: ReadyRule, what: str, old: str, new: str, place: Place, variant: Variant | None, same: str = ""
    ) -> Mutant:
        return Mutant(subject=ready.rule.id, what=what, old=old, new=new, place=place, variant=variant, same=same)


def expressions(rule: ReadyRule) -> tuple[Expression, ...]:
    """All that decides a rule's result."""
    limits = (limit.expression for limit in rule.limits)
    return tuple(one for one in (rule.when, rule.pass_if, rule.fail_if, *limits) if one is not None)


def place_in(document: Document, at: At, text: str, offset: int) -> Place:
    """Line and column in the file of a character of the text at `at`."""
    line = text.count("\n", 0, offset) + 1
    return document.inside(line, offset - text.rfind("\n", 0, offset), *at)


def _read_again(raw: Any, change: Change, depth: int) -> Rule | None:
    """The rule of the plain values with one changed; None where its types refuse that."""
    whole = deepcopy(raw)
    *way, last = change.at[depth:]
    inner: Any = whole
    for step in way:
        inner = inner[step]
    if change.value is UNSET:
        del inner[last]
    else:
        inner[last] = change.value
    try:
        return convert(whole, Rule, strict=True)
    except ValidationError:
        return None


def _shown(term: Term, sign: str) -> str:
    return f"{term.label} {sign} {' '.join(str(term.limit).split())}"


def _flipped(condition: Condition, term: Term, sign: str) -> Condition:
    """The condition with one term's comparator changed, on the side where it passes and on that where it fails."""
    other = replace(term, comparator=sign)
    fail_if = condition.fail_if
    if fail_if is not None:
        fail_if = fail_if.replace(term.falls(), f"!({other.holds()})")
    terms = tuple(other if one == term else one for one in condition.terms)
    return Condition(
        pass_if=condition.pass_if.replace(term.holds(), other.holds()),
        fail_if=fail_if,
        terms=terms,
        evidence=condition.evidence,
    )
