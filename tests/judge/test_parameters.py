"""Parameters: typed, bounded, with where each came from."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.app.show import show_environment
from gatekeeper.errors import InvalidFileError
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.project import Folders
from tests.judging import NOW, judgement, policy_text, report
from tests.trees import MemoryTree, environment

DECLARED = {
    "floor": {"type": "number", "default": 0.5, "minimum": 0, "maximum": 1},
    "count": {"type": "integer", "default": 1},
    "name": {"type": "string", "default": "x", "choices": ["x", "y"]},
    "strict": {"type": "boolean", "default": True},
    "age": {"type": "duration", "default": "7d"},
}
POLICY = policy_text(
    "evidence.metrics.values.a >= params.floor && params.count > 0 && params.name == 'x' && params.strict"
    " && duration(params.age) == duration('168h')",
    parameters=DECLARED,
)


def tree(**parameters: Any) -> MemoryTree:
    use = {"name": "p", "version": "^1", "parameters": parameters}
    return MemoryTree({"policies/p.yaml": POLICY, "environments/staging.yaml": environment(policies=[use])})


def test_defaults_apply_and_the_origin_is_shown() -> None:
    assert judgement(POLICY, report({"a": 0.6})).verdict == "allowed"
    shown = show_environment(tree(floor=0.7), Folders(), "staging", (load_engine(None),), NOW)
    parameters = shown[0].policies[0].parameters
    seen = {name: (one["value"], one["origin"]) for name, one in parameters.items()}
    assert (seen["floor"], seen["count"]) == ((0.7, "environment"), (1, "policy"))


def test_what_the_environment_sets_is_in_force_and_in_the_judgement() -> None:
    request = Request(
        artifact=None, envelopes=(report({"a": 0.6}),), now=NOW, engines=(load_engine(None),), environment="staging"
    )
    whole = evaluate(tree(floor=0.7), request).report.judgement
    assert whole.verdict == "denied"
    assert whole.policies[0].parameters["floor"] == 0.7


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("flor", 0.7, "Did you mean 'floor'?"),
        ("floor", 1.1, "above its maximum 1"),
        ("floor", -0.1, "below its minimum 0"),
        ("floor", "0.7", "is no number"),
        ("floor", True, "is no number"),
        ("count", 1.5, "is no integer"),
        ("count", 2**53, "not exact in JSON"),
        ("count", False, "is no integer"),
        ("name", "z", "must be one of x, y"),
        ("name", True, "boolean"),
        ("strict", "true", "is no boolean"),
        ("age", "7 days", "is no duration"),
        ("age", "٧d", "is no duration"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_where_it_was_written(name: str, value: Any, words: str) -> None:
    with pytest.raises(InvalidFileError) as caught:
        show_environment(tree(**{name: value}), Folders(), "staging", (load_engine(None),), NOW)
    assert words in str(caught.value)
    assert caught.value.problems[0].file == "environments/staging.yaml"


def test_a_default_that_does_not_fit_its_own_bounds_is_refused() -> None:
    policy = policy_text("true", parameters={"floor": {"type": "number", "default": 2, "maximum": 1}})
    with pytest.raises(InvalidFileError, match="above its maximum"):
        judgement(policy, report({"a": 1}))


def test_a_parameter_without_default_must_be_set() -> None:
    policy = policy_text("params.floor > 0.0", parameters={"floor": {"type": "number"}})
    with pytest.raises(InvalidFileError, match="must be set"):
        judgement(policy, report({"a": 1}))


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ({"type": "duration", "default": "1h", "minimum": 60}, "a duration has no `minimum`"),
        ({"type": "string", "default": "x", "maximum": 1}, "a string has no `maximum`"),
        ({"type": "boolean", "default": True, "minimum": 1}, "a boolean has no `minimum`"),
        ({"type": "number", "minimum": 2, "maximum": 1}, "no value is at least 2 and at most 1"),
        ({"type": "duration", "default": "999999999w"}, "is no duration"),
        ({"type": "duration", "default": "9" * 5000 + "s"}, "is no duration"),
    ],
)
def test_a_bound_that_could_not_bind_is_refused(parameter: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidFileError, match=words):
        judgement(policy_text("true", parameters={"p": parameter}))
