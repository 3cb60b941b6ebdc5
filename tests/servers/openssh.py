"""A real OpenSSH server, and what a user's ssh needs to reach it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.servers.components import SCRIPTS, component, need, running


class SshServer(NamedTuple):
    """Its URL, without a path, and the command by which the user's ssh gets there."""

    url: str
    command: str


def _is_there() -> bool:
    return (SCRIPTS / "openssh").exists() and component("openssh", "there-or-not", check=False) == "yes"


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    need("openssh", _is_there())
    state = tmp_path_factory.mktemp("openssh")
    with running("openssh", state) as url:
        yield SshServer(url, _command(state))


def _command(state: Path) -> str:
    options = [f"-i {state / 'user'}", f"-o UserKnownHostsFile={state / 'known_hosts'}", "-o IdentitiesOnly=yes"]
    return " ".join(["ssh", "-F /dev/null", "-o BatchMode=yes", *options])
