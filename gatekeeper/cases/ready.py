"""A case made ready: what it gives put before its policy's rules once, and the outcomes that came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.cases.expecting import Wanted
from gatekeeper.cases.given import Surroundings, given
from gatekeeper.cases.outcomes import Outcomes, Rules
from gatekeeper.errors import Problem
from gatekeeper.judge.bulk import Outcome
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.judge import Case, data_of, enforcement_of, supply_all
from gatekeeper.judge.parameters import BadParameterError, settle
from gatekeeper.judge.prepared import ReadyPolicy, ReadyRule
from gatekeeper.judge.rule import judge_rule, tell
from gatekeeper.judge.running import Run
from gatekeeper.judge.supply import Supplied
from gatekeeper.model.judgement import Verdict
from gatekeeper.model.paths import path_parts
from gatekeeper.model.policytest import CaseSpec, PolicyTest
from gatekeeper.model.verdict import verdict
from gatekeeper.policy.documents import Document
from gatekeeper.ports import Tree

EVIDENCE = {"ok": "pass", "absent": "skipped", "missing": "missing", "error": "error"}


class ReadyCase:
    """One case under one policy. What is supplied, bound and computed once serves every mutant of the policy.

    `rules` are those of the policy by id, for whoever makes many cases of it.
    """

    def __init__(
        self, spec: CaseSpec, policy: ReadyPolicy, engines: Sequence[Engine], judged: Case, rules: Rules | None = None
    ) -> None:
        self.spec = spec
        self.policy = policy
        self.engines = tuple(engines)
        self.judged = judged
        self.wanted = Wanted(spec.expect)
        self.supplied = supply_all(policy, judged)
        self.run = self.fresh_run(policy, self.supplied)
        self.outcomes = self._outcomes(rules_of(policy) if rules is None else rules)

    def fresh_run(self, policy: ReadyPolicy, supplied: Mapping[str, Supplied]) -> Run:
        """The data as `policy` and `supplied` give it, bound anew."""
        data = data_of(policy, supplied, self.judged)
        return Run(self.engines, data, policy.variables, plain=True)

    def verdict(self, outcomes: Mapping[str, str], rules: Iterable[ReadyRule]) -> Verdict:
        """What the outcomes come to, by the rules that are left in force."""
        return verdict([*self._of_evidence(outcomes), *self._of_rules(outcomes, rules)])

    def holds(self, outcomes: Mapping[str, str], rules: Iterable[ReadyRule]) -> bool:
        """Whether the results and the verdict are those that the case expects; texts are not looked at."""
        return self.wanted.results_hold(outcomes) and (
            self.wanted.verdict is None or self.wanted.verdict == self.verdict(outcomes, rules)
        )

    def texts_hold(
        self, rules: Iterable[ReadyRule], run: Run, supplied: Mapping[str, Supplied], names: Iterable[str]
    ) -> bool:
        """Whether the messages and paths that the case expects of these rules and evidence are what the judge tells."""
        for name in names:
            text = self.wanted.texts.get(f"evidence/{name}")
            if text is not None and not text.fits(_told(supplied[name]), None):
                return False
        for rule in rules:
            if (text := self.wanted.texts.get(rule.rule.id)) is not None:
                found = tell(rule, run, judge_rule(rule, run, supplied))
                if not text.fits(found.message, found.path):
                    return False
        return True

    @property
    def passes(self) -> bool:
        """Whether the policy as it stands gives what the case expects."""
        rules = self.policy.rules
        if not self.holds(self.outcomes, rules):
            return False
        return not self.wanted.texts or self.texts_hold(rules, self.run, self.supplied, self.supplied)

    def _outcomes(self, rules: Rules) -> Outcomes:
        evidence = {f"evidence/{name}": EVIDENCE[one.state] for name, one in self.supplied.items()}
        run, supplied = self.run, self.supplied  # not `self`: thousands of drafts would wait for a search for cycles
        return Outcomes(evidence, rules, lambda rule: judge_rule(rule, run, supplied).outcome)

    def _of_evidence(self, outcomes: Mapping[str, str]) -> list[Outcome]:
        return [
            Outcome("", key, outcomes[key], self.policy.enforcement)
            for key in (f"evidence/{name}" for name in self.supplied)
            if outcomes[key] in ("missing", "error")
        ]

    def _of_rules(self, outcomes: Mapping[str, str], rules: Iterable[ReadyRule]) -> list[Outcome]:
        now = self.judged.now
        return [
            Outcome("", rule.rule.id, outcomes[rule.rule.id], enforcement_of(self.policy, rule, now)[1])
            for rule in rules
        ]


def _told(one: Supplied) -> str:
    """The message of evidence's own result; there is none of what can be used or may be absent."""
    return one.reason if one.state in ("missing", "error") else ""


def rules_of(policy: ReadyPolicy) -> Rules:
    """The rules of a policy, by id."""
    return {rule.rule.id: rule for rule in policy.rules}


class CaseReader:
    """Makes cases of one policy ready; their faults gather in `problems`, each at its place in the test's file."""

    def __init__(self, base: ReadyPolicy, engines: Sequence[Engine], tree: Tree, now: datetime) -> None:
        self.base = base
        self.rules = rules_of(base)
        self.engines = tuple(engines)
        self.tree = tree
        self.now = now
        self.problems: list[Problem] = []
        # Without a default the base has the value of some other case.
        self._open = any(one.default is UNSET for one in base.policy.spec.parameters.values())

    def ready(self, document: Document) -> ReadyCase | None:
        """The case of a document; None where it has a fault, which is then noted."""
        spec = cast(PolicyTest, document.value).spec
        return self.of_spec(spec, document.tree.value["spec"], document.file, placed(document, self.problems))

    def of_spec(
        self, spec: CaseSpec, raw: Mapping[str, Any], file: str, complain: Callable[..., None]
    ) -> ReadyCase | None:
        """The case of a `spec` that stands, or could stand, in `file`."""
        faults: list[object] = []

        def noted(at: tuple[str | int, ...], message: str, remedy: str) -> None:
            faults.append(message)
            complain(at, message, remedy)

        policy = self._settled(spec, noted)
        around = Surroundings(policy=self.base.policy, now=self.now, read_file=_beside(self.tree, file))
        judged = given(spec, raw, around, noted)
        Wanted(spec.expect).check(self.base.policy, noted)
        if faults or policy is None:
            return None
        return ReadyCase(spec, policy, self.engines, judged, self.rules)

    def _settled(self, spec: CaseSpec, complain: Callable[..., None]) -> ReadyPolicy | None:
        if not spec.parameters and not self._open:
            return self.base
        try:
            return replace(self.base, settings=settle(self.base.policy.spec.parameters, spec.parameters))
        except BadParameterError as fault:
            complain(("parameters", fault.name), fault.message, fault.remedy)
            return None


def placed(document: Document, problems: list[Problem]) -> Callable[..., None]:
    """What takes a complaint about a case's part, and adds it to the problems with that part's place."""

    def complain(at: tuple[str | int, ...], message: str, remedy: str) -> None:
        problems.append(Problem(message, document.file, *document.key_place("spec", *at), remedy))

    return complain


def _beside(tree: Tree, file: str) -> Callable[[str], bytes | None]:
    """Reads a path from the folder of `file`. `..` leads up; out of the tree it raises InvalidRequestError."""

    def read(path: str) -> bytes | None:
        parts = file.split("/")[:-1]
        for part in path.split("/"):
            if part == ".." and parts:
                parts.pop()
            elif part != ".":
                parts.append(part)
        return tree.read("/".join(path_parts("/".join(parts))))

    return read
