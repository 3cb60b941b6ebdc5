"""`gatekeeper try`: an expression on real evidence."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import format_option
from gatekeeper.cli.writing import complain, write_stdout


@click.command(
    "try",
    epilog="""\b
Example:
  gatekeeper try 'evidence.metrics.values.accuracy > 0.85' --evidence metrics.json
  gatekeeper try 'evidence.unit.cases.filter(c, evidence.unit.cases[c] == "failed")' --evidence unit=junit.xml
  gatekeeper try 'variables.error_rate < params.most' --policy policies/quality.yaml --evidence metrics.json
\b
Without a policy, evidence is called by its name, or by its kind where it has none.
Exit codes: 0 it has a value, 2 it is no CEL or has an unknown name, 3 something is missing or an error.""",
)
@click.argument("expression", metavar="CEL")
@click.option("--evidence", multiple=True, metavar="SPEC", help="As for `evaluate`; repeatable.")
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="Use the names of this policy; repeatable.")
@click.option("--env", "environment", metavar="NAME", help="Use the names of each policy that applies there.")
@click.option("--artifact", metavar="REF|FILE", help="`name:tag@sha256:…`, or a file of kind Artifact.")
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Set a parameter; repeatable.")
@click.option("--repo", metavar="PATH|URL[@REF]", help="The GitOps repository; read at a commit, by default HEAD.")
@click.option("--engine", type=click.Choice(["cel-cpp", "cel-python"]), help="The CEL engine.")
@click.option("--cross-check", is_flag=True, help="Ask both engines; a disagreement is an error.")
@click.option("--now", metavar="INSTANT", help="Evaluate as at this instant (RFC 3339).")
@format_option("text", "json")
@click.option("-v", "--verbose", count=True, help="More talk on stderr.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(expression: str, **options: Any) -> int:
    """Evaluate an expression on real evidence, and show the value of every path in it."""
    from gatekeeper.app.trial import try_expression
    from gatekeeper.cli.delivery import read_clock, typed_of
    from gatekeeper.cli.progress import talk
    from gatekeeper.cli.try_text import fault_text, trials_json, trials_text
    from gatekeeper.judge.cel import CelFault
    from gatekeeper.wiring.trying import trying

    tell, done = talk(quiet=options["quiet"], verbose=options["verbose"])
    try:
        tried = trying(typed_of(options), options["parameters"], read_clock(options["now"]), tell)
    finally:
        done()
    try:
        trials = try_expression(expression, tried.applications, tried.engines, tried.case, alone=tried.alone)
    except CelFault as fault:
        complain(fault_text(fault, expression, tried.case.envelopes))
        unread = any(envelope.kind is None for envelope in tried.case.envelopes)
        return codes.UNDECIDED if unread and fault.kind == "name" else codes.INVALID
    write_stdout((trials_json if options["format_"] == "json" else trials_text)(trials))
    return codes.ALLOWED if all(trial.state == "value" for trial in trials) else codes.UNDECIDED
