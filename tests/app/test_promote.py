"""Promotion from the tip to the commit, on real repositories."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gatekeeper.app.asked import Means
from gatekeeper.app.evaluate import Judged
from gatekeeper.connect.git import GitRepository
from gatekeeper.errors import CannotActError, InvalidRequestError, ManifestError
from gatekeeper.model.environment import Delivery
from gatekeeper.model.instants import format_instant
from gatekeeper.model.judgement import JudgedPolicy
from gatekeeper.ports import Tree
from gatekeeper.ports.repository import Repository
from gatekeeper.records.place import record_path
from gatekeeper.records.statement import context, read_record, record_bytes
from tests.app.acting import judging, nowhere, plan, promote
from tests.app.judgements import after, digest, environment, judged, row
from tests.connect.repositories import KUSTOMIZATION, git, make_bare, push_by_hand, show

STAGING = "environments/staging/churn/kustomization.yaml"
A, B = (f"registry.example/churn-model:{tag}@{digest(mark)}" for tag, mark in [("1.4.2", "a"), ("1.5.0", "b")])
START = datetime(2026, 11, 23, 7, tzinfo=UTC)


class Clock:
    """A clock that moves by a second at each look."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> datetime:
        self.looks += 1
        return START + timedelta(seconds=self.looks)


def means(
    judge: Callable[[Tree, datetime], Judged], clock: Callable[[], datetime] | None = None, **changes: Any
) -> Means:
    values: dict[str, Any] = {
        "now": clock or Clock(),
        "elapsed": lambda: 0.0,
        "sleep": lambda _: None,
        "jitter": lambda most: most,
        "version": "1.0",
        "open_site": nowhere,
        "hints": ("policies/",),
    }
    return Means(judge=judging(judge), **(values | changes))


def always(image: str = A, where: Any = None, **changes: Any) -> Callable[[Tree, datetime], Judged]:
    """A judge with one answer, stamped with the clock."""
    place = where or environment()
    return lambda _, now: judged(place, image, judged_at=format_instant(now), **changes)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return make_bare(tmp_path)


def repository(bare: Path) -> GitRepository:
    return GitRepository(str(bare), "main", sleep=lambda _: None)


def records(bare: Path, folder: str = "decisions") -> list[str]:
    return git(bare, "ls-tree", "-r", "--name-only", "main", f"{folder}/").splitlines()


def test_what_is_allowed_is_committed_with_its_record(bare: Path) -> None:
    report = promote(repository(bare), "main", means(always()))
    assert report.promotion is not None
    assert (report.promotion.action, report.promotion.attempts) == ("committed", 1)
    assert report.promotion.commit == git(bare, "rev-parse", "main")
    assert show(bare, STAGING) == KUSTOMIZATION.replace("1.4.1   # by hand", "1.4.2   # by hand") + (
        f"    digest: {digest('a')}\n"
    )
    path = f"decisions/staging/churn/20261123T070001Z-{report.decision[7:23]}.json"
    assert records(bare) == [path] == [report.promotion.record]
    record = read_record(show(bare, path).encode())
    assert (record.decision, record.judgement) == (report.decision, report.judgement)
    assert record.context.commit == git(bare, "rev-parse", "main~1")
    assert git(bare, "diff", "--name-only", "main~1", "main").splitlines() == [path, STAGING]


def test_the_message_tells_it_and_git_reads_its_trailers(bare: Path) -> None:
    report = promote(repository(bare), "main", means(always()))
    assert git(bare, "log", "-1", "--format=%s", "main") == "staging/churn: 1.4.1 → 1.4.2"
    assert git(bare, "log", "-1", "--format=%(trailers:only,unfold)", "main").splitlines() == [
        f"Gatekeeper-Decision: {report.decision}",
        "Gatekeeper-Environment: staging",
        f"Gatekeeper-Artifact: churn {A}",
        f"Gatekeeper-Policy: model-quality@2.1.0 sha256:{'c' * 64}",
    ]


def test_again_it_is_already_there_and_nothing_is_written(bare: Path) -> None:
    clock = Clock()
    promote(repository(bare), "main", means(always(), clock))
    before = git(bare, "rev-parse", "main")
    report = promote(repository(bare), "main", means(always(), clock))
    assert report.promotion is not None
    assert (report.promotion.action, report.promotion.commit) == ("already", None)
    assert git(bare, "rev-parse", "main") == before


def test_another_tag_of_the_same_image_writes_nothing_and_says_so(bare: Path) -> None:
    clock = Clock()
    promote(repository(bare), "main", means(always(), clock))
    report = promote(repository(bare), "main", means(always(A.replace("1.4.2", "1.4.3")), clock))
    assert report.promotion is not None
    assert report.promotion.action == "already"
    assert "1.4.2" in report.promotion.notes[0]


def test_an_image_put_there_by_hand_gets_its_record(bare: Path, tmp_path: Path) -> None:
    clock = Clock()
    text = KUSTOMIZATION.replace("1.4.1", "1.4.2") + f"    digest: {digest('a')}\n"
    push_by_hand(bare, tmp_path / "hand", STAGING, text)
    report = promote(repository(bare), "main", means(always(), clock))
    assert report.promotion is not None
    assert report.promotion.action == "committed"
    assert git(bare, "diff", "--name-only", "main~1", "main") == report.promotion.record
    assert show(bare, STAGING) == text


def test_an_older_record_does_not_bless_what_was_put_back_by_hand(bare: Path, tmp_path: Path) -> None:
    clock = Clock()
    promote(repository(bare), "main", means(always(A), clock))
    with_a = show(bare, STAGING)
    promote(repository(bare), "main", means(always(B), clock))
    push_by_hand(bare, tmp_path / "hand", STAGING, with_a)
    report = promote(repository(bare), "main", means(always(A), clock))
    assert report.promotion is not None
    assert report.promotion.action == "committed"
    assert len(records(bare)) == 3


@pytest.mark.parametrize("damage", ["", "{}\n", None])
def test_a_record_that_is_damaged_or_copied_does_not_count(bare: Path, tmp_path: Path, damage: str | None) -> None:
    """`None` moves the good record of another environment to this one's folder."""
    clock = Clock()
    report = promote(repository(bare), "main", means(always(), clock))
    assert report.promotion is not None
    path = str(report.promotion.record)
    text = show(bare, path) if damage is None else damage
    if damage is None:
        path = path.replace("/staging/", "/production/")
    push_by_hand(bare, tmp_path / "hand", path, text)
    where = environment("production") if damage is None else environment()
    again = promote(repository(bare), "main", means(always(where=where), clock))
    assert again.promotion is not None
    assert again.promotion.action == "committed"


def stamped(*seconds: int) -> Callable[[], datetime]:
    """A clock that shows these seconds after the start, one at each look, and then stands."""
    left = list(seconds)
    return lambda: START + timedelta(seconds=left.pop(0) if len(left) > 1 else left[0])


def test_a_clock_a_little_behind_is_waited_for(bare: Path) -> None:
    """Records are read by their instants: an older one written later would let what was put back by hand pass."""
    pauses: list[float] = []
    promote(repository(bare), "main", means(always(A), stamped(20)))
    report = promote(repository(bare), "main", means(always(B), stamped(5, 20, 21), sleep=pauses.append))
    assert report.promotion is not None
    assert (report.promotion.action, report.promotion.attempts) == ("committed", 3)
    assert pauses == [15.001, 0.001]
    assert sorted(records(bare))[-1] == report.promotion.record
    again = promote(repository(bare), "main", means(always(B), stamped(6)))
    assert again.promotion is not None
    assert again.promotion.action == "already"


@pytest.mark.parametrize("name", ["20261123T070500Z-0000000000000000.json", "99999999T999999Z-ffffffffffffffff.json"])
def test_a_clock_far_behind_writes_nothing(bare: Path, tmp_path: Path, name: str) -> None:
    """Else every run would write a record that is not the newest, and the next run one more."""
    push_by_hand(bare, tmp_path / "hand", f"decisions/staging/churn/{name}", "{}\n")
    before = git(bare, "rev-parse", "main")
    for act in (promote, plan):
        with pytest.raises(CannotActError, match=r"holds a record of .*the clock here says"):
            act(repository(bare), "main", means(always(A)))
    assert git(bare, "rev-parse", "main") == before
    waits = promote(repository(bare), "main", means(always(A, environment(after=after("test")))))
    assert waits.promotion is not None
    assert waits.promotion.action == "waiting"


def test_a_clock_that_stands_is_not_waited_for_for_ever(bare: Path) -> None:
    seconds = iter(range(0, 10_000, 10))
    promote(repository(bare), "main", means(always(A), stamped(20)))
    with pytest.raises(CannotActError, match=r"clock does not pass .*nothing was written"):
        promote(repository(bare), "main", means(always(B), stamped(20), elapsed=lambda: float(next(seconds))))
    assert len(records(bare)) == 1


def test_a_record_that_would_not_be_believed_is_not_written(bare: Path) -> None:
    huge = JudgedPolicy(name="x" * 5_000_000, version="1.0.0", digest=digest("c"), enforcement="deny", parameters={})
    with pytest.raises(CannotActError, match="cannot be recorded: the record is larger"):
        promote(repository(bare), "main", means(always(A, policies=(huge,))))
    assert records(bare) == []


def test_a_judgement_by_a_working_tree_is_no_promotion(bare: Path, tmp_path: Path) -> None:
    """`evaluate --decision` writes such a record; laid among those of promotions it opens nothing."""
    made = always(A)(repository(bare).tip(), START).report
    record = record_bytes(made.judgement, context(made.engine, "1.0", None, made.sources))
    path = record_path("staging", "churn", made.judgement.judged_at, made.decision)
    push_by_hand(bare, tmp_path / "hand", path, record.decode())
    production = environment("production", after=after("staging"))
    waits = promote(repository(bare), "main", means(always(A, production)))
    assert waits.promotion is not None
    assert waits.promotion.action == "waiting"


def test_what_comes_before_may_be_delivered_to_another_branch(bare: Path) -> None:
    git(bare, "branch", "live", "main")
    before = environment("staging", delivery=Delivery(branch="live"))
    where, clock, live = environment("production", after=after("staging")), Clock(), GitRepository(str(bare), "live")

    def judge(_: Tree, now: datetime) -> Judged:
        return msgspec.structs.replace(judged(where, A, judged_at=format_instant(now)), before=(before,))

    def site(repo: str | None, branch: str) -> Repository:
        assert (repo, branch) == (None, "live")
        return live

    both = means(judge, clock, open_site=site)
    waits = promote(repository(bare), "main", both)
    assert waits.promotion is not None
    assert waits.promotion.action == "waiting"
    promote(live, "live", means(always(A, before), clock))
    goes = promote(repository(bare), "main", both)
    assert goes.promotion is not None
    assert goes.promotion.action == "committed"


@pytest.mark.parametrize("verdict", ["denied", "undecided"])
def test_what_is_not_allowed_is_not_written(bare: Path, verdict: str) -> None:
    before = git(bare, "rev-parse", "main")
    for act in (promote, plan):
        report = act(repository(bare), "main", means(always(verdict=verdict)))
        assert report.promotion is not None
        assert (report.promotion.action, report.promotion.diff) == ("none", None)
    assert git(bare, "rev-parse", "main") == before


def test_order_is_by_record_and_by_digest(bare: Path) -> None:
    clock = Clock()
    production = environment("production", after=after("staging"))
    waits = promote(repository(bare), "main", means(always(A, production), clock))
    assert waits.promotion is not None
    assert (waits.promotion.action, waits.promotion.record) == ("waiting", None)
    assert waits.promotion.waiting[0].condition == "after"
    assert "staging" in waits.promotion.waiting[0].message
    assert records(bare) == []
    promote(repository(bare), "main", means(always(B), clock))
    still = promote(repository(bare), "main", means(always(A, production), clock))
    assert still.promotion is not None
    assert still.promotion.action == "waiting"
    promote(repository(bare), "main", means(always(A), clock))
    promote(repository(bare), "main", means(always(B), clock))
    goes = promote(repository(bare), "main", means(always(A, production), clock))
    assert goes.promotion is not None
    assert goes.promotion.action == "committed"


def test_order_counts_only_the_same_artifact(bare: Path, tmp_path: Path) -> None:
    clock = Clock()
    other = environment("staging", "other")
    push_by_hand(
        bare,
        tmp_path / "hand",
        "environments/staging/other/kustomization.yaml",
        "images:\n- name: registry.example/other-model\n",
    )
    promote(repository(bare), "main", means(always(A.replace("churn", "other"), other), clock))
    assert len(records(bare)) == 1
    report = promote(
        repository(bare), "main", means(always(A, environment("production", after=after("staging"))), clock)
    )
    assert report.promotion is not None
    assert report.promotion.action == "waiting"


def test_a_plan_is_the_promotion_without_the_write(bare: Path) -> None:
    before = git(bare, "rev-parse", "main")
    planned = plan(repository(bare), "main", means(always()))
    assert git(bare, "rev-parse", "main") == before
    done = promote(repository(bare), "main", means(always()))
    assert planned.promotion is not None
    assert done.promotion is not None
    assert planned.decision == done.decision
    assert msgspec.structs.replace(done.promotion, commit=None, diff=planned.promotion.diff) == planned.promotion
    shown = git(bare, "diff", "--no-color", "main~1", "main", "--", STAGING)
    assert _plain(str(planned.promotion.diff)) == _plain(shown[shown.index("--- ") :])


def _plain(diff: str) -> list[str]:
    """Without the text that git adds behind the second @@."""
    return [line[: line.rindex("@@") + 2] if line.startswith("@@") else line for line in diff.splitlines()]


def test_when_the_tip_moves_everything_is_judged_anew(bare: Path, tmp_path: Path) -> None:
    """Between judging and pushing, somebody tightens the policy: the next attempt is denied by it."""
    seen: list[bytes | None] = []

    def judge(tree: Tree, now: datetime) -> Judged:
        seen.append(tree.read("policies/model-quality.yaml"))
        if len(seen) == 1:
            push_by_hand(bare, tmp_path / "hand", "policies/model-quality.yaml", "stricter\n")
            return judged(environment(), A, judged_at=format_instant(now))
        return judged(environment(), A, judged_at=format_instant(now), verdict="denied")

    report = promote(repository(bare), "main", means(judge))
    assert seen == [b"policy\n", b"stricter\n"]
    assert report.promotion is not None
    assert (report.promotion.action, report.promotion.attempts) == ("none", 2)
    assert records(bare) == []


def test_others_changes_to_the_same_file_are_kept(bare: Path, tmp_path: Path) -> None:
    judge = always()
    calls: list[int] = []

    def moving(tree: Tree, now: datetime) -> Judged:
        calls.append(1)
        if len(calls) == 1:
            push_by_hand(bare, tmp_path / "hand", STAGING, "namePrefix: x-\n" + KUSTOMIZATION)
        return judge(tree, now)

    report = promote(repository(bare), "main", means(moving))
    assert report.promotion is not None
    assert report.promotion.attempts == 2
    assert show(bare, STAGING).startswith("namePrefix: x-\n# what runs here\n")
    assert "newTag: 1.4.2   # by hand" in show(bare, STAGING)


def test_it_gives_up_at_the_deadline_and_has_written_nothing(bare: Path, tmp_path: Path) -> None:
    seconds = iter(range(0, 10_000, 10))
    pauses: list[float] = []

    def moving(tree: Tree, now: datetime) -> Judged:
        push_by_hand(bare, tmp_path / "hand", "README.md", f"{now}\n")
        return always()(tree, now)

    with pytest.raises(CannotActError, match="nothing was written"):
        promote(repository(bare), "main", means(moving, elapsed=lambda: float(next(seconds)), sleep=pauses.append))
    assert records(bare) == []
    assert pauses == [20.0, 30.0, 30.0, 30.0, 30.0]


def test_a_manifest_that_cannot_be_edited_stops_all(bare: Path, tmp_path: Path) -> None:
    paths = (STAGING, "environments/staging/second/kustomization.yaml")
    where = environment("staging", artifacts=(row("staging", "churn", *paths),))
    before = git(bare, "rev-parse", "main")
    with pytest.raises(ManifestError, match="no such file"):
        promote(repository(bare), "main", means(always(A, where)))
    assert git(bare, "rev-parse", "main") == before
    push_by_hand(bare, tmp_path / "hand", paths[1], "images: []\n")
    with pytest.raises(ManifestError, match="add this one"):
        promote(repository(bare), "main", means(always(A, where)))
    push_by_hand(bare, tmp_path / "hand", paths[1], KUSTOMIZATION)
    promote(repository(bare), "main", means(always(A, where)))
    assert show(bare, paths[1]) == show(bare, STAGING)


@pytest.mark.parametrize("path", ["../x", "/etc/x", ".git/config", "decisions/x", "", "a/../../x"])
def test_manifests_stay_in_the_repository_and_out_of_the_records(bare: Path, path: str) -> None:
    where = environment("staging", artifacts=(row("staging", "churn", path),))
    with pytest.raises(InvalidRequestError):
        promote(repository(bare), "main", means(always(A, where)))


def test_what_cannot_be_promoted_is_refused(bare: Path) -> None:
    with pytest.raises(InvalidRequestError, match="digest"):
        promote(repository(bare), "main", means(always("registry.example/churn-model:1.4.2")))
    elsewhere = environment("staging", delivery=Delivery(branch="live"))
    with pytest.raises(InvalidRequestError, match="delivered to live"):
        promote(repository(bare), "main", means(always(A, elsewhere)))
    untagged = environment("staging", pin="tag")
    with pytest.raises(InvalidRequestError, match="pin is tag"):
        promote(repository(bare), "main", means(always(f"registry.example/churn-model@{digest('a')}", untagged)))
    assert records(bare) == []


def test_artifacts_of_one_environment_promoted_at_once_all_land_once(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(8)]
    everything = "images:\n" + "".join(f"- name: registry.example/{name}-model\n  newTag: '0'\n" for name in names)
    shared = "environments/staging/all/kustomization.yaml"
    bare = make_bare(tmp_path, {shared: everything})
    where = environment("staging", artifacts=tuple(row("staging", name, shared) for name in names))
    faults: list[BaseException] = []
    start = threading.Barrier(len(names))

    def run(name: str, mark: str) -> None:
        try:
            image = f"registry.example/{name}-model:1.0.{mark}@{digest(mark)}"
            start.wait()
            promote(repository(bare), "main", means(always(image, where)))
        except BaseException as fault:  # noqa: BLE001 - shown by the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(name, str(mark))) for mark, name in enumerate(names)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(records(bare)) == len(names)
    assert git(bare, "rev-list", "--count", "main") == str(2 + len(names))
    text = show(bare, shared)
    assert [f"1.0.{mark}" in text and digest(str(mark)) in text for mark in range(8)] == [True] * 8
    assert git(bare, "log", "--merges", "--oneline", "main") == ""


def test_a_plan_of_what_is_denied_tells_what_it_would_wait_for_too(bare: Path) -> None:
    production = environment("production", after=after("staging"))
    denied = means(always(A, production, verdict="denied"))
    planned = plan(repository(bare), "main", denied)
    assert planned.promotion is not None
    assert planned.promotion.action == "none"
    assert [one.condition for one in planned.promotion.waiting] == ["after"]
    done = promote(repository(bare), "main", denied)
    assert done.promotion is not None
    assert done.promotion.waiting == ()


def test_a_plan_of_what_is_denied_stays_denied_where_its_conditions_cannot_be_told(bare: Path) -> None:
    def down(_: Any, __: Any) -> Any:
        raise CannotActError("the forge is down")

    planned = plan(repository(bare), "main", means(always(A, verdict="denied"), requester=down))
    assert planned.promotion is not None
    assert (planned.judgement.verdict, planned.promotion.action) == ("denied", "none")
    assert planned.promotion.notes == ("what it would wait for cannot be told: the forge is down",)
