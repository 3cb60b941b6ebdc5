"""A record says of its promotion who asked and what was overridden, and never contradicts itself."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from gatekeeper.model.judgement import Counts, JudgedEvidence, Judgement
from gatekeeper.model.promoted import ApprovedBy, Override, Promoted, Requester, RolledBack
from gatekeeper.records.canonical import canonical, parse_canonical
from gatekeeper.records.history import latest_promotion, promotions
from gatekeeper.records.place import record_path
from gatekeeper.records.statement import RecordError, context, decision_id, read_record, record_bytes, statement
from tests.records.test_statement import DIGEST, ENGINE, judgement
from tests.trees import MemoryTip

COMMIT = "c" * 40
JUDGED = "2026-11-23T07:00:00Z"
LATER = "2026-11-25T09:30:00Z"
OTHER = "sha256:" + "cd" * 32
OVERRIDE = Override(by="dora", reason="the shop is down", ticket="OPS-1", over=("model-quality/accuracy",))


def denied() -> Judgement:
    failed = msgspec.structs.replace(judgement().results[0], result="fail")
    return judgement(verdict="denied", results=(failed,), counts=Counts(fail=1))


def promoted(**changes: Any) -> Promoted:
    return Promoted(**({"at": JUDGED} | changes))


def written(promotion: Promoted, judged: Judgement | None = None, commit: str | None = COMMIT) -> bytes:
    return record_bytes(judged or judgement(), context(ENGINE, "1.0", commit), promotion)


FULL = promoted(
    at=LATER,
    requester=Requester(login="carol@ci", vouched="ci", name="carol"),
    approvals=(ApprovedBy(by="alice", level="signed", source=DIGEST),),
    override=OVERRIDE,
    rollback=RolledBack(reason="errors after 1.4.3", left=OTHER),
    handed=OTHER,
)


@pytest.mark.parametrize("promotion", [promoted(), FULL], ids=["least", "full"])
def test_a_promotion_reads_back(promotion: Promoted) -> None:
    record = read_record(written(promotion))
    assert record.promotion == promotion
    assert record.at == promotion.at
    assert record.decision == decision_id(judgement())


def test_the_promotion_is_no_part_of_the_decision() -> None:
    assert read_record(written(FULL)).decision == read_record(written(promoted())).decision


def test_a_record_without_one_is_written_as_it_always_was() -> None:
    beside = context(ENGINE, "1.0", COMMIT)
    predicate = statement(judgement(), beside)["predicate"]
    assert set(predicate) == {"context", "decision", "judgement"}
    assert set(predicate["context"]) == {"commit", "engine", "sources", "tool"}
    record = read_record(record_bytes(judgement(), beside))
    assert (record.promotion, record.at, record.context.facts) == (None, JUDGED, UNSET)


def test_what_was_denied_and_overridden_is_a_promotion() -> None:
    record = read_record(written(promoted(override=OVERRIDE), denied()))
    assert record.judgement.verdict == "denied"


CONTRADICTIONS: dict[str, tuple[Promoted, Judgement]] = {
    "nobody overrode it": (promoted(), denied()),
    "a promotion of what is denied": (promoted(at=LATER, rollback=RolledBack(reason="r")), denied()),
    "before it was judged": (promoted(at="2026-11-23T06:59:59.999999Z"), judgement()),
    "no instant in UTC": (promoted(at="2026-11-23"), judgement()),
    "no instant in": (promoted(at="2026-11-24T07:00:00+01:00"), judgement()),
    "a time that does not exist": (promoted(at="2026-11-31T07:00:00Z"), judgement()),
    "rollback at the very time": (promoted(rollback=RolledBack(reason="r")), judgement()),
    "a rollback for no reason": (promoted(at=LATER, rollback=RolledBack(reason=" ")), judgement()),
    "an override by nobody": (promoted(override=msgspec.structs.replace(OVERRIDE, by="")), denied()),
    "for no reason": (promoted(override=msgspec.structs.replace(OVERRIDE, reason="\n")), denied()),
    "on no ticket": (promoted(override=msgspec.structs.replace(OVERRIDE, ticket="")), denied()),
    "an override of nothing": (promoted(override=msgspec.structs.replace(OVERRIDE, over=())), denied()),
    "approved it too": (
        promoted(
            requester=Requester(login="al", vouched="forge", name="alice"),
            approvals=(ApprovedBy(by="alice", level="asserted", source=DIGEST),),
        ),
        judgement(),
    ),
    "asked for it approved it": (
        promoted(
            requester=Requester(login="al", vouched="forge"),
            approvals=(ApprovedBy(by="al", level="reviewed", source="https://git.example/1"),),
        ),
        judgement(),
    ),
    "whoever asked for it approved": (
        promoted(
            requester=Requester(login="bot", vouched="ci", name="bot", also=("alice",)),
            approvals=(ApprovedBy(by="alice", level="signed", source=DIGEST),),
        ),
        judgement(),
    ),
    "an approval by nobody": (promoted(approvals=(ApprovedBy(by=" ", level="asserted", source=DIGEST),)), judgement()),
    "or found nowhere": (promoted(approvals=(ApprovedBy(by="a", level="asserted", source=""),)), judgement()),
    "asked for by nobody": (promoted(requester=Requester(login="", vouched="git")), judgement()),
    "something that is no id": (promoted(handed="sha256:abc"), judgement()),
    "names another decision": (promoted(at=LATER, rollback=RolledBack(reason="r", left="1.4.3")), judgement()),
    "handed over from itself": (promoted(handed=decision_id(judgement())), judgement()),
    "to no environment": (promoted(), judgement(environment=None)),
    "of no artifact": (promoted(), judgement(artifact=None)),
    "a name and a digest": (
        promoted(),
        judgement(artifact=msgspec.structs.replace(judgement().artifact, digest=None)),
    ),
}


@pytest.mark.parametrize("said", CONTRADICTIONS)
def test_a_record_that_contradicts_itself_is_refused(said: str) -> None:
    promotion, judged = CONTRADICTIONS[said]
    with pytest.raises(RecordError, match=f"contradicts itself: .*{said}"):
        read_record(written(promotion, judged))


def test_endless_texts_are_refused() -> None:
    with pytest.raises(RecordError, match="contradicts itself"):
        read_record(written(promoted(override=msgspec.structs.replace(OVERRIDE, reason="x" * 4001)), denied()))


def test_a_promotion_is_judged_by_the_policies_of_a_commit() -> None:
    with pytest.raises(RecordError, match="policies of no commit"):
        read_record(written(promoted(), commit=None))


@pytest.mark.parametrize(
    "change",
    [
        lambda promotion: promotion.update(by="mallory"),
        lambda promotion: promotion.pop("at"),
        lambda promotion: promotion.update(override=None),
        lambda promotion: promotion["requester"].update(vouched="hearsay"),
        lambda promotion: promotion["requester"].update(email="x"),
    ],
)
def test_other_shapes_are_refused(change: Any) -> None:
    value = parse_canonical(written(FULL)[:-1])
    change(value["predicate"]["promotion"])
    with pytest.raises(RecordError, match="not a decision record"):
        read_record(canonical(value) + b"\n")


EVIDENCE = JudgedEvidence(
    name="metrics",
    kind="metrics",
    producer=None,
    digest=DIGEST,
    produced_at=None,
    status="evaluated",
    reason=None,
    subjects=(),
    bound="unbound",
)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ((), "of each evidence"),
        ((DIGEST, DIGEST), "of each evidence"),
        (("metrics",), "no digest"),
        (("",), "no digest"),
    ],
)
def test_kept_facts_are_named_for_each_evidence(facts: tuple[str | None, ...], said: str) -> None:
    data = record_bytes(judgement(evidence=(EVIDENCE,)), context(ENGINE, "1.0", COMMIT, (), facts))
    with pytest.raises(RecordError, match=said):
        read_record(data)


@pytest.mark.parametrize("facts", [(DIGEST,), (None,)])
def test_the_digests_of_kept_facts_read_back(facts: tuple[str | None, ...]) -> None:
    data = record_bytes(judgement(evidence=(EVIDENCE,)), context(ENGINE, "1.0", COMMIT, (), facts))
    assert read_record(data).context.facts == facts


def tree(*records: tuple[Promoted, Judgement]) -> MemoryTip:
    files = {}
    for promotion, judged in records:
        files[record_path("staging", "churn", promotion.at, decision_id(judged))] = written(promotion, judged)
    return MemoryTip(files)


def test_an_overridden_one_stands_there_and_was_not_allowed() -> None:
    tip = tree((promoted(override=OVERRIDE), denied()))
    found = latest_promotion(tip, "staging", "churn")
    assert found is not None
    assert found.judgement.verdict == "denied"


def test_a_rollback_repeats_a_decision_at_a_new_instant() -> None:
    back = promoted(at=LATER, rollback=RolledBack(reason="errors", left=OTHER))
    tip = tree((promoted(), judgement()), (back, judgement()))
    found = [record for record in promotions(tip, "staging", "churn") if record is not None]
    assert [record.at for record in found] == [LATER, JUDGED]
    assert found[0].decision == found[1].decision
    assert found[0].promotion == back


def test_a_promotion_lies_where_its_own_instant_says() -> None:
    """A record that is copied to a later instant to pass for the newest one is nobody's."""
    moved = record_path("staging", "churn", LATER, decision_id(judgement()))
    assert latest_promotion(MemoryTip({moved: written(promoted())}), "staging", "churn") is None


def test_what_stands_in_the_schema_is_what_is_read() -> None:
    from jsonschema import Draft202012Validator

    from gatekeeper.records.schema import schema

    validator = Draft202012Validator(schema())
    value = parse_canonical(written(FULL)[:-1])
    validator.validate(value)
    value["predicate"]["promotion"]["by"] = "mallory"
    assert not validator.is_valid(value)
