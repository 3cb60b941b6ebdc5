"""The shorthand `approval`, and where its evidence comes from."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.app.people import approval_evidence
from gatekeeper.errors import InvalidFileError
from gatekeeper.judge.cel import load_engine
from gatekeeper.judge.judge import Case, judge
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.evidence import Envelope, Producer
from gatekeeper.model.judgement import Result
from gatekeeper.model.promoted import Requester
from gatekeeper.policy.documents import load
from gatekeeper.promotion.approvals import Wanted
from gatekeeper.records.signed_file import sign_file
from tests.judging import policy_text
from tests.signing import key, signer
from tests.trees import MemoryTree, environment

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
TIMES = {"granted": "2026-11-25T09:00:00Z", "expires": "2026-12-02T09:00:00Z"}
FACTS = {"approvals": {"alice": {"level": "signed", **TIMES}, "bob": {"level": "asserted", **TIMES}}}


ENGINES = (load_engine("cel-cpp"), load_engine("cel-python"))


def judged(body: dict[str, Any], facts: Any = None) -> Result:
    """On both engines, each checking the other."""
    text = policy_text([{"id": "it", "approval": body}], evidence={"e": {"kind": "approval"}})
    document = load(text.encode(), "p.yaml", frozenset({"Policy"}))[0]
    ready = prepare([Application(document=document, enforcement="deny")], ENGINES)
    given = Envelope(
        name="e", kind="approval", producer=Producer(name="approvals"), source="x", digest=DIGEST, facts=facts or FACTS
    )
    case = Case(artifact=None, environment="staging", envelopes=(given,), now=NOW)
    (found,) = judge(ready, ENGINES, case).results
    return found


@pytest.mark.parametrize(
    ("body", "outcome", "message"),
    [
        ({"count": 1}, "pass", "approvals 2 is at least 1"),
        ({"count": 2}, "pass", "approvals 2 is at least 2"),
        ({"count": 3}, "fail", "approvals 2 is below 3"),
        ({"count": 1, "level": "signed"}, "pass", "approvals 1 is at least 1"),
        ({"count": 2, "level": "reviewed"}, "fail", "approvals 1 is below 2"),
        ({"count": 1, "from": ["bob"]}, "pass", "approvals 1 is at least 1"),
        ({"count": 1, "from": ["bob"], "level": "signed"}, "fail", "approvals 0 is below 1"),
        ({"count": 1, "from": ["carol", "dave"]}, "fail", "approvals 0 is below 1"),
        ({"count": "1 + 1"}, "pass", "approvals 2 is at least 2"),
    ],
)
def test_what_counts(body: dict[str, Any], outcome: str, message: str) -> None:
    found = judged(body)
    assert (found.result, found.message) == (outcome, message)
    assert (found.path, found.comparator) == ("approvals", ">=")


def test_nobody_is_none() -> None:
    assert judged({"count": 1}, {"approvals": {}}).result == "fail"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"count": 0}, "one at least"),
        ({"count": 1.5}, "a whole number"),
        ({"count": 2, "from": ["alice"]}, "`from` names 1"),
        ({"count": 1, "level": "sworn"}, "sworn"),
        ({"cuont": 1}, "cuont"),
    ],
)
def test_what_could_mean_nothing_is_refused(body: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidFileError, match=says):
        judged(body)


POLICY = policy_text(
    [{"id": "two", "approval": {"count": 2}}, {"id": "signed", "approval": {"count": 1, "level": "signed"}}],
    evidence={"people": {"kind": "approval", "about": "artifact", "max_age": "1h"}},
)
TRUST = {
    "apiVersion": "gatekeeper/v1",
    "kind": "Trust",
    "metadata": {"name": "t"},
    "spec": {
        "people": [{"name": "alice", "keys": [key("alice-1")]}, {"name": "bob", "logins": {"github": "bob-gh"}}],
        "roles": [{"role": "approve", "members": ["alice", "bob"]}],
    },
}


def approval(by: str, **spec: Any) -> bytes:
    usual = {"environment": "staging", "artifact": "x", "digest": DIGEST, "by": by, **TIMES}
    bound = {"policies": {"p": sha256_of(POLICY.encode())}, **usual, **spec}
    head = {"apiVersion": "gatekeeper/v1", "kind": "Approval", "metadata": {"name": by}}
    return json.dumps({**head, "spec": bound}).encode()


def outcomes(
    files: dict[str, Any],
    requester: Requester | None = None,
    given: tuple[Envelope, ...] = (),
    digest: str | None = DIGEST,
) -> dict[str, str]:
    tree = MemoryTree(
        {"policies/p.yaml": POLICY, "trust.yaml": TRUST, "environments/staging.yaml": environment(), **files}
    )
    request = Request(
        artifact=Artifact(name=None, image="registry.example/x", digest=digest),
        envelopes=given,
        now=NOW,
        engines=(load_engine(None),),
        environment="staging",
        requester=requester,
    )
    return {one.rule: one.result for one in evaluate(tree, request).report.judgement.results}


def signed(data: bytes, by: str = "alice-1") -> bytes:
    return sign_file("Approval", data, [signer(by)])


def test_the_approvals_of_the_tree_are_the_evidence() -> None:
    alice, bob = approval("alice"), approval("bob")
    files = {"approvals/a.yaml": alice, "approvals/b.yaml": bob, "approvals/a.yaml.dsse.json": signed(alice)}
    assert outcomes(files) == {"two": "pass", "signed": "pass"}
    assert outcomes({}) == {"two": "fail", "signed": "fail"}
    assert outcomes({**files, "approvals/b.yaml": approval("bob", digest="sha256:" + "b" * 64)})["two"] == "fail"
    assert outcomes({**files, "approvals/a.yaml": approval("alice", expires="2027-01-01")}) == {
        "two": "fail",
        "signed": "fail",
    }
    asks = Requester(login="bob-gh", vouched="ci", system="github", name="bob")
    assert outcomes(files, asks) == {"two": "fail", "signed": "pass"}
    assert outcomes(files, digest=None)["evidence/people"] == "missing"


def test_an_approval_that_is_brought_along_is_no_evidence() -> None:
    forged = approval_evidence(None, Wanted(environment="staging", artifact="x", digest=DIGEST, policies={}, now=NOW))
    assert outcomes({}, given=(replace(forged, facts=FACTS),)) == {"two": "fail", "signed": "fail"}


def test_an_approver_whom_the_trust_file_does_not_know_is_a_mistake() -> None:
    policy = policy_text(
        [{"id": "it", "approval": {"count": 1, "from": ["alise"]}}], evidence={"people": {"kind": "approval"}}
    )
    with pytest.raises(InvalidFileError, match="Did you mean 'alice'"):
        outcomes({"policies/p.yaml": policy})
