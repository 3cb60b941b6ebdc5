"""How much of a policy's meaning its cases hold: what they show, and which changes of the policy they would notice."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.cases.demands import demands
from gatekeeper.cases.killing import Jury
from gatekeeper.cases.mutants import Mutant
from gatekeeper.cases.policy_mutants import PolicyMutants
from gatekeeper.cases.ready import ReadyCase
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.model.tested import Coverage, Survivor
from gatekeeper.policy.documents import Document


def measure(
    document: Document, base: ReadyPolicy, engines: Sequence[Engine], cases: Sequence[ReadyCase]
) -> tuple[Coverage, list[Mutant]]:
    """The coverage by the cases that pass, and the mutants that none of them would notice."""
    asked = list(demands(document, base, cases))
    mutants = list(PolicyMutants(document, base, tuple(engines)).all())
    counted = [mutant for mutant in mutants if mutant.variant is not None and not mutant.same]
    jury = Jury(cases)
    alive = [mutant for mutant in counted if mutant.variant is not None and not jury.notices(mutant.variant)]
    met = sum(demand.met for demand in asked)
    killed = len(counted) - len(alive)
    coverage = Coverage(
        percent=_percent(met + killed, len(asked) + len(counted)),
        demands=len(asked),
        demands_met=met,
        mutants=len(counted),
        killed=killed,
        equivalent=sum(bool(mutant.same) for mutant in mutants),
        refused=sum(mutant.variant is None for mutant in mutants),
        missing=tuple(demand for demand in asked if not demand.met),
        survivors=tuple(survivor(document, mutant) for mutant in alive),
    )
    return coverage, alive


def survivor(document: Document, mutant: Mutant, case: str | None = None) -> Survivor:
    """What is told of a mutant that no case noticed."""
    line, column = mutant.place
    return Survivor(
        rule=mutant.subject,
        what=mutant.what,
        old=mutant.old,
        new=mutant.new,
        file=document.file,
        line=line,
        column=column,
        case=case,
    )


def _percent(part: int, whole: int) -> float:
    """Rounded down to one digit, so that 100 means all."""
    return part * 1000 // whole / 10 if whole else 100.0
