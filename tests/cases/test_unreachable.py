"""Where two sides of a comparison are never equal, and where that is not proved."""

from __future__ import annotations

import pytest

from gatekeeper.cases.policy_mutants import PolicyMutants
from gatekeeper.cases.unreachable import never_equal
from gatekeeper.judge.cel import load_engine
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.policy.documents import load
from tests.cases.scene import METRICS, policy, text

X = "evidence.metrics.values.x"
ENGINES = (load_engine(None),)
DOCUMENT = load(
    text(
        policy(
            {"id": "it", "require": f"{X} > 0.0"},
            evidence={**METRICS, "unit": {"kind": "tests"}},
            parameters={"p": {"type": "number", "default": 0.1}},
            variables={"rate": f"1.0 - {X}", "twice": "variables.rate * 1.0"},
        )
    ).encode(),
    "p.yaml",
)[0]
(BASE,) = prepare([Application(document=DOCUMENT, enforcement="deny")], ENGINES)
COMPILER, _ = PolicyMutants(DOCUMENT, BASE, ENGINES).compiled({})


@pytest.mark.parametrize(
    ("left", "right", "proved"),
    [
        (f"1.0 - {X}", "0.1", True),
        ("0.1", f"1.0 - {X}", True),
        ("variables.rate", "0.1", True),
        ("variables.twice", "0.1", True),
        (f"{X}", "0.1", False),  # at 0.1
        (f"{X} * 2.0", "0.1", False),  # at 0.05
        (f"1.0 - {X}", "0.5", False),  # at 0.5
        (f"1.0 - {X}", "params.p", False),  # an environment may set it
        (f"1.0 - {X} * {X}", "0.1", False),  # rises and falls
        (f"math.abs({X})", "-0.1", False),  # true, and not of the form
        ("double(evidence.unit.ran)", "0.5", False),  # no double
        (f"{X} + double(evidence.unit.ran)", "0.1", False),  # two facts
        ("now", "now", False),
        ("nonsense", "0.1", False),
    ],
)
def test_only_what_is_proved(left: str, right: str, proved: bool) -> None:
    assert never_equal((left, right), BASE, COMPILER, ENGINES[0]) is proved
