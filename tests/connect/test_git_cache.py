"""What is kept between runs: it saves requests and bytes, and is never believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gatekeeper.connect.git import GitRepository
from tests.connect.repositories import FILES, git, make_bare, push_by_hand
from tests.servers.git_http import GitServer

MANIFEST = "environments/staging/churn/kustomization.yaml"
HINTS = ["policies/", "environments/", MANIFEST]


def promote(address: str, cache: Path, number: int) -> str:
    repository = GitRepository(address, "main", sleep=lambda _: None, cache=str(cache))
    tip = repository.tip()
    tip.prefetch(HINTS)
    assert tip.read("policies/model-quality.yaml") == b"policy\n"
    record = {f"decisions/staging/churn/{number}.json": b"{}\n"}
    landing = repository.commit(tip, {MANIFEST: b"%d\n" % number, **record}, "x", keep={f"facts/ab/{number}": b"x"})
    repository.close()
    assert landing.commit
    return landing.commit


def files_of(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.pack"))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    many = {f"svc/s{number}/f.yaml": os.urandom(500).hex() for number in range(400)}
    return make_bare(tmp_path, {**FILES, **many})


@pytest.mark.parametrize("filters", ["true", "false"])
def test_the_second_promotion_fetches_what_changed(tmp_path: Path, server: GitServer, bare: Path, filters: str) -> None:
    git(bare, "config", "uploadpack.allowFilter", filters)
    address = server.url(bare.name)
    promote(address, tmp_path / "cache", 1)
    push_by_hand(bare, tmp_path / "hand", "README.md", "changed\n")
    first = server.received
    server.requests.clear()
    server.received = 0
    assert promote(address, tmp_path / "cache", 2) == git(bare, "rev-parse", "main")
    assert server.received < 5_000
    if filters == "false":
        assert server.received < first / 50
    assert len(server.requests) <= 8
    assert git(bare, "fsck", "--strict", "--no-dangling") == ""


@pytest.mark.parametrize("harm", ["torso", "flipped", "empty", "huge", "renamed", "folder", "away", "link", "pipe"])
def test_a_cache_that_lies_costs_time_and_nothing_else(
    tmp_path: Path, server: GitServer, bare: Path, harm: str
) -> None:
    address, cache = server.url(bare.name), tmp_path / "cache"
    promote(address, cache, 1)
    push_by_hand(bare, tmp_path / "hand", "policies/more.yaml", "more\n")
    spoil(files_of(cache)[0], harm)
    assert promote(address, cache, 2) == git(bare, "rev-parse", "main")
    tip = GitRepository(address, "main", cache=str(cache)).tip()
    assert tip.read("policies/more.yaml") == b"more\n"
    assert tip.read(MANIFEST) == b"2\n"


def spoil(file: Path, harm: str) -> None:
    data = file.read_bytes()
    if harm == "torso":
        file.write_bytes(data[: len(data) // 2])
    elif harm == "flipped":
        file.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    elif harm == "empty":
        file.write_bytes(b"")
    elif harm == "huge":
        with file.open("r+b") as handle:
            handle.truncate(1 << 30)
    elif harm == "renamed":
        file.rename(file.with_name(f"{'0' * 40}.pack"))
    elif harm == "folder":
        file.unlink()
        file.mkdir()
    elif harm == "pipe":
        file.unlink()
        os.mkfifo(file)
    elif harm == "link":
        file.unlink()
        file.symlink_to(file)
    else:
        file.unlink()


def test_objects_of_another_content_are_not_taken_for_what_is_asked(
    tmp_path: Path, server: GitServer, bare: Path
) -> None:
    """A pack with a good checksum, of another repository, under the name of ours."""
    address, cache = server.url(bare.name), tmp_path / "cache"
    promote(address, cache, 1)
    other = make_bare(tmp_path / "o", {**FILES, "policies/model-quality.yaml": "evil\n"}, name="other.git")
    with GitServer(tmp_path / "o") as theirs:
        repository = GitRepository(theirs.url(other.name), "main", cache=str(tmp_path / "evil"))
        repository.tip().prefetch(HINTS)
        repository.tip().read("policies/model-quality.yaml")
        repository.close()
    files_of(cache)[0].write_bytes(files_of(tmp_path / "evil")[0].read_bytes())
    promote(address, cache, 2)


def test_it_stays_small(tmp_path: Path, server: GitServer, bare: Path) -> None:
    for number in range(7):
        promote(server.url(bare.name), tmp_path / "cache", number)
    assert 1 <= len(files_of(tmp_path / "cache")) <= 4
    assert sum(file.stat().st_size for file in files_of(tmp_path / "cache")) < 100_000
    assert list((tmp_path / "cache").rglob("draft-*")) == []


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path: Path, server: GitServer, bare: Path) -> None:
    (tmp_path / "cache").write_text("a file\n")
    promote(server.url(bare.name), tmp_path / "cache", 1)


def test_the_environment_names_it(
    tmp_path: Path, server: GitServer, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEKEEPER_GIT_CACHE", str(tmp_path / "named"))
    repository = GitRepository(server.url(bare.name, "bob:hunter2"), "main")
    repository.tip().read("README.md")
    repository.close()
    assert len(files_of(tmp_path / "named")) == 1
    assert b"hunter2" not in files_of(tmp_path / "named")[0].read_bytes()
