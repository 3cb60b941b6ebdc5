"""The group of commands, each loaded when it is asked for."""

from __future__ import annotations

import click

from gatekeeper import __version__
from gatekeeper.cli import codes

COMMANDS = {
    "init": ("init", "Write a working gate for a project that has metrics, tests, or neither."),
    "evaluate": ("evaluate", "Judge an artifact's evidence: allowed, denied or undecided."),
    "plan": ("plan", "Show what promote would do, as a diff; writes nothing."),
    "promote": ("promote", "Judge, and commit what is allowed to the environment's manifests."),
    "rollback": ("rollback", "Put an earlier decision in force again, and hold the artifact there."),
    "status": ("status", "Show what is in each environment, by which decision, and what waits before it."),
    "approve": ("approve", "Say yes to one digest in one environment, as a file in git, signed where a key is given."),
    "hold": ("hold", "Hold promotions, end holds, and list them."),
    "waiver": ("waiver", "List waivers, and find those that do not count."),
    "policy": ("policy", "Check, test, compare and show policies."),
    "try": ("try_", "Evaluate an expression on real evidence, with the value of every path in it."),
    "evidence": ("evidence", "Read reports, bind and sign them, ask living systems, list the facts of each kind."),
    "run": ("run", "Run a tool and record its exit status as evidence."),
    "keygen": ("keygen", "Make a key pair to sign evidence with."),
    "schema": ("schema", "Print the JSON Schema of a kind of file."),
}
"""By name: the module in `gatekeeper.cli`, and the line in the overview."""

NOT_BUILT = ("audit", "doctor")
"""Commands of the contract that this version does not have."""


class Table(click.Group):
    """Commands from a table like `COMMANDS`; a module is imported only when its command runs."""

    table = COMMANDS
    not_built: tuple[str, ...] = NOT_BUILT
    called = "gatekeeper"

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None; one that is not built is a usage error that says so."""
        if cmd_name in self.not_built:
            raise click.UsageError(f"`{self.called} {cmd_name}` is not built in this version.")
        if cmd_name not in self.table:
            return None
        from importlib import import_module

        command = import_module(f"gatekeeper.cli.{self.table[cmd_name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with the nearest name where there is no such command."""
        if args and args[0] not in (*self.table, *self.not_built):
            from gatekeeper.policy.near import near  # only after a mistake

            raise click.UsageError(
                f"There is no command `{self.called} {args[0]}`. {near(args[0], self.table)}".rstrip(), ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The overview, from the table: no command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])


class Gatekeeper(Table):
    """The outermost commands."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in codes.TABLE])


@click.group(
    cls=Gatekeeper,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="gatekeeper", message="%(prog)s %(version)s")
def gatekeeper() -> None:
    """Judge an ML artifact's evidence against versioned policies, and promote what passes.

    \b
    Example:
      gatekeeper evaluate --policy policies/model-quality.yaml --evidence metrics.json
      gatekeeper promote --env staging --artifact registry.example/churn:1.4.2@sha256:… \\
        --repo https://git.example/gitops.git --evidence reports/
    """
