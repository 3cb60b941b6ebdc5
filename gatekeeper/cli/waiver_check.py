"""`gatekeeper waiver check`: waivers that do not count."""

from __future__ import annotations

import click

from gatekeeper.cli import codes
from gatekeeper.cli.people_options import answer, shared_options
from gatekeeper.cli.waiver_list import document, line, look


@click.command(
    "check",
    epilog="""\b
Example:
  gatekeeper waiver check --repo https://git.example/gitops.git@main
Exit codes: 0 every waiver counts, or will; 1 one is expired, orphaned, not waivable, too long, or its
approval is not of the level that the environment asks for; 2 a file cannot be used.
A forge is not asked: what only a review vouches for is found, too.""",
)
@click.option("--env", "environment", metavar="NAME", help="Those of this environment alone.")
@click.option("--now", metavar="INSTANT", help="As at this instant (RFC 3339).")
@shared_options
def command(environment: str | None, now: str | None, repo: str | None, format_: str) -> int:
    """Find waivers that do not count."""
    listed = look(environment, now, repo)
    found = tuple(one for one in listed if not one.fine)
    total = f"{len(listed)} waiver{'' if len(listed) == 1 else 's'} looked at, {len(found)} of no effect\n"
    answer(format_, "".join(map(line, found)) + total, {**document("check", found), "looked": len(listed)})
    return codes.DENIED if found else codes.ALLOWED
