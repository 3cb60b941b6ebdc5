"""For each mutant that no case noticed, a case that would: found by trying, and shown only once it was run on both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct, ValidationError, convert

from gatekeeper.cases.candidates import Search, changed_drafts, differences, evidence_drafts, other_settings, sources_of
from gatekeeper.cases.demands import Asked
from gatekeeper.cases.drafts import ORDER, SEEDS, Draft, cut_down, leaves, paths_of, seeded
from gatekeeper.cases.killing import noticed, rules_under, run_under, under
from gatekeeper.cases.library import case_of
from gatekeeper.cases.mutants import Mutant, Variant
from gatekeeper.cases.ready import CaseReader, ReadyCase
from gatekeeper.cases.rule_mutants import expressions
from gatekeeper.cases.writing import case_text
from gatekeeper.errors import InvalidFileError
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.numbers import plain
from gatekeeper.judge.prepared import Expression, ReadyRule
from gatekeeper.judge.running import Run
from gatekeeper.model.policytest import CaseSpec
from gatekeeper.policy.documents import Document, load

Cases = Sequence[tuple[Document, ReadyCase]]

TRIES = 400
"""Drafts that are tried for one mutant."""
ALL_TRIES = 20_000
"""Drafts that are tried for one policy."""
VERDICT = "the verdict"
"""Under this, proposals that expect a verdict are found; no rule is called so, as a rule's id has no space."""
BASES = 4
"""Cases that drafts are made of, for one mutant."""


class Proposal(Struct, frozen=True, kw_only=True):
    """A case to add: its text, and the case made of that text."""

    name: str
    text: str
    ready: ReadyCase


class Proposer:
    """Finds cases to add for the mutants of one policy; what one of them notices needs no other."""

    def __init__(self, document: Document, reader: CaseReader, compiler: Compiler, cases: Cases) -> None:
        self.document = document
        self.reader = reader
        self.compiler = compiler
        self.cases = cases
        self.proposals: list[Proposal] = []
        self._telling: dict[str, list[int]] = {}
        self._meet: dict[str, Expression | None] = {}
        self._chosen: dict[str, list[tuple[Draft, ReadyCase]]] = {}
        self.names = {case_of(one).metadata.name for one, _ in cases}
        self.tries = ALL_TRIES
        self.kinds = {name: one.kind for name, one in document.policy.spec.evidence.items()}

    def propose(self, mutant: Mutant) -> Proposal | None:
        """A case that notices the mutant, an earlier one where that does; None where none was found."""
        variant = mutant.variant
        assert variant is not None
        for proposal in self._concerned(variant):
            if noticed(variant, proposal.ready):
                return proposal
        return self._search(mutant, variant)

    def propose_for(self, asked: Asked) -> None:
        """Find a case that shows what is asked of a rule, where no proposal does yet."""
        rule = asked.rule
        if rule is None or any(asked.shows(one.ready) for one in self._told([asked.key])):
            return
        for draft in islice(self._of_rule(asked.key, [rule], Variant(rules={asked.key: rule})), min(TRIES, self.tries)):
            self.tries -= 1
            ready = self._ready(draft)
            if ready is not None and asked.shows(ready):
                expected = {"results": {asked.key: ready.outcomes[asked.key]}}
                if self._written(asked.key, {**draft, "expect": expected}, asked.shows) is not None:
                    return

    def _concerned(self, variant: Variant) -> Iterator[Proposal]:
        """The proposals that may notice the variant, in their order."""
        return self._told([*variant.rules, *(f"evidence/{name}" for name in variant.evidence), VERDICT])

    def _told(self, keys: Iterable[str]) -> Iterator[Proposal]:
        """The proposals that name one of these, in their order."""
        numbers = {number for key in keys for number in self._telling.get(key, ())}
        return (self.proposals[number] for number in sorted(numbers))

    def _search(self, mutant: Mutant, variant: Variant) -> Proposal | None:
        for draft in islice(self._drafts(variant), min(TRIES, self.tries)):
            self.tries -= 1
            ready = self._ready(draft)
            if ready is None:
                continue
            expected = _expected(variant, ready)
            if expected and (found := self._noticing(mutant, variant, draft, expected)) is not None:
                return found
        return None

    def _drafts(self, variant: Variant) -> Iterator[Draft]:
        for name in variant.evidence:
            for raw, case in self._bases(f"evidence/{name}"):
                draft = {**raw, "evidence": {name: raw["evidence"][name]} if name in raw.get("evidence", {}) else {}}
                yield from evidence_drafts(draft, name, variant, case)
            yield self._nothing_given()
        for key, changed in variant.rules.items():
            original = self.reader.rules[key]
            if changed is not None and changed.rule.optional != original.rule.optional:
                yield self._nothing_given()
            yield from self._of_rule(key, [original, *([changed] if changed else [])], variant)

    def _nothing_given(self) -> Draft:
        return {"policy": self.document.policy.metadata.name, "evidence": {}}

    def _of_rule(self, key: str, rules: list[ReadyRule], variant: Variant) -> Iterator[Draft]:
        base = self.reader.base
        paths = paths_of(rules, base)
        used = {name for rule in rules for one in (rule.pass_if, rule.when) if one for name in one.variables}
        texts = [*(base.variables[name].checked.source for name in used), *_changed_texts(variant, used)]
        sources = sources_of(rules, texts)
        search = Search(
            kinds=self.kinds,
            paths=paths,
            sources=sources,
            meet=differences(sources, self.compiler, self._meet),
            settings=list(self._settings(rules)),
            now=self.reader.now,
            days=[rule.effective_on for rule in rules if rule.effective_on is not None],
        )
        drafts = [cut_down(raw, case, paths) for raw, case in self._bases(key)]
        drafts += [seeded(base, paths, seed) for seed in SEEDS]
        singles: list[Draft] = []

        def runs(draft: Draft) -> tuple[Run, ...] | None:
            ready = self._ready(draft)
            return None if ready is None else (ready.run, run_under(variant, ready))

        for draft in drafts:
            for one in changed_drafts(draft, search, runs):
                singles.append(one)
                yield one
        for draft in singles:
            yield from islice(changed_drafts(draft, search, runs), 1, None)

    def _settings(self, rules: list[ReadyRule]) -> Iterator[tuple[str, Any]]:
        declared = self.document.policy.spec.parameters
        read = {path[1] for rule in rules for one in expressions(rule) for path in one.reads if path[0] == "params"}
        for name, parameter in declared.items():
            if name in read:
                yield from other_settings(name, parameter)

    def _bases(self, key: str) -> list[tuple[Draft, ReadyCase]]:
        """The specs of some cases, those first that name the result, passing before failing."""
        if key not in self._chosen:
            self._chosen[key] = self._choose(key)
        return self._chosen[key]

    def _choose(self, key: str) -> list[tuple[Draft, ReadyCase]]:
        def rank(entry: tuple[Document, ReadyCase]) -> tuple[bool, bool]:
            return key not in entry[1].wanted.results, entry[1].outcomes.get(key) != "pass"

        chosen = sorted(self.cases, key=rank)
        passing = [one for one in chosen if one[1].outcomes.get(key) == "pass"][: BASES // 2]
        others = [one for one in chosen if one[1].outcomes.get(key) != "pass"][: BASES // 2]
        return [(_without_expect(one.tree.value["spec"]), case) for one, case in (*passing, *others)]

    def _ready(self, draft: Draft) -> ReadyCase | None:
        raw = {**draft, "expect": {"verdict": "allowed"}}
        try:
            spec = convert(raw, CaseSpec, strict=True)
        except ValidationError:
            return None
        return self.reader.of_spec(spec, raw, self._file(), _silent)

    def _file(self) -> str:
        return self.cases[0][0].file if self.cases else self.document.file

    def _noticing(self, mutant: Mutant, variant: Variant, draft: Draft, expected: dict[str, Any]) -> Proposal | None:
        spec = {**draft, "expect": expected}
        return self._written(mutant.subject, spec, lambda ready: noticed(variant, ready))

    def _written(self, subject: str, spec: Draft, serves: Callable[[ReadyCase], bool]) -> Proposal | None:
        """The case as text, read back and run: it must pass now, and serve what it is proposed for."""
        name = self._name(subject, spec)
        text = case_text(name, {key: spec[key] for key in ORDER if key in spec})
        try:
            (document,) = load(text.encode(), self._file(), frozenset({"PolicyTest"}))
        except InvalidFileError:
            return None
        ready = self.reader.of_spec(case_of(document).spec, document.tree.value["spec"], self._file(), _silent)
        if ready is None or not ready.passes or not serves(ready):
            return None
        return self._added(Proposal(name=name, text=text, ready=ready))

    def _added(self, proposal: Proposal) -> Proposal:
        wanted, number = proposal.ready.wanted, len(self.proposals)
        for key in (*wanted.results, *(() if wanted.verdict is None else (VERDICT,))):
            self._telling.setdefault(key, []).append(number)
        self.names.add(proposal.name)
        self.proposals.append(proposal)
        return proposal

    def _name(self, subject: str, spec: Draft) -> str:
        """What is expected, and the facts where they are few; a number where another case is called so."""
        results = spec["expect"].get("results", {subject: spec["expect"].get("verdict")})
        facts = leaves(spec, [("evidence",)])
        told = [f"{path[-1]} {plain(value)}" for path, value in facts if "envelope" not in path]
        stem = ", ".join(f"{key} {outcome}" for key, outcome in results.items())
        stem = (f"{stem} at {', '.join(told)}" if 0 < len(told) < 4 else stem)[:150]
        number = 1
        while (name := stem if number == 1 else f"{stem} {number}") in self.names:
            number += 1
        return name


def _expected(variant: Variant, ready: ReadyCase) -> dict[str, Any]:
    """What the case must expect to notice the variant: the results that differ, else the verdict."""
    changed = under(variant, ready)
    results = {key: ready.outcomes[key] for key, outcome in changed.items() if outcome != ready.outcomes.get(key)}
    if results:
        return {"results": results}
    if not variant.enforced:
        return {}
    verdict = ready.verdict(ready.outcomes, ready.policy.rules)
    left = rules_under(variant, ready.policy)
    return {"verdict": verdict} if ready.verdict(ready.outcomes, left) != verdict else {}


def _changed_texts(variant: Variant, used: set[str]) -> list[str]:
    return [one.checked.source for name, one in (variant.variables or {}).items() if name in used]


def _without_expect(spec: Draft) -> Draft:
    return {key: value for key, value in spec.items() if key != "expect"}


def _silent(_at: object, _message: str, _remedy: str) -> None:
    return
