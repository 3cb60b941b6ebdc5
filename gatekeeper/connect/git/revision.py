"""Revisions as people write them at a prompt (`HEAD~1`, `main`, `v1.2^{}`), in a repository of this machine."""

from __future__ import annotations

from gatekeeper.connect.git.command import run
from gatekeeper.connect.git.local import LocalSource, git_folder
from gatekeeper.connect.git.tree import CommitTree
from gatekeeper.errors import CannotActError, InvalidRequestError

_LONGEST = 250


def open_revision(folder: str, revision: str) -> CommitTree:
    """The commit that `revision` means in the repository at `folder`.

    Raises InvalidRequestError for what cannot be a revision, CannotActError where there is no such commit.
    """
    bad = not revision or len(revision) > _LONGEST or revision.startswith("-") or not revision.isprintable()
    if bad:
        raise InvalidRequestError(f"{revision[:100]!a} is not a git revision")
    git_dir = git_folder(folder)
    words = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    done = run(git_dir, words)
    found = done.out.decode("ascii", "replace").strip()
    if done.code or not found:
        raise CannotActError(f"there is no git revision {revision!r} here")
    return CommitTree(LocalSource(folder), found)
