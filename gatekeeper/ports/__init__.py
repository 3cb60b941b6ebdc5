"""What the use cases need from the world, and what each family of leaves offers. Protocols only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from msgspec import Struct

from gatekeeper.model.evidence import Opened, Reading


class Tree(Protocol):
    """A read-only folder tree: a working tree, or one commit."""

    @property
    def commit(self) -> str | None:
        """The commit's full id; None for a working tree."""

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at `path`, or None where there is none. Raises CannotActError."""

    def names(self, folder: str) -> tuple[str, ...]:
        """Sorted names of the files directly in `folder`; empty where it does not exist."""

    def folders(self, folder: str) -> tuple[str, ...]:
        """Sorted names of the folders directly in `folder`; empty where it does not exist."""


class Tip(Tree, Protocol):
    """The tip of a branch that may lie far away."""

    def prefetch(self, paths: Iterable[str]) -> None:
        """Get what will be read, with few requests. A path ending in `/` means every file directly in that folder."""


class Answered(Struct, frozen=True, kw_only=True):
    """What an HTTP server said. `headers` are by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Answered({self.status}, {len(self.body)} bytes)"  # headers and body may hold tokens


class Door(Protocol):
    """The one way to ask an HTTP server: bounded in time and size, through proxies and the given CA, never leaking."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, accept: tuple[int, ...] = (200,)) -> Answered:
        """The answer, where its status is one of `accept`; credentials never follow a redirect to another host.

        Raises CannotActError, with no secret in it, where the server cannot be reached or says something else, and
        InvalidRequestError for a URL or header that is not sent: http to another machine, a password, a line break.
        """

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Answered:
        """As `get`, for a question that is asked by POST and changes nothing; sent once, never again."""

    def send(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (200, 201, 204),
    ) -> Answered:
        """As `get`, for POST, PUT, PATCH or DELETE that changes something there: sent once, and no redirect followed.

        Where no answer came, nobody knows whether it was done: whoever sends it looks before it is sent again.
        """


class Fetched(Struct, frozen=True, kw_only=True):
    """An answer of a live source as it was recorded: the bytes that a producer then reads, and what was asked."""

    data: bytes
    source: str


class Source(Protocol):
    """A module of `gatekeeper.connect` that asks a living system for the evidence of the producer of its name.

    What it returns is the recorded answer, in the form that the producer also reads from a file.
    """

    def fetch(self, locator: str, door: Door) -> Fetched:
        """Ask for what `locator` (all that stands after `producer:`) names.

        Raises InvalidRequestError for a locator of a wrong form, CannotActError where the source cannot be reached,
        NotEvaluatedError where it holds nothing that can be judged, EvidenceError where it cannot be believed.
        """


class ProducerReader(Protocol):
    """A module of `gatekeeper.evidence`: reads the reports of one tool."""

    NAME: str
    KIND: str

    def claims(self, report: Opened) -> bool:
        """Whether these bytes, opened as a document, are this tool's; judged by content alone."""

    def read(self, report: Opened) -> Reading:
        """The facts. Raises EvidenceError, or NotEvaluatedError when nothing was looked at."""
