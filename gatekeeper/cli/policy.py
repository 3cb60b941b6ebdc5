"""`gatekeeper policy`: the life of a policy, one command each, loaded when it is asked for."""

from __future__ import annotations

import click

from gatekeeper.cli.group import Table

COMMANDS = {
    "check": ("policy_check", "Find mistakes in policies, environments and waivers before they judge."),
    "test": ("policy_test", "Run the policies' cases, and say what they would not notice."),
    "diff": ("policy_diff", "Compare two states of the policies: what is stricter, what is looser."),
    "show": ("policy_show", "Print the effective rules of an environment, or of policy files."),
}
"""By name: the module in `gatekeeper.cli`, and the line in the overview."""

NOT_BUILT = ("power", "backtest", "suggest")


class _Policy(Table):
    table = COMMANDS
    not_built = NOT_BUILT
    called = "gatekeeper policy"


@click.group(cls=_Policy)
def command() -> None:
    """Check, test, compare and show policies."""
