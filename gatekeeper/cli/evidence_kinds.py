"""`gatekeeper evidence kinds`: the facts of each kind."""

from __future__ import annotations

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import format_option
from gatekeeper.cli.writing import write_stdout
from gatekeeper.errors import InvalidRequestError


@click.command(
    epilog="""\b
Example:
  gatekeeper evidence kinds
  gatekeeper evidence kinds metrics scan""",
)
@click.argument("only", nargs=-1, metavar="[KIND]...")
@format_option("text", "json")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(only: tuple[str, ...], format_: str, debug: bool) -> int:  # noqa: ARG001
    """Print the facts of each kind of evidence, or of the KINDs named, and which producers write it."""
    from gatekeeper.evidence.kinds_shown import kinds_data, kinds_text
    from gatekeeper.model.facts import ALL_KINDS
    from gatekeeper.policy.near import near
    from gatekeeper.reports.jsontext import indented

    for name in only:
        if name not in ALL_KINDS:
            raise InvalidRequestError(
                f"there is no kind {name!r}", near(name, ALL_KINDS) or f"Kinds: {', '.join(ALL_KINDS)}."
            )
    wanted = only or tuple(ALL_KINDS)
    write_stdout(indented(kinds_data(wanted)) if format_ == "json" else kinds_text(wanted))
    return codes.ALLOWED
