"""`gatekeeper policy show`: the rules in force, their CEL, and where each value comes from."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import format_option
from gatekeeper.cli.writing import write_stdout


@click.command(
    "show",
    epilog="""\b
Example:
  gatekeeper policy show --env production
  gatekeeper policy show --env production --now 2027-01-15
  gatekeeper policy show --policy policies/model-quality.yaml --cel""",
)
@click.option("--env", "environment", metavar="NAME", help="Show what applies in this environment.")
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="Show this policy alone; repeatable.")
@click.option("--repo", metavar="PATH|URL[@REF]", help="The GitOps repository; read at a commit, by default HEAD.")
@click.option("--now", metavar="INSTANT", help="Waivers and dates as at this instant (RFC 3339).")
@click.option("--cel", is_flag=True, help="Print the whole CEL of each rule.")
@format_option("text", "json")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(**options: Any) -> int:
    """Print the rules in force, every value with its origin, and the waivers that count."""
    shown = _shown(options)
    if options["format_"] == "json":
        from gatekeeper.reports.jsontext import indented

        write_stdout(indented(shown))
    else:
        from gatekeeper.cli.policy_text import policy_text

        write_stdout(policy_text(shown, cel=options["cel"]))
    return codes.ALLOWED


def _shown(options: dict[str, Any]) -> Any:
    from gatekeeper.app.show import show_environment, show_files
    from gatekeeper.cli.delivery import read_clock
    from gatekeeper.errors import InvalidRequestError
    from gatekeeper.judge.cel import load_engine
    from gatekeeper.wiring.project import commit_tree, current_folder, find_base, folders_of, working_tree
    from gatekeeper.wiring.request import policy_file

    engines, now = (load_engine(None),), read_clock(options["now"])
    if (options["environment"] is None) is not bool(options["policies"]):
        raise InvalidRequestError("one of --env NAME and --policy FILE is needed")
    if options["policies"]:
        return show_files([policy_file(path) for path in options["policies"]], engines, now)
    base = find_base(current_folder())
    if options["repo"] is None:
        return show_environment(working_tree(base), base.folders, options["environment"], engines, now)
    tree = commit_tree(options["repo"])
    return show_environment(tree, folders_of(tree), options["environment"], engines, now)
