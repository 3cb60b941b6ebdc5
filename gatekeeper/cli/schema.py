"""`gatekeeper schema KIND`: the JSON Schema that editors and other tools check our files with."""

from __future__ import annotations

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import write_stdout
from gatekeeper.policy.documents import TYPES


@click.command(
    epilog="""\b
Example:
  gatekeeper schema policy > policy.schema.json""",
)
@click.argument("kind", type=click.Choice([kind.lower() for kind in TYPES], case_sensitive=False))
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(kind: str, debug: bool) -> int:  # noqa: ARG001
    """Print the JSON Schema of a KIND of file."""
    from gatekeeper.policy.schema import schema_text

    write_stdout(schema_text(next(name for name in TYPES if name.lower() == kind.lower())))
    return codes.ALLOWED
