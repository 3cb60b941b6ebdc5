"""`--repo PATH or URL[@REF]`: one commit of a repository, to read from."""

from __future__ import annotations

from gatekeeper.connect.git.address import check_address, check_ref, local_folder, redact
from gatekeeper.connect.git.local import LocalSource
from gatekeeper.connect.git.remote import RemoteSource
from gatekeeper.connect.git.tree import CommitTree
from gatekeeper.errors import CannotActError


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
