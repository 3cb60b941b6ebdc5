"""A record proves itself: every change to it is seen."""

import json
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.judgement import Counts, EngineUsed, JudgedArtifact, JudgedPolicy, Judgement, Result
from gatekeeper.records.canonical import canonical, parse_canonical
from gatekeeper.records.place import newest_first, record_path
from gatekeeper.records.statement import RecordError, context, decision_id, read_record, record_bytes, statement

DIGEST = "sha256:" + "ab" * 32
ENGINE = EngineUsed(name="cel-cpp", version="0.1.3")


def judgement(**changes: Any) -> Judgement:
    artifact = JudgedArtifact(name="churn", image="registry.example/churn-model", tag="1.4.2", digest=DIGEST)
    result = Result(
        policy="model-quality",
        rule="accuracy",
        enforcement="deny",
        severity="high",
        result="pass",
        message="accuracy 0.9 is at least 0.85",
        why="w",
        remedy="r",
        file="policies/model-quality.yaml",
        line=3,
        observed=1e18,
        limit=0.85,
        margin=0.05,
    )
    policy = JudgedPolicy(
        name="model-quality", version="2.1.0", digest=DIGEST, enforcement="deny", parameters={"min_accuracy": 0.85}
    )
    values: dict[str, Any] = {
        "verdict": "allowed",
        "environment": "staging",
        "judged_at": "2026-11-23T07:00:00Z",
        "artifact": artifact,
        "policies": (policy,),
        "evidence": (),
        "results": (result,),
        "counts": Counts(passed=1),
    }
    return Judgement(**(values | changes))


def test_a_record_reads_back_to_its_judgement() -> None:
    data = record_bytes(judgement(), context(ENGINE, "1.0", "c" * 40, ("metrics.json",)))
    record = read_record(data)
    assert record.judgement == judgement()
    assert record.decision == decision_id(judgement())
    assert record.context.commit == "c" * 40
    assert data.endswith(b"\n")
    assert data.count(b"\n") == 1


def test_it_is_an_in_toto_statement_about_the_image() -> None:
    made = statement(judgement(), context(ENGINE, "1.0"))
    assert made["_type"] == "https://in-toto.io/Statement/v1"
    assert made["subject"] == [{"name": "registry.example/churn-model", "digest": {"sha256": "ab" * 32}}]
    assert made["predicate"]["judgement"]["counts"]["pass"] == 1


def test_without_an_artifact_the_subject_is_the_judgement() -> None:
    bare = judgement(artifact=None)
    made = statement(bare, context(ENGINE, "1.0"))
    assert made["subject"] == [{"name": "judgement", "digest": {"sha256": decision_id(bare).removeprefix("sha256:")}}]
    assert read_record(record_bytes(bare, context(ENGINE, "1.0"))).judgement == bare


@pytest.mark.parametrize(
    "place",
    ["/home/me/metrics.json", "m=/tmp/x.json", "m=json:/tmp/x.json", "json:/tmp/x", "C:\\x.json", "https://u:p@h/x"],
)
def test_no_absolute_place_gets_into_the_record(place: str) -> None:
    assert context(ENGINE, "1.0", None, (place, "reports/a.json")).sources == (None, "reports/a.json")


DATA = record_bytes(judgement(), context(ENGINE, "1.0"))


@given(st.integers(0, len(DATA) - 1), st.integers(0, 255))
def test_no_byte_of_the_judgement_can_be_changed_unseen(at: int, byte: int) -> None:
    """Version and engine stand in the context, which the id does not cover: a signature does."""
    changed = DATA[:at] + bytes([byte]) + DATA[at + 1 :]
    try:
        read = read_record(changed)
    except RecordError:
        return
    assert (read.judgement, read.decision) == (judgement(), decision_id(judgement()))


def forged(change: Any) -> bytes:
    value = parse_canonical(DATA[:-1])
    change(value)
    return canonical(value) + b"\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: v["predicate"]["judgement"].update(verdict="denied"), "id is not that"),
        (lambda v: v["subject"][0]["digest"].update(sha256="00" * 32), "subject is not"),
        (lambda v: v["subject"].append(v["subject"][0]), "subject is not"),
        (lambda v: v["subject"].clear(), "subject is not"),
        (lambda v: v.update(predicateType="urn:other"), "not a decision record"),
        (lambda v: v.update(extra=1), "not a decision record"),
        (lambda v: v["predicate"]["judgement"].update(extra=1), "keys that version 1 does not know"),
        (lambda v: v["predicate"]["judgement"].update(verdict="maybe"), "not one of version 1"),
        (lambda v: v["predicate"]["judgement"]["results"][0].update(extra=1), "keys that version 1 does not know"),
        (lambda v: v["predicate"]["judgement"].pop("judged_at"), "not one of version 1"),
    ],
)
def test_forgeries_are_named(change: Any, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        read_record(forged(change))


@pytest.mark.parametrize("data", [b"", b"null\n", b"[]\n", b"{}\n", b"\xff\xfe", DATA[:-1], DATA[:-9], b" " + DATA])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(RecordError):
        read_record(data)


def test_the_id_of_a_judgement_stays_the_same_for_ever() -> None:
    """The id of one fixed judgement is a constant: whoever changes it changes every record ever written."""
    assert decision_id(judgement()) == "sha256:dfa177995fe822a679c75a55a5fafbf3dd2d8280abd1557019194446679501bf"


def test_a_record_written_before_a_field_was_added_still_reads() -> None:
    def older(value: Any) -> None:
        predicate = value["predicate"]
        del predicate["judgement"]["waivers"]
        predicate["decision"] = "sha256:" + sha256(canonical(predicate["judgement"])).hexdigest()

    assert read_record(forged(older)).judgement == judgement()


def test_records_are_found_newest_first() -> None:
    names = [
        record_path("p", "a", instant, "sha256:" + head * 64).rpartition("/")[2]
        for instant, head in [
            ("2026-11-23T07:00:00Z", "1"),
            ("2026-11-23T07:00:00.500000Z", "2"),
            ("2026-11-23T07:00:01Z", "0"),
            ("2025-12-31T23:59:59.9Z", "f"),
        ]
    ]
    assert [name.partition("-")[2][0] for name in newest_first([*names, "README.md", "x.json"])] == list("021f")


@pytest.mark.parametrize("instant", ["2026-11-23", "2026-11-23T07:00:00+01:00", "../../x", "2026-11-23T07:00:00z"])
def test_a_record_path_takes_only_instants_in_utc(instant: str) -> None:
    with pytest.raises(ValueError, match="instant"):
        record_path("p", "a", instant, DIGEST)


def test_the_judgement_holds_no_field_that_msgspec_drops() -> None:
    assert msgspec.convert(msgspec.to_builtins(judgement()), Judgement) == judgement()


def test_a_record_fits_its_schema() -> None:
    from jsonschema import Draft202012Validator

    from gatekeeper.records.schema import schema
    from tests.judging import judge_text, policy_text, report

    made = judge_text(policy_text("evidence.metrics.values.a > 0.5"), report({"a": 0.9})).report
    record = json.loads(record_bytes(made.judgement, context(made.engine, "0.0.0", None, made.sources)))
    Draft202012Validator(schema()).validate(record)
    del record["predicate"]["judgement"]["verdict"]
    assert not Draft202012Validator(schema()).is_valid(record)


@pytest.mark.parametrize("change", [{"verdict": "undecided"}, {"counts": Counts(passed=2)}, {"results": ()}])
def test_a_verdict_that_does_not_follow_from_its_results_is_refused(change: dict[str, Any]) -> None:
    whole = judgement(**change)
    with pytest.raises(RecordError, match="do not follow from its results"):
        read_record(record_bytes(whole, context(EngineUsed(name="cel-cpp", version="1"), "0.0.0")))
