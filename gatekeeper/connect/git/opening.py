"""`--repo PATH or URL[@REF]`: one commit of a repository, to read from."""

from __future__ import annotations

import os

from gatekeeper.connect.git import evidence
from gatekeeper.connect.git.address import check_address, check_ref, local_folder, redact
from gatekeeper.connect.git.command import run
from gatekeeper.connect.git.local import LocalSource
from gatekeeper.connect.git.remote import RemoteSource
from gatekeeper.connect.git.tree import CommitTree
from gatekeeper.connect.git.workspace import REMOTE, Workspace
from gatekeeper.errors import CannotActError

_SYMBOLIC = "ref: refs/heads/"


def open_commit(address: str, ref: str | None = None) -> CommitTree:
    """The commit at `ref` (a branch, a tag, an id, also a short one), by default the repository's HEAD.

    Raises InvalidRequestError for an unsafe address or ref, CannotActError when there is no such commit.
    """
    folder = local_folder(check_address(address))
    if ref is not None:
        check_ref(ref)
    source = RemoteSource(address) if folder is None else LocalSource(folder)
    commit = source.resolve(ref)
    if commit is None:
        remedy = "" if ref else f"Name a branch: {redact(address)}@BRANCH"
        raise CannotActError(f"{redact(address)} has no commit {ref or 'at HEAD'}", remedy)
    return CommitTree(source, commit)


def open_source(address: str) -> RemoteSource | LocalSource:
    """The objects of a repository, for reading it now and for writing it later by `GitRepository`.

    Raises InvalidRequestError for an unsafe address, CannotActError for a folder that is no repository.
    """
    folder = local_folder(check_address(address))
    cache = os.environ.get("GATEKEEPER_GIT_CACHE")
    return RemoteSource(address, cache=cache) if folder is None else LocalSource(folder)


def open_head(source: RemoteSource | LocalSource, address: str) -> CommitTree:
    """The commit at HEAD, with that of the evidence fetched in the same request. Raises CannotActError without one."""
    found = source.tips(["HEAD", evidence.REF])
    if "HEAD" not in found:
        raise CannotActError(f"{redact(address)} has no commit at HEAD", f"Name a branch: {redact(address)}@BRANCH")
    kept = found.get(evidence.REF)
    return CommitTree(source, found["HEAD"], beside=CommitTree(source, kept) if kept else None)


def default_branch(address: str) -> str:
    """The branch that the repository's HEAD names. Raises CannotActError where it names none, or cannot be read."""
    folder = local_folder(check_address(address))
    work = Workspace(folder or address)
    try:
        done = run(work.git_dir, ["ls-remote", "--quiet", "--symref", REMOTE, "HEAD"])
    finally:
        work.close()
    if done.code:
        raise CannotActError(f"cannot read {redact(address)}: {done.said or 'git gave no reason'}")
    head = done.out.decode("utf-8", "replace").partition("\n")[0]
    if not head.startswith(_SYMBOLIC) or not head.endswith("\tHEAD"):
        raise CannotActError(f"HEAD of {redact(address)} is at no branch", "Name the branch: --repo ADDRESS@BRANCH.")
    return check_ref(head.removeprefix(_SYMBOLIC).removesuffix("\tHEAD"))
