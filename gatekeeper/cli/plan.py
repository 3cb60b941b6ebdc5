"""`gatekeeper plan`: all that promote would do, as a diff; nothing is written."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli.acting import act
from gatekeeper.cli.options import forcing_options, output_options, promoting_options


@click.command(
    epilog="""\b
Example:
  gatekeeper plan --env staging --artifact registry.example/churn:1.4.2@sha256:… \\
    --repo https://git.example/gitops.git --evidence reports/
  gatekeeper plan --env production --from staging --repo https://git.example/gitops.git
Exit codes: those that promote would give.""",
)
@promoting_options
@forcing_options
@output_options
def command(**options: Any) -> int:
    """Show what promote would do now, and what it would wait for."""
    return act(options, dry=True)
