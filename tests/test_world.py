"""The closed world is closed, and the doors that tests need are open."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.world import OutsideWorldError

ELSEWHERE = ("192.0.2.1", 80)  # RFC 5737: an address that is nobody's


def test_no_connection_leaves() -> None:
    with socket.socket() as line, pytest.raises(OutsideWorldError):
        line.connect(ELSEWHERE)
    with socket.socket() as line, pytest.raises(OutsideWorldError):
        line.connect_ex(ELSEWHERE)
    with socket.socket(type=socket.SOCK_DGRAM) as line, pytest.raises(OutsideWorldError):
        line.sendto(b"x", ELSEWHERE)
    with pytest.raises(OutsideWorldError):
        socket.create_connection(ELSEWHERE)


def test_no_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OutsideWorldError):
        socket.getaddrinfo("host.invalid", 443)
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(OutsideWorldError):
        urllib.request.urlopen("http://host.invalid/")


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = socket.create_connection(server.getsockname())
        peer, _ = server.accept()
        with line, peer:
            line.sendall(b"x")
            assert peer.recv(1) == b"x"


@pytest.mark.parametrize("name", ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "GATEKEEPER_REPO", "GIT_DIR", "NO_COLOR"])
def test_settings_of_the_surroundings_are_gone(name: str) -> None:
    assert name not in os.environ


def test_git_knows_only_the_tester(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=tmp_path, check=True, capture_output=True, encoding="utf-8"
        ).stdout

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "x")
    assert git("log", "--format=%an <%ae> %cn <%ce> %D") == (
        "Tester <tester@example.invalid> Tester <tester@example.invalid> HEAD -> main\n"
    )


def test_git_reaches_nothing_outside(tmp_path: Path) -> None:
    for url in ("https://host.invalid/x.git", "git://host.invalid/x.git", "ssh://host.invalid/x.git"):
        run = subprocess.run(
            ["git", "ls-remote", url], cwd=tmp_path, check=False, capture_output=True, encoding="utf-8"
        )
        assert run.returncode == 128
        assert "not allowed" in run.stderr


def test_time_zones_are_local_ones(timezone: str) -> None:
    offsets = {"UTC": 0, "Pacific/Kiritimati": 14 * 3600, "America/St_Johns": -12600}
    assert time.localtime(1_700_000_000).tm_gmtoff == offsets[timezone]
