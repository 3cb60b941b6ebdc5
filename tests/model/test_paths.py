"""Paths inside a repository."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.paths import path_parts


@pytest.mark.parametrize(
    ("path", "parts"),
    [("", ()), (".", ()), ("a", ("a",)), ("a/b.yaml", ("a", "b.yaml")), (".github/ü x", (".github", "ü x"))],
)
def test_safe_paths(path: str, parts: tuple[str, ...]) -> None:
    assert path_parts(path) == parts


@pytest.mark.parametrize(
    "path",
    [
        *["/a", "a/", "a//b", "..", "a/../b", "./a", "a/.", "a/ b", "a /b", "a" * 300, "a/" * 600 + "a"],
        *[".git/config", "a/.GIT/x", ".git ", ".git.", "GIT~1/x", ".g\u200cit/x"],
        *["a\\b", "a\0b", "a\nb", "C:/x", "\ud800", "*", "a?"],
    ],
)
def test_unsafe_paths_are_refused(path: str) -> None:
    with pytest.raises(InvalidRequestError):
        path_parts(path)


@given(st.lists(st.sampled_from(["a", "..", ".", "", ".git", "b c", "\\", "x.yaml", " "]), max_size=5).map("/".join))
def test_no_path_leads_out(path: str) -> None:
    try:
        parts = path_parts(path)
    except InvalidRequestError:
        return
    assert not {"..", ".", "", ".git"} & set(parts)
