"""Reading what people wrote to stop, allow or forbid promotions: `deny.yaml`, `holds/` and `approvals/`.

Strict about what is there: a hold that nobody reads would hold nothing up, and nobody would know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from msgspec import UNSET, Struct

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.policy.documents import Document, load
from gatekeeper.policy.library import PEOPLE, misnamed
from gatekeeper.policy.near import near

if TYPE_CHECKING:
    from gatekeeper.model.people import Approval, DenyList, Hold
    from gatekeeper.ports import Tree

DENY_FILE, HOLDS, APPROVALS = PEOPLE
SIGNATURE = ".dsse.json"
"""What is added to a file's name for that of its signatures."""

MAX_FILES = 5000
_ENDING = ".yaml"
_IGNORED = frozenset({".gitkeep", "README.md", "CODEOWNERS", "OWNERS"})


class People(Struct, frozen=True, kw_only=True):
    """All that people wrote, each with its document. `data` are the bytes of each file of approvals, by its path."""

    denied: tuple[Document, ...] = ()
    holds: tuple[Document, ...] = ()
    approvals: tuple[Document, ...] = ()
    data: dict[str, bytes] = {}


def hold_of(document: Document) -> Hold:
    """The value, where `kind` is Hold."""
    return cast("Hold", document.value)


def approval_of(document: Document) -> Approval:
    """The value, where `kind` is Approval."""
    return cast("Approval", document.value)


def deny_list_of(document: Document) -> DenyList:
    """The value, where `kind` is DenyList."""
    return cast("DenyList", document.value)


def load_people(tree: Tree, environments: Iterable[str]) -> People:
    """All three. `environments` are those that there are. Raises InvalidFileError with the problems of all files."""
    problems: list[Problem] = []
    known = tuple(environments)
    denied = _collected(lambda: load_deny(tree), problems)
    holds = _collected(lambda: load_holds(tree, known), problems)
    data: dict[str, bytes] = {}
    approvals = _collected(lambda: load_approvals(tree, known, data), problems)
    if problems:
        raise InvalidFileError(problems)
    return People(denied=denied, holds=holds, approvals=approvals, data=data)


def _collected(loading: Callable[[], tuple[Document, ...]], problems: list[Problem]) -> tuple[Document, ...]:
    try:
        return loading()
    except InvalidFileError as fault:
        problems += fault.problems
        return ()


def load_deny(tree: Tree) -> tuple[Document, ...]:
    """The deny lists of `deny.yaml`; none where there is no such file. Raises InvalidFileError."""
    _refuse(_misnamed(tree, DENY_FILE))
    data = tree.read(DENY_FILE)
    if data is None:
        if tree.names(DENY_FILE) or tree.folders(DENY_FILE):
            raise InvalidFileError([Problem("this is a folder; the deny list is one file", DENY_FILE)])
        return ()
    documents = load(data, DENY_FILE, frozenset({"DenyList"}))
    if not documents:
        raise InvalidFileError([Problem("the file holds no deny list", DENY_FILE, remedy="Write one, or remove it.")])
    _refuse(_repeated(documents, [deny_list_of(one).metadata.name for one in documents], "deny list"))
    return documents


def load_holds(tree: Tree, environments: Sequence[str]) -> tuple[Document, ...]:
    """Every hold of `holds/*.yaml`. Raises InvalidFileError, also for an environment that there is not."""
    documents = _load_folder(tree, HOLDS, "Hold", {})
    named = [(document, hold_of(document).spec.environment) for document in documents]
    names = [hold_of(document).metadata.name for document in documents]
    _refuse([*_repeated(documents, names, "hold"), *_unknown(named, environments)])
    return documents


def load_approvals(tree: Tree, environments: Sequence[str], data: dict[str, bytes]) -> tuple[Document, ...]:
    """Every approval of `approvals/*.yaml`; the bytes of each file are put in `data`. Raises InvalidFileError."""
    documents = _load_folder(tree, APPROVALS, "Approval", data)
    named = [(document, approval_of(document).spec.environment) for document in documents]
    names = [approval_of(document).metadata.name for document in documents]
    _refuse([*_repeated(documents, names, "approval"), *_unknown(named, environments)])
    return documents


def check_held_artifacts(holds: Iterable[Document], environment: str, artifacts: Iterable[str]) -> None:
    """A hold of an artifact that the environment does not have holds nothing. Raises InvalidFileError."""
    known = tuple(artifacts)
    problems = []
    for document in holds:
        spec = hold_of(document).spec
        if spec.environment == environment and spec.artifact is not UNSET and spec.artifact not in known:
            message = f"environment {environment} has no artifact {spec.artifact!r}: this hold holds nothing"
            hint = near(spec.artifact, known) or f"There is {', '.join(known)}. Correct it, or remove the hold."
            problems.append(Problem(message, document.file, *document.place("spec", "artifact"), hint))
    _refuse(problems)


def _load_folder(tree: Tree, folder: str, kind: str, data: dict[str, bytes]) -> tuple[Document, ...]:
    names = tree.names(folder)
    problems = [*_misnamed(tree, folder), *_misplaced(tree, folder, names)]
    documents: list[Document] = []
    for path in (f"{folder}/{name}" for name in names[:MAX_FILES] if name.endswith(_ENDING)):
        content = tree.read(path)
        if content is None:
            problems.append(Problem("the file cannot be read", path))
            continue
        try:
            documents += load(content, path, frozenset({kind}))
        except InvalidFileError as fault:
            problems += fault.problems
        data[path] = content
    _refuse(problems)
    return tuple(documents)


def _misnamed(tree: Tree, name: str) -> Iterator[Problem]:
    """What would not be read for its name alone, and nobody would know."""
    for found in misnamed(tree, name):
        yield Problem(f"this is not read; the name is {name}", found, remedy="Give it that name, or another one.")


def _misplaced(tree: Tree, folder: str, names: Sequence[str]) -> Iterator[Problem]:
    """What lies there and would not be read."""
    remedy = f"Files are read as {folder}/NAME{_ENDING}, none further down."
    if tree.read(folder) is not None:
        yield Problem("this is a file, and a folder is meant", folder, remedy=remedy)
    if len(names) > MAX_FILES:
        yield Problem(f"{len(names)} files are here; at most {MAX_FILES} are read", folder, remedy="Remove old ones.")
    for name in tree.folders(folder):
        yield Problem("nothing in this folder is read", f"{folder}/{name}", remedy=remedy)
    for name in names:
        signed = name.removesuffix(SIGNATURE)
        if name.endswith(SIGNATURE) and signed not in names:
            message = f"there is no {folder}/{signed} that these signatures are of"
            yield Problem(message, f"{folder}/{name}", remedy="Remove it together with the file that it is of.")
        elif not name.endswith((_ENDING, SIGNATURE)) and name not in _IGNORED:
            yield Problem("this file is not read", f"{folder}/{name}", remedy=remedy)


def _repeated(documents: Sequence[Document], names: Sequence[str], what: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for document, name in zip(documents, names, strict=True):
        if name in seen:
            place = document.place("metadata", "name")
            yield Problem(f"{what} {name!r} is also in {seen[name]}", document.file, *place, "Give it another name.")
        seen.setdefault(name, document.file)


def _unknown(named: Iterable[tuple[Document, str]], environments: Sequence[str]) -> Iterator[Problem]:
    for document, environment in named:
        if environment not in environments:
            hint = near(environment, environments) or f"There is {', '.join(environments) or 'none'}."
            message = f"there is no environment {environment!r}"
            yield Problem(message, document.file, *document.place("spec", "environment"), hint)


def _refuse(problems: Iterable[Problem]) -> None:
    if found := tuple(problems):
        raise InvalidFileError(found)
