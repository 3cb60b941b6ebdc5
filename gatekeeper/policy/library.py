"""Reading our files from a tree: every policy, the waivers, the environment asked for and those it comes after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET, Struct

from gatekeeper.errors import InvalidFileError, InvalidRequestError, Problem
from gatekeeper.model.environment import ArtifactRow, Environment, PolicyUse
from gatekeeper.policy.documents import Document, load
from gatekeeper.policy.near import near
from gatekeeper.policy.versions import in_range, version_key
from gatekeeper.ports import Tree


class Place(Struct, frozen=True, kw_only=True):
    """An environment with every artifact row it holds, its own and the included ones, each with its document."""

    document: Document
    environment: Environment
    rows: tuple[tuple[ArtifactRow, Document], ...]


PEOPLE = ("deny.yaml", "holds", "approvals")
"""Where people stop, allow or forbid promotions; most trees have none of it."""


def load_policies(tree: Tree, folder: str) -> tuple[Document, ...]:
    """Every policy of `folder/*.yaml`. Raises InvalidFileError with the problems of all files."""
    documents = _load_folder(tree, folder, frozenset({"Policy"}))
    seen: dict[tuple[str, str], Document] = {}
    problems = []
    for document in documents:
        key = (document.policy.metadata.name, document.policy.metadata.version)
        if key in seen:
            line, column = document.place("metadata", "version")
            message = f"policy {key[0]} {key[1]} is also in {seen[key].file}"
            problems.append(Problem(message, document.file, line, column, "Give one of them another version."))
        seen[key] = document
    if problems:
        raise InvalidFileError(problems)
    return documents


def load_waivers(tree: Tree, folder: str) -> tuple[Document, ...]:
    """Every waiver of `folder/*.yaml`; names are unique."""
    documents = _load_folder(tree, folder, frozenset({"Waiver"}))
    names: set[str] = set()
    problems = []
    for document in documents:
        name = document.waiver.metadata.name
        if name in names:
            problems.append(
                Problem(f"two waivers are named {name}", document.file, *document.place("metadata", "name"))
            )
        names.add(name)
    if problems:
        raise InvalidFileError(problems)
    return documents


def load_environment(tree: Tree, folder: str, name: str) -> Place:
    """The environment `name` with its rows. Raises InvalidRequestError where there is none."""
    path = f"{folder}/{name}.yaml"
    data = tree.read(path) if "/" not in name and name not in ("", ".", "..") else None
    if data is None:
        known = [file.removesuffix(".yaml") for file in tree.names(folder) if file.endswith(".yaml")]
        hint = near(name, known) or f"Environments here: {', '.join(known) or 'none'}."
        raise InvalidRequestError(f"there is no environment {name!r} ({path} does not exist)", hint)
    document = _single(load(data, path, frozenset({"Environment"})), name)
    rows = tuple(_own_rows(document)) + tuple(_included_rows(tree, document))
    _check_rows(document, rows)
    return Place(document=document, environment=document.environment, rows=rows)


def has_people(tree: Tree) -> bool:
    """Whether the tree holds any file by which people stop, allow or forbid promotions."""
    if any(tree.names(name) or tree.folders(name) or tree.read(name) is not None for name in PEOPLE):
        return True
    return any(misnamed(tree, name) for name in PEOPLE)


def misnamed(tree: Tree, name: str) -> tuple[str, ...]:
    """What lies at the top of the tree as if it were this file or folder, and is not read: `deny.yml`, `Holds/`."""
    stem = _stem(name)
    return tuple(found for found in (*tree.names(""), *tree.folders("")) if found != name and _stem(found) == stem)


def _stem(name: str) -> str:
    """A name as people take it: without case, the endings of YAML and JSON, and the plural."""
    text = name.casefold()
    for ending in (".yaml", ".yml", ".json"):
        text = text.removesuffix(ending)
    return text.removesuffix("s")


def choose_policy(documents: Iterable[Document], use: PolicyUse, *, by: Document, at: tuple[int, int]) -> Document:
    """The highest version of the policy that fits the range. Raises InvalidFileError naming what there is."""
    documents = tuple(documents)
    named = [document for document in documents if document.policy.metadata.name == use.name]
    fitting = [document for document in named if in_range(document.policy.metadata.version, use.version)]
    if fitting:
        return max(fitting, key=lambda document: version_key(document.policy.metadata.version))
    if named:
        have = ", ".join(sorted((document.policy.metadata.version for document in named), key=version_key))
        raise InvalidFileError(
            [Problem(f"no version of policy {use.name} fits {use.version}", by.file, *at, f"There is {have}.")]
        )
    names = sorted({document.policy.metadata.name for document in documents})
    hint = near(use.name, names) or f"Policies here: {', '.join(names) or 'none'}."
    raise InvalidFileError([Problem(f"there is no policy {use.name!r}", by.file, *at, hint)])


def _load_folder(tree: Tree, folder: str, kinds: frozenset[str]) -> tuple[Document, ...]:
    documents: list[Document] = []
    problems: list[Problem] = []
    for name in tree.names(folder):
        path = f"{folder}/{name}"
        if name.endswith((".yml", ".YAML", ".YML")):
            problems.append(Problem("this file is not read", path, remedy=f"Files are read as {folder}/NAME.yaml."))
        if not name.endswith(".yaml"):
            continue
        try:
            documents += load(tree.read(path) or b"", path, kinds)
        except InvalidFileError as fault:
            problems += fault.problems
    if problems:
        raise InvalidFileError(problems)
    return tuple(documents)


def _single(documents: tuple[Document, ...], name: str) -> Document:
    first = documents[0]
    if len(documents) > 1:
        raise InvalidFileError([Problem("one environment per file", first.file, *documents[1].place("metadata"))])
    if first.environment.metadata.name != name:
        message = f"the environment is named {first.environment.metadata.name!r}, its file {name!r}"
        raise InvalidFileError([Problem(message, first.file, *first.place("metadata", "name"), "Give both one name.")])
    return first


def _own_rows(document: Document) -> Iterator[tuple[ArtifactRow, Document]]:
    spec = document.environment.spec
    flat = spec.image is not UNSET or spec.manifests or spec.name is not UNSET
    if flat and spec.artifacts:
        _refuse(
            document,
            "image",
            "`image`, `name` and `manifests` are the flat form; beside `artifacts` they have no place",
        )
    if flat:
        if spec.image is UNSET or not spec.manifests:
            _refuse(document, "", "the flat form needs both `image` and `manifests`")
        image = str(spec.image)
        name = spec.name if spec.name is not UNSET else _last_part(image)
        yield ArtifactRow(name=name, image=image, manifests=spec.manifests), document
    for row in spec.artifacts:
        yield row, document


def _last_part(image: str) -> str:
    return image.rsplit("/", 1)[-1].partition(":")[0].partition("@")[0]


def _included_rows(tree: Tree, document: Document) -> Iterator[tuple[ArtifactRow, Document]]:
    for index, pattern in enumerate(document.environment.spec.include):
        for path in _matching(tree, document, index, pattern):
            for included in load(tree.read(path) or b"", path, frozenset({"Environment"})):
                _check_included(included, document)
                for row in included.environment.spec.artifacts:
                    yield row, included


def _matching(tree: Tree, document: Document, index: int, pattern: str) -> list[str]:
    from fnmatch import fnmatchcase

    folder, _, last = pattern.rpartition("/")
    if any(mark in folder for mark in "*?[") or ".." in pattern.split("/") or pattern.startswith("/"):
        line, column = document.place("spec", "include", index)
        message = f"{pattern} is not a path inside the repository with wildcards in its last part only"
        raise InvalidFileError([Problem(message, document.file, line, column)])
    return [f"{folder}/{name}" if folder else name for name in tree.names(folder) if fnmatchcase(name, last)]


def _check_included(included: Document, by: Document) -> None:
    spec, name = included.environment.spec, included.environment.metadata.name
    if name != by.environment.metadata.name:
        message = f"included by environment {by.environment.metadata.name!r}, but named {name!r}"
        raise InvalidFileError([Problem(message, included.file, *included.place("metadata", "name"))])
    for key in spec.__struct_fields__:
        if key != "artifacts" and getattr(spec, key) != getattr(type(spec)(), key):
            _refuse(included, key, f"an included file holds `artifacts` only, not `{key}`")


def _check_rows(document: Document, rows: tuple[tuple[ArtifactRow, Document], ...]) -> None:
    if not rows:
        _refuse(document, "", "the environment names no artifact", "Add `artifacts:`, or `image:` and `manifests:`.")
    seen: set[str] = set()
    for row, origin in rows:
        if row.name in seen:
            _refuse(origin, "artifacts", f"two artifacts are named {row.name!r}")
        seen.add(row.name)
        if not row.policies and not document.environment.spec.policies:
            _refuse(origin, "artifacts", f"no policy applies to {row.name!r}", "Name at least one under `policies`.")


def _refuse(document: Document, key: str, message: str, remedy: str = "") -> None:
    place = document.place("spec", key) if key else document.place("spec")
    raise InvalidFileError([Problem(message, document.file, *place, remedy)])
