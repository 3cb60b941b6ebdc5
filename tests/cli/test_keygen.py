"""`gatekeeper keygen`: a pair that works, kept from others, and never over a file."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gatekeeper.policy.publickey import ALGORITHMS, parse_public_key
from gatekeeper.policy.trust import load_trust
from gatekeeper.records.keys import load_signer
from tests.conftest import Command

TRUST = "apiVersion: gatekeeper/v1\nkind: Trust\nmetadata: {name: root}\nspec:\n  machines:\n  - name: machine\n"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_pair_signs_and_its_entry_fits_into_a_trust_file(gatekeeper: Command, tmp_path: Path, algorithm: str) -> None:
    code, out, err = gatekeeper("keygen", "--output", "CI 2026", "--algorithm", algorithm)
    assert (code, err) == (0, "")
    secret, public = (tmp_path / "CI 2026.key").read_bytes(), (tmp_path / "CI 2026.pub").read_text()
    assert load_signer(secret, None, "k").public == parse_public_key(public)
    assert f"{algorithm} {parse_public_key(public).fingerprint}" in out
    found = load_trust((TRUST + out).encode(), "trust.yaml")
    assert [(key.name, key.public) for key in found.keys] == [("ci-2026", parse_public_key(public))]
    assert not any(line in out for line in secret.decode().splitlines()[1:-1])


def test_ed25519_is_what_it_makes(gatekeeper: Command, tmp_path: Path) -> None:
    gatekeeper("keygen", "--output", "k")
    assert parse_public_key((tmp_path / "k.pub").read_text()).algorithm == "ed25519"


def test_only_its_owner_can_read_the_private_key(gatekeeper: Command, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert gatekeeper("keygen", "--output", "k").code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "k.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("there", ["k.key", "k.pub"])
@pytest.mark.parametrize("link", [False, True])
def test_nothing_is_written_over_a_file_or_through_a_link(
    gatekeeper: Command, tmp_path: Path, there: str, link: bool
) -> None:
    if link:
        (tmp_path / there).symlink_to(tmp_path / "elsewhere")
    else:
        (tmp_path / there).write_text("mine")
    code, out, err = gatekeeper("keygen", "--output", "k")
    assert (code, out) == (4, "")
    assert there in err
    assert "another name" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == [there], "and no half of a pair is left"
    assert link or (tmp_path / there).read_text() == "mine"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_passphrase_comes_from_the_environment_and_encrypts(
    gatekeeper: Command, tmp_path: Path, algorithm: str
) -> None:
    options = ("keygen", "--output", "k", "--algorithm", algorithm, "--passphrase-env", "WORD")
    code, out, err = gatekeeper(*options, env={"WORD": "hunter2 ü"})
    assert (code, err) == (0, "")
    assert "hunter2" not in out
    secret = (tmp_path / "k.key").read_bytes()
    assert secret.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert load_pem_private_key(secret, "hunter2 ü".encode())
    (tmp_path / "junit.xml").write_text('<testsuite name="s"><testcase classname="c" name="n"/></testsuite>')
    bind = ("evidence", "bind", "junit.xml", "--about", "run=mlflow:1", "--sign-key", "k.key")
    assert gatekeeper(*bind, "--passphrase-env", "WORD", env={"WORD": "hunter2 ü"}).code == 0
    for given, more in (({}, ()), ({"WORD": "wrong-word"}, ("--passphrase-env", "WORD"))):
        code, out, err = gatekeeper(*bind, *more, env=given)
        assert (code, out) == (2, "")
        assert "wrong-word" not in err


@pytest.mark.parametrize("value", [None, ""])
def test_a_passphrase_that_is_not_there_is_no_empty_one(gatekeeper: Command, tmp_path: Path, value: str | None) -> None:
    given = {} if value is None else {"NO_SUCH": value}
    assert gatekeeper("keygen", "--output", "k", "--passphrase-env", "NO_SUCH", env=given).code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [(), ("--output", "x/"), ("--output", ""), ("--output", "k", "--algorithm", "rsa")]
)
def test_usage(gatekeeper: Command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert gatekeeper("keygen", *arguments).code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_cannot_be_written_to(gatekeeper: Command) -> None:
    assert gatekeeper("keygen", "--output", "nowhere/k").code == 4


def test_openssl_reads_the_pair(gatekeeper: Command, tmp_path: Path) -> None:
    if shutil.which("openssl") is None and "TESTS_CI" not in os.environ:
        pytest.skip("there is no openssl here")
    gatekeeper("keygen", "--output", "k", "--algorithm", "ecdsa-p256")
    command = ["openssl", "pkey", "-in", "k.key", "-pubout"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == (tmp_path / "k.pub").read_text()
