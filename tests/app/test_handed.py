"""What stands in staging is judged anew for production, days later, by its recorded facts and what is given now."""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from gatekeeper.app.evaluate import evaluate
from gatekeeper.app.keeping import kept_of
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.judgement import Judgement
from gatekeeper.model.promoted import Override, RolledBack
from gatekeeper.records.facts import facts_path
from gatekeeper.records.statement import read_record
from tests.app.staging import (
    ARTIFACT,
    DIGEST,
    ENGINES,
    LATER,
    STAGED,
    MemoryRepository,
    handed_over,
    judged_later,
    look_at,
    project,
    request,
    staged,
    with_record,
)
from tests.judging import policy_text, report
from tests.policies import reports
from tests.signing import key, sealed, signer, statement, trust_text

METRICS = {"accuracy": 0.9}
METRIC = {"id": "accuracy", "metric": {"name": "accuracy", "min": 0.85}}
UNIT = {"kind": "tests"}
JUNIT = '<testsuite name="s"><testcase classname="t" name="a"/><testcase classname="t" name="b"/></testsuite>'
POLICY = policy_text(
    [METRIC, {"id": "unit", "tests": {"min_tests": 2, "in": "unit"}}],
    evidence={"metrics": {"kind": "metrics"}, "unit": UNIT},
)


def named_q(text: str) -> str:
    document = json.loads(text)
    document["metadata"]["name"] = "q"
    return json.dumps(document)


def evidence() -> tuple[Envelope, ...]:
    return report(METRICS, "metrics", source="reports/metrics.json"), report(JUNIT, source="reports/junit.xml")


@pytest.fixture
def repository() -> MemoryRepository:
    return staged(project(POLICY), *evidence())


def outcomes(judgement: Judgement) -> dict[str, str]:
    return {one.rule: one.result for one in judgement.results}


def test_production_judges_the_recorded_facts_anew(repository: MemoryRepository) -> None:
    judged = judged_later(repository)
    judgement = judged.report.judgement
    assert judgement.verdict == "allowed"
    assert outcomes(judgement) == {"accuracy": "pass", "unit": "pass"}
    assert judgement.environment == "production"
    assert judgement.judged_at == "2026-11-23T12:00:00Z"
    assert judged.report.sources == (
        "recorded in staging: reports/metrics.json",
        "recorded in staging: reports/junit.xml",
    )
    assert judged.handed == judged_later(repository).handed


def test_the_artifact_is_the_recorded_one_in_the_registry_of_the_target(repository: MemoryRepository) -> None:
    found = handed_over(repository).artifact
    assert (found.image, found.tag, found.digest) == ("mirror.example/prod/x", "1.4.2", DIGEST)
    assert (found.model, found.commit, found.run) == (ARTIFACT.model, ARTIFACT.commit, ARTIFACT.run)
    assert found.datasets == ARTIFACT.datasets


def test_production_may_be_stricter(repository: MemoryRepository) -> None:
    stricter = policy_text([{**METRIC, "metric": {"name": "accuracy", "min": 0.95}}])
    tree = replace_files(repository, project(POLICY, named_q(stricter)))
    assert judged_later(tree).report.judgement.verdict == "denied"


def test_evidence_that_production_does_not_ask_for_is_left_aside(repository: MemoryRepository) -> None:
    only_tests = policy_text([{"id": "unit", "tests": {"min_tests": 2}}], evidence={"suite": UNIT})
    judged = judged_later(replace_files(repository, project(POLICY, named_q(only_tests))))
    assert outcomes(judged.report.judgement) == {"unit": "pass"}
    assert judged.report.unused == ()


def replace_files(repository: MemoryRepository, files: dict[str, Any]) -> MemoryRepository:
    return MemoryRepository({**repository.files, **files}, repository.evidence)


def test_what_is_given_now_is_added(repository: MemoryRepository) -> None:
    more = policy_text(
        [METRIC, {"id": "load", "latency": {"max_error_rate": 0.01}}],
        evidence={"metrics": {"kind": "metrics"}, "load": {"kind": "load"}},
    )
    tree = replace_files(repository, project(POLICY, named_q(more)))
    assert outcomes(judged_later(tree).report.judgement)["load"] == "missing"
    given = envelope(reports.locust(), source="locust.json")
    assert outcomes(judged_later(tree, given).report.judgement)["load"] == "pass"


def test_a_name_that_is_given_now_replaces_the_recorded_one(repository: MemoryRepository) -> None:
    worse = report({"accuracy": 0.1}, "metrics")
    judgement = judged_later(repository, worse).report.judgement
    assert judgement.verdict == "denied"
    assert outcomes(judgement) == {"accuracy": "fail", "unit": "pass"}
    assert outcomes(judged_later(repository, report(JUNIT, "unit")).report.judgement)["unit"] == "pass"


@pytest.mark.parametrize("name", [None, "metrics"])
def test_the_same_bytes_are_not_counted_twice(repository: MemoryRepository, name: str | None) -> None:
    assert len(handed_over(repository, report(METRICS, name)).envelopes) == 2
    assert judged_later(repository, report(METRICS, name)).report.judgement.verdict == "allowed"


def test_another_unnamed_report_for_a_single_slot_is_an_error(repository: MemoryRepository) -> None:
    judgement = judged_later(repository, report({"accuracy": 0.99})).report.judgement
    assert outcomes(judgement)["evidence/metrics"] == "error"


def test_facts_grow_old() -> None:
    policy = policy_text([METRIC], evidence={"metrics": {"kind": "metrics", "max_age": "3d"}})
    made = replace(report(METRICS, "metrics"), produced_at="2026-11-20T11:00:00Z")
    repository = staged(project(policy), made)
    assert judged_later(repository).report.judgement.verdict == "undecided"
    young = judged_later(repository, now=STAGED + timedelta(days=1)).report.judgement
    assert young.verdict == "allowed"


def test_facts_must_be_about_the_artifact() -> None:
    policy = policy_text([METRIC], evidence={"metrics": {"kind": "metrics", "about": "model"}})
    model = ARTIFACT.model
    assert model is not None
    bound = replace(report(METRICS, "metrics"), subjects=(str(model.digest),))
    assert judged_later(staged(project(policy), bound)).report.judgement.verdict == "allowed"
    loose = policy_text([METRIC])
    other = replace(bound, subjects=("sha256:" + "9" * 64,))
    repository = staged(project(loose, named_q(policy)), other)
    assert outcomes(judged_later(repository).report.judgement)["evidence/metrics"] == "error"


SCAN = [{"id": "clean", "scan": {"max": {"total": 0}}}]
SIGNED = policy_text(SCAN, evidence={"image": {"kind": "scan", "signed_by": ["ci"]}})


def signed(*names: str) -> Envelope:
    document = statement(json.loads(reports.trivy()), subjects=[reports.DIGEST])
    return envelope(sealed(document, *(signer(name) for name in names)), source="scan.json", name="image")


def trusted(**times: str) -> str:
    return trust_text({"ci": [key("ci-1", **times)]})


def trusting(repository: MemoryRepository, trust: str | None) -> MemoryRepository:
    files = {path: content for path, content in repository.files.items() if path != "trust.yaml"}
    return MemoryRepository(files if trust is None else {**files, "trust.yaml": trust}, repository.evidence)


@pytest.fixture
def signed_repository() -> MemoryRepository:
    return staged(project(SIGNED, **{"trust.yaml": trusted()}), signed("ci-1"))


def test_a_signature_counts_while_its_key_does(signed_repository: MemoryRepository) -> None:
    judgement = judged_later(signed_repository).report.judgement
    assert judgement.verdict == "allowed"
    assert judgement.evidence[0].signed_by == ("ci-1",)


def test_a_key_that_was_renamed_is_the_same_key(signed_repository: MemoryRepository) -> None:
    renamed = trust_text({"ci": [{**key("ci-1"), "name": "ci-2"}]})
    judgement = judged_later(trusting(signed_repository, renamed)).report.judgement
    assert judgement.evidence[0].signed_by == ("ci-2",)


@pytest.mark.parametrize(
    ("trust", "said"),
    [
        (trusted(revoked="2026-11-22"), "revoked"),
        (trusted(until="2026-11-22"), "valid until"),
        (trusted(**{"from": "2026-11-25"}), "not valid before"),
        (trust_text({"ci": [{**key("other"), "name": "ci-1"}]}), "by no key of trust.yaml"),
        (None, "no trust.yaml"),
    ],
    ids=["revoked", "ended", "not begun", "another key of that name", "no trust"],
)
def test_a_key_that_does_not_count_now_has_not_signed(
    signed_repository: MemoryRepository, trust: str | None, said: str
) -> None:
    judgement = judged_later(trusting(signed_repository, trust)).report.judgement
    assert judgement.verdict == "undecided"
    found = {one.rule: one for one in judgement.results}["evidence/image"]
    assert found.result == "error"
    assert said in found.message


def test_a_forged_name_in_the_facts_does_not_sign() -> None:
    """The record's digests cover the fingerprints; a name alone is nothing."""
    loose = policy_text(SCAN, evidence={"image": {"kind": "scan"}})
    scan = replace(envelope(reports.trivy(), source="scan.json", name="image"), signed_by=("ci-1",))
    unsigned = staged(project(loose, named_q(SIGNED)), scan)
    unsigned = trusting(unsigned, trusted())
    judgement = judged_later(unsigned).report.judgement
    assert outcomes(judgement)["evidence/image"] == "error"


def path_of(repository: MemoryRepository, name: str = "metrics") -> str:
    for path, packed in repository.evidence.items():
        if json.loads(zlib.decompress(packed, 31))["name"] == name:
            return path
    raise AssertionError(name)


def damaged(repository: MemoryRepository, packed: bytes | None, name: str = "metrics") -> MemoryRepository:
    evidence = dict(repository.evidence)
    path = path_of(repository, name)
    if packed is None:
        del evidence[path]
    else:
        evidence[path] = packed
    return MemoryRepository(repository.files, evidence)


def packed(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def tampered(repository: MemoryRepository) -> bytes:
    return packed(zlib.decompress(repository.evidence[path_of(repository)], 31).replace(b"0.9", b"0.99"))


@pytest.mark.parametrize("how", ["gone", "garbage", "cut", "longer", "tampered", "bomb", "another's"])
def test_facts_that_are_gone_or_damaged_are_evidence_in_error(repository: MemoryRepository, how: str) -> None:
    whole = repository.evidence[path_of(repository)]
    others = {
        "gone": None,
        "garbage": b"not gzip",
        "cut": whole[:-9],
        "longer": whole + whole,
        "tampered": tampered(repository),
        "bomb": packed(b"0" * (80 * 1024 * 1024)),
        "another's": next(data for data in repository.evidence.values() if data != whole),
    }
    judgement = judged_later(damaged(repository, others[how])).report.judgement
    assert judgement.verdict == "undecided"
    found = {one.rule: one for one in judgement.results}["evidence/metrics"]
    assert found.result == "error"
    assert "recorded facts" in found.message
    assert "give it again by its name, --evidence metrics=FILE" in found.message
    assert outcomes(judgement)["unit"] == "pass"


def test_an_absent_branch_is_no_clean_bill(repository: MemoryRepository) -> None:
    judgement = judged_later(MemoryRepository(repository.files, {})).report.judgement
    assert judgement.verdict == "undecided"
    assert outcomes(judgement)["evidence/unit"] == "error"
    assert outcomes(judgement)["evidence/metrics"] == "error"


def test_damage_is_seen_even_by_what_need_not_be_there(repository: MemoryRepository) -> None:
    """Optional evidence that was given and is lost is an error, not absent."""
    optional = policy_text(
        [{"id": "it", "require": "true", "when": "environment.name == 'production'"}],
        evidence={"numbers": {"kind": "metrics", "optional": True}},
    )
    tree = replace_files(damaged(repository, None), project(POLICY, named_q(optional)))
    assert outcomes(judged_later(tree).report.judgement)["evidence/numbers"] == "error"


def test_lost_facts_can_be_given_again(repository: MemoryRepository) -> None:
    lost = damaged(repository, None)
    assert judged_later(lost, report(METRICS, "metrics")).report.judgement.verdict == "allowed"


def test_a_record_without_facts_hands_over_nothing_but_errors(repository: MemoryRepository) -> None:
    from gatekeeper.records.statement import context, record_bytes

    (path,) = (path for path in repository.files if path.startswith("decisions/"))
    record = read_record(repository.files[path])
    older = context(record.context.engine, "0.9", record.context.commit, record.context.sources)
    files = {**repository.files, path: record_bytes(record.judgement, older)}
    found = handed_over(MemoryRepository(files, repository.evidence))
    assert [one.status for one in found.envelopes] == ["error", "error"]
    assert all("not kept" in str(one.reason) for one in found.envelopes)


def test_without_a_decision_there_is_nothing_to_hand_over(repository: MemoryRepository) -> None:
    empty = MemoryRepository(project(POLICY), repository.evidence)
    with pytest.raises(InvalidRequestError, match="no decision about x in staging"):
        handed_over(empty)


def test_an_override_is_not_handed_over() -> None:
    override = Override(by="dora", reason="r", ticket="T-1", over=("accuracy",))
    bad = staged(project(POLICY), report({"accuracy": 0.1}, "metrics"), override=override)
    with pytest.raises(InvalidRequestError, match="by an override"):
        handed_over(bad)
    waited = staged(project(POLICY), *evidence(), override=override)
    with pytest.raises(InvalidRequestError, match="by an override"):
        handed_over(waited)


def later_staging(
    repository: MemoryRepository, at: datetime, *envelopes: Envelope, **promoted: Any
) -> MemoryRepository:
    newer = replace(ARTIFACT, tag="1.4.3", digest="sha256:" + "e" * 64)
    judged = evaluate(repository.tip(), request("staging", at, *envelopes, artifact=newer))
    return with_record(repository.files, judged, repository.evidence, **promoted)


def test_only_what_stands_there_now_is_handed_over(repository: MemoryRepository) -> None:
    newer = later_staging(repository, STAGED + timedelta(hours=1), *evidence())
    assert handed_over(newer).artifact.tag == "1.4.3"


def test_a_rollback_hands_over_what_it_went_back_to(repository: MemoryRepository) -> None:
    newer = later_staging(repository, STAGED + timedelta(hours=1), *evidence())
    judged = evaluate(repository.tip(), request("staging", STAGED, *evidence(), artifact=ARTIFACT))
    back = with_record(
        newer.files, judged, newer.evidence, at="2026-11-20T15:00:00Z", rollback=RolledBack(reason="errors")
    )
    found = handed_over(back)
    assert found.artifact.tag == "1.4.2"
    assert found.decision == judged.report.decision


def test_a_newest_record_that_is_broken_hands_over_nothing_older(repository: MemoryRepository) -> None:
    files = {**repository.files, "decisions/staging/x/20261121T000000Z-" + "0" * 16 + ".json": b"{}\n"}
    with pytest.raises(CannotActError, match="not a whole one"):
        handed_over(MemoryRepository(files, repository.evidence))


def test_a_reference_must_be_the_one_that_stands_there(repository: MemoryRepository) -> None:
    image = "mirror.example/prod/x"
    assert handed_over(repository, artifact=replace(ARTIFACT, image=image)).artifact.digest == DIGEST
    with pytest.raises(InvalidRequestError, match="not the artifact given"):
        handed_over(repository, artifact=replace(ARTIFACT, image=image, digest="sha256:" + "e" * 64))


def test_a_name_chooses_the_row(repository: MemoryRepository) -> None:
    assert handed_over(repository, named="x").artifact.name == "x"
    with pytest.raises(InvalidRequestError, match="has no artifact 'xx'"):
        handed_over(repository, named="xx")


@pytest.mark.parametrize("origin", ["production", "nowhere"])
def test_another_environment_is_needed(repository: MemoryRepository, origin: str) -> None:
    with pytest.raises(InvalidRequestError, match=origin):
        handed_over(repository, origin=origin)


def test_what_production_kept_hands_over_once_more(repository: MemoryRepository) -> None:
    judged = judged_later(repository)
    again = with_record(repository.files, judged, repository.evidence)
    from gatekeeper.app.handed import handed

    found = handed(again.tip(), again, "production", "x", "third.example/x")  # type: ignore[arg-type]
    assert [one.source for one in found.envelopes] == [
        "recorded in production: reports/metrics.json",
        "recorded in production: reports/junit.xml",
    ]
    assert all(one.status == "evaluated" for one in found.envelopes)
    assert kept_of(judged).files.keys() <= again.evidence.keys()


def test_the_attempt_reads_its_own_tip(repository: MemoryRepository) -> None:
    """A look is one moment: what staging holds later is the next attempt's."""
    look = look_at(repository)
    repository.files.clear()
    from gatekeeper.app.handed import hand_over

    found, _ = hand_over(look, request("production", LATER), "staging")
    assert found.artifact is not None


def test_facts_are_where_their_digest_says(repository: MemoryRepository) -> None:
    (path,) = (path for path in repository.files if path.startswith("decisions/"))
    facts = read_record(repository.files[path]).context.facts
    assert {facts_path(str(digest)) for digest in facts or ()} == repository.evidence.keys()
    assert ENGINES
