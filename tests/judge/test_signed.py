"""`signed_by` in a judgement: who is missing, in which file, and that nothing unsigned slips through."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.errors import InvalidFileError
from gatekeeper.evidence.reading import envelope
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.judgement import Judgement, Result
from gatekeeper.records.binding import Subject, Wish, bind
from tests.judging import policy_text
from tests.signing import DIGEST, key, sealed, signer, statement, trust_text

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TRIVY = {
    "SchemaVersion": 2,
    "ArtifactName": "x",
    "ArtifactType": "container_image",
    "CreatedAt": "2026-11-23T06:00:00Z",
    "Results": [{"Target": "debian", "Class": "os-pkgs", "Type": "debian"}],
}
TRUST = trust_text(
    {
        "ci": [key("ci-1"), key("ci-2")],
        "release": [key("release-1", "ecdsa-p256")],
        "old": [key("old-1", until="2026-01-01")],
    },
    [
        {"role": "evidence:trivy", "members": ["ci"]},
        {"role": "evidence:grype", "members": ["release"]},
        {"role": "approve", "members": ["release"], "environments": ["production"]},
    ],
)


GONE = Envelope(
    name="image",
    kind=None,
    producer=None,
    source="scan.json",
    digest=None,
    status="not_evaluated",
    reason="there is no such file",
)


def judged(
    signed_by: list[str], *evidence: Envelope, trust: str | None = TRUST, artifact: Artifact | None = None, **more: Any
) -> Judgement:
    requirement = {"kind": "scan", "signed_by": signed_by, **more}
    policy = policy_text([{"id": "it", "scan": {"max": {"total": 0}}}], evidence={"image": requirement})
    request = Request(
        artifact=artifact,
        envelopes=evidence,
        now=NOW,
        engines=(load_engine(None),),
        policy_files=(("policy.yaml", policy.encode()),),
        trust=None if trust is None else ("trust.yaml", trust.encode()),
    )
    return evaluate(None, request).report.judgement


def told(judgement: Judgement) -> tuple[str, str]:
    """The verdict, and the message of the evidence's own result; of the rule where it has none."""
    results: dict[str, Result] = {one.rule: one for one in judgement.results}
    one = results.get("evidence/image", results["it"])
    return judgement.verdict, f"{one.result}: {one.message}"


def signed(*names: str, document: Any = TRIVY, source: str = "scan.json") -> Envelope:
    keys = [signer(name, "ecdsa-p256" if name == "release-1" else "ed25519") for name in names]
    return envelope(sealed(statement(document), *keys), source=source)


@pytest.mark.parametrize(
    ("signed_by", "keys"),
    [
        (["ci"], ["ci-1"]),
        (["ci-1"], ["ci-1"]),
        (["evidence:trivy"], ["ci-2"]),
        (["ci", "release"], ["ci-1", "release-1"]),
        (["ci", "ci-1"], ["ci-1", "ci-2"]),
        (["evidence:trivy", "ci-1"], ["ci-1", "ci-2"]),
        (["ci"], ["ci-1", "release-1", "stranger"]),
        ([], ["ci-1"]),
        ([], ["stranger"]),
    ],
)
def test_enough_signatures_are_enough(signed_by: list[str], keys: list[str]) -> None:
    assert told(judged(signed_by, signed(*keys)))[0] == "allowed"


@pytest.mark.parametrize(
    ("signed_by", "keys", "message"),
    [
        (["ci"], ["stranger"], "signed by no key of trust.yaml; signed by ci is asked for"),
        (["ci"], ["release-1"], "signed by release-1; a key more is asked for, of ci"),
        (["old"], ["old-1"], "signed by the key old-1, which was valid until 2026-01-01T00:00:00Z only; signed by old"),
        (["ci", "release"], ["ci-1"], "signed by ci-1; a key more is asked for, of release"),
        (["ci", "old"], ["ci-1", "old-1"], "of old (signed by the key old-1, which was valid until"),
        (["ci", "ci-1"], ["ci-1"], "signed by ci-1; a key more is asked for, of ci"),
        (["ci", "evidence:trivy"], ["ci-1"], "signed by ci-1; a key more is asked for, of evidence:trivy"),
        (["evidence:grype"], ["release-1"], "signed by release-1; a key more is asked for, of evidence:grype"),
        (["approve"], ["release-1"], "signed by release-1; a key more is asked for, of approve"),
    ],
)
def test_too_few_signatures_are_an_error_that_says_whose(signed_by: list[str], keys: list[str], message: str) -> None:
    verdict, words = told(judged(signed_by, signed(*keys)))
    assert verdict == "undecided"
    assert words.startswith("error: ")
    assert message in words


def test_unsigned_evidence_is_an_error_where_a_signature_is_asked_for() -> None:
    plain = envelope(json.dumps(TRIVY).encode(), source="scan.json")
    unsealed = envelope(json.dumps(statement(TRIVY)).encode(), source="scan.json")
    for given in (plain, unsealed):
        assert told(judged(["ci"], given)) == ("undecided", "error: unsigned; signed by ci is asked for")
        assert told(judged([], given))[0] == "allowed"


def test_an_evidence_cannot_sign_itself_by_its_envelope() -> None:
    """`signed_by` in the bytes of a report, or in a Statement around them, is data like any other."""
    claims = {**TRIVY, "signed_by": ["ci-1"], "signatures": [{"keyid": "ci-1", "sig": "YQ=="}]}
    for document in (claims, {**statement(TRIVY), "signed_by": ["ci-1"]}):
        given = envelope(json.dumps(document).encode(), source="scan.json")
        assert told(judged(["ci"], given))[0] == "undecided"


def test_without_a_trust_file_no_signature_counts() -> None:
    words = "error: signed by ci is asked for, and no trust.yaml says whose keys count"
    assert told(judged(["ci"], signed("ci-1"), trust=None)) == ("undecided", words)
    assert told(judged([], signed("ci-1"), trust=None))[0] == "allowed"


def test_every_file_must_be_signed() -> None:
    plain = envelope(json.dumps(statement({**TRIVY, "ArtifactName": "y"})).encode(), source="other.json")
    assert told(judged(["ci"], signed("ci-1"), plain)) == ("undecided", "error: unsigned; signed by ci is asked for")
    other = signed("ci-2", document={**TRIVY, "ArtifactName": "y"}, source="other.json")
    assert told(judged(["ci"], signed("ci-1"), other))[0] == "allowed"
    third = signed("release-1", document={**TRIVY, "ArtifactName": "y"}, source="other.json")
    assert told(judged(["ci"], signed("ci-1"), third))[0] == "undecided"


def test_one_report_under_two_signatures_is_one_report() -> None:
    """Else it could stand for a shard that was lost."""
    once, twice = signed("ci-1"), signed("ci-1", "ci-2", source="again.json")
    plain = envelope(json.dumps(statement(TRIVY)).encode(), source="plain.json")
    for other in (twice, plain):
        verdict, words = told(judged([], once, other, expect=2))
        assert verdict == "undecided"
        assert "the same bytes twice" in words


def test_a_report_that_was_bound_twice_is_one_report() -> None:
    raw = json.dumps(TRIVY).encode()
    about = Subject(name="x", algorithm="sha256", value=DIGEST.removeprefix("sha256:"))
    parts = [
        envelope(
            bind(raw, "x", Wish(subjects=(about,), now=NOW - timedelta(hours=hours)), [signer("ci-1")]), source=name
        )
        for hours, name in ((1, "once.json"), (2, "again.json"))
    ]
    plain = envelope(raw, source="plain.json")
    for other in (parts[1], plain):
        verdict, words = told(judged([], parts[0], other, expect=2))
        assert verdict == "undecided"
        assert "the same bytes twice" in words


def test_what_was_not_evaluated_is_an_error_too_unless_it_is_signed() -> None:
    """Else whoever may waive what is missing could let an unsigned report through."""
    empty = {**TRIVY, "Results": None}
    unsigned = envelope(json.dumps(empty).encode(), source="scan.json")
    assert told(judged(["ci"], unsigned))[1].startswith("error: unsigned")
    assert told(judged(["ci"], signed("ci-1", document=empty)))[1].startswith("missing: ")


def test_absent_evidence_stays_missing_or_optional() -> None:
    assert told(judged(["ci"]))[1].startswith("missing: no scan evidence")
    assert judged(["ci"], optional=True).results[0].result == "missing"


@pytest.mark.parametrize("trust", [TRUST, None])
def test_a_file_that_is_not_there_is_told_as_that_and_not_as_unsigned(trust: str | None) -> None:
    assert told(judged(["ci"], GONE, trust=trust)) == ("undecided", "missing: there is no such file")


def test_a_file_that_is_not_there_hides_no_unsigned_one() -> None:
    unsigned = envelope(json.dumps(TRIVY).encode(), source="a.json", name="image")
    verdict, message = told(judged(["ci"], unsigned, GONE))
    assert (verdict, message.partition(";")[0]) == ("undecided", "error: unsigned")


def test_what_to_do_depends_on_whether_there_is_a_trust_file() -> None:
    unsigned = envelope(json.dumps(TRIVY).encode(), source="a.json", name="image")
    with_it, without = (judged(["ci"], unsigned, trust=trust).results[0].remedy for trust in (TRUST, None))
    assert "--sign-key" in with_it
    assert "Write trust.yaml" in without


def test_signed_evidence_about_another_artifact_is_no_evidence_of_this_one() -> None:
    this = Artifact(name=None, image="x", digest=DIGEST)
    other = Artifact(name=None, image="x", digest="sha256:" + "b" * 64)
    assert told(judged(["ci"], signed("ci-1"), artifact=this, about="artifact"))[0] == "allowed"
    verdict, words = told(judged(["ci"], signed("ci-1"), artifact=other, about="artifact"))
    assert verdict == "undecided"
    assert DIGEST in words
    assert "b" * 64 in words


def test_the_judgement_names_the_signers_and_the_trust_file_that_it_follows_from() -> None:
    whole = judged(["ci"], signed("ci-1", "release-1", "stranger", "old-1"))
    assert whole.evidence[0].signed_by == ("ci-1", "release-1")
    assert isinstance(whole.trust, str)
    assert whole.trust.startswith("sha256:")
    plain = envelope(json.dumps(TRIVY).encode(), source="scan.json")
    assert judged(["ci"], plain).trust == whole.trust
    assert judged([], signed("ci-1")).trust == whole.trust
    assert not isinstance(judged([], plain).trust, str), "nothing follows from it"
    assert not isinstance(judged(["ci"], plain, trust=None).trust, str)


def test_a_signer_that_the_trust_file_does_not_know_is_found_before_anything_is_judged() -> None:
    with pytest.raises(InvalidFileError, match="Did you mean 'release'"):
        judged(["relaese"])
    with pytest.raises(InvalidFileError, match="evidence:snyk"):
        judged(["evidence:snyk"], signed("ci-1"))


def test_a_name_that_stands_twice_is_refused() -> None:
    """It would ask for one signature, and read as if it asked for two."""
    with pytest.raises(InvalidFileError, match="`ci` stands twice"):
        judged(["ci", "ci"], signed("ci-1"))


def test_a_broken_trust_file_stops_everything() -> None:
    with pytest.raises(InvalidFileError):
        judged([], trust="kind: Trust")
