"""`gatekeeper evaluate`: judge, and report."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.options import (
    Output,
    check_output,
    deliver,
    judging_options,
    output_options,
    read_clock,
    write_file,
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


def output_of(options: dict[str, Any]) -> Output:
    """The output options as one value."""
    return Output(
        format=options["format_"],
        file=options["output"],
        reports=options["reports"],
        color=options["color"],
        quiet=options["quiet"],
    )


def typed_of(options: dict[str, Any]) -> Any:
    """The judging options as one value."""
    from gatekeeper.wiring.request import Typed

    return Typed(**{key: options[key] for key in Typed.__struct_fields__ if key in options})


def write_record(path: str, report: Any) -> None:
    """Write the decision record. Raises CannotActError where it cannot be written."""
    from gatekeeper import __version__
    from gatekeeper.records.statement import context, record_bytes

    commit = None if report.root == "working tree" else report.root
    beside = context(report.engine, __version__, commit, report.sources)
    write_file(path, record_bytes(report.judgement, beside))
