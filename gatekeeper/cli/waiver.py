"""`gatekeeper waiver`: what is let through, one command each, loaded when it is asked for."""

from __future__ import annotations

import click

from gatekeeper.cli.group import Table

COMMANDS = {
    "list": ("waiver_list", "List waivers, and whether each counts."),
    "check": (
        "waiver_check",
        "Find waivers that do not count: expired, orphaned, without an approval that is asked for.",
    ),
}
"""By name: the module in `gatekeeper.cli`, and the line in the overview."""


class _Waiver(Table):
    table = COMMANDS
    not_built = ()
    called = "gatekeeper waiver"


@click.group(cls=_Waiver)
def command() -> None:
    """List and check waivers."""
