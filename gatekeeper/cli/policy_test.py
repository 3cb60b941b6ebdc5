"""`gatekeeper policy test`: run the policies' cases, and say what they would not notice."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import format_option
from gatekeeper.cli.writing import check_places, write_result


@click.command(
    "test",
    epilog="""\b
Example:
  gatekeeper policy test --min-coverage 100
  gatekeeper policy test 'accuracy-*' --policy model-quality -v
Exit codes: 0 all as expected, 1 a case failed, there was none, or too little is covered, 2 a file cannot be read.""",
)
@click.argument("names", nargs=-1, metavar="[NAME-GLOB]...")
@click.option("--policy", metavar="NAME", help="Only the cases of this policy.")
@click.option(
    "--min-coverage",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail where the cases of a policy cover less of its meaning.",
)
@click.option("--coverage/--no-coverage", default=None, help="Measure coverage.  [default: unless cases are named]")
@click.option("--repo", metavar="PATH|URL[@REF]", help="The GitOps repository; read at a commit, by default HEAD.")
@click.option("--engine", type=click.Choice(["cel-cpp", "cel-python"]), help="The CEL engine.")
@click.option("--cross-check", is_flag=True, help="Judge every rule on both engines; a disagreement is an error.")
@click.option("--now", metavar="INSTANT", help="The time of cases that name none.  [default: 2026-01-01]")
@format_option("text", "json", "junit")
@click.option("--output", metavar="FILE", help="Write the result to FILE instead of stdout.")
@click.option("-v", "--verbose", count=True, help="Each case on a line of its own, and everything that is not covered.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(**options: Any) -> int:
    """Run the cases of policies/tests, and change each policy to see that a case would notice."""
    from gatekeeper.cli.progress import talk
    from gatekeeper.errors import CannotActError, InvalidRequestError
    from gatekeeper.reports.cases import render

    place = options["output"]
    check_places([] if place is None else [place])
    tell, done = talk(quiet=options["quiet"], verbose=0)
    try:
        report = _report(options, tell)
    except CannotActError as fault:
        raise InvalidRequestError(fault.message, fault.remedy) from fault  # what cannot be read is 2 here, not 4
    finally:
        done()
    write_result(place, render(options["format_"], report, verbose=options["verbose"] > 0))
    return codes.ALLOWED if report.clean else codes.DENIED


def _report(options: dict[str, Any], tell: Any) -> Any:
    from gatekeeper.app.testing import NOW, Asked, run_tests
    from gatekeeper.cli.delivery import read_clock
    from gatekeeper.errors import InvalidRequestError
    from gatekeeper.wiring.project import commit_tree, current_folder, find_base, folders_of, working_tree
    from gatekeeper.wiring.request import engines_of

    if options["min_coverage"] is not None and options["coverage"] is False:
        raise InvalidRequestError("--min-coverage and --no-coverage do not go together")
    base, repo = find_base(current_folder()), options["repo"]
    tree = working_tree(base) if repo is None else commit_tree(repo)
    measured, names = options["coverage"], options["names"]
    asked = Asked(
        names=names,
        policy=options["policy"],
        min_coverage=options["min_coverage"],
        coverage=(not names or options["min_coverage"] is not None) if measured is None else measured,
        now=NOW if options["now"] is None else read_clock(options["now"]),
        tell=tell,
    )
    folders = base.folders if repo is None else folders_of(tree)
    return run_tests(tree, folders, engines_of(options["engine"], options["cross_check"]), asked)
