"""Options that the commands for people's files share, and how their answers are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gatekeeper.cli.options import format_option
from gatekeeper.cli.writing import write_stdout
from gatekeeper.errors import InvalidRequestError

if TYPE_CHECKING:
    from datetime import datetime

F = TypeVar("F", bound=Callable[..., Any])

MOST_WORDS = 2000
"""The most characters of a reason: it is kept for ever, in records and messages."""

_REPO = "The GitOps repository.  [default: `repo:` of gatekeeper.yaml]"


def shared_options(function: F) -> F:
    """`--repo`, `--format` and `--debug`."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."),
        format_option("text", "json"),
        click.option("--repo", metavar="PATH|URL[@REF]", help=_REPO),
    ):
        function = option(function)
    return function


def answer(form: str, text: str, document: dict[str, Any]) -> None:
    """The result to stdout: the text, or the document as JSON."""
    if form == "json":
        from gatekeeper.reports.jsontext import indented

        write_stdout(indented(document))
    else:
        write_stdout(text)


def shown(text: str) -> str:
    """Words that somebody wrote, on one line, with nothing that a terminal acts on."""
    from gatekeeper.evidence.fields import seen

    return seen(" ".join(text.split()))


def check_text(option: str, text: str) -> None:
    """Raises InvalidRequestError for words that say nothing, too many of them, and for what is no text."""
    if not text.strip():
        raise InvalidRequestError(f"{option} is empty", "Say it in words.")
    if len(text) > MOST_WORDS:
        raise InvalidRequestError(f"{option} has {len(text)} characters; at most {MOST_WORDS} are kept", "Be brief.")
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise InvalidRequestError(f"{option} is not UTF-8") from fault


def until_of(text: str | None, option: str = "--until") -> datetime | None:
    """The end of a hold; a bare date is held to its end, in UTC. Raises InvalidRequestError for what is no instant."""
    from datetime import timedelta

    from gatekeeper.model.instants import parse_instant

    if text is None:
        return None
    try:
        instant = parse_instant(text)
        return instant + timedelta(days=1) if "T" not in text.upper() else instant
    except (ValueError, OverflowError) as fault:
        raise InvalidRequestError(f"{option}: {fault}") from fault
