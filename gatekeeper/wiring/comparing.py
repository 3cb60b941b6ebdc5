"""The two sides of `policy diff` as users name them: a file, a folder, `REV`, `REV:path`, `REPO@REV`, or nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gatekeeper.app.compare import Side, file_side, tree_side
from gatekeeper.app.flips import Shipped
from gatekeeper.errors import CannotActError, InvalidFileError, InvalidRequestError
from gatekeeper.model.project import Folders
from gatekeeper.wiring.project import (
    PROJECT_FILE,
    commit_tree,
    current_folder,
    find_base,
    folders_of,
    git_top,
    split_ref,
    working_tree,
)
from gatekeeper.wiring.request import policy_file

if TYPE_CHECKING:
    from gatekeeper.ports import Tree

WORKING_TREE = "working tree"


class Below:
    """A folder of a tree, as a tree of its own."""

    def __init__(self, tree: Tree, folder: str) -> None:
        self.tree, self.folder = tree, folder

    @property
    def commit(self) -> str | None:
        """The commit's full id; None for a working tree."""
        return self.tree.commit

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at `path`, or None."""
        return self.tree.read(f"{self.folder}/{path}")

    def names(self, folder: str) -> tuple[str, ...]:
        """Sorted names of the files directly in `folder`."""
        return self.tree.names(f"{self.folder}/{folder}".rstrip("/"))

    def folders(self, folder: str) -> tuple[str, ...]:
        """Sorted names of the folders directly in `folder`."""
        return self.tree.folders(f"{self.folder}/{folder}".rstrip("/"))


def sides(before: str | None, after: str | None) -> tuple[Side, Side]:
    """The two sides; without names HEAD and the working tree. Raises InvalidRequestError or InvalidFileError."""
    return _named("HEAD" if before is None else before), _working() if after is None else _named(after)


def _working() -> Side:
    base = find_base(current_folder())
    try:
        return tree_side(WORKING_TREE, working_tree(base), base.folders)
    except CannotActError as fault:
        raise InvalidRequestError(f"the working tree cannot be read: {fault.message}", fault.remedy) from fault


def _named(text: str) -> Side:
    told = _told(text)
    try:
        return replace(_side(text), label=told)
    except InvalidFileError as fault:
        if os.path.exists(text):
            raise
        problems = (replace(one, file=f"{told}: {one.file}") for one in fault.problems)
        raise InvalidFileError(problems) from fault
    except CannotActError as fault:
        raise InvalidRequestError(f"{told} cannot be read: {fault.message}", fault.remedy) from fault


def _told(text: str) -> str:
    """What the user typed, without the credentials that a URL may hold."""
    from gatekeeper.connect.git.address import redact  # git is loaded only where something is compared with it

    return redact(text)


def _side(text: str) -> Side:
    if os.path.isfile(text):
        return file_side(*policy_file(text), _beside(text))
    if os.path.isdir(text):
        return _on_disk(text)
    address, ref = split_ref(text)
    if ref is not None and (os.path.isdir(address) or ":" in address):
        tree = commit_tree(text)
        return tree_side(text, tree, folders_of(tree))
    if "://" in text:
        return tree_side(text, commit_tree(text), folders_of(commit_tree(text)))
    revision, colon, path = text.partition(":")
    return _at_revision(text, revision, path if colon else None)


def _beside(path: str) -> Shipped:
    from gatekeeper.connect.folder import FolderTree

    return Shipped(tree=FolderTree(os.path.dirname(os.path.realpath(path))), folder="")


def _on_disk(text: str) -> Side:
    from gatekeeper.connect.folder import FolderTree

    parent, name = os.path.split(os.path.realpath(text))
    return _located(text, FolderTree(parent), name)


def _at_revision(text: str, revision: str, path: str | None) -> Side:
    """The project at a commit, or one file or folder of it; paths are from git's top, as git reads them."""
    from gatekeeper.connect.git.revision import open_revision

    top = _git_top(text)
    tree = open_revision(top, revision)
    if path is not None:
        return _located(text, tree, _from_top(path, top))
    inner = os.path.relpath(find_base(current_folder()).folder, top).replace(os.sep, "/")
    project: Tree = tree if inner == "." else Below(tree, inner)
    return tree_side(text, project, folders_of(project))


def _from_top(path: str, top: str) -> str:
    """A path from git's top; one that begins with `./` or `../` is from the current folder, as git reads it."""
    if path.startswith(("./", "../")):
        path = os.path.relpath(os.path.join(current_folder(), path), top).replace(os.sep, "/")
    return "" if path == "." else path.strip("/")


def _git_top(text: str) -> str:
    top = git_top(current_folder())
    if top is None:
        raise InvalidRequestError(
            f"{text[:100]!r} is no file or folder here, and no revision: there is no git repository here",
            "Name two files or folders, or REPO@REV.",
        )
    return top


def _located(text: str, tree: Tree, path: str) -> Side:
    """A policy file, a project, or a folder of policies, at a place in a tree."""
    data = tree.read(path) if path else None
    if data is not None:
        folder = path.rpartition("/")[0]
        return file_side(text, data, Shipped(tree=tree, folder=folder))
    project: Tree = Below(tree, path) if path else tree
    if project.read(PROJECT_FILE) is not None or project.names("policies"):
        return tree_side(text, project, folders_of(project))
    if any(name.endswith(".yaml") for name in tree.names(path)):
        return tree_side(text, tree, Folders(policies=path, environments=""))
    raise InvalidRequestError(f"{text} holds no policy", "Name a policy file, a folder of them, or a project's folder.")
