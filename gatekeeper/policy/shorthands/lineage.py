"""`lineage`: what the evidence says it was made from is what the artifact carries, digest by digest."""

from __future__ import annotations

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import LineageRule
from gatekeeper.policy.celtext import Path, path_text, string_text
from gatekeeper.policy.condition import Condition, Term, from_terms

KIND = "lineage"

CARRIED = {"commit": "artifact.commit", "model": "artifact.model.digest", "run": "artifact.run"}
"""Where the artifact carries what a word of `same` compares, besides `data`."""

FULL_COMMIT = "^([0-9a-f]{40}|[0-9a-f]{64})$"
"""A commit's full id in git, SHA-1 or SHA-256: a shortened one names many commits, and matches none."""


def compile_rule(rule: LineageRule, evidence: str) -> Condition:
    """Every word of `same` agrees, and nothing is recorded as changed; what either side does not give is missing."""
    if len(set(rule.same)) < len(rule.same):
        raise InvalidRequestError("`same` names one of them twice", "Name each once.")
    base: Path = ("evidence", evidence)
    terms = tuple(_term(word, base) for word in rule.same)
    unchanged = Term(
        observed=(*base, "changed"), comparator="<=", limit=0, label="things changed since recorded", form="size"
    )
    extra = [f"{path_text((*base, 'commit'))}.matches({string_text(FULL_COMMIT)})"] if "commit" in rule.same else []
    return from_terms((*terms, unchanged), evidence, *extra)


def _term(word: str, base: Path) -> Term:
    if word == "data":
        path, wanted = (*base, "data"), "artifact.datasets"
        # What a stage of the pipeline made of the data is data to the next.
        return Term(observed=path, comparator="==", limit=wanted, label="data", form="entries", field="outputs")
    return Term(observed=(*base, word), comparator="==", limit=CARRIED[word], label=word, form="same")
