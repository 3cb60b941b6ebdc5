"""The cases of a tree: every document of kind PolicyTest in the folder of tests and in the folders directly in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import cast

from msgspec import UNSET

from gatekeeper.errors import CannotActError, InvalidFileError, Problem
from gatekeeper.model.environment import PolicyUse
from gatekeeper.model.policytest import PolicyTest
from gatekeeper.policy.documents import Document, load
from gatekeeper.policy.library import choose_policy
from gatekeeper.policy.versions import version_key
from gatekeeper.ports import Tree

FOLDER = "tests"
"""Where cases lie, below the folder of policies; files of evidence for them lie one folder deeper."""


def load_cases(tree: Tree, policies: str) -> tuple[Document, ...]:
    """All cases. Raises InvalidFileError with the problems of all files, and for two cases of one name."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in _files(tree, f"{policies}/{FOLDER}" if policies else FOLDER):
        try:
            documents += load(tree.read(path) or b"", path, frozenset({"PolicyTest"}))
        except InvalidFileError as fault:
            problems += fault.problems
        except CannotActError as fault:
            if tree.commit is not None:
                raise
            problems.append(Problem(fault.message, path, remedy=fault.remedy))
    problems += _doubles(documents)
    if problems:
        raise InvalidFileError(problems)
    return tuple(documents)


def case_of(document: Document) -> PolicyTest:
    """The case that a document is."""
    return cast(PolicyTest, document.value)


def selected(documents: Iterable[Document], names: Sequence[str], policy: str | None) -> tuple[Document, ...]:
    """Those of `policy`, where one is named, whose name fits one of the patterns, where there are any."""
    return tuple(
        document
        for document in documents
        if (policy is None or case_of(document).spec.policy == policy)
        and (not names or any(is_named(document, name) for name in names))
    )


def is_named(document: Document, pattern: str) -> bool:
    """Whether the case is called so, or fits the pattern."""
    name = case_of(document).metadata.name
    return name == pattern or fnmatchcase(name, pattern)


def policy_of(document: Document, policies: Sequence[Document]) -> Document:
    """The highest version of the case's policy that it asks for. Raises InvalidFileError."""
    spec = case_of(document).spec
    if spec.version is not UNSET:
        use = PolicyUse(name=spec.policy, version=spec.version)
        return choose_policy(policies, use, by=document, at=document.place("spec", "version"))
    named = [one for one in policies if one.policy.metadata.name == spec.policy]
    if named:
        return max(named, key=lambda one: version_key(one.policy.metadata.version))
    use = PolicyUse(name=spec.policy, version="^0")
    return choose_policy(policies, use, by=document, at=document.place("spec", "policy"))


def _files(tree: Tree, folder: str) -> list[str]:
    folders = [folder, *(f"{folder}/{name}" for name in tree.folders(folder))]
    return [f"{one}/{name}" for one in folders for name in tree.names(one) if name.endswith(".yaml")]


def _doubles(documents: Iterable[Document]) -> list[Problem]:
    seen: dict[tuple[str, str], Document] = {}
    problems = []
    for document in documents:
        case = case_of(document)
        key = (case.spec.policy, case.metadata.name)
        if key in seen:
            message = f"{case.spec.policy} has another case named {key[1]!r}, in {seen[key].file}"
            place = document.place("metadata", "name")
            problems.append(Problem(message, document.file, *place, "Give it a name of its own."))
        seen.setdefault(key, document)
    return problems
