"""Where a digest must have been, and how long: by the records, and by the history of the branch."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gatekeeper.connect.git import GitRepository
from gatekeeper.model.environment import After, ManifestPlace
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.judgement import Waiting
from gatekeeper.promotion.order import Preceding, find_waiting, span_text
from tests.app.judgements import digest, row
from tests.connect.repositories import git, make_bare
from tests.promotion.pasts import MANIFEST, Past, kustomization, record
from tests.servers.git_http import GitServer

A, B, C = digest("a"), digest("b"), digest("c")
HOUR = timedelta(hours=1)
START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def hour(n: float) -> datetime:
    return START + n * HOUR


def past(which: str = C) -> Past:
    return Past({MANIFEST: kustomization(which)}, hour(-100))


def promote(branch: Past, which: str, n: float, *, lands: float | None = None, **more: Any) -> str:
    """As gatekeeper writes it: the manifest and the record in one commit. The decision."""
    path, data, decision = record(which, hour(n), **more)
    branch.land(hour(n if lands is None else lands), {path: data, MANIFEST: kustomization(which)})
    return decision


def waits(branch: Past, now: float, soak: str | None = "24h", which: str = A, **more: Any) -> list[Waiting]:
    after = After(environment="staging") if soak is None else After(environment="staging", soak=soak)
    return list(find_waiting((after,), {"staging": branch.before(**more)}, "churn", which, hour(now)))


def end(waiting: list[Waiting]) -> float | None:
    (one,) = waiting
    assert one.condition == "soak"
    return None if one.until is None else (parse_instant(one.until) - START) / HOUR


def test_what_was_never_there_waits_for_it_without_an_end() -> None:
    branch = past()
    for soak in (None, "24h"):
        (one,) = waits(branch, 1, soak)
        assert (one.condition, one.until) == ("after", None)
        assert one.message == f"churn at {A[:19]} has not been promoted to staging by an allowed decision"


def test_without_soak_a_record_is_enough_also_when_it_is_there_no_more() -> None:
    branch = past()
    promote(branch, A, 0)
    branch.asked.clear()
    assert waits(branch, 0, None) == []
    assert len(branch.asked) == 1, "no history is read"
    promote(branch, B, 1)
    assert waits(branch, 2, None) == []


def test_it_soaks_from_its_landing_to_the_very_second() -> None:
    branch = past()
    promote(branch, A, 0)
    assert end(waits(branch, 1)) == 24
    assert end(waits(branch, 24 - 1 / 3600)) == 24
    assert waits(branch, 24) == []
    (one,) = waits(branch, 3)
    assert one.message == f"churn at {A[:19]} has been in staging since 2026-11-20T12:00:00Z: 3h of 24h"


def test_it_need_not_be_there_any_more() -> None:
    branch = past()
    promote(branch, A, 0)
    promote(branch, B, 30)
    assert waits(branch, 31) == []
    assert end(waits(branch, 31, "31h")) is None
    assert "stayed in staging for 1d 6h of 31h, until 2026-11-21T18:00:00Z" in waits(branch, 31, "31h")[0].message


@pytest.mark.parametrize("text", [kustomization(B), kustomization(None), b"images: []\n", b"\xff", b"{", None])
def test_a_hand_that_changes_the_image_breaks_it_and_changing_it_back_does_not_mend_it(text: bytes | None) -> None:
    branch = past()
    promote(branch, A, 0)
    branch.land(hour(10), {MANIFEST: text})
    branch.land(hour(11), {MANIFEST: kustomization(A)})
    assert end(waits(branch, 50)) is None
    promote(branch, A, 60)
    assert end(waits(branch, 61)) == 84
    assert waits(branch, 84) == []


def test_other_changes_of_the_file_do_not() -> None:
    branch = past()
    promote(branch, A, 0)
    branch.land(hour(10), {MANIFEST: kustomization(A, tag="1.1", more="# more\n"), "README.md": b"x"})
    assert waits(branch, 24) == []


def test_where_a_tag_alone_stands_the_bytes_must_stay() -> None:
    tagged = Past({MANIFEST: kustomization(None)}, hour(-100))
    path, data, _ = record(A, hour(0))
    tagged.land(hour(0), {path: data})
    assert waits(tagged, 24) == []
    tagged.land(hour(25), {MANIFEST: kustomization(None, more="# more\n")})
    assert waits(tagged, 26) == []
    assert end(waits(tagged, 26, "26h")) is None


@pytest.mark.parametrize(
    "place",
    [
        {"format": "yaml-path", "at": ".name", "write": "name"},
        {"format": "yaml-path", "at": ".uri", "write": "model-uri"},
        {"format": "regex", "at": "^name: (?P<name>.+)$"},
        {"format": "regex", "at": "^uri: (?P<uri>.+)$"},
    ],
)
def test_where_no_version_can_stand_the_bytes_must_stay(place: dict[str, str]) -> None:
    other = "environments/staging/churn/other.yaml"
    text = b"name: registry.example/churn-model\nuri: s3://models/churn/7\n"
    both = row("staging", "churn", MANIFEST, other)
    both = msgspec.structs.replace(both, manifests=(both.manifests[0], ManifestPlace(path=other, **place)))
    branch = Past({MANIFEST: kustomization(C), other: text}, hour(-100))
    promote(branch, A, 0)
    assert waits(branch, 24, row=both) == []
    branch.land(hour(25), {other: text.replace(b"churn", b"other")})
    assert waits(branch, 26, row=both) == []
    assert end(waits(branch, 26, "26h", row=both)) is None


def test_another_record_breaks_it_though_no_manifest_changed() -> None:
    branch = past()
    promote(branch, A, 0)
    path, data, _ = record(B, hour(10))
    branch.land(hour(10), {path: data})
    assert end(waits(branch, 50)) is None


def test_a_second_record_of_the_same_digest_goes_on() -> None:
    branch = past()
    promote(branch, A, 0)
    promote(branch, A, 20)
    assert waits(branch, 24) == []
    promote(branch, A, 25, allowed=False)
    assert waits(branch, 40, "40h") == []


@pytest.mark.parametrize("over", [{"allowed": False}, {"waited": False}])
def test_what_an_override_let_in_does_not_count(over: dict[str, bool]) -> None:
    branch = past()
    promote(branch, A, 0, **over)
    for soak in (None, "1h"):
        assert [one.condition for one in waits(branch, 50, soak)] == ["after"]


@pytest.mark.parametrize("allowed", [True, False])
def test_a_rollback_from_it_ends_what_it_had_soaked(allowed: bool) -> None:
    branch = past()
    promote(branch, B, -50)
    left = promote(branch, A, 0)
    promote(branch, B, 30, left=left, allowed=allowed)
    for soak in (None, "1h"):
        (one,) = waits(branch, 50, soak)
        assert one.condition == "after"
        assert one.message.endswith("by an allowed decision that counts: it was rolled back there")
        assert waits(branch, 50, soak, B) == []
    promote(branch, A, 60)
    assert waits(branch, 61, None) == []
    assert end(waits(branch, 61)) == 84


def test_a_rollback_from_another_does_not() -> None:
    branch = past()
    promote(branch, A, 0)
    left = promote(branch, B, 30)
    promote(branch, C, 40, left=left)
    assert waits(branch, 50) == []


def test_a_rollback_from_what_nobody_decided_may_be_one_from_it() -> None:
    branch = past()
    promote(branch, A, 0)
    promote(branch, B, 30)
    promote(branch, C, 40, left="")
    assert [one.condition for one in waits(branch, 50)] == ["after"]


def test_a_record_that_cannot_be_believed_may_hide_one() -> None:
    branch = past()
    left = promote(branch, A, 0)
    path, _, _ = record(B, hour(30), left=left)
    branch.land(hour(30), {path: b"{}\n", MANIFEST: kustomization(B)})
    for soak in (None, "1h"):
        assert "cannot be believed" in waits(branch, 50, soak)[0].message


def test_a_hold_there_ends_it() -> None:
    branch = past()
    promote(branch, A, 0)
    hold = Waiting(condition="hold", message="held by carol: odd latencies", until="2026-12-01T00:00:00Z")
    for soak in (None, "24h"):
        (one,) = waits(branch, 50, soak, holds=(hold,))
        assert (one.condition, one.until) == ("after", hold.until)
        assert one.message == "churn is on hold in staging: held by carol: odd latencies"


def test_a_pull_request_counts_from_its_merge() -> None:
    branch = past()
    promote(branch, A, 0, lands=48)
    assert end(waits(branch, 50)) == 72
    assert waits(branch, 72) == []


def test_dates_that_lie_make_it_longer_and_never_shorter() -> None:
    """A landing dated back, one dated ahead, an end dated ahead, and a later commit that tells."""
    back = past()
    back.land(hour(10), {"README.md": b"x"})
    promote(back, A, 10, lands=-1000)
    assert end(waits(back, 11)) == 34
    ahead = past()
    promote(ahead, A, 0, lands=1000)
    assert end(waits(ahead, 100)) == 1024
    ended = past()
    promote(ended, A, 0)
    ended.land(hour(500), {MANIFEST: kustomization(B)})
    ended.land(hour(2), {"README.md": b"x"})
    assert end(waits(ended, 300)) is None
    assert end(waits(ended, 3)) is None


def test_a_branch_that_begins_with_the_record_counts_from_its_beginning() -> None:
    path, data, _ = record(A, hour(0))
    branch = Past({path: data, MANIFEST: kustomization(A)}, hour(5))
    assert end(waits(branch, 6)) == 29
    assert waits(branch, 29) == []


def test_without_a_row_there_nobody_can_tell() -> None:
    branch = past()
    promote(branch, A, 0)
    assert [one.condition for one in waits(branch, 50, row=None)] == ["soak"]
    assert waits(branch, 50, None, row=None) == []


def test_every_manifest_of_the_row_must_name_it() -> None:
    branch = past()
    both = row("staging", "churn", MANIFEST, "environments/staging/churn/other.yaml")
    promote(branch, A, 0)
    assert end(waits(branch, 50, row=both)) is None
    unknown = ManifestPlace(path=MANIFEST, format="argocd")
    assert end(waits(branch, 50, row=msgspec.structs.replace(both, manifests=(unknown,)))) is None


def test_each_environment_is_asked_for_itself() -> None:
    staging, canary = past(), past()
    promote(staging, A, 0)
    after = (After(environment="staging", soak="1h"), After(environment="canary"))
    found = find_waiting(after, {"staging": staging.before(), "canary": canary.before()}, "churn", A, hour(2))
    assert [one.message for one in found] == [
        f"churn at {A[:19]} has not been promoted to canary by an allowed decision"
    ]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.9, "59s"), (3599, "59m 59s"), (90061, "1d 1h"), (3605, "1h 5s")]
)
def test_lengths_of_time(seconds: float, text: str) -> None:
    assert span_text(timedelta(seconds=seconds)) == text


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["promote", "promote", "hand", "back", "record", "other", "wait"]),
        st.sampled_from([A, A, B]),
        st.integers(1, 20),
        st.sampled_from([0, 0, 0, 0, -30, -3, 3, 30]),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=200, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(EVENTS, st.integers(1, 40))
def test_a_past_of_any_kind(events: list[tuple[str, str, int, int]], soak: int) -> None:
    """Never satisfied where it did not stay so long, unless its end was dated ahead; with honest clocks always else."""
    branch, now = past(), 0
    ahead = any(skew > 0 for _, _, _, skew in events)
    truth: list[tuple[int, str, bool, bool]] = []  # hour, digest there, newest record about A, an allowed one landed
    there, newest, honest = C, "", True
    for kind, which, pause, skew in events:
        now += pause
        honest = honest and (skew == 0 or kind == "wait")
        if kind == "promote":
            promote(branch, which, now, lands=now + skew)
            there = newest = which
        elif kind in ("hand", "back"):
            there = which if kind == "hand" else newest or C
            branch.land(hour(now + skew), {MANIFEST: kustomization(there)})
        elif kind == "record":
            path, data, _ = record(which, hour(now))
            branch.land(hour(now + skew), {path: data})
            newest = which
        elif kind == "other":
            branch.land(hour(now + skew), {"README.md": str(now).encode()})
        truth.append((now, there, newest == A, kind in ("promote", "record") and which == A))
    now += 1
    best, since = 0, None
    for n, (at, held, is_newest, landed) in enumerate(truth):
        stays = held == A and is_newest
        since = (since if since is not None else at if landed else None) if stays else None
        until = truth[n + 1][0] if n + 1 < len(truth) else now
        best = max(best, until - since if since is not None else 0)
    found = waits(branch, now, f"{soak}h")
    if not found and not ahead:
        assert best >= soak
    if honest:
        assert (not found) == (best >= soak)
        for one in found:
            if one.until is not None:
                assert since is not None
                assert (parse_instant(one.until) - START) / HOUR == since + soak


def test_a_real_repository(tmp_path: Path) -> None:
    bare = make_bare(tmp_path, {MANIFEST: kustomization(C).decode(), "README.md": "x\n"})
    work = tmp_path / "work"
    git(tmp_path, "clone", "--quiet", str(bare), str(work))

    def land(at: float, files: dict[str, bytes], *words: str) -> None:
        for path, data in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_bytes(data)
        git(work, "add", "--all")
        stamp = f"{int(hour(at).timestamp())} +0000"
        git(work, "-c", "core.editor=true", "commit", "--quiet", "--allow-empty", "--message=m", f"--date={stamp}")
        run = ["git", "-C", str(work), "commit", "--quiet", "--amend", "--no-edit", "--allow-empty"]
        subprocess.run(run, env={**os.environ, "GIT_COMMITTER_DATE": stamp}, check=True)
        git(work, "push", "--quiet", "origin", "HEAD:main")

    def told(address: str, now: float, soak: str) -> list[Waiting]:
        repository = GitRepository(address, "main")
        before = Preceding(repository=repository, tip=repository.tip(), row=row("staging", "churn"))
        return list(
            find_waiting((After(environment="staging", soak=soak),), {"staging": before}, "churn", A, hour(now))
        )

    path, data, _ = record(A, hour(0))
    land(-3, {"README.md": b"1"})
    land(0, {path: data, MANIFEST: kustomization(A)})
    for n in range(1, 6):
        land(n, {"README.md": str(n).encode()})
    land(20, {MANIFEST: kustomization(B)})
    land(21, {MANIFEST: kustomization(A)})
    with GitServer(tmp_path) as server:
        for address in (str(bare), server.url(bare.name)):
            assert told(address, 30, "20h") == []
            (one,) = told(address, 30, "21h")
            assert "stayed in staging for 20h of 21h" in one.message


def test_no_more_records_are_read_than_are_needed() -> None:
    branch = past()
    for n in range(300):
        path, data, _ = record(B, hour(-400 + n))
        branch.land(hour(-400 + n), {path: data})
    promote(branch, A, 0)
    read: list[str] = []
    tip = branch.tip()
    tip.prefetch = read.extend  # type: ignore[assignment]
    for soak, now, most in ((None, 1, 2), ("24h", 24, 10), ("24h", 1, 300)):
        after = (After(environment="staging") if soak is None else After(environment="staging", soak=soak),)
        before = msgspec.structs.replace(branch.before(), tip=tip)
        read.clear()
        assert bool(find_waiting(after, {"staging": before}, "churn", A, hour(now))) == (most == 300)
        assert 0 < len(read) <= most


def test_of_several_holds_the_last_to_end_is_waited_for() -> None:
    branch = past()
    promote(branch, A, 0)
    ends = ["2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z", "2026-12-02T00:00:00Z"]
    holds = [Waiting(condition="hold", message="m", until=until) for until in ends]
    assert waits(branch, 1, None, holds=tuple(holds))[0].until == ends[1]
    assert waits(branch, 1, None, holds=(*holds, Waiting(condition="hold", message="m")))[0].until is None
