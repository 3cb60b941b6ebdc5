"""`gatekeeper evidence ask`: a living system's answer, to be kept, bound and judged later."""

from __future__ import annotations

import click

from gatekeeper.cli import codes
from gatekeeper.cli.writing import check_places, discard, write_result


@click.command(
    epilog="""\b
Example:
  gatekeeper evidence ask oci:registry.example/churn:1.4.2 --output image.json
  gatekeeper evaluate --policy image.yaml --evidence oci:image.json …
What is written is what `gatekeeper evaluate --evidence oci:…` would have judged at that moment; a name that
ends in .json is read as such an answer. Exit codes: 0 written, 2 usage, 3 there is nothing that can be
judged, 4 the system did not answer."""
)
@click.argument("spec", metavar="SPEC")
@click.option("--output", metavar="FILE", help="Write to FILE instead of stdout.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(spec: str, output: str | None, debug: bool) -> int:  # noqa: ARG001
    """Ask the living system that SPEC (mlflow:…, oci:…, prometheus:…) names, and write its answer as it is recorded."""
    from gatekeeper.wiring.evidence import answer

    check_places([output] if output is not None else [])
    if output is not None:
        discard(output)  # an answer of yesterday must not pass for one that was not given today
    write_result(output, answer(spec))
    return codes.ALLOWED
