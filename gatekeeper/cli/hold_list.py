"""`gatekeeper hold list`: whose, why, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gatekeeper.cli import codes
from gatekeeper.cli.people_options import answer, shared_options, shown

if TYPE_CHECKING:
    from gatekeeper.app.holding import Held


@click.command(
    "list",
    epilog="""\b
Example:
  gatekeeper hold list --env production --repo https://git.example/gitops.git@main
Exit codes: 0 listed, none too; 2 there is no such environment, or a file cannot be used; 4 could not act.""",
)
@click.option("--env", "environment", metavar="NAME", help="Those of this environment alone.")
@shared_options
def command(environment: str | None, repo: str | None, format_: str) -> int:
    """List the holds of a repository, read at a commit, by default HEAD; without one, of the working tree."""
    from msgspec import to_builtins

    from gatekeeper.app.holding import list_holds
    from gatekeeper.wiring.people import clock, tree

    place, folders = tree(repo)
    holds = list_holds(place, folders, clock(), environment)
    text = "".join(map(_line, holds)) or "nothing is held\n"
    answer(format_, text, {"schema": "gatekeeper.hold/v1", "action": "list", "holds": to_builtins(holds)})
    return codes.ALLOWED


def _line(hold: Held) -> str:
    where = hold.environment if hold.artifact is None else f"{hold.environment}/{hold.artifact}"
    until = f"until {hold.ends}" if hold.ends else "until it is removed"
    state = "" if hold.stands else ", not in force"
    return f"{where}  by {shown(hold.by)} since {hold.since} {until}{state}: {shown(hold.reason)}\n  {hold.name}\n"
