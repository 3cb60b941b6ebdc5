"""`gatekeeper evidence`: what gatekeeper sees in reports, and the facts of each kind."""

from __future__ import annotations

import click
import msgspec

from gatekeeper.cli import codes
from gatekeeper.cli.delivery import read_clock
from gatekeeper.cli.writing import write_stdout


class _Evidence(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, those among them that are loaded late."""
        return ["ask", "bind", *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None; `ask` and `bind` are loaded when they are asked for."""
        if cmd_name == "ask":
            from gatekeeper.cli.evidence_ask import command as ask

            return ask
        if cmd_name == "bind":
            from gatekeeper.cli.evidence_bind import command as bind

            return bind
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Evidence)
def command() -> None:
    """Show what gatekeeper sees in a report, bind it to what it is about, and the facts of each kind."""


@command.command(
    epilog="""\b
Example:
  gatekeeper evidence read junit.xml trivy:scan.json
Exit codes: 0 all were read, 3 one was refused or evaluated nothing; the reason is in its envelope.""",
)
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option("--as", "producer", metavar="PRODUCER", help="Read every file as this producer's, such as junit.")
@click.option("--paths", is_flag=True, help="List the CEL paths and values instead.")
@click.option("--trust", metavar="FILE", help="Whose keys count.  [default: the project's trust.yaml]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def read(specs: tuple[str, ...], producer: str | None, paths: bool, trust: str | None, debug: bool) -> int:  # noqa: ARG001
    """Print the envelopes of reports as a JSON list."""
    from gatekeeper.reports.jsontext import indented
    from gatekeeper.wiring.evidence import collect
    from gatekeeper.wiring.unsealing import unsealed

    envelopes = unsealed(collect(specs, producer), trust, read_clock(None))
    if paths:
        write_stdout("".join(_path_lines(envelope) for envelope in envelopes))
    else:
        plain = [
            {key: value for key, value in one.items() if key != "sealed"} for one in msgspec.to_builtins(envelopes)
        ]
        write_stdout(indented(plain))
    whole = all(envelope.status == "evaluated" for envelope in envelopes)
    return codes.ALLOWED if whole else codes.UNDECIDED


@command.command(
    epilog="""\b
Example:
  gatekeeper evidence kinds""",
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def kinds(format_: str, debug: bool) -> int:  # noqa: ARG001
    """Print the facts of each kind of evidence, and which producers write it."""
    from gatekeeper.evidence.kinds_shown import kinds_data, kinds_text
    from gatekeeper.reports.jsontext import indented

    if format_ == "json":
        write_stdout(indented(kinds_data()))
    else:
        write_stdout(kinds_text())
    return codes.ALLOWED


def _path_lines(envelope: object) -> str:
    from gatekeeper.judge.numbers import shown
    from gatekeeper.model.evidence import Envelope
    from gatekeeper.policy.celtext import path_text

    assert isinstance(envelope, Envelope)
    base = ("evidence", envelope.name or envelope.kind or "unknown")
    if envelope.status != "evaluated":
        return f"{path_text(base)}  {envelope.status}: {envelope.reason}\n"
    return "".join(f"{path_text((*base, *path))} = {shown(value)}\n" for path, value in _leaves(envelope.facts))


def _leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], object]]:
    if isinstance(value, dict):
        return [leaf for key, member in value.items() for leaf in _leaves(member, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, member in enumerate(value) for leaf in _leaves(member, (*path, index))]
    return [(path, value)]
