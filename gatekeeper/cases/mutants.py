"""What a mutant is: one small change of a policy, and what of the judgement it reaches."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from gatekeeper.judge.prepared import Expression, ReadyRule
from gatekeeper.model.policy import Requirement

Place = tuple[int, int]


class Variant(Struct, frozen=True, kw_only=True):
    """What is other than in the policy as it stands.

    `rules` are those that have to be judged again, by id, changed or not; None for one that is gone. `evidence` are
    changed requirements, `parameter` the name and value of a changed default, `variables` all of them where one
    changed. `enforced` says that a verdict may change though no result does.
    """

    rules: dict[str, ReadyRule | None]
    evidence: dict[str, Requirement] = {}
    parameter: tuple[str, Any] | None = None
    variables: dict[str, Expression] | None = None
    enforced: bool = False

    @property
    def needs_fresh_data(self) -> bool:
        """Whether the rules see other data than those of the policy as it stands."""
        return bool(self.evidence) or self.parameter is not None or self.variables is not None


class Mutant(Struct, frozen=True, kw_only=True):
    """One change: `subject` is the rule's id, `evidence/<name>`, `params.<name>` or `variables.<name>`.

    `variant` is None for one that could not be loaded, and so could not come about. `same` says that nothing could
    tell it from the original, and why. `only_where` are two CEL texts; where they are not equal, it is no other policy.
    """

    subject: str
    what: str
    old: str
    new: str
    place: Place
    variant: Variant | None
    same: str = ""
    only_where: tuple[str, str] | None = None
