"""What a rule compiles to: CEL text for passing and failing, and the comparisons a report shows."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from gatekeeper.model.scalars import Limit
from gatekeeper.policy.celtext import Path, limit_text, path_text, string_text

FALLS = {">=": "<", "<=": ">", "==": "!="}
"""For each comparator of a shorthand, the one that holds when it does not; numbers here are never NaN."""

Form = Literal["number", "same", "entries", "only", "some", "size", "chosen"]
"""How fact and limit are compared: as a `number`; as the `same` value; the fact, or the `field`
beside it, has all `entries` of the limit, one at least; the fact is a list of the limit `only`; that is so of the
`field` of `some` member of the fact; by its `size`, where there is one; by how many of its members, which are those
of `keys` where there are any, have a `field` that is one of `chosen`."""


class Term(Struct, frozen=True, kw_only=True):
    """One comparison of a fact with a limit. `limit` is as written; `label` names the fact in a message.

    Neighbours of one `either` other than 0 hold when one of them does.
    """

    observed: Path
    comparator: str
    limit: Limit
    label: str
    n: Path | None = None
    form: Form = "number"
    field: str = ""
    either: int = 0
    keys: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()

    def holds(self) -> str:
        """CEL: the fact is on the good side."""
        fact = path_text(self.observed)
        if self.form == "number":
            return f"double({fact}) {self.comparator} {limit_text(self.limit)}"
        if self.form == "size":
            return f"(has({fact}) ? double(size({fact})) {self.comparator} {limit_text(self.limit)} : true)"
        if self.form == "chosen":
            return f"double(size({self._chosen(fact)})) {self.comparator} {limit_text(self.limit)}"
        if self.form == "same":
            return f"{fact} {self.comparator} {self.limit}"
        return self._members(fact) if self.comparator == "==" else f"!({self._members(fact)})"

    def falls(self) -> str:
        """CEL: the fact is on the bad side."""
        if self.form == "number":
            return f"double({path_text(self.observed)}) {FALLS[self.comparator]} {limit_text(self.limit)}"
        return f"!({self.holds()})"

    def _chosen(self, fact: str) -> str:
        among = [f"m in {_list_text(self.keys)}"] if self.keys else []
        return f"{fact}.filter(m, {all_of(*among, f'{fact}[m].{self.field} in {_list_text(self.chosen)}')})"

    def _members(self, fact: str) -> str:
        limit = self.limit
        if self.form == "only":
            return f"{fact} == [{limit}]"
        if self.form == "some":
            return f"{fact}.exists(m, {fact}[m].{self.field} == [{limit}])"
        beside = path_text((*self.observed[:-1], self.field))
        found = f"(k in {fact} ? {fact}[k] : k in {beside} ? {beside}[k] : '')"
        return f"size({limit}) > 0 && {limit}.all(k, {found} == {limit}[k])"


class Condition(Struct, frozen=True, kw_only=True):
    """`fail_if` None means: fails whenever it does not pass. With both, neither holding is `inconclusive`."""

    pass_if: str
    fail_if: str | None = None
    terms: tuple[Term, ...] = ()
    evidence: str | None = None


def _list_text(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(string_text, texts))}]"


def all_of(*parts: str) -> str:
    """A conjunction; one part alone stays as it is."""
    return " && ".join(parts) if len(parts) > 1 else parts[0]


def any_of(*parts: str) -> str:
    """A disjunction."""
    return " || ".join(parts)


def term_if_given(path: Path, comparator: str, limit: object, label: str) -> tuple[Term, ...]:
    """One term, or none where the policy leaves the limit out."""
    if not isinstance(limit, int | float | str):
        return ()
    return (Term(observed=path, comparator=comparator, limit=limit, label=label),)


def from_terms(terms: tuple[Term, ...], evidence: str, *extra: str) -> Condition:
    """Passes when every term holds and every `extra` condition too."""
    return Condition(pass_if=all_of(*(term.holds() for term in terms), *extra), terms=terms, evidence=evidence)
