"""What a rule compiles to: CEL text for passing and failing, and the comparisons a report shows."""

from __future__ import annotations

from msgspec import Struct

from gatekeeper.model.scalars import Limit
from gatekeeper.policy.celtext import Path, limit_text, path_text

FALLS = {">=": "<", "<=": ">", "==": "!="}
"""For each comparator of a shorthand, the one that holds when it does not; numbers here are never NaN."""


class Term(Struct, frozen=True, kw_only=True):
    """One comparison of a fact with a limit. `limit` is as written; `label` names the fact in a message."""

    observed: Path
    comparator: str
    limit: Limit
    label: str
    n: Path | None = None

    def holds(self) -> str:
        """CEL: the fact is on the good side."""
        return f"double({path_text(self.observed)}) {self.comparator} {limit_text(self.limit)}"

    def falls(self) -> str:
        """CEL: the fact is on the bad side."""
        return f"double({path_text(self.observed)}) {FALLS[self.comparator]} {limit_text(self.limit)}"


class Condition(Struct, frozen=True, kw_only=True):
    """`fail_if` None means: fails whenever it does not pass. With both, neither holding is `inconclusive`."""

    pass_if: str
    fail_if: str | None = None
    terms: tuple[Term, ...] = ()
    evidence: str | None = None


def all_of(*parts: str) -> str:
    """A conjunction; one part alone stays as it is."""
    return " && ".join(parts) if len(parts) > 1 else parts[0]


def any_of(*parts: str) -> str:
    """A disjunction."""
    return " || ".join(parts)


def from_terms(terms: tuple[Term, ...], evidence: str, *extra: str) -> Condition:
    """Passes when every term holds and every `extra` condition too."""
    return Condition(pass_if=all_of(*(term.holds() for term in terms), *extra), terms=terms, evidence=evidence)
