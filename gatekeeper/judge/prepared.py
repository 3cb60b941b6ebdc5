"""Policies made ready to judge: names and types checked, conditions compiled, parameters settled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from gatekeeper.judge.cel import Checked, Path, Program
from gatekeeper.judge.parameters import Setting
from gatekeeper.model.policy import Policy, Requirement, Rule
from gatekeeper.policy.condition import Condition


class Expression(Struct, frozen=True, kw_only=True):
    """One CEL text, ready to run.

    `reads` are the static paths that must exist, through variables, and `guarded` those that need not; `evidence` the
    names of evidence it touches at all, unless it reads `everything` as one value; `variables` those it needs, in the
    order in which they are computed.
    """

    checked: Checked
    programs: tuple[Program, ...]
    reads: tuple[Path, ...]
    evidence: tuple[str, ...]
    variables: tuple[str, ...]
    guarded: tuple[Path, ...] = ()
    everything: bool = False

    @property
    def path(self) -> Path | None:
        """The static path that the whole expression is, where it is no more than that and reads no variable."""
        return None if self.variables else self.checked.whole


class Limit(Struct, frozen=True, kw_only=True):
    """A term's limit: a number known now, or an expression, with the `path` that it is where it is no more than one."""

    number: float | None = None
    expression: Expression | None = None
    path: Path | None = None


class ReadyRule(Struct, frozen=True, kw_only=True):
    """A rule, ready to judge. `line` is that of its `id` in the policy's file."""

    rule: Rule
    condition: Condition
    line: int
    pass_if: Expression
    fail_if: Expression | None = None
    when: Expression | None = None
    message: Expression | None = None
    limits: tuple[Limit, ...] = ()
    effective_on: datetime | None = None


class ReadyPolicy(Struct, frozen=True, kw_only=True):
    """A policy at one enforcement."""

    policy: Policy
    digest: str
    file: str
    enforcement: str
    settings: dict[str, Setting]
    variables: dict[str, Expression]
    rules: tuple[ReadyRule, ...]
    requirements: dict[str, tuple[Requirement, int]]

    @property
    def params(self) -> dict[str, Any]:
        """The parameters as CEL sees them."""
        return {name: setting.seen for name, setting in self.settings.items()}
