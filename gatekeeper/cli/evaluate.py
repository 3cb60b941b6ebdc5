"""`gatekeeper evaluate`: judge, and report."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli.delivery import judge
from gatekeeper.cli.options import evaluate_options


@click.command(
    epilog="""\b
Example:
  gatekeeper evaluate --env staging --artifact registry.example/churn:1.4.2@sha256:… \\
    --evidence metrics.json --evidence unit=junit.xml --evidence image=trivy:scan.json
Exit codes: 0 allowed, 1 denied, 2 nothing was judged, 3 undecided.""",
)
@evaluate_options
def command(**options: Any) -> int:
    """Judge an artifact's evidence by an environment's policies, or by policy files alone."""
    return judge(options)
