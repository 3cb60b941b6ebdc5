"""The conditions that decide: what must hold, and when a rule applies. Each with the value that lets an artifact by."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, Struct

from gatekeeper.judge.cel import Path
from gatekeeper.judge.cel.tree import Node
from gatekeeper.lint.logic.evaluation import Assumption, Evaluation
from gatekeeper.lint.logic.known import Beforehand
from gatekeeper.lint.texts import PolicyTexts, Text
from gatekeeper.model.policy import Rule


class Root(Struct, frozen=True, kw_only=True, eq=False):
    """A condition; `open_` is the value with which it lets by.

    That is true for `require` and for a waiver's `only_while`, and false for `when`, which skips the rule.
    """

    texts: PolicyTexts
    text: Text
    rule: Rule
    open_: bool

    @property
    def node(self) -> Node:
        """Its opened tree."""
        return self.text.node

    @property
    def outcome(self) -> str:
        """What happens where it lets by."""
        return {"require": "the rule passes", "when": "the rule is skipped"}.get(self.text.role, "the waiver holds")

    @property
    def reads(self) -> tuple[Path, ...]:
        """The paths without which the gate says `missing`, whatever the condition gives."""
        return self.text.expression.reads

    def evaluation(
        self, assumption: Assumption | None = None, *, defaults: bool = False, measured: bool = True
    ) -> Evaluation:
        """The condition's values under an assumption; with `defaults`, parameters are what the policy itself says.

        Without `measured`, a number of evidence may be any number.
        """
        spec = self.texts.policy.spec
        settings = None
        if defaults:
            settings = {name: one.default for name, one in spec.parameters.items() if one.default is not UNSET}
        return Evaluation(self.texts.shapes, Beforehand(spec, settings, measured=measured), assumption or Assumption())


def roots(texts: PolicyTexts, *, optional: bool = True) -> Iterator[Root]:
    """The conditions of a policy and of its waivers; those of rules with `optional: true` only where asked for."""
    for text in texts.of("require", "when", "only_while"):
        assert text.rule is not None
        if optional or not text.rule.optional or text.role == "only_while":
            yield Root(texts=texts, text=text, rule=text.rule, open_=text.role != "when")
