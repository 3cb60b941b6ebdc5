"""`gatekeeper policy check`: mistakes that a judgement would not tell, found before one is made."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import format_option


@click.command(
    "check",
    epilog="""\b
Example:
  gatekeeper policy check
  gatekeeper policy check --against origin/main --format github
  gatekeeper policy check --policy policies/model-quality.yaml

\b
Exit codes:
  0  nothing found, notes apart
  1  a warning or an error was found
  2  a file cannot be used: its problems are shown, and nothing else was looked at; or git cannot be read

\b
A comment lets a finding through, on its line or above it, and only with a reason:
  # gatekeeper: allow empty-passes: no slices is fine before the first release

Whether a waiver is used can be told with evidence only: `gatekeeper evaluate` lists those that are not.""",
)
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="Check this policy alone; repeatable.")
@click.option("--env", "environment", metavar="NAME", help="Check this environment, and what applies there.")
@click.option("--repo", metavar="PATH|URL[@REF]", help="The GitOps repository; read at a commit, by default HEAD.")
@click.option("--against", metavar="REF", help="Compare versions with this branch, tag or commit.  [default: HEAD]")
@click.option("--now", metavar="INSTANT", help="Check waivers as at this instant (RFC 3339).")
@format_option("text", "json", "sarif", "github")
@click.option("--output", metavar="FILE", help="Write the result to FILE instead of stdout.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour of the text format; NO_COLOR counts.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(**options: Any) -> int:
    """Check policies, environments and waivers: unused parts, fail-open conditions, versions, looser environments."""
    from gatekeeper.cli.delivery import read_clock, wants_color
    from gatekeeper.cli.writing import check_places, write_result
    from gatekeeper.reports.findings import render
    from gatekeeper.wiring.checking import Typed, check

    output = options["output"]
    check_places([] if output is None else [output])
    typed = Typed(**{key: options[key] for key in Typed.__struct_fields__})
    report = check(typed, read_clock(options["now"]))
    color = output is None and wants_color(options["color"])
    write_result(output, render(options["format_"], report, color=color, width=100))
    if report.problems:
        return codes.INVALID
    return codes.DENIED if report.fails else codes.ALLOWED
