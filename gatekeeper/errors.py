"""What can go wrong, one class per kind of remedy. The command maps each to one exit code."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class Problem(Struct, frozen=True):
    """One fault of one file: what, where, and what to do. `line` and `column` count from 1; 0 means the whole file."""

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    remedy: str = ""

    @property
    def place(self) -> str:
        """`file:line:column`, as far as it is known."""
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])

    def __str__(self) -> str:
        head = f"{self.place}: {self.message}" if self.file else self.message
        return f"{head}\n  {self.remedy}" if self.remedy else head


class GatekeeperError(Exception):
    """The root: a message for people, and a remedy where one is known."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class InvalidFileError(GatekeeperError):
    """A policy, environment, waiver or other file of ours cannot be used; carries every problem found. Exit 2."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InvalidRequestError(GatekeeperError):
    """What was asked for cannot be done as asked: a wrong name, option or combination. Exit 2."""


class EvidenceError(GatekeeperError):
    """A report cannot be believed: broken, hostile, or of no known form. Becomes an envelope's `error`."""


class NotEvaluatedError(GatekeeperError):
    """A report is whole, but says that nothing was looked at. Becomes an envelope's `not_evaluated`."""


class CannotActError(GatekeeperError):
    """Git, a forge, a registry, the network or a manifest stood in the way of an allowed act. Exit 4."""


class ManifestError(CannotActError):
    """A manifest cannot be edited without risk; the message says where and why."""
