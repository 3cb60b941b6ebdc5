"""What is hidden of addresses and of what git says."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.connect.git.address import local_folder, redact, words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://bob:hunter2@git.example/x.git", "https://git.example/x.git"),
        ("fatal: 'https://token@git.example/x' not found", "fatal: 'https://git.example/x' not found"),
        ("https://git.example/x?access_token=s3cret&x=1 failed", "https://git.example/x failed"),
        ("ssh://git@git.example/x", "ssh://git.example/x"),
        ("git@git.example:x.git", "git@git.example:x.git"),
        ("/srv/gitops.git", "/srv/gitops.git"),
    ],
)
def test_credentials_are_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown


@given(st.binary(max_size=300))
def test_no_control_character_comes_through(said: bytes) -> None:
    shown = words(said)
    assert all(mark.isprintable() or mark in "\n\t" for mark in shown)


def test_what_a_server_says_cannot_steer_a_terminal_or_run_on() -> None:
    assert words(b"remote: \x1b[31mno\x1b[0m\x07 \xe2\x80\xae\r\nhint: try\nfatal: x\n") == "remote: no\n  fatal: x"
    assert len(words(b"x" * 100_000)) < 2000


def test_which_addresses_are_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "host:x").mkdir()
    assert local_folder("a/b.git") == str(tmp_path / "a/b.git")
    assert local_folder("host:x") == os.path.abspath("host:x")
    assert local_folder(f"file://{tmp_path}/a%20b") == f"{tmp_path}/a b"
    for remote in ["host:y", "git@git.example:x.git", "https://git.example/x", "ssh://git.example/x"]:
        assert local_folder(remote) is None
