"""Git over a real ssh server, by the user's own ssh; and commits signed by the user's own keys."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from gatekeeper.connect.git import GitRepository
from gatekeeper.errors import CannotActError
from tests.connect.repositories import KUSTOMIZATION, git, hook, make_bare, push_by_hand
from tests.servers.openssh import SshServer
from tests.servers.openssh import ssh_server as ssh_server

MANIFEST = "environments/staging/churn/kustomization.yaml"
ssh = pytest.mark.xdist_group("openssh")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "ssh:file")
    return make_bare(tmp_path)


@ssh
@pytest.mark.parametrize("way", ["variable", "configuration", "rewritten"])
def test_a_promotion_over_ssh(
    tmp_path: Path, bare: Path, ssh_server: SshServer, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    address = f"{ssh_server.url}{bare}"
    settings = tmp_path / "config"
    settings.write_text(f'[core]\nsshCommand = "{ssh_server.command}"\n')
    if way == "variable":
        monkeypatch.setenv("GIT_SSH_COMMAND", ssh_server.command)
    else:
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    if way == "rewritten":
        settings.write_text(settings.read_text() + f'[url "{ssh_server.url}/"]\ninsteadOf = https://git.invalid/\n')
        address = f"https://git.invalid{bare}"
    repository = GitRepository(address, "main", sleep=lambda _: None, timeout=30)
    tip = repository.tip()
    tip.prefetch([MANIFEST])
    assert tip.read(MANIFEST) == KUSTOMIZATION.encode()
    theirs = push_by_hand(bare, tmp_path / "hand", "README.md", "theirs\n")
    assert repository.commit(tip, {MANIFEST: b"x\n"}, "x", keep={"facts/ab/1": b"x"}).moved
    again = repository.tip()
    assert again.commit == theirs
    landing = repository.commit(again, {MANIFEST: b"x\n"}, "x", keep={"facts/ab/1": b"x"})
    assert landing.commit == git(bare, "rev-parse", "main")
    assert repository.kept(["facts/ab/1"]) == {"facts/ab/1": b"x"}
    hook(bare, "pre-receive", "echo not on fridays >&2; exit 1")
    with pytest.raises(CannotActError, match="not on fridays"):
        repository.commit(repository.tip(), {MANIFEST: b"y\n"}, "x")
    repository.close()


@ssh
def test_a_key_that_is_not_known_is_told(
    tmp_path: Path, bare: Path, ssh_server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    words = ssh_server.command.split()
    words[words.index("-i") + 1] = str(tmp_path / "key")
    monkeypatch.setenv("GIT_SSH_COMMAND", " ".join(words))
    with pytest.raises(CannotActError, match="Permission denied"):
        GitRepository(f"{ssh_server.url}{bare}", "main", timeout=30).tip()


def test_an_ssh_that_is_not_there_is_told(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_SSH", str(bare / "ssh"))
    with pytest.raises(CannotActError, match="cannot run ssh: No such file"):
        GitRepository("git@git.invalid:x.git", "main").tip()


@pytest.mark.parametrize("scheme", ["git", "HTTP", "file"])
def test_no_other_address_is_taken_for_a_host_of_ssh(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """`git://…` reads as a path on a host `git`, where one does not look."""
    (tmp_path / "ssh").write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nexit 1\n")
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("GIT_SSH", str(tmp_path / "ssh"))
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "ssh:file:git:http")
    (tmp_path / "config").write_text('[url "file:///"]\ninsteadOf = https://git.invalid/\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    if scheme == "file":
        assert GitRepository(f"https://git.invalid{bare}", "main").tip().commit == git(bare, "rev-parse", "main")
    else:
        with pytest.raises(CannotActError):
            GitRepository(f"{scheme}://127.0.0.1:1/x.git", "main").tip()
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize(("escaped", "served"), [("a%ff%20b%0a", "a\udcff b\n"), ("a%00b", "a%00b")])
def test_an_address_is_decoded_as_git_does_it(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch, escaped: str, served: str
) -> None:
    """Both of our ways, and the one that pushes, must lead to the same repository."""
    (tmp_path / "ssh").write_text(
        f'#!/bin/sh\nfor last; do :; done\nprintf "%s\\0" "$last" >>{tmp_path}/asked\nexit 1\n'
    )
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("GIT_SSH", str(tmp_path / "ssh"))
    address = f"ssh://git.invalid/{escaped}"
    with pytest.raises(CannotActError):
        GitRepository(address, "main").tip()
    git(bare, "remote", "add", "it", address)
    subprocess.run(["git", "-C", str(bare), "ls-remote", "it"], capture_output=True, check=False)
    asked = (tmp_path / "asked").read_bytes().decode("utf-8", "surrogateescape").split("\0")[:2]
    assert [shlex.split(one) for one in asked] == [["git-upload-pack", f"/{served}"]] * 2


@ssh
def test_few_connections_are_made(
    tmp_path: Path, bare: Path, ssh_server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each costs a key exchange: one to read all, one to push, one to look that it is there."""
    (tmp_path / "ssh").write_text(f'#!/bin/sh\necho x >>{tmp_path}/count\nexec {ssh_server.command} "$@"\n')
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(tmp_path / "ssh"))
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    first = GitRepository(f"{ssh_server.url}{bare}", "main", timeout=30)
    first.commit(first.tip(), {"x": b"x"}, "x", keep={"facts/00/0": b"x"})
    (tmp_path / "count").unlink()
    repository = GitRepository(f"{ssh_server.url}{bare}", "main", timeout=30)
    tip = repository.tip()
    tip.prefetch([MANIFEST, "policies/"])
    repository.commit(tip, {MANIFEST: b"x\n"}, "x", keep={"facts/ab/1": b"x"})
    repository.close()
    assert len((tmp_path / "count").read_text().split()) == 3


@ssh
def test_the_tip_is_never_one_that_was_read_before(
    tmp_path: Path, bare: Path, ssh_server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server's process that answers for long keeps in mind which branches there were."""
    monkeypatch.setenv("GIT_SSH_COMMAND", ssh_server.command)
    repository = GitRepository(f"{ssh_server.url}{bare}", "main", timeout=30)
    for number in range(3):
        theirs = push_by_hand(bare, tmp_path / "hand", "README.md", f"{number}\n")
        assert repository.tip().commit == theirs
    repository.close()


def signed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str) -> Path:
    bare = make_bare(tmp_path)
    config = tmp_path / "config"
    config.write_text(f"[commit]\ngpgSign = true\n{settings}")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    repository = GitRepository(str(bare), "main")
    repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x", keep={"facts/ab/1": b"x"})
    return bare


@ssh
def test_an_ssh_signature_is_one_that_git_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shutil.which("ssh-keygen"), "git signs by ssh-keygen: install openssh-client"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    (tmp_path / "signers").write_text(f"tester@example.invalid {(tmp_path / 'key.pub').read_text()}")
    bare = signed_by(
        tmp_path,
        monkeypatch,
        f"[user]\nsigningKey = {tmp_path}/key.pub\n[gpg]\nformat = ssh\n"
        f'[gpg "ssh"]\nallowedSignersFile = {tmp_path}/signers\n',
    )
    for ref in ("main", "gatekeeper/evidence"):
        git(bare, "verify-commit", ref)
    assert subprocess.run(["git", "-C", str(bare), "verify-commit", "main~1"], capture_output=True).returncode != 0


@ssh
def test_a_gpg_signature_is_one_that_git_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("gpg"):
        pytest.skip("gpg is not installed: the signature by gpg is not tried")
    home = Path("/tmp") / f"gk-gpg-{os.getpid()}"  # the agent's socket needs a short path
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    words = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key"]
    try:
        subprocess.run([*words, "tester@example.invalid", "ed25519", "sign"], check=True, capture_output=True)
        bare = signed_by(tmp_path, monkeypatch, "[user]\nsigningKey = tester@example.invalid\n")
        for ref in ("main", "gatekeeper/evidence"):
            git(bare, "verify-commit", ref)
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


@ssh
def test_a_key_that_cannot_sign_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotActError, match="cannot make the commit"):
        signed_by(tmp_path, monkeypatch, f"[user]\nsigningKey = {tmp_path}/none\n[gpg]\nformat = ssh\n")
    bare = tmp_path / "gitops.git"
    assert git(bare, "branch", "--list", "gatekeeper/evidence") == ""
    assert git(bare, "rev-list", "--count", "main") == "2"
