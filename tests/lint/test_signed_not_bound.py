"""`signed-not-bound`: what binds evidence to the artifact, and what only looks as if it did."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lint.samples import findings, policy

ID = "signed-not-bound"
KINDS = {
    "m": {"kind": "metrics"},
    "image": {"kind": "image"},
    "origin": {"kind": "lineage"},
    "out": {"kind": "rollout"},
}
BOUND = "evidence.image.digest == artifact.digest"


def _found(rules: Any, name: str, **asked: Any) -> list[tuple[str, int]]:
    evidence = {**KINDS, name: {**KINDS[name], "signed_by": ["ci"], **asked}}
    said = findings(policy(rules, evidence=evidence))
    return [(one.severity, one.message.count(repr(name))) for one in said if one.id == ID]


@pytest.mark.parametrize("about", ["artifact", "model", "commit", "run", "dataset"])
def test_evidence_that_must_be_about_something_is_bound(about: str) -> None:
    assert not _found("evidence.m.values.x > 1.0", "m", about=about)
    assert _found("evidence.m.values.x > 1.0", "m") == [("warning", 1)]


def test_an_age_does_not_bind() -> None:
    assert _found("evidence.m.values.x > 1.0", "m", max_age="1d")


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("image", {"require": BOUND}),
        ("image", {"require": f"{BOUND} && evidence.image.labels.a == 'b'"}),
        ("image", {"require": "evidence.image.labels.commit == artifact.commit"}),
        ("origin", {"lineage": {"same": ["data"]}}),
        ("origin", {"lineage": {"same": ["commit", "run"]}}),
        ("out", {"rollout": {"same_digest": True}}),
    ],
)
def test_a_rule_that_compares_with_the_artifact_binds(name: str, rule: dict[str, Any]) -> None:
    assert not _found([{"id": "it", **rule}], name)


@pytest.mark.parametrize(
    "rule",
    [
        {"require": "evidence.image.name == artifact.name"},
        {"require": BOUND, "optional": True},
        {"require": BOUND, "when": "environment.name == 'production'"},
        {"require": "evidence.image.size > 1 && evidence.m.values.x > 0.5"},
        {"require": "evidence.image.tag == artifact.tag"},
    ],
)
def test_what_may_be_skipped_or_is_no_identity_does_not_bind(rule: dict[str, Any]) -> None:
    assert _found([{"id": "it", **rule}], "image")


def test_it_binds_through_a_variable() -> None:
    said = findings(
        policy(
            "variables.same",
            variables={"same": BOUND},
            evidence={**KINDS, "image": {"kind": "image", "signed_by": ["ci"]}},
        )
    )
    assert ID not in {one.id for one in said}


def test_evidence_that_nobody_signs_is_no_finding_of_this_sort() -> None:
    assert ID not in {one.id for one in findings(policy("evidence.m.values.x > 1.0", evidence=KINDS))}
