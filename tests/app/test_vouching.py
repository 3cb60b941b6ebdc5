"""Waivers at levels: what vouches for each, in a judgement."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.judgement import Judgement
from gatekeeper.ports.forge import PullRequest, Review
from gatekeeper.promotion.reviews import Brought
from gatekeeper.records.signed_file import PAYLOAD_TYPES, sign_file
from tests.judging import policy_text
from tests.signing import key, sign, signer
from tests.trees import MemoryTree, environment, waiver

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
COMMIT = "c" * 40
POLICY = policy_text("false").replace('"evidence": {"metrics": {"kind": "metrics"}}', '"evidence": {}')


def trust(**changes: Any) -> dict[str, Any]:
    spec = {
        "people": [
            {"name": "dave", "logins": {"github": "dave-gh"}, "emails": ["d@example.com"], "keys": [key("dave-1")]},
            {"name": "erin", "logins": {"github": "erin-gh"}, "keys": [key("erin-1")]},
        ],
        "machines": [{"name": "bot", "keys": [key("bot-1")]}],
        "roles": [{"role": "waive", "members": ["dave", "bot"], "environments": ["staging"]}],
        **changes,
    }
    return {"apiVersion": "gatekeeper/v1", "kind": "Trust", "metadata": {"name": "t"}, "spec": spec}


def judged(level: str, files: dict[str, Any], brought: dict[str, list[Brought]] | None = None) -> Judgement:
    tree = MemoryTree(
        {
            "policies/p.yaml": POLICY,
            "environments/staging.yaml": environment(waivers={"level": level}),
            "trust.yaml": trust(),
            **{path: data for path, data in files.items() if data is not None},
        }
    )
    for path in [path for path, data in files.items() if data is None]:
        tree.files.pop(path, None)
    request = Request(
        artifact=Artifact(name=None, image="registry.example/x", digest="sha256:" + "a" * 64),
        envelopes=(),
        now=NOW,
        engines=(load_engine(None),),
        environment="staging",
        brought=brought or {},
    )
    return evaluate(tree, request).report.judgement


def written(**spec: Any) -> bytes:
    return json.dumps(waiver(**spec)).encode()


def signed(data: bytes, *names: str) -> bytes:
    return sign_file("Waiver", data, [signer(name) for name in names])


def why(judgement: Judgement) -> str | None:
    """Why the waiver did not count; None where it did."""
    (one,) = (one for one in judgement.results if one.rule == "it")
    assert (one.waived is not None) is (judgement.verdict == "allowed")
    return None if one.waived else judgement.waivers[0].state.removeprefix("its approval does not count: ")


def test_asserted_takes_the_word_of_the_file() -> None:
    assert why(judged("asserted", {"waivers/w.yaml": written(), "trust.yaml": None})) is None


@pytest.mark.parametrize("level", ["reviewed", "signed"])
def test_a_signature_of_the_approver_is_enough(level: str) -> None:
    data = written()
    judgement = judged(level, {"waivers/w.yaml": data, "waivers/w.yaml.dsse.json": signed(data, "dave-1")})
    assert why(judgement) is None
    assert judgement.trust == sha256_of(json.dumps(trust()).encode())


@pytest.mark.parametrize(
    ("spec", "changes", "says"),
    [
        ({}, {"waivers/w.yaml.dsse.json": None}, "staging asks for a signature"),
        ({}, {"waivers/w.yaml.dsse.json": b"{"}, "its signatures cannot be read"),
        ({}, {"waivers/w.yaml.dsse.json": b"[" * 1000}, "its signatures cannot be read"),
        ({}, {"waivers/w.yaml.dsse.json": signed(written(), "erin-1")}, "it is signed by erin, not by dave"),
        ({}, {"waivers/w.yaml.dsse.json": signed(written(), "stranger")}, "signed by no key of trust.yaml"),
        ({}, {"waivers/w.yaml.dsse.json": signed(written(name="v"), "dave-1")}, "not what the file says now"),
        (
            {},
            {"waivers/w.yaml.dsse.json": sign(PAYLOAD_TYPES["Approval"], written(), [signer("dave-1")])},
            "what was signed is no waiver",
        ),
        ({}, {"trust.yaml": None}, "no trust.yaml says who may waive"),
        ({}, {"trust.yaml": trust(roles=[])}, "dave has no role `waive` in staging"),
        (
            {},
            {"trust.yaml": trust(people=[{"name": "dave", "keys": [key("dave-1", revoked="2026-11-25")]}])},
            "the key dave-1, which was revoked at 2026-11-25T00:00:00Z",
        ),
        ({"approved_by": "bot"}, {}, "trust.yaml knows no person bot"),
        ({"approved_by": "zoe"}, {}, "trust.yaml knows no person zoe"),
        ({"requested_by": "@Dave-GH"}, {}, "dave asked for it, under another name"),
        ({"requested_by": "D@example.com"}, {}, "dave asked for it, under another name"),
        ({"requested_by": "Dave Doe <d@example.com>"}, {}, "dave asked for it, under another name"),
        ({"requested_by": "github:dave-gh"}, {}, "dave asked for it, under another name"),
        ({"requested_by": "carol, for Dave-GH"}, {}, "dave asked for it, under another name"),
        ({"requested_by": "d@example.com".replace("d", chr(0xFF44), 1)}, {}, "under another name"),
    ],
)
def test_what_is_not_vouched_for_waives_nothing(spec: dict[str, str], changes: dict[str, Any], says: str) -> None:
    data = written(**spec)
    files = {"waivers/w.yaml": data, "waivers/w.yaml.dsse.json": signed(data, "dave-1"), **changes}
    found = why(judged("signed", files))
    assert found is not None
    assert says in found


def test_two_may_sign_and_one_of_them_approved() -> None:
    data = written()
    files = {"waivers/w.yaml": data, "waivers/w.yaml.dsse.json": signed(data, "erin-1", "dave-1")}
    assert why(judged("signed", files)) is None


def test_at_the_lowest_level_a_signature_that_is_there_must_hold() -> None:
    data = written()
    files = {"waivers/w.yaml": data, "waivers/w.yaml.dsse.json": signed(written(name="v"), "dave-1")}
    assert "not what the file says now" in str(why(judged("asserted", files)))
    assert why(judged("asserted", {**files, "waivers/w.yaml.dsse.json": signed(data, "dave-1")})) is None


def test_reviewed_takes_the_word_of_a_forge() -> None:
    review = Review(by="dave-gh", approves=True, commit=COMMIT, at=None, url="https://x.example/1")
    pull = PullRequest(
        number=1, url="https://x.example/1", title="", body="", head="h", base="main", commit=COMMIT, state="merged",
        author="carol-gh",
    )  # fmt: skip
    files = {"waivers/w.yaml": written()}
    assert "nobody vouches" in str(why(judged("reviewed", files)))
    one = Brought(forge="github", pull=pull, reviews=(review,))
    assert why(judged("reviewed", files, {"waivers/w.yaml": [one]})) is None
    assert "nobody vouches" in str(why(judged("reviewed", files, {"waivers/other.yaml": [one]})))
    assert "neither approved" in str(
        why(judged("reviewed", files, {"waivers/w.yaml": [Brought(forge="github", pull=pull)]}))
    )
    assert "asks for a signature" in str(why(judged("signed", files, {"waivers/w.yaml": [one]})))
