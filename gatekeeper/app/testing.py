"""The cases of policies, run and reported: `gatekeeper policy test`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from msgspec import UNSET, Struct

from gatekeeper.cases.coverage import measure
from gatekeeper.cases.library import case_of, is_named, load_cases, policy_of, selected
from gatekeeper.cases.ready import CaseReader, ReadyCase
from gatekeeper.errors import InvalidFileError, InvalidRequestError, Problem
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.judge import judge
from gatekeeper.judge.prepare import Application, check_policies, prepare_one
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.model.project import Folders
from gatekeeper.model.tested import Mismatch, TestedCase, TestedPolicy, TestReport
from gatekeeper.policy.documents import Document
from gatekeeper.policy.library import load_policies
from gatekeeper.policy.near import near
from gatekeeper.policy.versions import version_key
from gatekeeper.ports import Tree

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The time of a case that names none: fixed, so that a case passes tomorrow as it does today."""


class Asked(Struct, frozen=True, kw_only=True):
    """What to run: the cases whose name fits a pattern, or all; of one policy, or all; with their coverage or not."""

    names: tuple[str, ...] = ()
    policy: str | None = None
    min_coverage: float | None = None
    coverage: bool = True
    now: datetime = NOW
    tell: Callable[[str], None] = lambda _: None


class _Tested(Struct, frozen=True, kw_only=True):
    """A policy's document, ready, with its ready cases and the documents that they come from."""

    document: Document
    reader: CaseReader | None
    cases: tuple[tuple[Document, ReadyCase], ...]


def run_tests(tree: Tree, folders: Folders, engines: Sequence[Engine], asked: Asked) -> TestReport:
    """Run the cases. Raises InvalidFileError where a policy or case cannot be read, InvalidRequestError for a name."""
    policies = load_policies(tree, folders.policies)
    check_policies(policies)
    _check_name(asked.policy, policies)
    chosen = selected(load_cases(tree, folders.policies), asked.names, asked.policy)
    tested = _made_ready(tree, policies, chosen, engines, asked)
    reported = tuple(_reported(one, engines, asked) for one in tested)
    return TestReport(
        policies=reported,
        engine=" and ".join(engine.name for engine in engines),
        findings=tuple(_findings(reported, chosen, asked)),
        min_coverage=asked.min_coverage,
    )


def _check_name(name: str | None, policies: Sequence[Document]) -> None:
    known = {document.policy.metadata.name for document in policies}
    if name is not None and name not in known:
        hint = near(name, known) or f"Policies here: {', '.join(sorted(known)) or 'none'}."
        raise InvalidRequestError(f"there is no policy {name!r}", hint)


def _made_ready(
    tree: Tree, policies: Sequence[Document], chosen: Sequence[Document], engines: Sequence[Engine], asked: Asked
) -> list[_Tested]:
    """Every policy with its cases. Raises InvalidFileError with the faults of all cases."""
    problems: list[Problem] = []
    by_policy: dict[str, tuple[Document, list[Document]]] = {one.file: (one, []) for one in _tested(policies, asked)}
    for document in chosen:
        try:
            policy = policy_of(document, policies)
        except InvalidFileError as fault:
            problems += fault.problems
            continue
        by_policy.setdefault(policy.file, (policy, []))[1].append(document)
    tested = [_ready(tree, policy, cases, engines, asked, problems) for policy, cases in by_policy.values()]
    if problems:
        raise InvalidFileError(dict.fromkeys(problems))
    return sorted(tested, key=lambda one: _order(one.document))


def _tested(policies: Sequence[Document], asked: Asked) -> list[Document]:
    """The policies that need cases: the highest version of each, where no choice of cases was asked for."""
    highest: dict[str, Document] = {}
    for document in sorted(policies, key=_order):
        if not asked.names and asked.policy in (None, document.policy.metadata.name):
            highest[document.policy.metadata.name] = document
    return list(highest.values())


def _order(document: Document) -> tuple[str, object]:
    metadata = document.policy.metadata
    return metadata.name, version_key(metadata.version)


def _ready(
    tree: Tree,
    policy: Document,
    documents: Sequence[Document],
    engines: Sequence[Engine],
    asked: Asked,
    problems: list[Problem],
) -> _Tested:
    faults: list[Problem] = []
    base = _base(policy, documents, engines, faults)
    if base is None:
        problems += faults or _without_default(policy, documents)
        return _Tested(document=policy, reader=None, cases=())
    reader = CaseReader(base, engines, tree, asked.now)
    cases = tuple((one, ready) for one in documents if (ready := reader.ready(one)) is not None)
    problems += reader.problems
    return _Tested(document=policy, reader=reader, cases=cases)


def _base(
    policy: Document, documents: Sequence[Document], engines: Sequence[Engine], faults: list[Problem]
) -> ReadyPolicy | None:
    """The policy compiled once, with its own defaults, else with the parameters of the first case that sets all."""
    declared = policy.policy.spec.parameters
    needed = [name for name, parameter in declared.items() if parameter.default is UNSET]
    if not needed:
        return prepare_one(Application(document=policy, enforcement="deny"), engines, faults)
    for document in documents:
        given = case_of(document).spec.parameters
        if all(name in given for name in needed):
            only = {name: given[name] for name in needed}
            at = Application(document=policy, enforcement="deny", parameters=only, by=document, at=("spec",))
            if (found := prepare_one(at, engines, faults)) is not None:
                return found
    return None


def _without_default(policy: Document, documents: Sequence[Document]) -> list[Problem]:
    """Each case that leaves out a parameter that the policy has no default for."""
    message = f"policy {policy.policy.metadata.name} has parameters without default; the case has to set them"
    return [Problem(message, one.file, *one.key_place("spec", "parameters")) for one in documents]


def _reported(tested: _Tested, engines: Sequence[Engine], asked: Asked) -> TestedPolicy:
    metadata = tested.document.policy.metadata
    asked.tell(f"testing {metadata.name}")
    coverage = None
    if asked.coverage and tested.reader is not None:
        passing = [(document, ready) for document, ready in tested.cases if ready.passes]
        coverage = measure(tested.document, tested.reader, passing, lambda at: asked.tell(f"{metadata.name}: {at}"))
    return TestedPolicy(
        name=metadata.name,
        version=metadata.version,
        file=tested.document.file,
        cases=tuple(_case(document, ready, engines) for document, ready in tested.cases),
        coverage=coverage,
    )


def _case(document: Document, ready: ReadyCase, engines: Sequence[Engine]) -> TestedCase:
    """A case that does not hold is judged once more in full, for what there is to say."""
    mismatches: tuple[Mismatch, ...] = ()
    if not ready.passes:
        mismatches = ready.wanted.mismatches(judge([ready.policy], engines, ready.judged), ready.outcomes)
    name = case_of(document).metadata.name
    return TestedCase(name=name, file=document.file, line=document.place("metadata")[0], mismatches=mismatches)


def _findings(reported: Sequence[TestedPolicy], chosen: Sequence[Document], asked: Asked) -> Iterator[str]:
    """What is wrong beyond failing cases: above all, that nothing was tested."""
    for name in asked.names:
        if not any(is_named(document, name) for document in chosen):
            yield f"no case is named {name}"
    if not chosen and not asked.names:
        yield "there are no cases"
    for policy in reported:
        percent, least = 0.0 if policy.coverage is None else policy.coverage.percent, asked.min_coverage
        if least is not None and percent < least:
            yield f"{policy.name} {policy.version}: coverage is {percent:g} %, below {least:g} %"
