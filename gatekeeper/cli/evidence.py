"""`gatekeeper evidence`: what gatekeeper sees in reports, and what it makes of them, one command each."""

from __future__ import annotations

import click

from gatekeeper.cli.group import Table

COMMANDS = {
    "read": ("evidence_read", "Show what gatekeeper sees in reports."),
    "bind": ("evidence_bind", "Say what a report is about, and sign it."),
    "ask": ("evidence_ask", "Write down what a living system answers now."),
    "kinds": ("evidence_kinds", "Print the facts of each kind, and who writes it."),
}
"""By name: the module in `gatekeeper.cli`, and the line in the overview."""


class _Evidence(Table):
    table = COMMANDS
    not_built = ()
    called = "gatekeeper evidence"


@click.group(cls=_Evidence)
def command() -> None:
    """Read reports, bind and sign them, ask living systems, and list the facts of each kind."""
