"""NaN and infinities, which dividing doubles by zero gives: no limit and no variable may be one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.judging import judgement, policy_text, report, result

METRICS = {"accuracy": 0.9, "zero": 0.0, "errors": 0.0}
ZERO = "evidence.metrics.values.zero"
both_engines = pytest.mark.parametrize("engine", ["cel-cpp", "cel-python"])


@both_engines
@pytest.mark.parametrize(
    "limits",
    [
        {"max": f"1.0 / {ZERO}"},
        {"min": f"-1.0 / {ZERO}"},
        {"max": f"{ZERO} / {ZERO}"},
        {"equals": f"{ZERO} / {ZERO}"},
        {"min": f"{ZERO} / {ZERO}", "min_n": 1},
    ],
)
def test_a_limit_that_is_not_finite_is_an_error(engine: str, limits: dict[str, Any]) -> None:
    evidence = report({**METRICS, "accuracy": {"value": 0.9, "n": 10}})
    found = result(policy_text([{"id": "it", "metric": {"name": "accuracy", **limits}}]), evidence, engine=engine)
    assert found.result == "error"
    assert "not a finite number" in found.message


@both_engines
@pytest.mark.parametrize(
    "condition",
    ["variables.rate < 0.01", "!(variables.rate > 0.01)", "variables.rate > 0.01 || true", "variables.rate != 5.0"],
)
@pytest.mark.parametrize("numerator", ["errors", "accuracy"])
def test_a_variable_that_is_not_finite_is_an_error_that_nothing_absorbs(
    engine: str, condition: str, numerator: str
) -> None:
    variables = {"rate": f"evidence.metrics.values.{numerator} / {ZERO}", "twice": "variables.rate * 2.0"}
    for text in (condition, condition.replace("rate", "twice")):
        found = result(policy_text(text, variables=variables), report(METRICS), engine=engine)
        assert (found.result, found.message) == ("error", "variables.rate is not a finite number")


def test_engines_that_are_compared_see_the_same() -> None:
    variables = {"rate": f"{ZERO} / {ZERO}"}
    policy = policy_text("!(variables.rate > 0.01)", variables=variables)
    assert judgement(policy, report(METRICS), cross_check=True).verdict == "undecided"
