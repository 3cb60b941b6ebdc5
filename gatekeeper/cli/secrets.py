"""Passphrases, which are taken from a variable of the environment: arguments can be read by everybody on a machine."""

from __future__ import annotations

import os

import click

from gatekeeper.errors import InvalidRequestError

passphrase_option = click.option(
    "--passphrase-env", "variable", metavar="VAR", help="The environment variable that holds the key's passphrase."
)


def passphrase(variable: str | None) -> bytes | None:
    """The passphrase in the variable, None where none is named. Raises InvalidRequestError where it is not set."""
    if variable is None:
        return None
    value = os.environ.get(variable)
    if not value:
        raise InvalidRequestError(f"--passphrase-env {variable}: there is no such variable, or it is empty")
    return value.encode("utf-8", "surrogateescape")
