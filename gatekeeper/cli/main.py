"""The group of commands, each loaded when it is asked for, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
from typing import Any

import click

from gatekeeper import __version__
from gatekeeper.cli import codes
from gatekeeper.cli.writing import complain, flush_stdout, silence
from gatekeeper.errors import GatekeeperError

COMMANDS = {
    "evaluate": ("evaluate", "Judge an artifact's evidence: allowed, denied or undecided."),
    "plan": ("plan", "Show what promote would do, as a diff; writes nothing."),
    "promote": ("promote", "Judge, and commit what is allowed to the environment's manifests."),
    "policy": ("policy", "Show the rules in force, their CEL, and where each value comes from."),
    "evidence": ("evidence", "Show what gatekeeper sees in a report, and the facts of each kind."),
    "run": ("run", "Run a tool and record its exit status as evidence."),
    "schema": ("schema", "Print the JSON Schema of a kind of file."),
}
"""By name: the module in `gatekeeper.cli`, and the line in the overview."""

NOT_BUILT = ("rollback", "status", "hold", "approve", "waiver", "try", "audit", "init", "keygen", "doctor")
"""Commands of the contract that this version does not have."""


class Commands(click.Group):
    """Commands from the table; a module is imported only when its command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None; one that is not built is a usage error that says so."""
        if cmd_name in NOT_BUILT:
            raise click.UsageError(f"`gatekeeper {cmd_name}` is not built in this version.")
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command = import_module(f"gatekeeper.cli.{COMMANDS[cmd_name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The overview, from the table: no command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in codes.TABLE])


@click.group(
    cls=Commands,
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


def run() -> None:
    """Run the command that the arguments name; never returns."""
    sys.exit(_code(sys.argv[1:]))


def _code(arguments: list[str]) -> int:
    try:
        returned: Any = gatekeeper.main(arguments, prog_name="gatekeeper", standalone_mode=False)
        flush_stdout()
    except click.exceptions.Abort:
        return codes.INTERRUPTED
    except KeyboardInterrupt:
        return codes.INTERRUPTED
    except click.ClickException as error:
        return _misused(error)
    except SystemExit:
        # Nobody reads any more: click gives up with 1, which here would say `denied`.
        silence(1)
        return codes.CANNOT_ACT
    except Exception as error:  # noqa: BLE001 - a bug must end in its own code: a traceback ends in 1, which is `denied`
        if "--debug" in arguments:
            _trace()
        if isinstance(error, OSError):
            return _refused_by_system(error)
        return _fail(error) if isinstance(error, GatekeeperError) else _bug(error)
    return returned if isinstance(returned, int) else codes.BUG


def _misused(error: click.ClickException) -> int:
    from io import StringIO  # only for a mistake

    text = StringIO()
    error.show(text)
    complain(text.getvalue())
    return codes.INVALID


def _trace() -> None:
    import traceback

    complain(traceback.format_exc())


def _refused_by_system(error: OSError) -> int:
    silence(1)
    complain(f"error: {error.strerror or type(error).__name__}{f': {error.filename}' if error.filename else ''}\n")
    return codes.CANNOT_ACT


def _fail(error: GatekeeperError) -> int:
    from gatekeeper.reports.problems import render_error

    complain(render_error(error, color=False))
    return codes.of_error(error)


def _bug(error: Exception) -> int:
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.filename.rpartition('gatekeeper/')[2]}:{last.lineno}"
    python = ".".join(map(str, sys.version_info[:3]))
    complain(
        f"gatekeeper met a bug of its own: {type(error).__name__} at {place}\n"
        f"  gatekeeper {__version__}, Python {python}, {sys.platform}\n"
        "  Nothing was decided. Run again with --debug for the whole traceback.\n"
    )
    return codes.BUG
