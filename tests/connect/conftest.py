"""Git servers and the ways that lead to a repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connect.repositories import git, make_bare
from tests.servers.git_http import GitServer

WAYS = [
    "path",
    "file",
    "ssh",
    "http",
    "http without filters",
    "http with blob:none alone",
    "http with tree:0 alone",
    "http as it was before version 2",
    "http as it was, advertised ids alone",
    "sha256 over http",
]
# What sshd does with the last word: a shell runs it, and of git's variables only the protocol's gets there.
SSH = """#!/bin/sh
for word; do :; done
exec env -u GIT_DIR -u GIT_OBJECT_DIRECTORY -u GIT_ALTERNATE_OBJECT_DIRECTORIES sh -c "$word"
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path) as running:
        yield running


@pytest.fixture(params=WAYS)
def way(
    request: pytest.FixtureRequest, tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, str]:
    """A bare repository, and an address that leads to it."""
    bare = make_bare(tmp_path, sha="sha256" if "sha256" in request.param else "sha1")
    if request.param == "http without filters":
        git(bare, "config", "uploadpack.allowFilter", "false")
    if "http with" in request.param and "alone" in request.param:
        git(bare, "config", "uploadpackfilter.allow", "false")
        kind = "blob:none" if "blob" in request.param else "tree"
        git(bare, "config", f"uploadpackfilter.{kind}.allow", "true")
        git(bare, "config", "uploadpackfilter.tree.maxDepth", "0")
    if "as it was" in request.param:
        server.newest = 0
        git(bare, "config", "uploadpack.allowAnySHA1InWant", "false" if "alone" in request.param else "true")
    if request.param == "ssh":
        (tmp_path / "ssh").write_text(SSH)
        (tmp_path / "ssh").chmod(0o755)
        monkeypatch.setenv("GIT_SSH_COMMAND", str(tmp_path / "ssh"))
        monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
        monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file:ssh")
    addresses = {"path": str(bare), "file": f"file://{bare}", "ssh": f"ssh://git@gitops.invalid{bare}"}
    return bare, addresses.get(request.param, server.url(bare.name))
