"""`gatekeeper schema KIND`: the JSON Schema that editors and other tools check our files, or what we write, with."""

from __future__ import annotations

import click

from gatekeeper.cli import codes
from gatekeeper.cli.writing import write_stdout
from gatekeeper.policy.documents import TYPES

KINDS = (*(kind.lower() for kind in TYPES), "report", "reports", "status", "decision", "facts")


@click.command(
    epilog="""\b
Example:
  gatekeeper schema policy > policy.schema.json""",
)
@click.argument("kind", type=click.Choice(KINDS, case_sensitive=False))
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(kind: str, debug: bool) -> int:  # noqa: ARG001
    """Print the JSON Schema of a KIND of file: those that are read, and those that are written."""
    write_stdout(_text(kind.lower()))
    return codes.ALLOWED


def _text(kind: str) -> str:
    from gatekeeper.policy.schema import as_text, schema_text

    if kind == "report":
        from gatekeeper.reports.document import schema as report_schema

        return as_text(report_schema())
    if kind == "reports":
        from gatekeeper.reports.document import reports_schema

        return as_text(reports_schema())
    if kind == "status":
        from gatekeeper.cli.status_text import schema as status_schema

        return as_text(status_schema())
    if kind == "decision":
        from gatekeeper.records.schema import schema as decision_schema

        return as_text(decision_schema())
    if kind == "facts":
        from gatekeeper.records.schema import facts_schema

        return as_text(facts_schema())
    return schema_text(kind)
