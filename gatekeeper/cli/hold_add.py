"""`gatekeeper hold add`: nothing is promoted there until it ends."""

from __future__ import annotations

import click

from gatekeeper.cli import codes
from gatekeeper.cli.people_options import answer, check_text, shared_options, until_of


@click.command(
    "add",
    epilog="""\b
Example:
  gatekeeper hold add --env production --artifact churn --reason "Latency doubled" \\
    --until 2026-11-26T09:00:00Z --repo https://git.example/gitops.git
Exit codes: 0 it is held, 2 it could not count, 4 could not act.""",
)
@click.option("--env", "environment", required=True, metavar="NAME", help="The environment that is held.")
@click.option("--artifact", metavar="NAME", help="The only artifact that is held; without it all are.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; shown to whoever waits.")
@click.option(
    "--until", metavar="INSTANT", help="When it ends by itself (RFC 3339; a date is held to its end, in UTC)."
)
@click.option("--by", metavar="NAME", help="Who holds it.  [default: whom the CI system or git names]")
@shared_options
def command(
    environment: str,
    artifact: str | None,
    reason: str,
    until: str | None,
    by: str | None,
    repo: str | None,
    format_: str,
) -> int:
    """Commit a hold to the GitOps branch."""
    from msgspec import to_builtins

    from gatekeeper.app.holding import Wish, add_hold
    from gatekeeper.wiring.people import branch, called, clock, pace
    from gatekeeper.wiring.project import folders_of

    end = until_of(until)
    check_text("--reason", reason)
    if by is not None:
        check_text("--by", by)
    with branch(repo, environment) as repository:
        wish = Wish(
            environment=environment,
            artifact=artifact,
            reason=reason,
            by=called(by, repository),
            since=clock(),
            until=end,
        )
        held, commit = add_hold(repository, folders_of, wish, pace())
    where = environment if artifact is None else f"{environment}/{artifact}"
    rest = f"until {held.ends}" if held.ends else f"until `gatekeeper hold remove --env {environment} {held.name}`"
    action, how = ("already", "as it was already") if commit is None else ("added", f"commit {commit}")
    document = {"schema": "gatekeeper.hold/v1", "action": action, "holds": [to_builtins(held)], "commit": commit}
    answer(format_, f"{where} is held {rest}\n  {held.file}, {how}\n", document)
    return codes.ALLOWED
