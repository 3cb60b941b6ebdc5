"""`gatekeeper rollback`: put an earlier decision in force again, and hold the artifact there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import output_options

if TYPE_CHECKING:
    from gatekeeper.app.asked import Asked
    from gatekeeper.cli.progress import Tell
    from gatekeeper.model.judgement import Report


@click.command(
    epilog="""\b
Example:
  gatekeeper rollback --env production --artifact churn --reason "Latency doubled" \\
    --repo https://git.example/gitops.git
Nothing is judged: the earlier decision is recorded once more, if nothing that allowed it was taken back since. A hold
comes with it, so that no automation undoes it; `gatekeeper hold remove` ends it. Registries and forges are not asked.
Exit codes: 0 rolled back or there already, 1 denied, 2 there is no such decision, 3 undecided, 4 could not act.""",
)
@click.option("--env", "environment", required=True, metavar="NAME", help="The environment.")
@click.option("--artifact", metavar="NAME|IMAGE", help="Which artifact of it.  [default: its only one]")
@click.option(
    "--to",
    metavar="ID",
    help="The decision: its id, or 8 or more of its first hex digits.  [default: the allowed one before]",
)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the record and in the hold.")
@click.option("--hold-until", metavar="INSTANT", help="When the hold ends by itself (RFC 3339).  [default: never]")
@click.option("--override", metavar="REASON", help="Go back to what counts no more: for the role `override`.")
@click.option("--ticket", metavar="T", help="Where the override is followed up; goes with --override.")
@click.option("--repo", metavar="PATH|URL[@REF]", help="The GitOps repository.  [default: `repo:` of gatekeeper.yaml]")
@click.option("--dry-run", is_flag=True, help="Do everything but write; shows the diff.")
@click.option("--decision", metavar="FILE", help="Write the decision record to FILE.")
@output_options
def command(**options: Any) -> int:
    """Go back to an earlier decision about an artifact, by one commit, and hold it there."""
    from gatekeeper.cli.acting import end_in_order, hand_over
    from gatekeeper.cli.delivery import check_output, output_of
    from gatekeeper.cli.progress import talk

    output = output_of(options)
    check_output(output)
    asked = _asked(options)
    end_in_order()
    tell, done = talk(quiet=options["quiet"], verbose=options["verbose"])
    try:
        report = _rolled(options, asked, tell)
    finally:
        done()
    hand_over((report,), output)
    return codes.of_report(report)


def _asked(options: dict[str, Any]) -> Asked:
    """Raises InvalidRequestError for a reason that says nothing, or a hold that would be over before it begins."""
    from msgspec.structs import replace

    from gatekeeper.cli.acting import asked_of
    from gatekeeper.cli.people_options import check_text, until_of
    from gatekeeper.errors import InvalidRequestError
    from gatekeeper.wiring.people import clock

    check_text("--reason", options["reason"])
    until = until_of(options["hold_until"], "--hold-until")
    if until is not None and until <= clock():
        raise InvalidRequestError(
            "the hold would end before it begins", "Give --hold-until a later instant, or leave it out."
        )
    return replace(asked_of(options), dry=options["dry_run"], hold_until=until)


def _rolled(options: dict[str, Any], asked: Asked, tell: Tell) -> Report:
    from gatekeeper.app.rollback import Back, rollback
    from gatekeeper.cli.acting import interrupted
    from gatekeeper.wiring.project import current_folder, find_base, folders_of
    from gatekeeper.wiring.promoting import opened
    from gatekeeper.wiring.promotion import repository_of
    from gatekeeper.wiring.rolling import means, who

    repo = repository_of(options["repo"], find_base(current_folder()))
    back = Back(
        environment=options["environment"],
        artifact=options["artifact"],
        to=options["to"],
        reason=options["reason"].strip(),
        folders=folders_of,
        who=who,
    )
    tell("reading the repository")
    with interrupted(asked.dry), opened(repo, back.environment) as sites:
        return rollback(sites.home, sites.branch, means(sites), asked, back)
