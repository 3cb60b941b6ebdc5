"""Which case would notice a mutant: the first one whose expectation it disappoints."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from gatekeeper.cases.mutants import Variant
from gatekeeper.cases.outcomes import Changed
from gatekeeper.cases.ready import EVIDENCE, ReadyCase
from gatekeeper.judge.judge import Case
from gatekeeper.judge.parameters import Setting
from gatekeeper.judge.prepared import ReadyPolicy, ReadyRule
from gatekeeper.judge.rule import judge_rule
from gatekeeper.judge.running import Run
from gatekeeper.judge.supply import Supplied, supply
from gatekeeper.model.policy import Requirement


def noticed(variant: Variant, case: ReadyCase) -> bool:
    """Whether the case, which passes as the policy stands, would fail with the variant. Judges only what it reaches."""
    if not concerns(variant, case):
        return False
    supplied, run = _under(variant, case)
    named = None if case.wanted.verdict is not None else case.wanted.results
    outcomes = changed_outcomes(variant, supplied, run, named)
    is_other = variant.enforced or any(case.outcomes.get(key) != outcome for key, outcome in outcomes.items())
    if is_other and not case.holds(Changed(case.outcomes, outcomes), rules_under(variant, case.policy)):
        return True
    told = [rule for key in variant.rules if key in case.wanted.texts and (rule := variant.rules[key]) is not None]
    return bool(case.wanted.texts) and not case.texts_hold(told, run, supplied, variant.evidence)


def concerns(variant: Variant, case: ReadyCase) -> bool:
    """Whether the case looks at anything that the variant reaches."""
    if variant.parameter is not None and variant.parameter[0] in case.spec.parameters:
        return False
    if case.wanted.verdict is not None:
        return True
    named = case.wanted.results
    return any(key in named for key in variant.rules) or any(f"evidence/{name}" in named for name in variant.evidence)


def rules_under(variant: Variant, policy: ReadyPolicy) -> Iterator[ReadyRule]:
    """The rules of the policy that are left with the variant, as they are with it."""
    with_it = (variant.rules.get(one.rule.id, one) for one in policy.rules)
    return (rule for rule in with_it if rule is not None)


def changed_outcomes(
    variant: Variant, supplied: dict[str, Supplied], run: Run, named: Container[str] | None = None
) -> dict[str, str | None]:
    """The outcomes that have to be told anew, of rules only of those `named`; None for a rule that is gone."""
    found: dict[str, str | None] = {f"evidence/{name}": EVIDENCE[supplied[name].state] for name in variant.evidence}
    for key in variant.rules if named is None else [one for one in variant.rules if one in named]:
        rule = variant.rules[key]
        found[key] = None if rule is None else judge_rule(rule, run, supplied).outcome
    return found


def run_under(variant: Variant, case: ReadyCase) -> Run:
    """The data and variables of a case as the variant has them."""
    return _under(variant, case)[1]


def under(variant: Variant, case: ReadyCase) -> dict[str, str | None]:
    """The outcomes of whatever the variant reaches, as they are with it."""
    supplied, run = _under(variant, case)
    return changed_outcomes(variant, supplied, run)


def _under(variant: Variant, case: ReadyCase) -> tuple[dict[str, Supplied], Run]:
    if not variant.needs_fresh_data:
        return case.supplied, case.run
    supplied, judged = case.supplied, case.judged
    if variant.evidence:
        supplied = {**supplied, **{name: _supplied(name, one, judged) for name, one in variant.evidence.items()}}
    return supplied, case.fresh_run(_policy(variant, case.policy), supplied)


def _supplied(name: str, requirement: Requirement, judged: Case) -> Supplied:
    given, now = judged.envelopes, judged.now
    return supply(name, requirement, given, judged.artifact, now, judged.signers, judged.environment)


def _policy(variant: Variant, policy: ReadyPolicy) -> ReadyPolicy:
    changed: dict[str, Any] = {}
    if variant.variables is not None:
        changed["variables"] = variant.variables
    if variant.parameter is not None:
        name, seen = variant.parameter
        changed["settings"] = {**policy.settings, name: Setting(value=seen, seen=seen, origin="policy")}
    return replace(policy, **changed) if changed else policy


class Jury:
    """The passing cases of a policy, ordered for each mutant: those that name what it reaches come first.

    Of these, the cases that name little: they were written for one limit, and stand close to it.
    """

    def __init__(self, cases: Sequence[ReadyCase]) -> None:
        self._naming: dict[str, list[ReadyCase]] = {}
        self._verdicts = [case for case in cases if case.wanted.verdict is not None]
        for case in sorted(cases, key=lambda case: len(case.wanted.results)):
            for key in case.wanted.results:
                self._naming.setdefault(key, []).append(case)

    def notices(self, variant: Variant) -> bool:
        """Whether any case would fail."""
        keys = [*variant.rules, *(f"evidence/{name}" for name in variant.evidence)]
        if any(noticed(variant, case) for key in keys for case in self._naming.get(key, ())):
            return True
        return any(noticed(variant, case) for case in self._verdicts)
