"""`gatekeeper status`: what is in each environment, since when, by which decision, and what waits before it."""

from __future__ import annotations

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import format_option


@click.command(
    epilog="""\b
Example:
  gatekeeper status --env production --repo https://git.example/gitops.git
What is newer in an environment before is judged by the facts that were recorded there, as `promote --from` would.
Exit codes: 0 all of it could be read, 2 there is no such environment, 4 something could not be read.""",
)
@click.option("--env", "environments", multiple=True, metavar="NAME", help="Only this one; repeatable.")
@click.option("--repo", metavar="PATH|URL[@REF]", help="The GitOps repository.  [default: `repo:` of gatekeeper.yaml]")
@format_option("text", "json", "markdown")
@click.option("--output", metavar="FILE", help="Write the result to FILE instead of stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def command(environments: tuple[str, ...], repo: str | None, format_: str, output: str | None, quiet: bool) -> int:
    """Show what stands where, at the tip of the GitOps branch."""
    from gatekeeper.app.status import find_status
    from gatekeeper.cli.delivery import read_clock
    from gatekeeper.cli.progress import talk
    from gatekeeper.cli.status_text import render
    from gatekeeper.cli.writing import check_places, write_result
    from gatekeeper.wiring.looking import viewed
    from gatekeeper.wiring.project import current_folder, find_base
    from gatekeeper.wiring.promotion import repository_of

    check_places([] if output is None else [output])
    tell, done = talk(quiet=quiet, verbose=0)
    try:
        tell("reading the repository")
        with viewed(repository_of(repo, find_base(current_folder())), read_clock(None), *environments[:1]) as view:
            status = find_status(view, environments)
    finally:
        done()
    write_result(output, render(format_, status))
    return codes.ALLOWED if status.whole else codes.CANNOT_ACT
