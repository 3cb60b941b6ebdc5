"""Files of ours, from bytes to typed values: all or nothing, with every problem of a file at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct, ValidationError, convert

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.model.digests import sha256_of
from gatekeeper.policy.tree import Step, Tree
from gatekeeper.policy.yamltext import compose

if TYPE_CHECKING:
    from gatekeeper.model.artifact import ArtifactFile
    from gatekeeper.model.environment import Environment
    from gatekeeper.model.people import Approval, DenyList, Hold
    from gatekeeper.model.policy import Policy
    from gatekeeper.model.policytest import PolicyTest
    from gatekeeper.model.project import Project
    from gatekeeper.model.servicelevel import ServiceLevel
    from gatekeeper.model.trust import Trust
    from gatekeeper.model.waiver import Waiver

MAX_PROBLEMS = 100


class Document(Struct, frozen=True, kw_only=True, eq=False):
    """One document of a file. `digest` is the sha256 of the whole file's bytes."""

    kind: str
    value: (
        Policy
        | Environment
        | Waiver
        | ArtifactFile
        | Project
        | PolicyTest
        | Trust
        | ServiceLevel
        | Approval
        | Hold
        | DenyList
    )
    file: str
    digest: str
    tree: Tree

    @property
    def policy(self) -> Policy:
        """The value, where `kind` is Policy."""
        assert self.kind == "Policy"
        return cast("Policy", self.value)

    @property
    def environment(self) -> Environment:
        """The value, where `kind` is Environment."""
        assert self.kind == "Environment"
        return cast("Environment", self.value)

    @property
    def waiver(self) -> Waiver:
        """The value, where `kind` is Waiver."""
        assert self.kind == "Waiver"
        return cast("Waiver", self.value)

    def place(self, *path: Step) -> tuple[int, int]:
        """Line and column, from 1, of the value at `path`; where there is none, of the nearest parent."""
        return self.tree.place(*path)

    def key_place(self, *path: Step) -> tuple[int, int]:
        """Line and column, from 1, of the key at `path`; of the value where it has no key of its own."""
        return self.tree.key_place(*path)

    def text(self, *path: Step) -> str | None:
        """The text at `path`, however it is quoted; None where there is none."""
        node = self.tree.node(*path)
        return node.value if node is not None and node.id == "scalar" else None

    def inside(self, line: int, column: int, *path: Step) -> tuple[int, int]:
        """Line and column in the file of a place within the text at `path`, such as an expression's error."""
        return self.tree.inside(line, column, *path)


@lru_cache(maxsize=256)
def load(data: bytes, file: str, kinds: frozenset[str] | None = None) -> tuple[Document, ...]:
    """The documents of a file, checked against their kinds. `kinds` are those that the place of the file allows.

    Raises InvalidFileError, which lists every problem found. `file` is what problems call it; it is not opened. The
    same bytes are read once: for all artifacts of a promotion, and at every attempt.
    """
    problems: list[Problem] = []
    documents: list[Document] = []
    digest = sha256_of(data)
    for tree in compose(data, file):
        kind = _kind(tree, file, kinds, problems)
        value = None if kind is None else _value(tree, kind, file, problems)
        if kind is not None and value is not None:
            documents.append(Document(kind=kind, value=value, file=file, digest=digest, tree=tree))
    _refuse_second_policy(documents, problems)
    if problems:
        raise InvalidFileError(_in_order(problems))
    return tuple(documents)


def _kind(tree: Tree, file: str, kinds: frozenset[str] | None, problems: list[Problem]) -> str | None:
    kind = tree.value.get("kind") if isinstance(tree.value, dict) else None
    if isinstance(kind, str) and kind in TYPES and (kinds is None or kind in kinds):
        return kind
    from gatekeeper.policy.explain import explain_kind  # only after a mistake

    problems.extend(tree.problems)
    problems.append(explain_kind(tree, file, kinds))
    return None


def _value(tree: Tree, kind: str, file: str, problems: list[Problem]) -> Any:
    from gatekeeper.policy.checks import check

    refused = {(problem.line, problem.column) for problem in tree.problems}
    faults = [
        *tree.problems,
        *(fault for fault in check(kind, tree, file) if (fault.line, fault.column) not in refused),
    ]
    reason = ""
    if not faults:
        try:
            return convert(tree.value, TYPES[kind](), strict=True)
        except ValidationError as fault:
            reason = str(fault)
    from gatekeeper.policy.explain import explain  # only after a mistake; it imports jsonschema

    problems.extend(explain(tree, kind, file, faults, reason))
    return None


def _refuse_second_policy(documents: list[Document], problems: list[Problem]) -> None:
    policies = [document for document in documents if document.kind == "Policy"]
    for extra in policies[1:]:
        line, column = extra.place()
        message = "a file holds one policy, because the digest of a policy is that of its file"
        problems.append(Problem(message, extra.file, line, column, "Move it to a file of its own."))


def _in_order(problems: list[Problem]) -> list[Problem]:
    ordered = sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))
    if len(ordered) <= MAX_PROBLEMS:
        return ordered
    rest = Problem(f"{len(ordered) - MAX_PROBLEMS} more problems are not shown", ordered[0].file)
    return [*ordered[:MAX_PROBLEMS], rest]


def _policy() -> type[Policy]:
    from gatekeeper.model.policy import Policy

    return Policy


def _environment() -> type[Environment]:
    from gatekeeper.model.environment import Environment

    return Environment


def _waiver() -> type[Waiver]:
    from gatekeeper.model.waiver import Waiver

    return Waiver


def _artifact() -> type[ArtifactFile]:
    from gatekeeper.model.artifact import ArtifactFile

    return ArtifactFile


def _project() -> type[Project]:
    from gatekeeper.model.project import Project

    return Project


def _policy_test() -> type[PolicyTest]:
    from gatekeeper.model.policytest import PolicyTest

    return PolicyTest


def _trust() -> type[Trust]:
    from gatekeeper.model.trust import Trust

    return Trust


def _service_level() -> type[ServiceLevel]:
    from gatekeeper.model.servicelevel import ServiceLevel

    return ServiceLevel


def _approval() -> type[Approval]:
    from gatekeeper.model.people import Approval

    return Approval


def _hold() -> type[Hold]:
    from gatekeeper.model.people import Hold

    return Hold


def _deny_list() -> type[DenyList]:
    from gatekeeper.model.people import DenyList

    return DenyList


# Each kind's types are built by msgspec when first used; a run that reads no waiver does not pay for them.
TYPES: dict[str, Callable[[], type[Any]]] = {
    "Policy": _policy,
    "Environment": _environment,
    "Waiver": _waiver,
    "Artifact": _artifact,
    "Project": _project,
    "PolicyTest": _policy_test,
    "Trust": _trust,
    "ServiceLevel": _service_level,
    "Approval": _approval,
    "Hold": _hold,
    "DenyList": _deny_list,
}
