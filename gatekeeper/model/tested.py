"""What `policy test` found. The field names are those of its JSON report, `gatekeeper.policy-test/v1`."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Mismatch(Struct, frozen=True, kw_only=True):
    """One thing that a case expects and that came otherwise: `what` is `verdict`, a rule's id, or `evidence/<name>`."""

    what: str
    expected: str
    got: str
    message: str = ""
    observed: Any = None
    limit: Any = None
    comparator: str | None = None
    margin: float | int | None = None
    evidence: str | None = None
    path: str | None = None


class TestedCase(Struct, frozen=True, kw_only=True):
    """One case, and what came otherwise than it expects; nothing where it passed."""

    __test__ = False

    name: str
    file: str
    line: int
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.mismatches


class Demand(Struct, frozen=True, kw_only=True):
    """Something that every policy's cases have to show, such as a rule that fails, and whether one does."""

    what: str
    file: str
    line: int
    column: int
    met: bool


class Survivor(Struct, frozen=True, kw_only=True):
    """A change of the policy that no case noticed; `subject` is a rule's id, `evidence/…`, `params.…`, `variables.…`.

    `case` names the proposed case that would notice it; None where none was found.
    """

    subject: str
    what: str
    old: str
    new: str
    file: str
    line: int
    column: int
    case: str | None = None


class Proposed(Struct, frozen=True, kw_only=True):
    """A case to add, as a YAML document. It was run: it passes now, and fails with the survivors that name it."""

    name: str
    text: str


class Coverage(Struct, frozen=True, kw_only=True):
    """How much of a policy's meaning its cases hold.

    `mutants` are the changes that count; those that no input can tell from the original, and those that could not be
    loaded, are counted apart. `percent` is of demands and mutants together.
    """

    percent: float
    demands: int
    demands_met: int
    mutants: int
    killed: int
    equivalent: int
    refused: int
    missing: tuple[Demand, ...] = ()
    survivors: tuple[Survivor, ...] = ()
    proposed: tuple[Proposed, ...] = ()


class TestedPolicy(Struct, frozen=True, kw_only=True):
    """One policy with its cases; `coverage` is null where it was not measured."""

    __test__ = False

    name: str
    version: str
    file: str
    cases: tuple[TestedCase, ...]
    coverage: Coverage | None = None


class TestReport(Struct, frozen=True, kw_only=True):
    """A run of `policy test`. `findings` are what else is wrong: no cases, too little coverage."""

    __test__ = False

    policies: tuple[TestedPolicy, ...]
    engine: str
    findings: tuple[str, ...] = ()
    min_coverage: float | None = None

    @property
    def failed(self) -> int:
        """Cases that did not come as expected."""
        return sum(not case.passed for policy in self.policies for case in policy.cases)

    @property
    def total(self) -> int:
        """All cases that were run."""
        return sum(len(policy.cases) for policy in self.policies)

    @property
    def clean(self) -> bool:
        """Whether there is nothing to complain of."""
        return not self.failed and not self.findings
