"""`gatekeeper waiver list` and what `check` shares with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.people_options import answer, shared_options, shown

if TYPE_CHECKING:
    from gatekeeper.app.waivers import Listed


@click.command(
    "list",
    epilog="""\b
Example:
  gatekeeper waiver list --env production --repo https://git.example/gitops.git@main
Whether a waiver is used can be told with evidence only: `gatekeeper evaluate` lists those that are not.
Exit codes: 0 listed, none too; 2 there is no such environment, or a file cannot be used; 4 could not act.""",
)
@click.option("--env", "environment", metavar="NAME", help="Those of this environment alone.")
@click.option("--now", metavar="INSTANT", help="As at this instant (RFC 3339).")
@shared_options
def command(environment: str | None, now: str | None, repo: str | None, format_: str) -> int:
    """List waivers of a repository, read at a commit, by default HEAD; without one, of the working tree."""
    listed = look(environment, now, repo)
    text = "".join(map(line, listed)) or "there is no waiver\n"
    answer(format_, text, document("list", listed))
    return codes.ALLOWED


def look(environment: str | None, now: str | None, repo: str | None) -> tuple[Listed, ...]:
    """The waivers, each in each of its environments. What cannot be read is exit 2, whatever stands in the way."""
    from gatekeeper.app.waivers import list_waivers
    from gatekeeper.cli.delivery import read_clock
    from gatekeeper.errors import CannotActError, InvalidRequestError
    from gatekeeper.wiring.people import tree

    try:
        place, folders = tree(repo)
        return list_waivers(place, folders, read_clock(now), environment)
    except CannotActError as fault:
        raise InvalidRequestError(fault.message, fault.remedy) from fault


def line(one: Listed) -> str:
    """A waiver for people: what it lets through where, its state, who answers for it, until when."""
    of = "" if one.artifact is None else f" for {one.artifact}"
    by = f"{shown(one.requested_by)} asked, {shown(one.approved_by)} approved, {shown(one.ticket)}"
    head = f"{one.environment}  {one.policy}/{shown(one.rule)}{of}: {shown(one.state)}"
    return f"{head}\n  {one.waiver} until {one.expires}; {by}; {one.file}:{one.line}\n"


def document(action: str, listed: tuple[Listed, ...]) -> dict[str, Any]:
    """The same for programs."""
    from msgspec import to_builtins

    return {"schema": "gatekeeper.waivers/v1", "action": action, "waivers": to_builtins(listed)}
