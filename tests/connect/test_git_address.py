"""What is hidden of addresses and of what git says."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.connect.git.address import local_folder, redact, words
from gatekeeper.errors import InvalidRequestError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://bob:hunter2@git.example/x.git", "https://git.example/x.git"),
        ("fatal: 'https://token@git.example/x' not found", "fatal: 'https://git.example/x' not found"),
        ("https://git.example/x?access_token=s3cret&x=1 failed", "https://git.example/x failed"),
        ("https://bob:hun@ter@2@git.example/x@1", "https://git.example/x@1"),
        ("cannot read https://bob:it's\"x@git.example/x: no", "cannot read https://git.example/x: no"),
        ("fatal: 'https://bob:a/b@c@git.example/x' no", "fatal: 'https://git.example/x' no"),
        ("https://git.example:8443/a@b/c", "https://git.example:8443/a@b/c"),
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
    assert len(words(b"x" * 1_000_000)) < 2000


def test_a_secret_that_is_not_read_to_its_end_is_not_shown() -> None:
    assert words(b"remote: no\nremote: https://bob:" + b"hunter2" * 10_000 + b"@git.example/x\n") == "remote: no"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"password=hunter2 again", "password=\u2026 again"),
        (b"> Authorization: Basic aHVudGVyMg==\n", "> Authorization: \u2026"),
        (b'{"token": "hunter2"}', '{"token": \u2026'),
        (b"remote: invalid username or password", "remote: invalid username or password"),
    ],
)
def test_what_a_credential_helper_prints_is_hidden(said: bytes, shown: str) -> None:
    assert words(said) == shown


def test_what_a_shallow_commit_lacks_is_not_told_unless_nothing_else_is() -> None:
    lack = b"error: Could not read " + b"a" * 40 + b"\n"
    assert words(lack + lack + b"remote: no\n") == "remote: no"
    assert words(lack) == lack.decode().strip()


def test_an_address_of_another_machine_is_refused_without_its_password() -> None:
    with pytest.raises(InvalidRequestError, match="file://elsewhere/x does not name"):
        local_folder("file://bob:hunter2@elsewhere/x")


def test_which_addresses_are_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "host:x").mkdir()
    assert local_folder("a/b.git") == str(tmp_path / "a/b.git")
    assert local_folder("host:x") == os.path.abspath("host:x")
    assert local_folder(f"file://{tmp_path}/a%20b") == f"{tmp_path}/a b"
    for remote in ["host:y", "git@git.example:x.git", "https://git.example/x", "ssh://git.example/x"]:
        assert local_folder(remote) is None
