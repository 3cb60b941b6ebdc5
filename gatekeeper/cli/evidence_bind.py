"""`gatekeeper evidence bind`: say what a report is about, and sign it."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from gatekeeper.cli import codes
from gatekeeper.cli.secrets import passphrase, passphrase_option
from gatekeeper.cli.writing import check_places, write_result
from gatekeeper.errors import CannotActError, InvalidRequestError


@click.command(
    epilog="""\b
Example:
  gatekeeper evidence bind junit.xml --about artifact=registry.example/churn@sha256:… \\
    --about commit=9f2c… --sign-key ci-2026.key --output junit.bound.json
  gatekeeper evidence bind junit.bound.json --sign-key release.key --output junit.twice.json
Sides: artifact=REF or sha256:…, model=sha256:…, commit=FULL, run=ID, dataset=NAME=sha256:….
Without --produced-at and without a time in the report, the time of binding stands for it: bind where the
report is made. Exit codes: 0 written, 2 usage, 3 the report cannot be believed or evaluated nothing."""
)
@click.argument("file", metavar="FILE")
@click.option("--about", multiple=True, metavar="SIDE=VALUE", help="What the report is about; repeatable.")
@click.option("--artifact", metavar="REF|FILE", help="All that this artifact carries: image, model, commit, run, data.")
@click.option("--producer", metavar="NAME", help="Read the report as this producer's.")
@click.option("--produced-at", metavar="INSTANT", help="When the report was made (RFC 3339).")
@click.option("--sign-key", "keys", multiple=True, metavar="FILE", help="Sign with this private key; repeatable.")
@passphrase_option
@click.option("--output", metavar="FILE", help="Write to FILE instead of stdout.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(
    file: str,
    about: tuple[str, ...],
    artifact: str | None,
    producer: str | None,
    produced_at: str | None,
    keys: tuple[str, ...],
    variable: str | None,
    output: str | None,
    debug: bool,  # noqa: ARG001
) -> int:
    """Wrap FILE, a report, into an in-toto Statement about an artifact, signed where a key is given.

    A bound file without --about gets a signature more.
    """
    from gatekeeper.connect.report_files import read_file
    from gatekeeper.evidence.bound import MAX_REPORT
    from gatekeeper.records.binding import Wish, bind, countersign
    from gatekeeper.wiring.binding import signers_of, subjects_of
    from gatekeeper.wiring.evidence import known_producer

    check_places([output] if output is not None else [])
    now = datetime.now(UTC)
    signers = signers_of(keys, passphrase(variable))
    reader = None if producer is None else known_producer(producer)
    wish = Wish(subjects=subjects_of(about, artifact), now=now, producer=reader, produced_at=_made(produced_at, now))
    try:
        data = read_file(file, MAX_REPORT * 4)
    except CannotActError as fault:
        raise InvalidRequestError(fault.message) from fault
    if wish.subjects:
        written = bind(data, file, wish, signers)
    elif keys and producer is None and produced_at is None:
        written = countersign(data, file, now, signers)
    else:
        raise InvalidRequestError("nothing says what the report is about", "Give --about or --artifact.")
    write_result(output, written)
    return codes.ALLOWED


def _made(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    from gatekeeper.judge.supply import CLOCK_SKEW
    from gatekeeper.model.instants import parse_instant

    try:
        made = parse_instant(text)
    except ValueError as fault:
        raise InvalidRequestError(f"--produced-at: {fault}") from fault
    if made - now > CLOCK_SKEW:
        raise InvalidRequestError(f"--produced-at {text} lies in the future")
    return made
