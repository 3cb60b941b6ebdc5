"""`gatekeeper policy`: the life of a policy, one command each, loaded when it is asked for."""

from __future__ import annotations

import click

COMMANDS = {
    "check": ("policy_check", "Find mistakes in policies, environments and waivers before they judge."),
    "show": ("policy_show", "Print the effective rules of an environment, or of policy files."),
    "diff": ("policy_diff", "Compare two states of the policies: what is stricter, what is looser."),
    "test": ("policy_test", "Run the policies' cases, and say what they would not notice."),
}
"""By name: the module in `gatekeeper.cli`, and the line in the overview."""

NOT_BUILT = ("power", "backtest", "suggest")


class _Policy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None; what is not built is a usage error that says so."""
        if cmd_name in NOT_BUILT:
            raise click.UsageError(f"`gatekeeper policy {cmd_name}` is not built in this version.")
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        found = import_module(f"gatekeeper.cli.{COMMANDS[cmd_name][0]}").command
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The overview, from the table: no command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Policy)
def command() -> None:
    """Show, check, test and compare policies."""
