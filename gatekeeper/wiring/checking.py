"""From the options of `policy check` to what is read: a working tree or a commit, and the commit to compare with."""

from __future__ import annotations

import os
from datetime import datetime

from msgspec import Struct

from gatekeeper.app.before import Before
from gatekeeper.app.check import check_files, check_project
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.model.finding import CheckReport
from gatekeeper.ports import Tree
from gatekeeper.wiring.project import (
    commit_tree,
    current_folder,
    find_base,
    folders_of,
    git_top,
    split_ref,
    working_tree,
)
from gatekeeper.wiring.request import policy_file


class Typed(Struct, frozen=True, kw_only=True):
    """The options as given."""

    policies: tuple[str, ...] = ()
    environment: str | None = None
    repo: str | None = None
    against: str | None = None


def check(typed: Typed, now: datetime) -> CheckReport:
    """The report. Raises InvalidRequestError for options that do not fit, and where git or a file cannot be read."""
    try:
        return _report(typed, now)
    except CannotActError as fault:
        # Of this command the exit code says that nothing could be read, whatever stood in the way.
        raise InvalidRequestError(fault.message, fault.remedy) from fault


def _report(typed: Typed, now: datetime) -> CheckReport:
    if typed.policies:
        if typed.environment is not None or typed.repo is not None:
            raise InvalidRequestError("--policy goes with neither --env nor --repo", "It names the files themselves.")
        return _files(typed, now)
    if typed.repo is not None:
        return _commit(typed, typed.repo, now)
    base = find_base(current_folder())
    tree = working_tree(base)
    return check_project(tree, base.folders, now, only=typed.environment, before=_before(base.folder, typed.against))


def _files(typed: Typed, now: datetime) -> CheckReport:
    here = current_folder()
    return check_files([policy_file(path) for path in typed.policies], now, _before(here, typed.against))


def _commit(typed: Typed, repo: str, now: datetime) -> CheckReport:
    tree = commit_tree(repo)
    address, _ = split_ref(repo)
    before = Before(tree=_opened(address, typed.against))
    return check_project(tree, folders_of(tree), now, only=typed.environment, before=before)


def _before(folder: str, against: str | None) -> Before | None:
    """The commit of the repository around `folder`; None where there is none, no git, or nothing was committed yet."""
    top = git_top(folder)
    if top is None:
        if against is not None:
            raise InvalidRequestError("--against needs a git repository, and there is none here")
        return None
    inside = os.path.relpath(os.path.realpath(folder), os.path.realpath(top)).replace(os.sep, "/")
    try:
        return Before(tree=_opened(top, against), folder="" if inside == "." else inside)
    except CannotActError:
        if against is not None:
            raise
        return None


def _opened(address: str, ref: str | None) -> Tree:
    from gatekeeper.connect.git.opening import open_commit

    if ref is None or ref == "HEAD":
        return open_commit(address)
    try:
        return open_commit(address, ref)
    except CannotActError as fault:
        if ref.startswith("refs/"):
            raise
        try:
            return open_commit(address, f"refs/remotes/{ref}")
        except CannotActError:
            remedy = "Fetch it before, such as with `git fetch origin`; CI systems often clone the newest commit alone."
            raise CannotActError(fault.message, fault.remedy or remedy) from fault
