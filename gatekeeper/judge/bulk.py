"""Many documents under the same policies: outcomes and verdicts alone, for replays over a history.

The same rules in the same order as `judge`, with nothing told about them: what a rule compared is asked of `judge` for
the few documents that matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gatekeeper.judge.cel import Engine
from gatekeeper.judge.judge import Case, data_of, enforcement_of, supply_all
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.judge.rule import judge_rule
from gatekeeper.judge.running import Run
from gatekeeper.model.judgement import Verdict
from gatekeeper.model.verdict import Judged, verdict


class Outcome(NamedTuple):
    """One rule's outcome under its enforcement; no waiver is looked at."""

    policy: str
    rule: str
    result: str
    enforcement: str
    waived: None = None


def outcomes(policies: Sequence[ReadyPolicy], engines: Sequence[Engine], case: Case) -> tuple[Verdict, list[Judged]]:
    """The verdict and the outcomes of one case, whose facts came through the door of evidence."""
    found: list[Judged] = []
    for policy in policies:
        name, supplied = policy.policy.metadata.name, supply_all(policy, case)
        for key, one in supplied.items():
            if one.state in ("missing", "error"):
                found.append(Outcome(name, f"evidence/{key}", one.state, policy.enforcement))
        run = Run(engines, data_of(policy, supplied, case), policy.variables, plain=True)
        for rule in policy.rules:
            outcome = judge_rule(rule, run, supplied).outcome
            found.append(Outcome(name, rule.rule.id, outcome, enforcement_of(policy, rule, case.now)[1]))
    return verdict(found), found
