"""`gatekeeper hold remove`: holds end."""

from __future__ import annotations

import click

from gatekeeper.cli import codes
from gatekeeper.cli.people_options import answer, shared_options, shown


@click.command(
    "remove",
    epilog="""\b
Example:
  gatekeeper hold remove --env production production-churn-1f0e9c2a
  gatekeeper hold remove --env production --artifact churn
Exit codes: 0 they are gone, 2 there is no such hold, 4 could not act.""",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--env", "environment", required=True, metavar="NAME", help="The environment that is held.")
@click.option("--artifact", metavar="NAME", help="Without names: all holds of this artifact; else of the environment.")
@click.option("--by", metavar="NAME", help="Who ends it.  [default: whom the CI system or git names]")
@shared_options
def command(
    names: tuple[str, ...], environment: str, artifact: str | None, by: str | None, repo: str | None, format_: str
) -> int:
    """Remove holds from the GitOps branch, by a commit."""
    from msgspec import to_builtins

    from gatekeeper.app.holding import Which, remove_holds
    from gatekeeper.errors import InvalidRequestError
    from gatekeeper.wiring.people import branch, called, clock, pace
    from gatekeeper.wiring.project import folders_of

    if names and artifact is not None:
        raise InvalidRequestError("names and --artifact do not go together", "A name says already which hold it is.")
    with branch(repo, environment) as repository:
        which = Which(environment=environment, names=names, artifact=artifact)
        ended, commit = remove_holds(repository, folders_of, which, called(by, repository), clock(), pace())
    text = "".join(f"hold {one.name} is removed: {shown(one.reason)}\n" for one in ended) + f"  commit {commit}\n"
    document = {"schema": "gatekeeper.hold/v1", "action": "removed", "holds": to_builtins(ended), "commit": commit}
    answer(format_, text, document)
    return codes.ALLOWED
