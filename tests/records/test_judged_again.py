"""Judging by kept facts gives the judgement that the evidence gave; what was not kept never lets anything through."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from msgspec import ValidationError, convert, to_builtins
from msgspec.structs import replace

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.cases.artifact import given_artifact
from gatekeeper.evidence import registry
from gatekeeper.judge.cel import load_engine
from gatekeeper.judge.judge import judge
from gatekeeper.model.artifact import ArtifactSpec
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.facts import facts_type
from gatekeeper.model.judgement import Judgement
from gatekeeper.records.canonical import canonical
from gatekeeper.records.masking import Known
from gatekeeper.records.unseal import unseal
from tests.cases.given_both_ways import IMAGE, NOW, RING, TRUST, Scene, admitted, scenes
from tests.records.keeping import kept_again
from tests.records.shipped_cases import ready_cases
from tests.trees import MemoryTip, environment

ENGINES = (load_engine(None),)


@pytest.fixture(autouse=True)
def _producers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_admitted", admitted())


def judged(scene: Scene, envelopes: tuple[Envelope, ...]) -> Judgement:
    """By an environment that applies the scene's policy."""
    use = {"name": "p", "version": "^1", "parameters": scene.parameters}
    tree = MemoryTip(
        {
            "policies/p.yaml": scene.policy,
            "trust.yaml": TRUST,
            "environments/prod.yaml": environment("prod", policies=[use], image=IMAGE),
        }
    )
    artifact = None if scene.artifact is None else given_artifact(convert(scene.artifact, ArtifactSpec))
    request = Request(artifact=artifact, envelopes=envelopes, now=NOW, engines=ENGINES, environment="prod")
    return evaluate(tree, request).report.judgement


def bytes_of(judgement: Judgement) -> bytes:
    return canonical(to_builtins(judgement))


@settings(max_examples=75)
@given(scenes())
def test_kept_facts_are_judged_as_the_evidence_was(scene: Scene) -> None:
    sealed = tuple(one for given in scene.evidence.values() for one in given.envelopes)
    first = judged(scene, sealed)
    opened = tuple(unseal(one, RING, NOW) for one in sealed)
    again = kept_again(first, opened, RING, Known(minimum=1))
    if any(one.recorded and one.recorded.masked for one in again) or len(again) < len(opened):
        assert judged(scene, again).verdict in {first.verdict, "undecided"}
    else:
        assert bytes_of(judged(scene, again)) == bytes_of(first)


GOOD = {"pass", "skipped"}


@settings(max_examples=75)
@given(scenes())
def test_what_is_not_kept_lets_nothing_through(scene: Scene) -> None:
    sealed = tuple(one for given in scene.evidence.values() for one in given.envelopes)
    first = judged(scene, sealed)
    opened = tuple(unseal(one, RING, NOW) for one in sealed)
    again = judged(scene, kept_again(first, opened, RING, Known(minimum=30)))
    before = {one.rule: one.result for one in first.results}
    better = [one for one in again.results if one.result in GOOD and before.get(one.rule) not in GOOD]
    assert not better or len(sealed) > len(scene.evidence)
    assert again.verdict != "allowed" or first.verdict == "allowed"


def test_the_shipped_policies_judge_kept_facts_alike() -> None:
    cases = [case for case in ready_cases() if all(map(_is_whole, case.judged.envelopes))]
    assert len({case.spec.policy for case in cases}) == 8
    for case in cases:
        first = judge((case.policy,), case.engines, case.judged)
        # A case has no trust file: who signed is as it says.
        signed = {one.digest: one.signed_by for one in case.judged.envelopes}
        kept = kept_again(first, case.judged.envelopes)
        again = tuple(replace(one, signed_by=signed[one.digest]) for one in kept)
        second = judge((case.policy,), case.engines, replace(case.judged, envelopes=again))
        if any(one.recorded and one.recorded.masked for one in again):
            assert _outcomes(second) == _outcomes(first)
        else:
            assert bytes_of(second) == bytes_of(first)


def _is_whole(envelope: Envelope) -> bool:
    """Whether a report can hold such facts: a case may leave out what its policy does not read."""
    try:
        convert(envelope.facts, facts_type(str(envelope.kind)))
    except ValidationError:
        return envelope.status != "evaluated"
    return True


def _outcomes(judgement: Judgement) -> dict[str, str]:
    return {one.rule: one.result for one in judgement.results}
