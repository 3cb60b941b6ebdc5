"""A working tree as a tree."""

import os
from pathlib import Path

import pytest

from gatekeeper.connect.folder import MAX_FILE, FolderTree
from gatekeeper.errors import CannotActError, InvalidRequestError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    (place / "policies" / "tests").mkdir(parents=True)
    (place / "policies" / "b.yaml").write_bytes(b"b\r\n")
    (place / "policies" / "a.yaml").write_bytes(b"a")
    (tmp_path / "secret").write_text("secret")
    return place


def test_files_are_read_and_listed(root: Path) -> None:
    tree = FolderTree(str(root))
    assert tree.commit is None
    assert tree.read("policies/b.yaml") == b"b\r\n"
    assert tree.names("policies") == ("a.yaml", "b.yaml")
    assert tree.names("") == ()
    assert tree.names("nothing") == tree.names("policies/a.yaml") == ()
    assert [tree.read(path) for path in ["policies", "nothing", "policies/a.yaml/x", ""]] == [None] * 4


def test_links_stay_inside(root: Path) -> None:
    (root / "inside").symlink_to("policies/a.yaml")
    (root / "outside").symlink_to("../secret")
    (root / "folder").symlink_to("..")
    tree = FolderTree(str(root))
    assert tree.read("inside") == b"a"
    assert tree.names("") == ("inside", "outside")
    for path in ["outside", "folder/secret"]:
        with pytest.raises(CannotActError, match="leads out"):
            tree.read(path)
    with pytest.raises(CannotActError, match="leads out"):
        tree.names("folder")
    with pytest.raises(InvalidRequestError):
        tree.read("../secret")


def test_what_is_no_file_is_refused_without_waiting(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(CannotActError, match="not a file"):
        FolderTree(str(root)).read("pipe")


def test_a_huge_file_is_refused(root: Path) -> None:
    with open(root / "huge", "wb") as file:
        file.truncate(MAX_FILE + 1)
    with pytest.raises(CannotActError, match="larger"):
        FolderTree(str(root)).read("huge")


def test_a_root_that_is_no_folder_is_refused(root: Path) -> None:
    with pytest.raises(CannotActError, match="not a folder"):
        FolderTree(str(root / "policies" / "a.yaml"))
