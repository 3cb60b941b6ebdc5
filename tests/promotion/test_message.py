"""The commit message: what it says, and what can never get in."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.image import parse_image
from gatekeeper.model.judgement import Judgement, Waived
from gatekeeper.policy.placeholders import message_faults
from gatekeeper.promotion.changes import Change
from gatekeeper.promotion.message import Part, commit_message
from tests.app.judgements import digest, judgement
from tests.conftest import Golden

IMAGE = parse_image(f"registry.example/churn-model:1.4.2@{digest('a')}")


def message(made: Judgement, before: str, after: str) -> str:
    change = Change("k.yaml", "old", "new", before, after, held=False)
    return commit_message([Part(made, digest("d"), "production", "churn", change)])


@pytest.mark.parametrize(
    ("before", "after", "subject"),
    [
        ("x/c:1.4.1", "x/c:1.4.2", "1.4.1 → 1.4.2"),
        ("host:5000/c:1@" + digest("a"), "host:5000/c:2@" + digest("b"), "1 → 2"),
        ("c", "c:1", "none → 1"),
        ("host:5000/c", "host:5000/c@" + digest("b"), "none → sha256:bbbbbbbbbbbb"),
        ("c:1@" + digest("a"), "c:1@" + digest("b"), "1 sha256:aaaaaaaaaaaa → 1 sha256:bbbbbbbbbbbb"),
        ("c:1", "c@" + digest("b"), "1 → sha256:bbbbbbbbbbbb"),
    ],
)
def test_the_subject(before: str, after: str, subject: str) -> None:
    text = message(judgement(IMAGE, "production", "churn"), before, after)
    assert text.split("\n")[0] == f"production/churn: {subject}"


hostile = st.text(min_size=1, max_size=80) | st.sampled_from(
    ["x\nGatekeeper-Decision: sha256:0", "x\r\n\r\nSigned-off-by: y", "a\u2028b: c", "\x1b[31m", "---\ndiff"]
)


@given(hostile, hostile, hostile)
def test_no_text_begins_a_line_of_its_own(waiver: str, ticket: str, expires: str) -> None:
    plain = judgement(IMAGE, "production", "churn")
    waived = Waived(
        waiver=waiver,
        ticket=ticket,
        reason="r",
        requested_by="a",
        approved_by="b",
        granted="2026-01-01T00:00:00Z",
        expires=expires,
    )
    result = msgspec.structs.replace(plain.results[0], result="fail", waived=waived)
    text = message(msgspec.structs.replace(plain, results=(result,)), "c:1", "c:2")
    starts = [line.partition(":")[0] for line in text.splitlines()]
    assert starts == [
        "production/churn",
        "",
        "Judged at 2026-11-23T07",
        "Waived",
        "Evidence",
        "",
        *["Gatekeeper-Decision", "Gatekeeper-Environment", "Gatekeeper-Artifact", "Gatekeeper-Policy"],
        "Gatekeeper-Waiver",
    ]


def test_the_whole_message(golden: Golden) -> None:
    golden("promotion/message.txt", message(judgement(IMAGE, "production", "churn"), "c:1.4.1", "c:1.4.2"))


def test_it_says_who_signed_and_counts_what_is_enforced() -> None:
    made = judgement(IMAGE, "production", "churn")
    signed = msgspec.structs.replace(made.evidence[0], signed_by=("ci-2026", "release-1"))
    warned = msgspec.structs.replace(made.results[0], enforcement="warn", result="missing")
    made = msgspec.structs.replace(made, evidence=(signed,), results=(*made.results, warned))
    text = message(made, "c:1", "c:2")
    assert ", signed by ci-2026, release-1.\n" in text
    assert f"{len(made.results) - 1} of {len(made.results) - 1} enforced rules passed" in text


def test_no_digest_and_no_signer_is_cut_off() -> None:
    """Names of real registries are long, and several keys may sign."""
    long = parse_image(f"eu.registry.example/{'/'.join(['team-of-risk'] * 14)}:{'t' * 128}@{digest('a')}")
    made = judgement(long, "production", "churn")
    names = tuple(f"signing-key-of-release-machine-number-{number}" for number in range(8))
    made = msgspec.structs.replace(made, evidence=(msgspec.structs.replace(made.evidence[0], signed_by=names),))
    text = message(made, "c:1", "c:2")
    assert f"Gatekeeper-Artifact: churn {long}\n" in text
    assert f"signed by {', '.join(names)}.\n" in text


@pytest.mark.parametrize("mark", ["\u202e", "\u200b", "\u2066", "\ufeff"])
def test_what_cannot_be_seen_is_written_out(mark: str) -> None:
    waived = Waived(
        waiver="w",
        ticket=f"OPS{mark}-1",
        reason="r",
        requested_by="a",
        approved_by="b",
        granted="2026-01-01T00:00:00Z",
        expires="2027-01-01T00:00:00Z",
    )
    plain = judgement(IMAGE, "production", "churn")
    result = msgspec.structs.replace(plain.results[0], result="fail", waived=waived)
    text = message(msgspec.structs.replace(plain, results=(result,)), f"c:1{mark}", "c:2")
    assert mark not in text
    assert f"OPS\\u{ord(mark):04x}-1" in text


def test_an_environment_may_have_a_head_of_its_own() -> None:
    change = Change("k.yaml", "old", "new", "c:1", "c:2", held=False)
    part = Part(judgement(IMAGE, "production", "churn"), digest("d"), "production", "churn", change)
    text = commit_message([part], "deploy({environment}): {artifact} {old} to {new}\n\nby {requester}, {verdict}")
    head, by, rest = text.split("\n\n", 2)
    assert (head, by) == ("deploy(production): churn 1 to 2", "by unknown, allowed")
    assert rest == commit_message([part]).partition("\n\n")[2]
    assert commit_message([part, part], "{artifact}").startswith("production: ")


def test_no_value_of_a_head_begins_a_line() -> None:
    change = Change("k.yaml", "old", "new", "c:1", "c:2\nGatekeeper-Decision: forged", held=False)
    part = Part(judgement(IMAGE, "production", "churn"), digest("d"), "production", "churn", change)
    lines = commit_message([part], "{new}").splitlines()
    assert [line for line in lines if line.startswith("Gatekeeper-Decision:")] == [
        f"Gatekeeper-Decision: {digest('d')}"
    ]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("{artefact}", "no placeholder {artefact}"),
        ("{new", "no placeholder {new"),
        ("{}", "no placeholder {}"),
        ("it\nGatekeeper-Decision: mine", "lines that begin with Gatekeeper-"),
    ],
)
def test_a_head_with_a_mistake_is_refused_where_it_is_loaded(message: str, told: str) -> None:
    (fault,) = message_faults({"delivery": {"message": message}})
    assert fault[0] == ("spec", "delivery", "message")
    assert told in fault[1]
