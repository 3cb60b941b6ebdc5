"""How much of a policy's meaning its cases hold: what they show, and which changes of the policy they would notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from gatekeeper.cases.demands import demands
from gatekeeper.cases.killing import Jury
from gatekeeper.cases.mutants import Mutant
from gatekeeper.cases.policy_mutants import PolicyMutants
from gatekeeper.cases.proposing import Cases, Proposer
from gatekeeper.cases.ready import CaseReader
from gatekeeper.cases.unreachable import never_equal
from gatekeeper.judge.expressions import Compiler
from gatekeeper.model.tested import Coverage, Demand, Proposed, Survivor
from gatekeeper.policy.documents import Document

Tell = Callable[[str], None]
"""Hears how far it is, for people who wait."""

_TOLD = 100
"""How often that is said, at most about."""

T = TypeVar("T")


def measure(document: Document, reader: CaseReader, cases: Cases, tell: Tell) -> Coverage:
    """The coverage of a policy by its cases that pass, with a case to add for what none of them would notice."""
    ready = [case for _, case in cases]
    source = PolicyMutants(document, reader.base, reader.engines)
    compiler, _ = source.compiled({})
    asked = list(demands(document, reader.base, compiler, ready))
    tell("changing it")
    mutants = list(source.all())
    counted = [mutant for mutant in mutants if mutant.variant is not None and not mutant.same]
    jury = Jury(ready)
    alive = [one for one in _told("change", counted, tell) if one.variant is not None and not jury.notices(one.variant)]
    proposer = Proposer(document, reader, compiler, cases)
    told = [(mutant, _survivor(document, mutant, proposer)) for mutant in _told("case to propose", alive, tell)]
    survivors = [one for mutant, one in told if one.case is not None or not _never(mutant, reader, compiler)]
    refused = sum(mutant.variant is None for mutant in mutants)
    for one in asked:
        if not one.demand.met:
            proposer.propose_for(one)
    return _summed(
        [one.demand for one in asked],
        survivors,
        proposer,
        killed=len(counted) - len(alive),
        refused=refused,
        equivalent=len(mutants) - refused - (len(counted) - len(alive)) - len(survivors),
    )


def _told(what: str, given: Sequence[T], tell: Tell) -> Iterator[T]:
    """One after the other; says now and then how many are done."""
    every = max(1, len(given) // _TOLD)
    for number, one in enumerate(given):
        if number % every == 0:
            tell(f"{what} {number + 1} of {len(given)}")
        yield one


def _never(mutant: Mutant, reader: CaseReader, compiler: Compiler) -> bool:
    sides = mutant.only_where
    return sides is not None and never_equal(sides, reader.base, compiler, reader.engines[0])


def _summed(
    asked: Sequence[Demand],
    survivors: Sequence[Survivor],
    proposer: Proposer,
    *,
    killed: int,
    refused: int,
    equivalent: int,
) -> Coverage:
    met, counted = sum(demand.met for demand in asked), killed + len(survivors)
    return Coverage(
        percent=_percent(met + killed, len(asked) + counted),
        demands=len(asked),
        demands_met=met,
        mutants=counted,
        killed=killed,
        equivalent=equivalent,
        refused=refused,
        missing=tuple(demand for demand in asked if not demand.met),
        survivors=tuple(survivors),
        proposed=tuple(Proposed(name=one.name, text=one.text) for one in proposer.proposals),
    )


def _survivor(document: Document, mutant: Mutant, proposer: Proposer) -> Survivor:
    line, column = mutant.place
    proposal = proposer.propose(mutant)
    return Survivor(
        subject=mutant.subject,
        what=mutant.what,
        old=mutant.old,
        new=mutant.new,
        file=document.file,
        line=line,
        column=column,
        case=None if proposal is None else proposal.name,
    )


def _percent(part: int, whole: int) -> float:
    """Rounded down to one digit, so that 100 means all."""
    return part * 1000 // whole / 10 if whole else 100.0
