"""Places as `at:` writes them: what they mean, and what is said where they cannot be read or found."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Target
from gatekeeper.manifests.places import At, Choice, NoPlaceError, find, place_of


class Values:
    """Plain values, looked into as documents are."""

    def members(self, node: Any) -> dict[str, Any] | None:
        return node if isinstance(node, dict) else None

    def items(self, node: Any) -> list[Any] | None:
        return node if isinstance(node, list) else None

    def text(self, node: Any) -> str | None:
        return node if isinstance(node, str) else None


def at(text: str | None) -> At:
    return place_of(Target(file="m.yaml", image="x", at=text))


@pytest.mark.parametrize(
    ("text", "document", "steps"),
    [
        (".image", None, ("image",)),
        (".a.b[0].c", None, ("a", "b", 0, "c")),
        (".[1][0]", None, (1, 0)),
        ('."a.b"."c\\"d\\\\"', None, ("a.b", 'c"d\\')),
        ("[2].a", 2, ("a",)),
        ("[kind=Job].a", Choice(("kind",), "Job"), ("a",)),
        (
            "[metadata.name=web].a[name=x y].b",
            Choice(("metadata", "name"), "web"),
            ("a", Choice(("name",), "x y"), "b"),
        ),
        ('.a["odd key"="]"]', None, ("a", Choice(("odd key",), "]"))),
        (".app.kubernetes/io-x_y", None, ("app", "kubernetes/io-x_y")),
        ('.""', None, ("",)),
    ],
)
def test_places_that_can_be_read(text: str, document: int | Choice | None, steps: tuple[Any, ...]) -> None:
    assert at(text) == At(document, steps)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "at: is required"),
        ("", "at: is required"),
        ("image", "character 1: a step is"),
        ("[0]", "character 4: there is no path"),
        (".", "character 2: here a key is expected"),
        (".a..b", "character 4: here a key"),
        (".a.[0]", "character 4: a step is"),
        (".a b", "character 3: a step is"),
        (".a[", "character 4: here a key"),
        (".a[-1]", "character 6: between [ and ]"),
        (".a[01]", "between [ and ]"),
        (".a[name]", "between [ and ]"),
        (".a[name=]", "between [ and ]"),
        ('.a["x]', "here a key"),
        ('."a', "here a key"),
        (".a'b'", "a step is"),
        (".a[9999999999]", "between [ and ]"),
        ("." + "a" * 1000, "longer than 1000"),
    ],
)
def test_places_that_cannot_be_read(text: str | None, said: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        at(text)
    assert said in refused.value.message
    assert "m.yaml" in refused.value.message


def test_a_container_is_no_place_here() -> None:
    with pytest.raises(InvalidRequestError, match="container: means nothing"):
        place_of(Target(file="m.yaml", image="x", at=".a", container="b"))


DOCUMENTS = [
    {"kind": "Job", "metadata": {"name": "a"}, "list": [{"name": "x", "v": "1"}, {"name": "y", "v": "2"}]},
    {"kind": "Pod", "metadata": {"name": "b"}, "only": "here"},
    None,
    {"kind": "Pod", "metadata": {"name": "c"}},
]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        (".only", "here"),
        (".list[1].v", "2"),
        (".list[name=x].v", "1"),
        ("[kind=Job].metadata.name", "a"),
        ("[metadata.name=c].kind", "Pod"),
        ("[3].kind", "Pod"),
    ],
)
def test_what_is_found(text: str, node: str) -> None:
    assert find(at(text), DOCUMENTS, Values(), add=False).node == node


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (".kind", "several documents have this place; begin at: with the one meant: [0], [1], [3]"),
        ("[kind=Pod].kind", "2 of 4 fit [kind=Pod]; exactly one must"),
        ("[kind=x].kind", "none of 4 fit"),
        ("[4].kind", "there is no [4] here, only 4"),
        (".list[2].v", "there is no [2] here, only 2"),
        (".list[name=z].v", "none of 2 fit [name=z]"),
        (".list.v", "no mapping to look for 'v' in"),
        (".only[0]", "no list to choose from"),
        (".metadata.nam", "there is no 'nam' here, only 'name'"),
        (".list[0].w", "there is no 'w' here, only 'name', 'v'"),
    ],
)
def test_what_is_not_found(text: str, said: str) -> None:
    with pytest.raises(NoPlaceError) as refused:
        find(at(text), DOCUMENTS, Values(), add=False)
    assert said in str(refused.value)


def test_the_last_key_may_be_added_and_no_other() -> None:
    found = find(at(".list[0].w"), DOCUMENTS, Values(), add=True)
    assert (found.node, found.path, found.holder) == (None, ("list", 0, "w"), DOCUMENTS[0]["list"][0])
    with pytest.raises(NoPlaceError, match="there is no 'w'"):
        find(at(".list[0].w.x"), DOCUMENTS, Values(), add=True)
    assert find(at(".only"), DOCUMENTS, Values(), add=True).node == "here"


def test_an_empty_file_has_no_place() -> None:
    with pytest.raises(NoPlaceError, match="the file is empty"):
        find(at(".a"), [], Values(), add=True)
