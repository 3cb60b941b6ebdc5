"""Packs read in memory: the same objects that git finds in them, and never a crash."""

from __future__ import annotations

import hashlib
import subprocess
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.connect.git.objects import Item, loose
from gatekeeper.connect.git.pack import TooLargeError, apply_delta, make_pack, unpack
from gatekeeper.errors import CannotActError
from tests.connect.repositories import FILES, git, make_bare, push_by_hand

KINDS = st.sampled_from(["blob", "tree", "commit"])


def item(kind: str, content: bytes) -> Item:
    return Item(kind, content, loose(kind, content, "sha1").oid)  # type: ignore[arg-type]


def packed(bare: Path, *words: str) -> bytes:
    listed = git(bare, "rev-list", "--objects", "--all")
    ids = "".join(f"{line.split()[0]}\n" for line in listed.splitlines())
    run = subprocess.run(
        ["git", "-C", str(bare), "pack-objects", "-q", "--stdout", *words], input=ids.encode(), capture_output=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("words", [["--delta-base-offset"], ["--no-reuse-delta"], ["--depth=0"]])
@pytest.mark.parametrize("sha", ["sha1", "sha256"])
def test_every_object_is_found_as_git_finds_it(tmp_path: Path, words: list[str], sha: str) -> None:
    long = "".join(f"line {number}\n" for number in range(3000))
    bare = make_bare(tmp_path, {**FILES, "long.txt": long}, sha=sha)
    for number in range(4):
        push_by_hand(bare, tmp_path / "hand", "long.txt", long.replace("line 7\n", f"changed {number}\n"))
    items = unpack(packed(bare, *words), sha)
    assert set(items) == {line.split()[0] for line in git(bare, "rev-list", "--objects", "--all").splitlines()}
    for oid, found in items.items():
        assert git(bare, "cat-file", "-t", oid) == found.kind
        run = subprocess.run(["git", "-C", str(bare), "cat-file", found.kind, oid], capture_output=True, check=True)
        assert run.stdout == found.content


@given(st.lists(st.tuples(KINDS, st.binary(max_size=2000)), max_size=8))
def test_what_is_packed_is_unpacked(contents: list[tuple[str, bytes]]) -> None:
    items = {one.oid: one for one in (item(kind, content) for kind, content in contents)}
    assert unpack(make_pack(list(items.values()), "sha1"), "sha1") == items


@given(st.data())
def test_broken_packs_are_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = make_pack([item("blob", b"x" * 300), item("tree", b"y" * 40)], "sha1")
    body = bytearray(whole[:-20])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    body = body[: data.draw(st.integers(0, len(body)))]
    broken = bytes(body) + hashlib.sha1(body).digest()
    try:
        found = unpack(broken, "sha1", 10_000)
    except (CannotActError, TooLargeError):
        return
    assert all(item(one.kind, one.content).oid == oid for oid, one in found.items() if one.kind != "tag")


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_broken_deltas_are_refused_and_nothing_else(base: bytes, delta: bytes) -> None:
    with suppress(CannotActError, TooLargeError):
        assert len(apply_delta(base, delta, 1000)) <= 1000


def test_a_bomb_is_not_inflated() -> None:
    bomb = make_pack([item("blob", b"0" * 5_000_000)], "sha1")
    assert len(bomb) < 50_000
    with pytest.raises(TooLargeError):
        unpack(bomb, "sha1", 1_000_000)


def test_what_leans_on_something_that_is_not_here_is_left_out() -> None:
    base, alone = item("blob", b"base" * 20), item("blob", b"alone")
    delta = bytes([80, 5]) + bytes([0x90, 5])  # 80 bytes in, 5 out: copy 5 from the beginning
    body = bytearray(make_pack([alone], "sha1")[:-20])
    body[11] = 2
    body += bytes([7 << 4 | len(delta)]) + bytes.fromhex(base.oid) + zlib.compress(delta)
    pack = bytes(body) + hashlib.sha1(body).digest()
    assert set(unpack(pack, "sha1", bases={})) == {alone.oid}
    assert set(unpack(pack, "sha1", bases={base.oid: base})) == {alone.oid, item("blob", b"baseb").oid}
    with pytest.raises(CannotActError, match="broken pack"):
        unpack(pack, "sha1")
