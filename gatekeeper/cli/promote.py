"""`gatekeeper promote`: judge, and commit what is allowed to the environment's manifests."""

from __future__ import annotations

from typing import Any

import click

from gatekeeper.cli.acting import act
from gatekeeper.cli.options import forcing_options, output_options, promoting_options


@click.command(
    epilog="""\b
Example:
  gatekeeper promote --env staging --artifact registry.example/churn:1.4.2@sha256:… \\
    --repo https://git.example/gitops.git --evidence reports/
  gatekeeper promote --env production --from staging --repo https://git.example/gitops.git
  gatekeeper promote --env production --from staging --all-ready --repo https://git.example/gitops.git
  gatekeeper promote --env production --from staging --merge --repo https://git.example/gitops.git
A tag without a digest is promoted as the digest that it names in its registry now.
Policies, environments and what people decided are read from the tip of the branch, again on each attempt.
Exit codes: 0 promoted, proposed or already as wished, 1 denied, 2 nothing was judged, 3 undecided, 4 could
not act, 5 waiting.""",
)
@promoting_options
@click.option(
    "--merge", is_flag=True, help="Where delivery is by pull request: merge it when nothing is waited for any more."
)
@click.option("--dry-run", is_flag=True, help="Do everything but write; the same as `gatekeeper plan`.")
@forcing_options
@output_options
def command(**options: Any) -> int:
    """Judge an artifact and, when it is allowed and waits for nothing, commit or propose its image and the record."""
    return act(options, dry=options.pop("dry_run"))
