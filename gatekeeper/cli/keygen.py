"""`gatekeeper keygen`: a key pair to sign with, and what to write into trust.yaml."""

from __future__ import annotations

import os
import re
from errno import EEXIST

import click

from gatekeeper.cli import codes
from gatekeeper.cli.secrets import passphrase, passphrase_option
from gatekeeper.cli.writing import write_stdout
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.policy.publickey import ALGORITHMS, Algorithm, PublicKey


@click.command(
    epilog="""\b
Example:
  gatekeeper keygen --output ci-2026
  gatekeeper evidence bind trivy.json --about artifact=sha256:… --sign-key ci-2026.key --output trivy.signed.json
NAME.key can be read by its owner alone. `cosign import-key-pair --key NAME.key` takes it over."""
)
@click.option("--output", "name", required=True, metavar="NAME", help="Write NAME.key and NAME.pub; never over a file.")
@click.option(
    "--algorithm", type=click.Choice(ALGORITHMS), default="ed25519", show_default=True, help="The kind of key."
)
@passphrase_option
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(name: str, algorithm: Algorithm, variable: str | None, debug: bool) -> int:  # noqa: ARG001
    """Make a key pair to sign evidence with, and print its entry for trust.yaml."""
    from gatekeeper.records.keys import generate

    if not os.path.basename(name):
        raise InvalidRequestError(f"--output {name!r} names no file")
    secret, public = generate(algorithm, passphrase(variable))
    _write_pair(name, secret, public.pem.encode())
    write_stdout(_entry(os.path.basename(name), public))
    return codes.ALLOWED


def _write_pair(name: str, secret: bytes, public: bytes) -> None:
    """Both files or none. Raises CannotActError, and leaves alone what is there."""
    written: list[str] = []
    try:
        for path, data, mode in ((f"{name}.key", secret, 0o600), (f"{name}.pub", public, 0o644)):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            written.append(path)
            with open(descriptor, "wb") as file:
                file.write(data)
    except OSError as fault:
        for path in written:
            os.unlink(path)
        remedy = "No key is ever written over: give another name as --output." if fault.errno == EEXIST else ""
        raise CannotActError(f"{fault.filename or name} cannot be written: {fault.strerror}", remedy) from fault


def _entry(name: str, public: PublicKey) -> str:
    word = re.sub("[^-a-z0-9._]+", "-", name.lower()).strip("-._")[:100] or "key"
    pem = "".join(f"        {line}\n" for line in public.pem.splitlines())
    head = f"# For trust.yaml, below the name of the machine or person who holds {name}.key\n"
    return f"{head}# {public.algorithm} {public.fingerprint}\n    keys:\n    - name: {word}\n      public: |\n{pem}"
