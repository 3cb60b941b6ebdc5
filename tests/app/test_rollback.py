"""Rolling back on real repositories: which decision, whether it still counts, the record, and the hold."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from gatekeeper.app.asked import Asked, Forced
from gatekeeper.app.evaluate import Judged
from gatekeeper.connect.git import GitRepository
from gatekeeper.errors import CannotActError, InvalidFileError, InvalidRequestError
from gatekeeper.model.conditions import Freeze, Windows
from gatekeeper.model.environment import Delivery
from gatekeeper.model.judgement import Counts, Report, Waived
from gatekeeper.model.promoted import Requester
from gatekeeper.policy.documents import load
from gatekeeper.policy.people import hold_of
from gatekeeper.policy.trust import load_trust
from gatekeeper.ports import Tree
from gatekeeper.ports.repository import Landing
from gatekeeper.records.history import promotions
from gatekeeper.records.statement import Record, read_record
from tests.app.acting import promote
from tests.app.judgements import digest, environment, judged
from tests.app.rolling import MANIFEST, A, B, C, Scene, document, staging, trust
from tests.app.test_promote import always, means
from tests.connect.repositories import KUSTOMIZATION, git, make_bare, show

FORCED = Forced(reason="Nothing else runs", ticket="OPS-7")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    found = Scene(tmp_path, {"trust.yaml": trust(override=["alice"])})
    found.promote(A)
    found.promote(B)
    return found


def promotion(report: Report) -> Any:
    assert report.promotion is not None
    return report.promotion


def newest(scene: Scene) -> Record:
    record = next(iter(promotions(scene.repository().tip(), "staging", "churn")))
    assert record is not None
    return record


def holds(scene: Scene) -> list[dict[str, Any]]:
    return [_hold(show(scene.bare, path).encode()) for path in scene.files("holds")]


def _hold(text: bytes) -> dict[str, Any]:
    plain = to_builtins(hold_of(load(text, "hold.yaml", frozenset({"Hold"}))[0]).spec)
    assert isinstance(plain, dict)
    return plain


def test_the_decision_before_is_in_force_again_with_its_own_id(scene: Scene) -> None:
    first = next(
        one for one in promotions(scene.repository().tip(), "staging", "churn") if one and one.at < newest(scene).at
    )
    left = newest(scene).decision
    before = scene.tip
    report = scene.roll()
    done = promotion(report)
    assert (done.action, done.commit, done.attempts) == ("committed", scene.tip, 1)
    assert git(scene.bare, "rev-parse", "main^") == before
    assert f"newTag: 1.4.2   # by hand\n    digest: {digest('a')}\n" in show(scene.bare, MANIFEST)

    record = newest(scene)
    assert (record.decision, record.judgement, record.context) == (first.decision, first.judgement, first.context)
    assert report.decision == first.decision
    assert record.promotion is not None
    assert record.promotion.rollback is not None
    assert record.promotion.rollback == done.rollback
    assert (record.promotion.rollback.reason, record.promotion.rollback.left) == ("Latency doubled", left)  # type: ignore[union-attr]
    assert record.promotion.requester is not None
    assert record.promotion.requester.name == "alice"
    assert record.at > first.at
    assert report.written == show(scene.bare, done.record).encode()


def test_one_commit_holds_manifest_record_and_hold(scene: Scene) -> None:
    left = newest(scene).decision
    report = scene.roll()
    (hold,) = holds(scene)
    changed = git(scene.bare, "diff", "--name-only", "main^", "main").splitlines()
    assert changed == sorted([promotion(report).record, MANIFEST, *scene.files("holds")])
    assert (hold["environment"], hold["artifact"], hold["by"]) == ("staging", "churn", "alice")
    assert hold["reason"] == f"rolled back from {left[:19]}: Latency doubled"
    assert "until" not in hold
    assert any("is held until it is removed" in note for note in promotion(report).notes)
    message = git(scene.bare, "log", "-1", "--format=%B", "main")
    assert message.startswith("staging/churn: 1.5.0 → 1.4.2 (rollback)")
    assert f"Gatekeeper-Rollback: {left}" in message


def test_a_hold_that_ends_says_when(scene: Scene) -> None:
    scene.roll(hold_until=datetime(2026, 12, 1, tzinfo=UTC))
    assert holds(scene)[0]["until"] == "2026-12-01T00:00:00Z"


def test_run_again_it_is_done_and_goes_no_further(scene: Scene) -> None:
    scene.roll()
    before = scene.tip
    report = scene.roll()
    assert promotion(report).action == "already"
    assert scene.tip == before
    assert "is held already" in promotion(report).notes[-1]


def test_what_stands_there_already_is_held_all_the_same(scene: Scene) -> None:
    scene.roll()
    for path in scene.files("holds"):
        scene.write(
            path,
            document("Hold", "h", environment="staging", reason="x", by="x", since="2026-01-01", until="2026-01-02"),
        )
    before = scene.tip
    report = scene.roll()
    assert promotion(report).action == "already"
    assert git(scene.bare, "rev-parse", "main^") == before
    assert len(scene.files("holds")) == 2
    assert scene.tip in promotion(report).notes[-1]


def test_after_a_rollback_and_a_new_promotion_it_goes_back_to_what_was_good(scene: Scene) -> None:
    scene.roll()
    scene.promote(C)
    report = scene.roll()
    assert report.judgement.artifact is not None
    assert report.judgement.artifact.digest == digest("a")


def test_further_back_by_name(scene: Scene) -> None:
    scene.promote(C)
    ids = [one.decision for one in promotions(scene.repository().tip(), "staging", "churn") if one]
    assert len(ids) == 3
    report = scene.roll(to=ids[-1][7:19])
    assert report.decision == ids[-1]
    assert scene.roll(to=ids[1]).decision == ids[1]
    assert newest(scene).decision == ids[1]


@pytest.mark.parametrize(
    ("to", "says"),
    [("0" * 64, "has no decision"), ("abc", "no decision's id"), ("sha256:xyzxyzxyz", "no decision's id")],
)
def test_an_unknown_decision_is_refused_with_those_there_are(scene: Scene, to: str, says: str) -> None:
    with pytest.raises(InvalidRequestError, match=says) as caught:
        scene.roll(to=to)
    if says == "has no decision":
        assert "1.5.0" in caught.value.remedy
        assert "1.4.2" in caught.value.remedy


def test_without_a_past_there_is_nothing_to_go_back_to(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    with pytest.raises(InvalidRequestError, match="no allowed decision"):
        scene.roll()
    scene.promote(A)
    with pytest.raises(InvalidRequestError, match="before what stands there"):
        scene.roll()


def test_a_hand_edit_is_undone_and_has_no_decision(scene: Scene) -> None:
    scene.write(MANIFEST, KUSTOMIZATION)
    report = scene.roll()
    assert report.judgement.artifact is not None
    assert report.judgement.artifact.digest == digest("b")
    assert promotion(report).rollback.left is None
    assert holds(scene)[0]["reason"].startswith("rolled back from what nobody had decided")


def test_a_broken_record_is_passed_over(scene: Scene) -> None:
    (path,) = [one for one in scene.files("decisions") if newest(scene).decision[7:23] in one]
    scene.write(path, "{}")
    report = scene.roll()
    assert report.judgement.artifact is not None
    assert (report.judgement.artifact.digest, promotion(report).rollback.left) == (digest("a"), None)


def test_a_denied_digest_is_not_gone_back_to_by_anybody(scene: Scene) -> None:
    scene.write("deny.yaml", document("DenyList", "d", digests=[digest("a")], reason="Deleted data", by="bob"))
    before = scene.tip
    for forced in (None, FORCED):
        report = scene.roll(override=forced)
        assert (report.judgement.verdict, promotion(report).action) == ("denied", "none")
        assert any(result.rule == "deny-list" for result in report.judgement.results)
    assert scene.tip == before


def test_what_stands_there_and_is_denied_since_is_not_called_fine(scene: Scene) -> None:
    scene.roll()
    scene.write("deny.yaml", document("DenyList", "d", digests=[digest("a")], reason="Deleted data", by="bob"))
    report = scene.roll()
    assert (report.judgement.verdict, promotion(report).action) == ("denied", "none")


def test_where_what_was_rolled_back_to_is_denied_since_it_goes_further_back(scene: Scene) -> None:
    scene.promote(C)
    scene.roll()
    left = newest(scene).decision
    scene.write("deny.yaml", document("DenyList", "d", digests=[digest("b")], reason="Deleted data", by="bob"))
    report = scene.roll()
    assert report.judgement.artifact is not None
    assert (report.judgement.artifact.digest, promotion(report).action) == (digest("a"), "committed")
    assert promotion(report).rollback.left == left
    assert promotion(report).notes[0] == f"{left}, which was rolled back to, counts no more: it goes further back"
    before = scene.tip
    assert promotion(scene.roll()).action == "already"
    assert scene.tip == before


def test_what_a_rollback_left_is_not_gone_back_to(waived: Scene) -> None:
    waived.write("waivers/w.yaml", waiver(expires="2026-11-22T00:00:00Z"))
    assert promotion(waived.roll(override=FORCED)).action == "committed"
    before = waived.tip
    assert promotion(waived.roll()).action == "none", "what somebody overrode stays"
    assert waived.tip == before
    waived.promote(C)
    report = waived.roll()
    assert report.judgement.artifact is not None
    assert (report.judgement.artifact.digest, promotion(report).action) == (digest("a"), "none")


WAIVED = Waived(
    waiver="w", ticket="SEC-1", reason="known", requested_by="carol", approved_by="dave",
    granted="2026-11-20T00:00:00Z",
    expires="2026-12-01T00:00:00Z",
)  # fmt: skip


def waiver(**changes: Any) -> str:
    spec = {
        "policy": "model-quality", "rule": "accuracy", "environments": ["staging"], "reason": "known",
        "ticket": "SEC-1", "requested_by": "carol", "approved_by": "dave", "granted": "2026-11-20T00:00:00Z",
        "expires": "2026-12-01T00:00:00Z", **changes,
    }  # fmt: skip
    return document("Waiver", "w", **spec)


@pytest.fixture
def waived(tmp_path: Path) -> Scene:
    """The first one was let through by a waiver."""
    scene = Scene(tmp_path, {"trust.yaml": trust(override=["alice"]), "waivers/w.yaml": waiver()})
    (result,) = judged(environment(), A).report.judgement.results
    scene.promote(A, results=(replace(result, result="fail", waived=WAIVED),), counts=Counts(fail=1, waived=1))
    scene.promote(B)
    return scene


def test_a_waiver_that_still_stands_counts(waived: Scene) -> None:
    report = waived.roll()
    assert (report.judgement.verdict, promotion(report).action) == ("allowed", "committed")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (waiver(expires="2026-11-22T00:00:00Z"), "expired"),
        (waiver(granted="2026-11-25T00:00:00Z"), "not yet valid"),
        (waiver(environments=["production"]), "something else"),
        (waiver(rule="other"), "something else"),
        (waiver(covers=["missing"]), "does not cover fail"),
        (waiver(artifact=digest("f")), "another artifact"),
        (None, "removed"),
    ],
)
def test_a_waiver_that_was_taken_back_counts_no_more(waived: Scene, change: str | None, says: str) -> None:
    waived.write("waivers/w.yaml", change or document("Waiver", "other", **json.loads(waiver())["spec"]))
    before = waived.tip
    report = waived.roll()
    assert (report.judgement.verdict, promotion(report).action) == ("denied", "none")
    assert any("counts no more" in note and says in note for note in promotion(report).notes)
    assert waived.tip == before

    report = waived.roll(override=FORCED)
    assert (report.judgement.verdict, promotion(report).action) == ("allowed", "committed")
    assert promotion(report).override.over == ("model-quality/accuracy (fail)",)
    record = newest(waived)
    assert record.promotion is not None
    assert record.promotion.override == promotion(report).override
    assert record.decision == report.decision
    assert holds(waived)[0]["reason"].startswith("rolled back from")


def test_a_changed_waiver_does_not_count_where_approvals_are_looked_at(waived: Scene) -> None:
    waived.write("environments/staging.yaml", staging(waivers={"level": "reviewed"}))
    assert promotion(waived.roll()).action == "committed"
    waived.promote(B)
    waived.write("waivers/w.yaml", waiver(expires="2027-06-01T00:00:00Z"))
    report = waived.roll()
    assert promotion(report).action == "none"
    assert any("was changed since" in note for note in promotion(report).notes)


def test_only_who_may_overrides(waived: Scene) -> None:
    waived.write("waivers/w.yaml", waiver(expires="2026-11-22T00:00:00Z"))
    for by, says in (("bob", "no role"), ("eve", "no person")):
        with pytest.raises(InvalidRequestError, match=says):
            waived.roll(by=by, override=FORCED)


def test_what_was_overridden_is_gone_back_to_only_by_name_and_override(tmp_path: Path) -> None:
    scene = Scene(tmp_path, {"trust.yaml": trust(override=["alice"])})
    scene.promote(A)
    forced = _promote_denied(scene, B)
    scene.promote(C)
    report = scene.roll(dry=True)
    assert report.judgement.artifact is not None
    assert report.judgement.artifact.digest == digest("a")
    assert promotion(report).notes[0] == f"passed over {forced.decision}, which was overridden; --to names it"
    report = scene.roll(to=forced.decision)
    assert (report.judgement.verdict, promotion(report).action) == ("denied", "none")
    report = scene.roll(to=forced.decision, override=FORCED)
    assert (report.judgement.verdict, promotion(report).action) == ("denied", "committed")
    assert newest(scene).decision == forced.decision


def _promote_denied(scene: Scene, image: str) -> Report:
    (result,) = judged(environment(), image).report.judgement.results
    changed = {"verdict": "denied", "results": (replace(result, result="fail"),), "counts": Counts(fail=1)}
    return _promote_forced(scene, always(image, **changed))


def _promote_frozen(scene: Scene, image: str) -> Report:
    freeze = Windows(timezone="UTC", freeze=(Freeze(from_="2020-01-01", to="2099-01-01", why="x"),))
    return _promote_forced(scene, always(image, environment("staging", windows=freeze)))


def _promote_forced(scene: Scene, judge: Callable[[Tree, datetime], Judged]) -> Report:
    ring = load_trust(trust(override=["alice"]).encode(), "trust.yaml")
    alice = Requester(login="alice@example.com", vouched="git", name="alice", system="email")
    acting = means(lambda tree, now: replace(judge(tree, now), ring=ring), scene.clock, requester=lambda _, __: alice)
    return promote(scene.repository(), "main", acting, Asked(override=FORCED))


def test_a_decision_that_did_not_wait_is_gone_back_to_only_by_override(tmp_path: Path) -> None:
    scene = Scene(tmp_path, {"trust.yaml": trust(override=["alice"])})
    scene.promote(A)
    forced = _promote_frozen(scene, B)
    assert (forced.judgement.verdict, promotion(forced).override.over) == ("allowed", ("freeze",))
    scene.promote(C)
    before = scene.tip
    with pytest.raises(InvalidRequestError, match=r"let through by an override \(of freeze\)"):
        scene.roll(to=forced.decision)
    assert scene.tip == before
    report = scene.roll(to=forced.decision, override=FORCED)
    assert (promotion(report).action, promotion(report).override.over) == ("committed", ("freeze",))
    before = scene.tip
    assert promotion(scene.roll(to=forced.decision, override=FORCED)).action == "already"
    assert scene.tip == before


def test_a_dry_run_writes_nothing_and_shows_all(scene: Scene) -> None:
    before = scene.tip
    report = scene.roll(dry=True)
    assert scene.tip == before
    done = promotion(report)
    assert (done.action, done.commit) == ("committed", None)
    assert f"+    digest: {digest('a')}" in done.diff


def test_when_the_branch_moves_all_is_looked_at_anew(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = []
    real = GitRepository.commit

    def commit(self: GitRepository, *given: Any, **named: Any) -> Any:
        if not moved:
            moved.append(1)
            scene.write("deny.yaml", document("DenyList", "d", digests=[digest("a")], reason="Deleted", by="bob"))
        return real(self, *given, **named)

    monkeypatch.setattr(GitRepository, "commit", commit)
    report = scene.roll()
    assert (report.judgement.verdict, promotion(report).action, promotion(report).attempts) == ("denied", "none", 2)
    assert scene.files("holds") == []


def test_where_the_site_is_elsewhere_the_hold_is_put_first(tmp_path: Path) -> None:
    scene = Scene(tmp_path, {"environments/staging.yaml": staging(delivery={"repo": "site"})})
    site = make_bare(tmp_path, {MANIFEST: KUSTOMIZATION}, name="site.git")

    def open_site(repo: str | None, branch: str) -> GitRepository:
        assert (repo, branch) == ("site", "main")
        return GitRepository(str(site), "main", sleep=lambda _: None)

    where = environment("staging", delivery=Delivery(branch="main", repo="site"))
    for image in (A, B):
        promote(scene.repository(), "main", means(always(image, where), scene.clock, open_site=open_site))
    report = scene.roll(open_site=open_site)
    assert promotion(report).commit == git(site, "rev-parse", "main")
    assert f"digest: {digest('a')}" in show(site, MANIFEST)
    assert git(site, "ls-tree", "--name-only", "main", "holds/") == ""
    assert len(holds(scene)) == 1
    assert git(scene.bare, "log", "-1", "--format=%s", "main") == "Hold ahead of what is promoted elsewhere"


class Overtaken(GitRepository):
    """A branch on which somebody else is always faster."""

    def commit(self, *_: Any, **__: Any) -> Landing:
        return Landing(moved=True)


def test_who_gives_up_says_that_the_hold_is_there(tmp_path: Path) -> None:
    scene = Scene(tmp_path, {"environments/staging.yaml": staging(delivery={"repo": "site"})})
    site = make_bare(tmp_path, {MANIFEST: KUSTOMIZATION}, name="site.git")
    where = environment("staging", delivery=Delivery(branch="main", repo="site"))
    real = GitRepository(str(site), "main", sleep=lambda _: None)
    for image in (A, B):
        promote(scene.repository(), "main", means(always(image, where), scene.clock, open_site=lambda *_: real))
    hours = itertools.count(0, 3600)
    with pytest.raises(CannotActError, match="the hold that goes with it was put, and nothing else was written"):
        scene.roll(open_site=lambda *_: Overtaken(str(site), "main"), elapsed=lambda: float(next(hours)))
    assert len(holds(scene)) == 1


def test_artifacts_are_named_or_there_is_one(scene: Scene) -> None:
    assert (
        scene.roll(artifact="churn", dry=True).decision
        == scene.roll(artifact="registry.example/churn-model", dry=True).decision
    )
    for name, says in (("chrun", "no artifact"), (A, "not to a tag"), ("registry.example/x", "no artifact")):
        with pytest.raises(InvalidRequestError, match=says):
            scene.roll(artifact=name)


def test_a_deny_list_that_cannot_be_read_stops_it(scene: Scene) -> None:
    scene.write("deny.yaml", "kind: DenyList\n")
    with pytest.raises(InvalidFileError):
        scene.roll()


def test_broken_policies_and_holds_do_not(scene: Scene) -> None:
    scene.write("policies/broken.yaml", "kind: nothing\n")
    scene.write("holds/broken.yaml", "kind: nothing\n")
    assert promotion(scene.roll()).action == "committed"


def test_the_record_is_whole(scene: Scene) -> None:
    report = scene.roll()
    assert report.written is not None
    assert read_record(report.written).promotion is not None
