"""The order of environments as it is loaded: all that comes before, and no circle."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.app.applied import load_applied
from gatekeeper.app.check import check_project
from gatekeeper.app.preceding import MOST
from gatekeeper.errors import InvalidFileError
from gatekeeper.model.project import Folders
from tests.lint.samples import NOW, X, policy
from tests.trees import MemoryTree, environment


def tree(**after: str) -> MemoryTree:
    """Environments by name, each after those named, with a space between them."""
    files: dict[str, Any] = {"policies/p.yaml": policy(f"{X} > 1.0")}
    for name, names in after.items():
        order = {"after": [{"environment": one} for one in names.split()]} if names else {}
        files[f"environments/{name}.yaml"] = environment(name, **order)
    return MemoryTree(files)


def load(name: str, **after: str) -> list[str]:
    _, before, _ = load_applied(tree(**after), Folders(), name)
    return [one.metadata.name for one in before]


def refused(name: str, **after: str) -> tuple[str, str]:
    with pytest.raises(InvalidFileError) as fault:
        load(name, **after)
    (problem,) = fault.value.problems
    assert problem.line >= 1
    assert problem.column >= 1
    return problem.file, problem.message


def test_only_those_directly_before_are_given() -> None:
    assert load("c", a="", b="a", c="b") == ["b"]
    assert load("d", a="", b="a", c="a", d="c b") == ["c", "b"]


@pytest.mark.parametrize(
    ("name", "order", "file", "circle"),
    [
        ("a", {"a": "b", "b": "a"}, "b", "a -> b -> a"),
        ("p", {"p": "a", "a": "b", "b": "c", "c": "a"}, "c", "a -> b -> c -> a"),
        ("p", {"p": "x a", "x": "", "a": "x b", "b": "x a"}, "b", "a -> b -> a"),
        ("d", {"a": "d", "b": "a", "c": "a", "d": "b c"}, "a", "d -> b -> a -> d"),
    ],
)
def test_a_circle_is_refused_wherever_it_is(name: str, order: dict[str, str], file: str, circle: str) -> None:
    where, message = refused(name, **order)
    assert where == f"environments/{file}.yaml"
    assert (
        message == f"the order of environments is a circle, {circle}: each comes after the next, and none can be first"
    )


def test_itself_and_unknown_ones_are_refused_at_any_distance() -> None:
    assert refused("a", a="a") == ("environments/a.yaml", "an environment cannot come after itself")
    assert refused("p", p="a", a="a") == ("environments/a.yaml", "an environment cannot come after itself")
    file, message = refused("p", p="a", a="b")
    assert file == "environments/a.yaml"
    assert "there is no environment 'b'" in message


def test_an_order_that_is_too_long_is_refused() -> None:
    chain = {f"e{n}": f"e{n + 1}" for n in range(MOST)} | {f"e{MOST}": ""}
    assert load("e0", **chain) == ["e1"]
    longer = {f"e{n}": f"e{n + 1}" for n in range(MOST + 1)} | {f"e{MOST + 1}": ""}
    assert "more than 200 environments" in refused("e0", **longer)[1]


def test_those_before_come_with_every_row_that_they_include() -> None:
    files = tree(a="", b="a").files
    row = {"name": "more", "image": "r.example/more", "manifests": [{"path": "x.yaml", "format": "kustomize"}]}
    whole = environment("a", include=["environments/a.d/*.yaml"], artifacts=[{**row, "name": "own"}])
    for key in ("image", "manifests"):
        del whole["spec"][key]
    included = {**whole, "spec": {"artifacts": [row]}}
    _, before, _ = load_applied(
        MemoryTree({**files, "environments/a.yaml": whole, "environments/a.d/m.yaml": included}), Folders(), "b"
    )
    assert [one.name for one in before[0].spec.artifacts] == ["own", "more"]
    _, flat, _ = load_applied(MemoryTree(files), Folders(), "b")
    assert [one.name for one in flat[0].spec.artifacts] == ["x"]


def test_policy_check_refuses_the_same_circles_each_once() -> None:
    def said(**after: str) -> list[str]:
        files = tree(**after).files
        report = check_project(MemoryTree(files), Folders(), NOW)
        return [one.message.partition(": ")[0] for one in report.problems]

    assert said(a="", b="a", c="a", d="b c") == []
    assert said(a="b", b="a") == ["the order of environments is a circle, a -> b -> a"]
    assert said(p="a", a="b", b="c", c="a") == ["the order of environments is a circle, a -> b -> c -> a"]
    assert sorted(said(a="b", b="a", x="y", y="x a")) == [
        "the order of environments is a circle, a -> b -> a",
        "the order of environments is a circle, x -> y -> x",
    ]
    assert said(a="a") == ["an environment cannot come after itself"]
