"""`gatekeeper run`: run a tool, and record how it ended as `command` evidence."""

from __future__ import annotations

import click

from gatekeeper.cli import codes
from gatekeeper.cli.writing import check_places, discard, write_file
from gatekeeper.errors import InvalidRequestError


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="""\b
Example:
  gatekeeper run --name format --output format.json -- ruff format --check .
The exit code is the tool's own; 4 when it could not be started, or its record not be written.""",
)
@click.option("--name", required=True, metavar="NAME", help="What the record is called.")
@click.option("--output", metavar="FILE", help="Where the record goes.  [default: NAME.json]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
def command(name: str, output: str | None, debug: bool, arguments: tuple[str, ...]) -> int:  # noqa: ARG001
    """Run COMMAND, pass its output through, and record exit status, duration and output digest."""
    from gatekeeper.connect.process import run_recorded
    from gatekeeper.evidence.command import Recorded, encode
    from gatekeeper.policy.celtext import is_identifier

    if not is_identifier(name):
        raise InvalidRequestError(f"--name {name!r} is no name for evidence", "Use letters, digits and `_`.")
    place = output or f"{name}.json"
    check_places([place])
    discard(place)
    run = run_recorded(arguments)
    record = Recorded(
        name=name,
        program=run.program,
        exit_status=run.exit_status,
        started_at=run.started_at,
        duration_seconds=run.duration_seconds,
        output_digest=run.output_digest,
    )
    write_file(place, encode(record))
    return run.exit_status if 0 <= run.exit_status <= 255 else codes.CANNOT_ACT
