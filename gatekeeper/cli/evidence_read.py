"""`gatekeeper evidence read`: what gatekeeper sees in reports."""

from __future__ import annotations

import click
import msgspec

from gatekeeper.cli import codes
from gatekeeper.cli.delivery import read_clock
from gatekeeper.cli.writing import write_stdout


@click.command(
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
def command(specs: tuple[str, ...], producer: str | None, paths: bool, trust: str | None, debug: bool) -> int:  # noqa: ARG001
    """Print the envelopes of reports as a JSON list."""
    from gatekeeper.reports.jsontext import indented
    from gatekeeper.wiring.evidence import collect
    from gatekeeper.wiring.unsealing import unsealed

    envelopes = unsealed(collect(specs, producer), trust, read_clock(None))
    if paths:
        write_stdout("".join(_path_lines(envelope) for envelope in envelopes))
    else:
        plain = [
            {key: value for key, value in one.items() if key not in ("sealed", "recorded")}
            for one in msgspec.to_builtins(envelopes)
        ]
        write_stdout(indented(plain))
    whole = all(envelope.status == "evaluated" for envelope in envelopes)
    return codes.ALLOWED if whole else codes.UNDECIDED


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
