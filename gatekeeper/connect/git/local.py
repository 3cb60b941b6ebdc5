"""A repository on this machine, read where it lies: a bare one, or the one of a working tree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from gatekeeper.connect.git.address import is_id, names_of
from gatekeeper.connect.git.command import checked
from gatekeeper.connect.git.reader import Found, ObjectReader
from gatekeeper.errors import CannotActError


def git_folder(folder: str) -> str:
    """The git folder of `folder`, which is a working tree's top or a bare repository. Raises CannotActError."""
    for place in (os.path.join(folder, ".git"), folder):
        if os.path.isfile(place) or os.path.isfile(os.path.join(place, "HEAD")):
            return place
    raise CannotActError(f"{folder} is not a git repository")


class LocalSource:
    """The objects of the repository at `folder`."""

    def __init__(self, folder: str) -> None:
        self.git_dir = git_folder(folder)
        self._reader = ObjectReader(self.git_dir)

    def content(self, oid: str) -> bytes:
        """The object's content. Raises CannotActError when it is not there."""
        found = self._reader.find(oid)
        if found is None:
            raise CannotActError(f"the repository lacks object {oid}")
        return found.content

    def want(self, folders: Iterable[str], files: Iterable[str]) -> None:
        """Everything is here."""

    def want_commits(self, oids: Iterable[str]) -> None:
        """Everything is here."""

    def write(self, oid: str) -> None:
        """Git finds it where it is."""

    def tips(self, refs: Sequence[str]) -> dict[str, str]:
        """The commits at those of the refs that are there."""
        found = {ref: self._commit(ref) for ref in refs}
        return {ref: commit.oid for ref, commit in found.items() if commit}

    def list(self, refs: Sequence[str]) -> dict[str, str]:
        """The same: nothing has to be fetched."""
        return self.tips(refs)

    def under(self, prefix: str) -> dict[str, str]:
        """The refs whose names begin with `prefix`, which ends in `/`, with their ids."""
        words = ["for-each-ref", "--format=%(refname) %(objectname)", prefix]
        lines = checked(self.git_dir, words, "list the repository's refs").out.decode("utf-8", "replace").splitlines()
        return {name: oid for name, _, oid in (line.partition(" ") for line in lines)}

    def commit_at(self, oid: str) -> bytes | None:
        """A commit's content, where it is here."""
        found = self._reader.find(oid)
        return found.content if found else None

    def lengthen(self, oid: str, limit: str) -> None:  # noqa: ARG002 - no limit helps here
        """Raises CannotActError: what a shallow clone lacks is nowhere near."""
        raise CannotActError(
            f"the repository has no history before {oid}", "If it is a shallow clone: git fetch --unshallow"
        )

    def resolve(self, ref: str | None) -> str | None:
        """The full id of the commit that a branch, tag or id means; HEAD where None. None where there is none.

        A name that is both a branch and a tag, on different commits, is refused with CannotActError.
        """
        names = ["HEAD"] if ref is None else names_of(ref)
        found = {commit.oid for commit in map(self._commit, names) if commit}
        if len(found) > 1:
            raise CannotActError(f"{ref} is a branch and a tag; write refs/heads/{ref} or refs/tags/{ref}")
        if not found and ref is not None and is_id(ref):
            found = {commit.oid for commit in [self._commit(ref)] if commit}
        return found.pop() if found else None

    def _commit(self, name: str) -> Found | None:
        return self._reader.find(f"{name}^{{commit}}")

    def objects(self) -> str:
        """The folder of its objects."""
        words = ["rev-parse", "--path-format=absolute", "--git-path", "objects"]
        done = checked(self.git_dir, words, "find the repository's objects")
        return done.out.decode("utf-8", "surrogateescape").rstrip("\n")

    def descends(self, tip: str, commit: str, limit: int = 100) -> bool:
        """Whether `commit` is one of the `limit` commits before `tip`."""
        return self._reader.descends(tip, commit, limit)

    def close(self) -> None:
        """End the reading process."""
        self._reader.close()
