"""`gatekeeper policy diff`: what a change of policies lets through, and what it no longer does."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import format_option
from gatekeeper.cli.writing import write_stdout


@click.command(
    "diff",
    epilog="""\b
Example:
  gatekeeper policy diff                          HEAD against the working tree
  gatekeeper policy diff main                     main against the working tree
  gatekeeper policy diff v1.0 v1.1 --format markdown
  gatekeeper policy diff old/quality.yaml new/quality.yaml --exit-code
\b
A and B are policy files, folders, `REV`, `REV:path` or `REPO@REV`; a file or folder of that name wins.
\b
Exit codes: 0 compared; 1 with --exit-code, where something is looser (with --strict also where that
cannot be told); 2 one side cannot be read.""",
)
@click.argument("before", metavar="[A]", required=False)
@click.argument("after", metavar="[B]", required=False)
@format_option("text", "json", "markdown")
@click.option("--exit-code", is_flag=True, help="End with 1 where something is looser.")
@click.option("--strict", is_flag=True, help="With --exit-code: count what cannot be ordered as looser.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(before: str | None, after: str | None, format_: str, **options: Any) -> int:
    """Compare two states of the policies: what is stricter, what is looser, and which tests would flip."""
    from gatekeeper.app.compare import compare
    from gatekeeper.judge.cel import load_engine
    from gatekeeper.reports.diff import render
    from gatekeeper.wiring.comparing import sides

    compared = compare(*sides(before, after), (load_engine(None),))
    write_stdout(render(format_, compared))
    found = compared.looser or (options["strict"] and compared.unclear)
    return codes.DENIED if options["exit_code"] and found else codes.ALLOWED
