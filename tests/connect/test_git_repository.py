"""What promoting needs of a repository beside a plain commit: evidence kept, proposals, the past, removals."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.connect.git import GitRepository
from gatekeeper.connect.git.objects import committed_at
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.ports.repository import EVIDENCE_BRANCH, Proposal
from tests.connect.repositories import FILES, git, hook, make_bare, push_by_hand, show
from tests.servers.git_http import GitServer

MANIFEST = "environments/staging/churn/kustomization.yaml"
KEPT = {"facts/ab/ab01.json.gz": b"one", "facts/cd/cd02.json.gz": b"two"}


def repository_at(address: str, pauses: list[float] | None = None) -> GitRepository:
    return GitRepository(address, "main", sleep=(pauses if pauses is not None else []).append)


def dated(bare: Path, *days: int) -> list[str]:
    """Empty commits on `main`, one on each of these days of 2026-11; their ids, oldest first."""
    made = []
    for day in days:
        when = f"2026-11-{day:02}T12:00:00+0100"
        tree, parent = git(bare, "rev-parse", "main^{tree}"), git(bare, "rev-parse", "main")
        words = ["-c", "user.name=x", "-c", "user.email=x@x", "commit-tree", tree, "-p", parent, "-m", "x"]
        made.append(at_date(bare, when, *words))
        git(bare, "update-ref", "refs/heads/main", made[-1])
    return made


def at_date(place: Path, when: str, *words: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_COMMITTER_DATE", when)
        patch.setenv("GIT_AUTHOR_DATE", when)
        return git(place, *words)


def test_the_name_hides_what_opens_the_door() -> None:
    assert GitRepository("https://bob:hunter2@git.invalid/x.git", "main").name == "https://git.invalid/x.git"


def test_files_are_removed_with_the_folders_that_they_leave_empty(way: tuple[Path, str]) -> None:
    bare, address = way
    repository = repository_at(address)
    gone: dict[str, bytes | None] = {MANIFEST: None, "policies/tests/case.yaml": None, "not/there": None}
    landing = repository.commit(repository.tip(), {**gone, "new.txt": b"x\n"}, "x")
    assert landing.commit == git(bare, "rev-parse", "main")
    listed = git(bare, "ls-tree", "-r", "-t", "--name-only", "main").splitlines()
    assert "policies/tests" not in listed
    assert "environments/staging" not in listed
    assert {"policies/model-quality.yaml", "environments/production/churn/kustomization.yaml", "new.txt"} <= set(listed)
    assert git(bare, "fsck", "--strict", "--no-dangling") == ""


def test_the_last_file_can_be_removed(tmp_path: Path) -> None:
    bare = make_bare(tmp_path, {"only.txt": "x\n"})
    repository = repository_at(str(bare))
    assert repository.commit(repository.tip(), {"only.txt": None}, "x").commit
    assert git(bare, "ls-tree", "-r", "main") == ""


def test_evidence_is_kept_beside_and_only_added_to(way: tuple[Path, str]) -> None:
    bare, address = way
    repository = repository_at(address)
    assert repository.kept(KEPT) == {}
    first = repository.commit(repository.tip(), {MANIFEST: b"1\n"}, "one", keep={"facts/ab/ab01.json.gz": b"one"})
    assert first.commit == git(bare, "rev-parse", "main")
    assert git(bare, "rev-list", "--count", EVIDENCE_BRANCH) == "1"
    assert repository.kept(KEPT) == {"facts/ab/ab01.json.gz": b"one"}
    repository.commit(repository.tip(), {MANIFEST: b"2\n"}, "two", keep=KEPT)
    assert git(bare, "rev-list", "--count", EVIDENCE_BRANCH) == "2"
    assert git(bare, "diff", "--name-status", f"{EVIDENCE_BRANCH}~1", EVIDENCE_BRANCH) == "A\tfacts/cd/cd02.json.gz"
    before = git(bare, "rev-parse", EVIDENCE_BRANCH)
    repository.commit(repository.tip(), {MANIFEST: b"3\n"}, "three", keep={**KEPT, "facts/ab/ab01.json.gz": b"other"})
    assert git(bare, "rev-parse", EVIDENCE_BRANCH) == before
    assert show(bare, "facts/ab/ab01.json.gz", EVIDENCE_BRANCH) == "one"
    assert repository_at(address).kept([*KEPT, "facts/no/no"]) == KEPT
    assert git(bare, "fsck", "--strict", "--no-dangling") == ""
    repository.close()


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_what_is_no_file_is_no_evidence(way: tuple[Path, str], tmp_path: Path, kind: str) -> None:
    """The record would point at facts that nobody can read."""
    bare, address = way
    work = tmp_path / "hand"
    git(tmp_path, "clone", "--quiet", str(bare), str(work))
    place = work / next(iter(KEPT))
    place.parent.mkdir(parents=True)
    if kind == "link":
        place.symlink_to("elsewhere")
    else:
        place.mkdir()
        (place / "file").write_text("x")
    git(work, "add", "facts")
    git(work, "commit", "--quiet", "--message=x")
    git(work, "push", "--quiet", "origin", f"HEAD:{EVIDENCE_BRANCH}")
    before = git(bare, "rev-parse", "main")
    repository = repository_at(address)
    with pytest.raises(CannotActError, match="is there, but it is not a file"):
        repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x", keep=KEPT)
    assert git(bare, "rev-parse", "main") == before


def test_where_only_the_evidence_moved_nobody_is_told(way: tuple[Path, str]) -> None:
    bare, address = way
    ours, theirs = repository_at(address), GitRepository(address, "other", sleep=lambda _: None)
    git(bare, "branch", "other", "main")
    tip = ours.tip()
    for number in range(2):
        theirs.commit(theirs.tip(), {MANIFEST: b"%d\n" % number}, "x", keep={f"facts/ab/ab{number}": b"theirs"})
    landing = ours.commit(tip, {MANIFEST: b"x\n"}, "x", keep=KEPT)
    assert landing.commit == git(bare, "rev-parse", "main")
    listed = git(bare, "ls-tree", "-r", "--name-only", EVIDENCE_BRANCH).splitlines()
    assert listed == ["facts/ab/ab0", "facts/ab/ab01.json.gz", "facts/ab/ab1", "facts/cd/cd02.json.gz"]


def test_a_moved_branch_leaves_no_evidence_behind(way: tuple[Path, str], tmp_path: Path) -> None:
    bare, address = way
    repository = repository_at(address)
    repository.commit(repository.tip(), {MANIFEST: b"0\n"}, "x", keep={"facts/00/0": b"x"})
    tip, before = repository.tip(), git(bare, "rev-parse", EVIDENCE_BRANCH)
    push_by_hand(bare, tmp_path / "hand", "README.md", "theirs\n")
    assert repository.commit(tip, {MANIFEST: b"x\n"}, "x", keep=KEPT).moved
    assert git(bare, "rev-parse", EVIDENCE_BRANCH) == before


def test_where_others_made_the_branch_of_evidence_both_go_together(way: tuple[Path, str]) -> None:
    """Whoever lost the race for the first evidence sees that the branch has moved, and leaves nothing behind."""
    bare, address = way
    late = repository_at(address)
    tip = late.tip()
    first = repository_at(address)
    assert first.commit(first.tip(), {"a.txt": b"a"}, "First\n", keep={"facts/aa/1.gz": b"1"}).commit
    landing = late.commit(tip, {"b.txt": b"b"}, "Late\n", keep={"facts/bb/2.gz": b"2"})
    assert landing.moved
    kept = git(bare, "ls-tree", "-r", "--name-only", "gatekeeper/evidence").splitlines()
    assert kept == ["facts/aa/1.gz"]


def test_without_atomic_pushes_the_evidence_goes_first(way: tuple[Path, str], tmp_path: Path) -> None:
    bare, address = way
    git(bare, "config", "receive.advertiseAtomic", "false")
    hook(bare, "update", f'echo "$1" >>{tmp_path}/order')
    repository = repository_at(address)
    assert repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x", keep=KEPT).commit == git(
        bare, "rev-parse", "main"
    )
    assert (tmp_path / "order").read_text().split() == [f"refs/heads/{EVIDENCE_BRANCH}", "refs/heads/main"]


def test_evidence_that_is_refused_stops_the_commit(way: tuple[Path, str]) -> None:
    bare, address = way
    before = git(bare, "rev-parse", "main")
    hook(bare, "update", 'test "$1" = refs/heads/main || { echo "no new branches here" >&2; exit 1; }')
    for atomic in ("true", "false"):
        git(bare, "config", "receive.advertiseAtomic", atomic)
        repository = repository_at(address)
        with pytest.raises(CannotActError, match="no new branches here"):
            repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x", keep=KEPT)
    assert git(bare, "rev-parse", "main") == before


def test_evidence_and_commit_land_once_where_the_answer_is_lost(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path)
    repository = repository_at(server.url(bare.name))
    tip = repository.tip()
    server.lost_replies = 1
    assert repository.commit(tip, {MANIFEST: b"x\n"}, "x", keep=KEPT).commit == git(bare, "rev-parse", "main")
    assert git(bare, "rev-list", "--count", EVIDENCE_BRANCH) == "1"
    assert repository.kept(KEPT) == KEPT


def test_no_environment_is_delivered_to_the_evidence() -> None:
    with pytest.raises(InvalidRequestError, match="evidence"):
        GitRepository("https://git.invalid/x.git", EVIDENCE_BRANCH)


def test_a_proposal_is_a_branch_of_its_own(way: tuple[Path, str]) -> None:
    bare, address = way
    repository = repository_at(address)
    tip, proposal = repository.tip(), Proposal(branch="gatekeeper/staging/churn", title="T")
    first = repository.propose(tip, {MANIFEST: b"1\n"}, "one", proposal, keep=KEPT)
    assert first.commit == git(bare, "rev-parse", proposal.branch)
    assert git(bare, "rev-parse", "main") == tip.commit
    assert repository.kept(KEPT) == KEPT
    found = repository.proposed(proposal.branch)
    assert found is not None
    assert (found.commit, found.read(MANIFEST)) == (first.commit, b"1\n")
    assert repository.proposed("gatekeeper/staging/chur") is None
    assert repository.propose(tip, {MANIFEST: b"2\n"}, "two", proposal).moved
    second = repository.propose(tip, {MANIFEST: b"2\n"}, "two", proposal, replaces=first.commit)
    assert second.commit == git(bare, "rev-parse", proposal.branch)
    assert git(bare, "rev-parse", f"{proposal.branch}~1") == tip.commit
    assert repository.propose(tip, {MANIFEST: b"3\n"}, "three", proposal, replaces=first.commit).moved
    assert git(bare, "rev-parse", proposal.branch) == second.commit
    repository.close()


@pytest.mark.parametrize("branch", ["main", "main/x", EVIDENCE_BRANCH, f"{EVIDENCE_BRANCH}/churn", "a..b"])
def test_a_proposal_writes_nothing_that_counts(tmp_path: Path, branch: str) -> None:
    bare = make_bare(tmp_path)
    repository = repository_at(str(bare))
    with pytest.raises(InvalidRequestError):
        repository.propose(repository.tip(), {MANIFEST: b"1\n"}, "x", Proposal(branch=branch, title="T"))


# One line for each push option, whatever it holds.
OPTIONS = "env | sed -n 's/^GIT_PUSH_OPTION_[0-9]*=//p'"


def test_gitlab_is_asked_by_push_options(way: tuple[Path, str], tmp_path: Path) -> None:
    bare, address = way
    git(bare, "config", "receive.advertisePushOptions", "true")
    hook(
        bare,
        "post-receive",
        f"read old new ref; {{ echo $ref; {OPTIONS}; }} >>{tmp_path}/asked\n"
        "echo 'To create a merge request, visit: https://gitlab.invalid/a/b/-/merge_requests/new?x=1' >&2\n"
        "echo '  https://gitlab.invalid:8443/a/b/-/merge_requests/17' >&2",
    )
    repository = repository_at(address)
    proposal = Proposal(
        branch="gatekeeper/staging/churn",
        title="Promote\nchurn",
        body="# Report\r\nfirst \\n second\n\x1b[31mend",
        labels=("gate", "staging"),
        via="gitlab-push",
    )
    landing = repository.propose(repository.tip(), {MANIFEST: b"1\n"}, "x", proposal, keep=KEPT)
    assert landing.url == "https://gitlab.invalid:8443/a/b/-/merge_requests/17"
    assert landing.commit == git(bare, "rev-parse", proposal.branch)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[:2] == [f"refs/heads/{EVIDENCE_BRANCH}", f"refs/heads/{proposal.branch}"]
    assert sorted(asked[2:]) == [
        "merge_request.create",
        r"merge_request.description=# Report\nfirst &#92;n second\n[31mend",
        "merge_request.label=gate",
        "merge_request.label=staging",
        "merge_request.target=main",
        "merge_request.title=Promote churn",
    ]


def test_a_server_without_push_options_is_told_of(way: tuple[Path, str]) -> None:
    bare, address = way
    repository = repository_at(address)
    for via in ("gitlab-push", "agit"):
        proposal = Proposal(branch="p", title="T", via=via)  # type: ignore[arg-type]
        with pytest.raises(CannotActError, match="takes no push options"):
            repository.propose(repository.tip(), {MANIFEST: b"1\n"}, "x", proposal)
    assert git(bare, "branch", "--list", "p") == ""


def test_a_push_for_review_is_a_proposal_only_where_a_pull_request_holds_it(way: tuple[Path, str]) -> None:
    """A server that knows no such pushes takes `refs/for/main` for a name like any other, and all seems well."""
    bare, address = way
    git(bare, "config", "receive.advertisePushOptions", "true")
    proposal = Proposal(branch="p", title="T", via="agit")
    repository = repository_at(address)
    tip = repository.tip()
    with pytest.raises(CannotActError, match="made no pull request"):
        repository.propose(tip, {MANIFEST: b"1\n"}, "x", proposal)
    git(bare, "update-ref", "-d", "refs/for/main")
    hook(bare, "post-receive", "git update-ref refs/pull/7/head refs/for/main")
    landing = repository.propose(tip, {MANIFEST: b"2\n"}, "x", proposal)
    assert landing.commit == git(bare, "rev-parse", "refs/pull/7/head")


def test_what_became_of_a_push_for_review_may_be_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make_bare(tmp_path)
    git(bare, "config", "receive.advertisePushOptions", "true")
    repository = repository_at(str(bare))
    tip, proposal = repository.tip(), Proposal(branch="p", title="T", via="agit")

    def unreachable(_: str) -> dict[str, str]:
        raise CannotActError("the line is dead")

    monkeypatch.setattr(repository._source, "under", unreachable)
    assert repository.propose(tip, {MANIFEST: b"1\n"}, "x", proposal).commit == git(bare, "rev-parse", "refs/for/main")
    hook(bare, "pre-receive", "exit 1")
    with pytest.raises(CannotActError, match="the line is dead") as caught:
        repository.propose(tip, {MANIFEST: b"2\n"}, "x", proposal)
    assert re.match("commit [0-9a-f]{40} may have landed", caught.value.remedy)


@pytest.mark.parametrize("said", ["http://x/y/pulls", "javascript:alert(1)/pulls/1", "https://u:p@h/x/pulls/1", ""])
def test_not_every_word_of_a_server_is_an_address(tmp_path: Path, said: str) -> None:
    bare = make_bare(tmp_path)
    git(bare, "config", "receive.advertisePushOptions", "true")
    hook(bare, "post-receive", f"echo '{said}' >&2")
    repository = repository_at(str(bare))
    proposal = Proposal(branch="p", title="T", via="gitlab-push")
    assert repository.propose(repository.tip(), {MANIFEST: b"1\n"}, "x", proposal).url in {None, "https://h/x/pulls/1"}


def test_the_line_goes_back_to_the_first_older_commit(way: tuple[Path, str]) -> None:
    bare, address = way
    old = dated(bare, 1)[0]
    made = dated(bare, 10, 11, 12)
    repository = repository_at(address)
    line = repository.line(repository.tip(), datetime(2026, 11, 10, tzinfo=UTC))
    assert [step.commit for step in line] == [*reversed(made), old]
    assert [step.at.isoformat() for step in line[:1]] == ["2026-11-12T11:00:00+00:00"]
    assert len(repository.line(repository.tip(), datetime(2027, 1, 1, tzinfo=UTC))) == 1
    assert len(repository.line(repository.tip(), datetime(2000, 1, 1, tzinfo=UTC))) == 6
    repository.close()


def test_the_line_is_whole_where_clocks_were_wrong(way: tuple[Path, str]) -> None:
    """A commit that says it is older than its parents hides them from whoever asks a server by date."""
    bare, address = way
    made = dated(bare, 2, *([20] * 70))
    repository = repository_at(address)
    line = repository.line(repository.tip(), datetime(2026, 11, 20, tzinfo=UTC))
    assert [step.commit for step in line] == list(reversed(made))
    repository.close()


def test_only_first_parents_are_the_line(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path)
    tree, main = git(bare, "rev-parse", "main^{tree}"), git(bare, "rev-parse", "main")
    side = at_date(bare, "2026-11-05T00:00:00Z", "commit-tree", tree, "-p", main, "-m", "side")
    merge = at_date(bare, "2026-11-06T00:00:00Z", "commit-tree", tree, "-p", main, "-p", side, "-m", "merge")
    git(bare, "update-ref", "refs/heads/main", merge)
    repository = repository_at(server.url(bare.name))
    line = repository.line(repository.tip(), datetime(2000, 1, 1, tzinfo=UTC))
    assert [step.commit for step in line][:2] == [merge, main]
    assert side not in {step.commit for step in line}


def test_a_line_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make_bare(tmp_path)
    dated(bare, 1, 2, 3)
    monkeypatch.setattr("gatekeeper.connect.git.line.LONGEST", 4)
    repository = repository_at(str(bare))
    with pytest.raises(CannotActError, match="more than 4 commits"):
        repository.line(repository.tip(), datetime(2000, 1, 1, tzinfo=UTC))


def test_a_shallow_clone_says_that_it_is_one(tmp_path: Path) -> None:
    bare = make_bare(tmp_path)
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=1", f"file://{bare}", "shallow.git")
    repository = repository_at(str(tmp_path / "shallow.git"))
    with pytest.raises(CannotActError) as caught:
        repository.line(repository.tip(), datetime(2000, 1, 1, tzinfo=UTC))
    assert "unshallow" in caught.value.remedy


@pytest.mark.parametrize("date", ["", "x", "-5 +0000", "99999999999999 +0000", "12"])
def test_a_commit_without_a_date_is_told(date: str) -> None:
    content = f"tree x\ncommitter A <a@x> {date}\n\nx\n".encode()
    if date == "12":
        assert committed_at(content) == datetime(1970, 1, 1, 0, 0, 12, tzinfo=UTC)
        return
    with pytest.raises(CannotActError, match="without a date"):
        committed_at(content)


def test_many_commits_are_read_in_the_requests_of_one(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path)
    made = [push_by_hand(bare, tmp_path / "hand", MANIFEST, f"{number}\n") for number in range(12)]
    server.requests.clear()
    repository = repository_at(server.url(bare.name))
    trees = repository.at(made)
    trees[3].prefetch([MANIFEST])
    before = len(server.requests)
    assert [tree.read(MANIFEST) for tree in trees] == [b"%d\n" % number for number in range(12)]
    assert len(server.requests) == before
    assert before <= 7  # who is there, the commits, five levels
    repository.close()


def test_commits_of_any_way_are_read(way: tuple[Path, str]) -> None:
    bare, address = way
    repository = repository_at(address)
    trees = repository.at([git(bare, "rev-parse", "main")])
    assert trees[0].read("README.md") == FILES["README.md"].encode()


def test_who_would_commit_is_known_before(tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make_bare(tmp_path)
    for address in (str(bare), server.url(bare.name)):
        repository = repository_at(address)
        repository.check_identity(repository.tip())
    for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"]:
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text("[user]\nuseConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    for address in (str(bare), server.url(bare.name)):
        repository = repository_at(address)
        tip = repository.tip()
        with pytest.raises(CannotActError, match=r"user\.(name|email)"):
            repository.check_identity(tip)
        with pytest.raises(CannotActError, match=r"user\.(name|email)"):
            repository.commit(tip, {MANIFEST: b"x\n"}, "x", keep=KEPT)
    assert git(bare, "branch", "--list", EVIDENCE_BRANCH) == ""
