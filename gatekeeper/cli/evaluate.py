"""`gatekeeper evaluate`: judge, and report."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import (
    check_output,
    deliver,
    judging_options,
    output_of,
    output_options,
    read_clock,
    typed_of,
    write_record,
)


@click.command(
    epilog="""\b
Example:
  gatekeeper evaluate --env staging --artifact registry.example/churn:1.4.2@sha256:… \\
    --evidence metrics.json --evidence unit=junit.xml --evidence image=trivy:scan.json
Exit codes: 0 allowed, 1 denied, 2 nothing was judged, 3 undecided.""",
)
@judging_options
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="Judge by this policy alone; repeatable.")
@click.option("--now", metavar="INSTANT", help="Judge as at this instant (RFC 3339).")
@output_options
def command(**options: Any) -> int:
    """Judge an artifact's evidence by an environment's policies, or by policy files alone."""
    from gatekeeper.app.evaluate import evaluate
    from gatekeeper.wiring.request import judging

    output = output_of(options)
    check_output(output)
    tree, request = judging(typed_of(options), read_clock(options["now"]))
    report = evaluate(tree, request).report
    if options["decision"] is not None:
        write_record(options["decision"], report)
    deliver(report, output)
    return codes.of_report(report)
