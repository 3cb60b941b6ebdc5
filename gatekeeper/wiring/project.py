"""Where our files are: `--repo`, else the folder holding `gatekeeper.yaml`, else git's top, else the current folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct

from gatekeeper.connect.report_files import read_file
from gatekeeper.errors import CannotActError, InvalidFileError, InvalidRequestError, Problem
from gatekeeper.evidence.registry import is_live
from gatekeeper.model.project import Folders, Project, ProjectSpec
from gatekeeper.policy.documents import load
from gatekeeper.wiring.evidence import parse_spec

if TYPE_CHECKING:
    from gatekeeper.ports import Tree

PROJECT_FILE = "gatekeeper.yaml"
MAX_FILE = 1024 * 1024


class Base(Struct, frozen=True, kw_only=True):
    """The folder that paths of the project are relative to, and its settings."""

    folder: str
    spec: ProjectSpec

    @property
    def folders(self) -> Folders:
        """Where policies, environments and waivers lie."""
        return Folders(policies=self.spec.policies, environments=self.spec.environments, waivers=self.spec.waivers)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The project's evidence, its paths made relative to the current folder."""
        return tuple(self._placed(text) for text in self.spec.evidence)

    @property
    def artifact(self) -> str | None:
        """The project's artifact: a reference, or a file."""
        if self.spec.artifact is UNSET:
            return None
        place = os.path.join(self.folder, self.spec.artifact)
        return place if os.path.exists(place) else self.spec.artifact

    @property
    def repo(self) -> str | None:
        """The project's GitOps repository: a URL, or a path relative to the project."""
        if self.spec.repo is UNSET:
            return None
        place = os.path.join(self.folder, self.spec.repo)
        return place if os.path.exists(place) else self.spec.repo

    def _placed(self, text: str) -> str:
        spec = parse_spec(text, exists=os.path.lexists(os.path.join(self.folder, text)))
        if is_live(spec.producer, spec.path) and not os.path.lexists(os.path.join(self.folder, spec.path)):
            return text  # a run or an image is not in a folder
        return text.removesuffix(spec.path) + os.path.relpath(os.path.join(self.folder, spec.path))


def current_folder() -> str:
    """The current folder. Raises InvalidRequestError where it was removed."""
    try:
        return os.getcwd()
    except OSError as fault:
        raise InvalidRequestError("the current folder does not exist any more", "Change to one that does.") from fault


def find_base(start: str) -> Base:
    """The nearest folder from `start` upwards that holds `gatekeeper.yaml`, else git's top, else `start`."""
    repository = None
    folder = os.path.abspath(start)
    while True:
        path = os.path.join(folder, PROJECT_FILE)
        if os.path.isfile(path):
            return Base(folder=folder, spec=_read(path))
        if repository is None and os.path.exists(os.path.join(folder, ".git")):
            repository = folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return Base(folder=repository or os.path.abspath(start), spec=ProjectSpec())
        folder = parent


def git_top(start: str) -> str | None:
    """The nearest folder from `start` upwards that is a git repository's; None where there is none."""
    folder = os.path.abspath(start)
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def folders_of(tree: Tree) -> Folders:
    """Where a commit's own `gatekeeper.yaml` says that our files lie; a file outside the commit has no say in it."""
    data = tree.read(PROJECT_FILE)
    spec = ProjectSpec() if data is None else _project(data, PROJECT_FILE)
    return Folders(policies=spec.policies, environments=spec.environments, waivers=spec.waivers)


def working_tree(base: Base) -> Tree:
    """The project's folder, as it is on disk."""
    from gatekeeper.connect.folder import FolderTree

    return FolderTree(base.folder)


def commit_tree(repo: str) -> Tree:
    """The commit that `PATH or URL[@REF]` names, by default the repository's HEAD."""
    from gatekeeper.connect.git.opening import open_commit

    address, ref = split_ref(repo)
    return open_commit(address, ref)


def split_ref(repo: str) -> tuple[str, str | None]:
    """`URL@REF` taken apart; an `@` before the last `/` or `:` belongs to the URL, and a path that exists wins."""
    if os.path.exists(repo) or _is_file_url(repo):
        return repo, None
    address, mark, ref = repo.rpartition("@")
    if not mark or not address or ":" in ref or (_is_user(address) and "/" in ref):
        return repo, None
    return address, ref or None


def _is_file_url(repo: str) -> bool:
    if not repo.lower().startswith("file://"):
        return False
    from gatekeeper.connect.git.address import local_folder  # git is loaded only where a repository is given

    folder = local_folder(repo)
    return folder is not None and os.path.isdir(folder)


def _is_user(address: str) -> bool:
    """Whether what stands before the `@` is a user of a URL (`ssh://git`, `git`) rather than a whole address."""
    _, mark, rest = address.rpartition("://")
    return "/" not in rest if mark else ("/" not in address and ":" not in address)


def _read(path: str) -> ProjectSpec:
    try:
        return _project(read_file(path, MAX_FILE), path)
    except CannotActError as fault:
        raise InvalidRequestError(f"{path}: {fault.message}") from fault


def _project(data: bytes, path: str) -> ProjectSpec:
    documents = load(data, path, frozenset({"Project"}))
    if len(documents) != 1:
        raise InvalidFileError([Problem("one project per file", path)])
    value = documents[0].value
    assert isinstance(value, Project)
    return value.spec
