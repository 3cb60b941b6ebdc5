"""What `policy test` tells of a case is what `evaluate` tells of the same evidence as files, to the last word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec import convert

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.app.testing import Asked, run_tests
from gatekeeper.cases.artifact import given_artifact
from gatekeeper.evidence import registry
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import ArtifactSpec
from gatekeeper.model.judgement import Judgement
from gatekeeper.model.project import Folders
from gatekeeper.model.tested import TestedCase
from tests.cases.given_both_ways import IMAGE, NOW, TRUST, Scene, admitted, scenes
from tests.cases.scene import case
from tests.trees import MemoryTree, environment

ENGINES = (load_engine(None),)


@pytest.fixture(autouse=True)
def _producers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_admitted", admitted())


def evaluated(scene: Scene) -> Judgement:
    """What `evaluate` gives: under an environment that sets the parameters, or under the policy file alone."""
    artifact = None if scene.artifact is None else given_artifact(convert(scene.artifact, ArtifactSpec))
    envelopes = tuple(envelope for one in scene.evidence.values() for envelope in one.envelopes)
    tree = MemoryTree({"policies/p.yaml": scene.policy, "trust.yaml": TRUST, **_environment(scene)})
    request = Request(
        artifact=artifact,
        envelopes=envelopes,
        now=NOW,
        engines=ENGINES,
        environment=scene.environment,
        policy_files=() if scene.environment else (("policies/p.yaml", tree.files["policies/p.yaml"]),),
        trust=("trust.yaml", TRUST.encode()),
    )
    return evaluate(tree if scene.environment else None, request).report.judgement


def _environment(scene: Scene) -> dict[str, Any]:
    if scene.environment is None:
        return {}
    use = {"name": "p", "version": "^1", "parameters": scene.parameters}
    return {f"environments/{scene.environment}.yaml": environment(scene.environment, policies=[use], image=IMAGE)}


def run_case(scene: Scene, expect: dict[str, Any]) -> TestedCase:
    """What became of the case that expects this."""
    files: dict[str, Any] = {
        "policies/p.yaml": scene.policy,
        "policies/tests/p/c.yaml": case(**scene.case, expect=expect),
    }
    for one in scene.evidence.values():
        files |= {f"policies/tests/p/reports/{name}": data for name, data in one.files.items()}
    (policy,) = run_tests(MemoryTree(files), Folders(), ENGINES, Asked(coverage=False)).policies
    (found,) = policy.cases
    return found


def expectation(judgement: Judgement) -> dict[str, Any]:
    """All that a case can say of a judgement."""
    told = {
        one.rule: {"result": one.result, "message": one.message, **({} if one.path is None else {"path": one.path})}
        for one in judgement.results
    }
    return {"verdict": judgement.verdict, "results": told}


def otherwise(expect: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The expectation with one thing of it changed, and what then does not fit."""
    yield "verdict", {**expect, "verdict": "denied" if expect["verdict"] == "allowed" else "allowed"}
    for key, told in expect["results"].items():
        changes = {
            key: {**told, "result": "skipped" if told["result"] == "pass" else "pass"},
            f"{key}, message": {**told, "message": told["message"] + "!"},
            f"{key}, path": {**told, "path": f"{told.get('path')}.other"},
        }
        yield from ((what, {**expect, "results": {**expect["results"], key: one}}) for what, one in changes.items())


@settings(max_examples=150)
@given(scenes())
def test_a_case_of_what_evaluate_says_passes(scene: Scene) -> None:
    found = run_case(scene, expectation(evaluated(scene)))
    assert found.mismatches == ()


@settings(max_examples=15)
@given(scenes())
def test_a_case_of_anything_else_fails_there(scene: Scene) -> None:
    for what, expect in otherwise(expectation(evaluated(scene))):
        assert [one.what for one in run_case(scene, expect).mismatches] == [what]
