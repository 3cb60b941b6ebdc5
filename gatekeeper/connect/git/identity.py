"""Who commits, and how: by the user's own git configuration."""

from __future__ import annotations

from gatekeeper.connect.git.command import checked, run
from gatekeeper.connect.git.workspace import Workspace
from gatekeeper.errors import CannotActError


class Committer:
    """Makes commits by git, which knows the user's identity and signs where the user's configuration says so.

    `local` is the folder of a repository of this machine, with its git folder; else the current folder's counts.
    """

    def __init__(self, local: tuple[str, str] | None, objects: str | None = None) -> None:
        self._local = local
        self._extra = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": objects} if objects else {}
        self._found: tuple[str, bool] | None = None

    def commit(self, work: Workspace, tree: str, parent: str | None, message: str) -> str:
        """The id of a new commit in the workspace. Raises CannotActError, with git's own words."""
        git_dir, signs = self._settings(work)
        words = ["commit-tree", *(["-S"] if signs else []), *(["-p", parent] if parent else []), "-F", "-", tree]
        extra = {"GIT_OBJECT_DIRECTORY": work.objects, **self._extra}
        done = checked(git_dir, words, "make the commit", stdin=message.encode(), extra=extra)
        return done.out.decode("ascii").strip()

    def check(self, work: Workspace) -> None:
        """Raises CannotActError where git does not know who commits."""
        git_dir, _ = self._settings(work)
        for name in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            checked(git_dir, ["var", name], "tell who commits")

    def _settings(self, work: Workspace) -> tuple[str, bool]:
        if self._found is None:
            git_dir = self._git_dir(work)
            said = run(git_dir, ["config", "--type=bool", "--get", "commit.gpgSign"])
            if said.code not in {0, 1}:  # 1: not set
                raise CannotActError(f"cannot read the configuration of git: {said.said}")
            self._found = git_dir, said.out.strip() == b"true"
        return self._found

    def _git_dir(self, work: Workspace) -> str:
        if self._local is not None:
            # Found and not named, git refuses a repository of somebody else, whose configuration could run any program.
            look = ["-c", "safe.bareRepository=all", "-C", self._local[0], "rev-parse", "--git-dir"]
            checked(None, look, f"use {self._local[0]}")
            return self._local[1]
        here = run(None, ["rev-parse", "--absolute-git-dir", "--show-object-format"])
        folder, _, algorithm = here.out.decode("utf-8", "surrogateescape").rstrip("\n").rpartition("\n")
        return folder if not here.code and algorithm == work.algorithm else work.git_dir
