"""`gatekeeper approve`: one person's yes to one digest in one environment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.people_options import answer, check_text, shared_options
from gatekeeper.cli.secrets import passphrase, passphrase_option
from gatekeeper.errors import InvalidRequestError


@click.command(
    epilog="""\b
Example:
  gatekeeper approve --env production --artifact churn --digest sha256:… --reason "Canary looks fine"
  gatekeeper approve --env production --artifact churn --digest sha256:… --key alice-2026.key
It binds the digest and the texts of the policies that are in force there now: when one of them is
changed, it counts no more.
Exit codes: 0 written, 2 it could not count, 4 could not act."""
)
@click.option("--env", "environment", required=True, metavar="NAME", help="The environment that it is for.")
@click.option("--artifact", required=True, metavar="NAME|IMAGE", help="The artifact's name there, or its image.")
@click.option(
    "--digest", metavar="sha256:…", help="The digest.  [default: that in the one environment that comes before]"
)
@click.option("--expires", default="7d", show_default=True, metavar="DURATION", help="How long it counts.")
@click.option("--reason", metavar="TEXT", help="What was looked at.")
@click.option("--by", metavar="NAME", help="Who approves, of trust.yaml.  [default: whom the CI system or git names]")
@click.option("--key", metavar="FILE", help="Sign it by this private key, one of the approver's in trust.yaml.")
@passphrase_option
@shared_options
def command(**options: Any) -> int:
    """Commit an approval to the GitOps branch, signed where a key is given."""
    from gatekeeper.app.approving import Asked, approve
    from gatekeeper.wiring.people import branch, clock, pace, person
    from gatekeeper.wiring.project import folders_of

    asked = Asked(
        environment=options["environment"],
        artifact=options["artifact"],
        digest=_digest(options["digest"]),
        reason=_reason(options["reason"]),
        lasts=_lasts(options["expires"]),
        now=clock(),
        who=person(options["by"]),
        key=_key(options["key"], options["variable"]),
    )
    with branch(options["repo"], asked.environment) as repository:
        given = approve(repository, folders_of, asked, pace())
    spec = given.spec
    document = {
        "schema": "gatekeeper.approval/v1",
        "approval": spec,
        "file": given.file,
        "signed": given.signed,
        "commit": given.commit,
    }
    how = ", signed" if given.signed else ""
    what = f"{spec['artifact']} {spec['digest']} in {spec['environment']}"
    head = f"{spec['by']} approves {what} until {spec['expires']}{how}"
    policies = "".join(f"  under {name} {digest}\n" for name, digest in spec["policies"].items())
    answer(options["format_"], f"{head}\n{policies}  {given.file}, commit {given.commit}\n", document)
    return codes.ALLOWED


def _digest(text: str | None) -> str | None:
    from gatekeeper.model.digests import is_sha256

    if text is not None and not is_sha256(text):
        raise InvalidRequestError(f"--digest {text!r} is not sha256: and 64 lower-case hex digits")
    return text


def _reason(text: str | None) -> str | None:
    if text is not None:
        check_text("--reason", text)
    return text


def _lasts(text: str) -> timedelta:
    from gatekeeper.model.instants import parse_duration

    try:
        lasts = parse_duration(text)
    except ValueError as fault:
        raise InvalidRequestError(f"--expires: {fault}") from fault
    if not lasts:
        raise InvalidRequestError("--expires: an approval that is over at once counts for nothing")
    return lasts


def _key(path: str | None, variable: str | None) -> Any:
    if path is None:
        return None
    from gatekeeper.wiring.binding import signers_of

    return signers_of([path], passphrase(variable))[0]
