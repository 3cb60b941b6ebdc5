"""What git, its configuration and its servers do to those who do not look: each once happened, to us or to others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.connect.git import GitRepository
from gatekeeper.connect.git.wire import _refs
from gatekeeper.errors import CannotActError
from tests.connect.repositories import FILES, KUSTOMIZATION, git, make_bare, push_by_hand
from tests.servers.git_http import GitServer

MANIFEST = "environments/staging/churn/kustomization.yaml"
RECORD = "decisions/staging/churn/20261123T070000Z-0123456789abcdef.json"
SETTINGS = {
    "not sparse": "[pack]\nuseSparse = false\n",
    "negotiation": "[fetch]\nnegotiationAlgorithm = skipping\npruneTags = true\nprune = true\nall = true\n",
    "collected": "[gc]\nauto = 1\nautoDetach = false\n[maintenance]\nauto = true\n",
    "checked": "[transfer]\nfsckObjects = true\n[fetch]\nwriteCommitGraph = true\n",
    "lfs": '[filter "lfs"]\nclean = false\nsmudge = false\nprocess = false\nrequired = true\n',
    "coloured": "[color]\nui = always\n[core]\npager = false\neditor = false\nautocrlf = true\nsafecrlf = true\n",
    "pushed by default": "[push]\ndefault = nothing\nfollowTags = true\ngpgSign = false\nautoSetupRemote = true\n",
    "signed pushes": "[push]\ngpgSign = if-asked\n[log]\nshowSignature = true\n",
    "not thin": "[pack]\nthreads = 1\nwriteReverseIndex = true\n[core]\ncompression = 0\nbigFileThreshold = 1\n",
}


def many() -> dict[str, str]:
    return {**FILES, **{f"environments/staging/s{number}/f{number}.yaml": f"{number}\n" for number in range(300)}}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_users_configuration_changes_nothing(
    tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    bare = make_bare(tmp_path, many())
    settings = tmp_path / "config"
    settings.write_text(f"[user]\nname = U\nemail = u@x\n{SETTINGS[name]}")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    _promotes(server, bare)
    assert git(bare, "fsck", "--strict", "--no-dangling") == ""


def _promotes(server: GitServer, bare: Path) -> None:
    """All of a promotion, in the requests and bytes that it may cost."""
    first = GitRepository(server.url(bare.name), "main", timeout=60)
    first.commit(first.tip(), {"x": b"x"}, "x", keep={"facts/00/0": b"x"})
    first.close()
    server.requests.clear()
    server.received = server.sent = 0
    repository = GitRepository(server.url(bare.name), "main", timeout=60)
    tip = repository.tip()
    tip.prefetch(["policies/", "waivers/", "environments/", "trust.yaml"])
    assert tip.read("policies/model-quality.yaml") == b"policy\n"
    tip.prefetch([MANIFEST, RECORD])
    assert tip.read(MANIFEST) == KUSTOMIZATION.encode()
    landing = repository.commit(tip, {MANIFEST: b"x\r\n", RECORD: b"{}\n"}, "x", keep={"facts/ab/1": b"x" * 100})
    repository.close()
    assert landing.commit == git(bare, "rev-parse", "main")
    assert git(bare, "cat-file", "-s", f"main:{MANIFEST}") == "3"
    assert len(server.requests) <= 13, server.requests
    assert server.received < 20_000
    assert server.sent < 20_000


@pytest.mark.parametrize("artifacts", [1, 40])
def test_requests_do_not_grow_with_the_artifacts(tmp_path: Path, server: GitServer, artifacts: int) -> None:
    bare = make_bare(tmp_path, many())
    first = GitRepository(server.url(bare.name), "main")
    first.commit(first.tip(), {"x": b"x"}, "x", keep={"facts/00/0": b"x"})
    server.requests.clear()
    repository = GitRepository(server.url(bare.name), "main")
    tip = repository.tip()
    tip.prefetch(["policies/", "environments/"])
    paths = [f"environments/staging/s{number}/f{number}.yaml" for number in range(artifacts)]
    tip.prefetch(paths)
    keep = {f"facts/{number:02x}/{number}": b"x" for number in range(artifacts)}
    assert repository.commit(tip, dict.fromkeys(paths, b"new\n"), "x", keep=keep).commit
    repository.close()
    assert len(server.requests) <= 13, server.requests


def test_a_lost_race_costs_few_requests_and_bytes(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path, many())
    repository = GitRepository(server.url(bare.name), "main", sleep=lambda _: None)
    tip = repository.tip()
    tip.prefetch([MANIFEST, RECORD])
    push_by_hand(bare, tmp_path / "hand", "environments/staging/s7/f7.yaml", "theirs\n")
    assert repository.commit(tip, {MANIFEST: b"x\n"}, "x").moved
    server.requests.clear()
    server.received = 0
    again = repository.tip()
    again.prefetch([MANIFEST, RECORD])
    assert again.read(MANIFEST) == KUSTOMIZATION.encode()
    assert len(server.requests) == 1
    assert server.received < 1_000
    assert repository.commit(again, {MANIFEST: b"x\n"}, "x").commit == git(bare, "rev-parse", "main")
    repository.close()


def test_replaced_objects_are_read_as_they_are(tmp_path: Path) -> None:
    bare = make_bare(tmp_path)
    first, second = git(bare, "rev-parse", "main~1", "main").split()
    git(bare, "replace", second, first)
    assert GitRepository(str(bare), "main").tip().read("README.md") == b"# GitOps\n"


def test_a_repository_that_leans_on_another_is_written(tmp_path: Path) -> None:
    bare = make_bare(tmp_path)
    git(tmp_path, "clone", "--quiet", "--bare", "--shared", str(bare), "leans.git")
    repository = GitRepository(str(tmp_path / "leans.git"), "main")
    assert repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x", keep={"facts/a": b"x"}).commit
    assert git(tmp_path / "leans.git", "fsck", "--strict", "--no-dangling") == ""


def test_a_shallow_clone_is_written(tmp_path: Path) -> None:
    bare = make_bare(tmp_path)
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=1", f"file://{bare}", "shallow.git")
    repository = GitRepository(str(tmp_path / "shallow.git"), "main")
    landing = repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x")
    assert landing.commit == git(tmp_path / "shallow.git", "rev-parse", "main")


@pytest.mark.parametrize("http", [True, False])
def test_an_empty_repository_has_no_branch(tmp_path: Path, server: GitServer, http: bool) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "empty.git")
    address = server.url("empty.git") if http else str(tmp_path / "empty.git")
    with pytest.raises(CannotActError, match="no branch main"):
        GitRepository(address, "main").tip()


def test_a_branch_that_was_deleted_meanwhile_is_not_made_anew(way: tuple[Path, str]) -> None:
    bare, address = way
    repository = GitRepository(address, "main", sleep=lambda _: None)
    tip = repository.tip()
    git(bare, "branch", "kept", "main")
    git(bare, "update-ref", "-d", "refs/heads/main")
    assert repository.commit(tip, {MANIFEST: b"x\n"}, "x").moved
    with pytest.raises(CannotActError, match="no branch main"):
        repository.tip()
    assert git(bare, "for-each-ref", "--format=%(refname)") == "refs/heads/kept"


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
@pytest.mark.parametrize("when", ["read", "push"])
def test_a_server_that_says_no_is_quoted_and_not_asked_again(
    tmp_path: Path, server: GitServer, status: int, when: str
) -> None:
    bare = make_bare(tmp_path)
    repository = GitRepository(server.url(bare.name, "bob:hunter2"), "main", sleep=lambda _: None)
    if when == "read":
        server.statuses = [status] * 9
        with pytest.raises(CannotActError) as caught:
            repository.tip()
    else:
        tip = repository.tip()
        tip.prefetch([MANIFEST])
        server.statuses = [status]
        with pytest.raises(CannotActError) as caught:
            _with_statuses_kept(server, status, lambda: repository.commit(tip, {MANIFEST: b"x\n"}, "x"))
    assert "hunter2" not in str(caught.value)
    assert len(server.requests) < 25
    assert git(bare, "rev-list", "--count", "main") == "2"


def _with_statuses_kept(server: GitServer, status: int, act: object) -> None:
    server.statuses = [status] * 60
    act()  # type: ignore[operator]


def test_a_server_that_is_silent_is_left(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path)
    server.silent = threading.Event()
    try:
        with pytest.raises(CannotActError, match=r"no answer within|took longer"):
            GitRepository(server.url(bare.name), "main", timeout=0.5).tip()
    finally:
        server.silent.set()


@contextmanager
def answering(*bodies: bytes, kind: str = "git-upload-pack") -> Iterator[str]:
    """A server that gives these bodies, whatever is asked."""
    left = list(bodies)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

        def do_GET(self) -> None:
            body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(200)
            end = "advertisement" if self.command == "GET" else "result"
            self.send_header("Content-Type", f"application/x-{kind}-{end}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/x.git"
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


HELLO = b"001e# service=git-upload-pack\n0000000eversion 2\n000cls-refs\n0012fetch=filter\n0000"
ID = b"1" * 40


@pytest.mark.parametrize(
    "answers",
    [
        [b""],
        [b"<html>"],
        [HELLO[:40]],
        [HELLO, b""],
        [HELLO, b"zzzz"],
        [HELLO, b"0009ERR x"],
        [HELLO, b"0005x0000"],
        [HELLO, b"003d" + ID + b" refs/heads/main\n0000", b"000dpackfile\n0008\x01PAK0000"],
        [HELLO, b"003d" + ID + b" refs/heads/main\n0000", b"000dpackfile\n0008\x03no\n0000"],
        [HELLO, b"003d" + ID + b" refs/heads/main\n0000", b"0000"],
        [HELLO, b"003d" + ID + b" refs/heads/main\n0000", b"000dpackfile\n0006\x09x0000"],
    ],
)
def test_a_server_that_talks_nonsense_is_told_of(answers: list[bytes]) -> None:
    with answering(*answers) as url, pytest.raises(CannotActError):
        GitRepository(url, "main", timeout=20).tip()


@given(st.lists(st.text(max_size=120), max_size=6))
def test_whatever_stands_in_a_list_of_refs(lines: list[str]) -> None:
    assert all(len(oid) in {40, 64} for oid in _refs(lines).values())
