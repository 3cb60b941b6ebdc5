"""What the use cases need from the world, and what each family of leaves offers. Protocols only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from msgspec import Struct

from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.judgement import Report


class Tree(Protocol):
    """A read-only folder tree: a working tree, or one commit."""

    @property
    def commit(self) -> str | None:
        """The commit's full id; None for a working tree."""

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at `path`, or None where there is none. Raises CannotActError."""

    def names(self, folder: str) -> tuple[str, ...]:
        """Sorted names of the files directly in `folder`; empty where it does not exist."""


class Tip(Tree, Protocol):
    """The tip of a branch that may lie far away."""

    def prefetch(self, paths: Iterable[str]) -> None:
        """Get what will be read, with few requests. A path ending in `/` means every file directly in that folder."""


class Landing(Struct, frozen=True, kw_only=True):
    """What became of a push: the commit that landed, or `moved` when somebody else was faster."""

    commit: str | None = None
    moved: bool = False


class Repository(Protocol):
    """A branch of a git repository, written only by compare-and-swap on its tip."""

    def tip(self) -> Tip:
        """The branch's tip, fetched now. Raises CannotActError when there is no such branch."""

    def commit(self, base: Tree, files: Mapping[str, bytes], message: str) -> Landing:
        """Put `files` on top of `base` and push it if the tip is still `base`. Raises CannotActError when refused."""


class ProducerReader(Protocol):
    """A module of `gatekeeper.evidence`: reads the reports of one tool."""

    NAME: str
    KIND: str

    def claims(self, report: Opened) -> bool:
        """Whether these bytes, opened as a document, are this tool's; judged by content alone."""

    def read(self, report: Opened) -> Reading:
        """The facts. Raises EvidenceError, or NotEvaluatedError when nothing was looked at."""


Renderer = Callable[[Report], str]
"""A report format: the whole text, ending in a newline."""
