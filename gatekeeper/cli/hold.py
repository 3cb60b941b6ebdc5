"""`gatekeeper hold`: what must not move, one command each, loaded when it is asked for."""

from __future__ import annotations

import click

from gatekeeper.cli.group import Table

COMMANDS = {
    "add": ("hold_add", "Hold an environment, or one artifact of it: nothing is promoted there."),
    "remove": ("hold_remove", "End holds."),
    "list": ("hold_list", "List holds: whose, why, until when."),
}
"""By name: the module in `gatekeeper.cli`, and the line in the overview."""


class _Hold(Table):
    table = COMMANDS
    not_built = ()
    called = "gatekeeper hold"


@click.group(cls=_Hold)
def command() -> None:
    """Hold promotions, end holds, and list them."""
