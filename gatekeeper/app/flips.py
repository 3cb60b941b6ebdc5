"""The shipped cases, judged under both texts of their policies: which verdicts and results are no longer the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from gatekeeper.app.testing import NOW
from gatekeeper.cases.library import case_of, load_cases, policy_of
from gatekeeper.cases.outcomes import Outcomes
from gatekeeper.cases.ready import CaseReader, placed
from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.prepare import Application, prepare_one
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.model.compared import Flip, Flips
from gatekeeper.model.policytest import CaseSpec, Expectation
from gatekeeper.policy.documents import Document
from gatekeeper.ports import Tree

_ANY = Expectation(verdict="allowed")
"""What a case is to expect while it is only judged: something, as one that expects nothing is refused."""


class Shipped(Struct, frozen=True, kw_only=True):
    """Where a side's cases lie: below `folder` of `tree`."""

    tree: Tree
    folder: str


def flips(
    before: Sequence[Document], after: Sequence[Document], shipped: Sequence[Shipped], engines: Sequence[Engine]
) -> Flips:
    """Every case of a policy that both sides have and that differs, the first of one name, under both texts."""
    judged, flipped = 0, []
    refused: list[str] = []
    judges = _Judge(before, engines), _Judge(after, engines)
    for document, tree in _cases(shipped, refused):
        if not all(judge.knows(document) for judge in judges):
            continue
        try:
            texts = [policy_of(document, side) for side in (before, after)]
            if texts[0].digest == texts[1].digest:
                continue
            was, now = (judge.outcome(document, text, tree) for judge, text in zip(judges, texts, strict=True))
        except InvalidFileError as fault:
            refused.append(f"{case_of(document).metadata.name}: {fault.problems[0].message}")
            continue
        judged += 1
        if was != now:
            flipped.append(_flip(document, was, now))
    return Flips(judged=judged, flipped=tuple(flipped), not_judged=tuple(refused))


def _cases(shipped: Sequence[Shipped], refused: list[str]) -> Iterator[tuple[Document, Tree]]:
    """Files that are no cases take only themselves away, and that is told."""
    seen: set[tuple[str, str]] = set()
    for place in shipped:
        try:
            documents = load_cases(place.tree, place.folder)
        except InvalidFileError as fault:
            refused += [f"the cases cannot be read: {fault.problems[0]}"]
            continue
        for document in documents:
            key = (case_of(document).spec.policy, case_of(document).metadata.name)
            if key not in seen:
                seen.add(key)
                yield document, place.tree


def _flip(document: Document, was: tuple[str, Outcomes], now: tuple[str, Outcomes]) -> Flip:
    keys = dict.fromkeys((*was[1], *now[1]))
    differing = {key: (was[1].get(key), now[1].get(key)) for key in keys if was[1].get(key) != now[1].get(key)}
    return Flip(
        case=case_of(document).metadata.name,
        policy=case_of(document).spec.policy,
        file=document.file,
        line=document.place("metadata", "name")[0],
        before=was[0],
        after=now[0],
        results=differing,
    )


class _Judge:
    """Judges cases under the policies of one side; what a case expects is not looked at."""

    def __init__(self, policies: Sequence[Document], engines: Sequence[Engine]) -> None:
        self.policies, self.engines = policies, engines
        self._ready: dict[str, ReadyPolicy | None] = {}

    def knows(self, document: Document) -> bool:
        """Whether this side has the case's policy, in any version."""
        return any(one.policy.metadata.name == case_of(document).spec.policy for one in self.policies)

    def outcome(self, document: Document, policy: Document, tree: Tree) -> tuple[str, Outcomes]:
        """The verdict and results of a case. Raises InvalidFileError where it cannot be judged here."""
        problems: list[Problem] = []
        spec = replace(case_of(document).spec, expect=_ANY)
        base = self._base(policy, spec, problems)
        if base is not None:
            reader = CaseReader(base, self.engines, tree, NOW)
            ready = reader.of_spec(spec, document.tree.value["spec"], document.file, placed(document, problems))
            if ready is not None:
                return ready.verdict(ready.outcomes, ready.policy.rules), ready.outcomes
        raise InvalidFileError(problems)

    def _base(self, policy: Document, spec: CaseSpec, problems: list[Problem]) -> ReadyPolicy | None:
        declared = policy.policy.spec.parameters
        needed = {
            name: value
            for name, value in spec.parameters.items()
            if name in declared and declared[name].default is UNSET
        }
        application = Application(document=policy, enforcement="deny", parameters=needed)
        if needed or policy.digest not in self._ready:
            found = prepare_one(application, self.engines, problems)
            self._ready[policy.digest] = found
        return self._ready[policy.digest]
