"""Stock git behind our port, against real repositories by path, file URL and HTTP."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper.connect.git import GitRepository, command, open_commit
from gatekeeper.errors import CannotActError, InvalidRequestError
from tests.connect.repositories import FILES, KUSTOMIZATION, git, hook, make_bare, push_by_hand, show
from tests.servers.git_http import GitServer

MANIFEST = "environments/staging/churn/kustomization.yaml"
RECORD = "decisions/staging/churn/20261123T070000Z-0123456789abcdef.json"


def test_a_commit_reads_as_a_tree(way: tuple[Path, str]) -> None:
    bare, address = way
    tree = open_commit(address)
    assert tree.commit == git(bare, "rev-parse", "main")
    assert tree.read("README.md") == b"# GitOps\n"
    assert tree.names("policies") == ("model-quality.yaml",)
    assert tree.names("") == ("README.md",)
    assert tree.names("nothing/here") == ()
    assert (tree.read("policies"), tree.read("README.md/x"), tree.read("nope"), tree.read("")) == (None,) * 4


def test_branches_tags_and_ids_are_found(way: tuple[Path, str]) -> None:
    bare, address = way
    first = git(bare, "rev-parse", "main~1")
    git(bare, "tag", "--annotate", "--message=x", "v1", "main~1")
    git(bare, "branch", "release/1", "main~1")
    for ref in ["v1", "release/1", first, first[:9], "refs/tags/v1", "refs/heads/release/1"]:
        assert open_commit(address, ref).commit == first
    for ref in ["nope", "0" * 7, "refs/heads/nope"]:
        with pytest.raises(CannotActError, match=ref):
            open_commit(address, ref)


def test_a_name_of_two_things_is_refused(way: tuple[Path, str]) -> None:
    bare, address = way
    git(bare, "tag", "main", "main~1")
    with pytest.raises(CannotActError, match="branch and a tag"):
        open_commit(address, "main")


def test_a_commit_lands_with_its_files_and_nothing_else(way: tuple[Path, str]) -> None:
    bare, address = way
    repository = GitRepository(address, "main")
    tip = repository.tip()
    landing = repository.commit(tip, {MANIFEST: b"new\n", RECORD: b"{}\n"}, "Subject → é\n\nTrailer: x\n")
    assert landing.commit == git(bare, "rev-parse", "main")
    assert git(bare, "diff", "--name-status", "main~1", "main") == f"A\t{RECORD}\nM\t{MANIFEST}"
    assert show(bare, MANIFEST) == "new\n"
    assert git(bare, "rev-parse", "main~1") == tip.commit
    assert git(bare, "log", "-1", "--format=%B%an <%ae>", "main").startswith("Subject → é\n\nTrailer: x\n")
    assert git(bare, "log", "-1", "--format=%an <%ae> %cn", "main") == "Tester <tester@example.invalid> Tester"
    assert git(bare, "fsck", "--strict", "--no-dangling") == ""
    assert repository.tip().read(RECORD) == b"{}\n"
    repository.close()


def test_a_moved_tip_is_told_and_nothing_is_written(way: tuple[Path, str], tmp_path: Path) -> None:
    bare, address = way
    repository = GitRepository(address, "main")
    tip = repository.tip()
    theirs = push_by_hand(bare, tmp_path / "other", "environments/production/churn/kustomization.yaml", "theirs\n")
    assert repository.commit(tip, {MANIFEST: b"ours\n"}, "ours").moved
    assert git(bare, "rev-parse", "main") == theirs
    again = repository.tip()
    assert again.commit == theirs
    assert again.read("environments/production/churn/kustomization.yaml") == b"theirs\n"
    assert repository.commit(again, {MANIFEST: b"ours\n"}, "ours").commit == git(bare, "rev-parse", "main")
    assert show(bare, "environments/production/churn/kustomization.yaml") == "theirs\n"


def test_a_branch_set_back_or_replaced_is_a_moved_tip(way: tuple[Path, str]) -> None:
    bare, address = way
    repository = GitRepository(address, "main")
    tip = repository.tip()
    git(bare, "update-ref", "refs/heads/main", "main~1")
    assert repository.commit(tip, {MANIFEST: b"ours\n"}, "ours").moved
    assert repository.tip().names("policies") == ()


def test_a_hook_that_refuses_is_final_and_quoted(way: tuple[Path, str]) -> None:
    bare, address = way
    hook(bare, "pre-receive", "printf 'not \\033[31mon fridays\\n' >&2; exit 1")
    before = git(bare, "rev-parse", "main")
    repository = GitRepository(address, "main", sleep=_never)
    with pytest.raises(CannotActError, match="not on fridays"):
        repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x")
    assert git(bare, "rev-parse", "main") == before


def test_a_held_lock_is_waited_for(way: tuple[Path, str]) -> None:
    bare, address = way
    lock = bare / "refs" / "heads" / "main.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    repository = GitRepository(address, "main", sleep=lambda _: lock.unlink())
    landing = repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x")
    assert landing.commit == git(bare, "rev-parse", "main")


def test_a_lock_that_stays_is_a_refusal(way: tuple[Path, str]) -> None:
    bare, address = way
    (bare / "refs" / "heads").mkdir(parents=True, exist_ok=True)
    (bare / "refs" / "heads" / "main.lock").touch()
    pauses: list[float] = []
    repository = GitRepository(address, "main", sleep=pauses.append)
    with pytest.raises(CannotActError, match="refused"):
        repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x")
    assert len(pauses) == 3


def test_a_missing_branch_and_a_missing_repository_are_told(way: tuple[Path, str]) -> None:
    _, address = way
    with pytest.raises(CannotActError, match=r"no.*release"):
        GitRepository(address, "release").tip()
    with pytest.raises(CannotActError, match="nowhere"):
        GitRepository(address.replace("gitops.git", "nowhere.git"), "main").tip()


def test_modes_are_kept_and_places_that_are_taken_are_refused(tmp_path: Path) -> None:
    bare = make_bare(tmp_path)
    work = tmp_path / "other"
    push_by_hand(bare, work, "run.sh", "x\n")
    (work / "link").symlink_to("README.md")
    git(work, "update-index", "--chmod=+x", "run.sh")
    git(work, "add", "link")
    git(work, "commit", "--quiet", "--message=x")
    git(work, "push", "--quiet", "origin", "HEAD:main")
    repository = GitRepository(str(bare), "main")
    tip = repository.tip()
    for files in [{"link": b"x"}, {"link/below": b"x"}, {"README.md/below": b"x"}, {"policies": b"x"}]:
        with pytest.raises(CannotActError, match=next(iter(files)).partition("/")[0]):
            repository.commit(tip, files, "x")
    for path in ["link", "link/below"]:
        with pytest.raises(CannotActError, match="symbolic link"):
            tip.read(path)
    with pytest.raises(InvalidRequestError):
        repository.commit(tip, {"../x": b""}, "x")
    repository.commit(tip, {"run.sh": b"y\n"}, "x")
    assert git(bare, "ls-tree", "main", "run.sh").startswith("100755")


def test_one_request_per_level_and_few_bytes(tmp_path: Path, server: GitServer) -> None:
    """The cost of a promotion does not grow with the repository."""
    bare = make_bare(tmp_path, {**FILES, **{f"svc/s{n}/f{n}.yaml": f"{n}\n" for n in range(300)}})
    repository = GitRepository(server.url(bare.name), "main")
    tip = repository.tip()
    tip.prefetch(["policies/", "waivers/", "environments/staging.yaml", MANIFEST, RECORD])
    assert tip.read("policies/model-quality.yaml") == b"policy\n"
    assert tip.read(MANIFEST) == KUSTOMIZATION.encode()
    repository.commit(tip, {MANIFEST: b"x\n", RECORD: b"{}\n"}, "x")
    assert len(server.requests) <= 13
    counted = git(Path(repository._source.workspace.git_dir), "count-objects", "-v")  # type: ignore[union-attr]
    assert sum(int(line.split()[1]) for line in counted.splitlines() if line.startswith(("count", "in-pack"))) < 25
    repository.close()


def test_a_push_that_landed_while_its_answer_was_lost_is_a_success(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path)
    repository = GitRepository(server.url(bare.name), "main", sleep=_never)
    tip = repository.tip()
    server.lost_replies = 1
    landing = repository.commit(tip, {MANIFEST: b"x\n", RECORD: b"{}\n"}, "x")
    assert landing.commit == git(bare, "rev-parse", "main")
    assert git(bare, "rev-list", "--count", "main") == "3"


def test_it_is_found_below_what_others_built_on_it(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path)
    hook(bare, "post-receive", f"cd {tmp_path} && env -i PATH=$PATH sh {tmp_path}/follow.sh >&2")
    (tmp_path / "follow.sh").write_text(
        "mv gitops.git/hooks/post-receive gone; export GIT_AUTHOR_NAME=o GIT_AUTHOR_EMAIL=o@x GIT_COMMITTER_NAME=o "
        "GIT_COMMITTER_EMAIL=o@x; git clone -q gitops.git follow && cd follow && "
        f"echo later > {MANIFEST} && git commit -qam later && git push -q origin HEAD:main\n"
    )
    repository = GitRepository(server.url(bare.name), "main", sleep=_never)
    tip = repository.tip()
    server.lost_replies = 1
    landing = repository.commit(tip, {MANIFEST: b"x\n", RECORD: b"{}\n"}, "x")
    assert git(bare, "log", "-1", "--format=%s", "main") == "later"
    assert landing.commit == git(bare, "rev-parse", "main~1")


def test_it_is_found_when_it_was_reverted_before_anything_was_told(tmp_path: Path, server: GitServer) -> None:
    """To write it again would undo what a person did on purpose."""
    bare = make_bare(tmp_path)
    hook(bare, "post-receive", f"cd {tmp_path} && env -i PATH=$PATH sh {tmp_path}/follow.sh >&2")
    (tmp_path / "follow.sh").write_text(
        "mv gitops.git/hooks/post-receive gone; export GIT_AUTHOR_NAME=o GIT_AUTHOR_EMAIL=o@x GIT_COMMITTER_NAME=o "
        "GIT_COMMITTER_EMAIL=o@x; git clone -q gitops.git follow && cd follow && "
        "git revert --no-edit HEAD && git push -q origin HEAD:main\n"
    )
    repository = GitRepository(server.url(bare.name), "main", sleep=_never)
    tip = repository.tip()
    server.lost_replies = 1
    landing = repository.commit(tip, {MANIFEST: b"x\n", RECORD: b"{}\n"}, "x")
    assert git(bare, "log", "-1", "--format=%s", "main") == 'Revert "x"'
    assert landing.commit == git(bare, "rev-parse", "main~1")


def test_a_twin_that_wrote_the_same_record_is_not_taken_for_ours(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path)
    ours = GitRepository(server.url(bare.name), "main", sleep=_never)
    tip = ours.tip()
    push_by_hand(bare, tmp_path / "other", RECORD, "{}\n")
    assert ours.commit(tip, {MANIFEST: b"x\n", RECORD: b"{}\n"}, "x").moved


def test_when_nothing_can_be_told_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make_bare(tmp_path)
    repository = GitRepository(str(bare), "main", sleep=_never)
    tip = repository.tip()
    hook(bare, "pre-receive", "exit 1")
    monkeypatch.setattr(repository._source, "tips", _unreachable)
    with pytest.raises(CannotActError, match="may have landed"):
        repository.commit(tip, {MANIFEST: b"x\n"}, "x")


def test_credentials_are_used_and_never_shown(tmp_path: Path) -> None:
    bare = make_bare(tmp_path)
    with GitServer(tmp_path, password="sesame") as server:
        repository = GitRepository(server.url(bare.name, "bob:sesame"), "main")
        assert repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x").commit
        with pytest.raises(CannotActError) as refused:
            GitRepository(server.url(bare.name, "bob:hunter2"), "main").tip()
        with pytest.raises(CannotActError) as missing:
            GitRepository(server.url(bare.name, "bob:sesame"), "nope").tip()
    assert "hunter2" not in str(refused.value)
    assert "sesame" not in str(missing.value)


def test_variables_that_point_elsewhere_are_not_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make_bare(tmp_path)
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"]:
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.bare=maybe'")
    repository = GitRepository(str(bare), "main")
    assert repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x").commit
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_of_the_user_runs_or_adds_to_a_push(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make_bare(tmp_path)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ["pre-push", "post-commit", "prepare-commit-msg", "commit-msg"]:
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-$$\nexit 1\n")
        (hooks / name).chmod(0o755)
    home = tmp_path / "config"
    home.write_text(
        f"[core]\nhooksPath = {hooks}\n[protocol]\nversion = 0\n[push]\nfollowTags = true\n"
        "[user]\nname = U\nemail = u@x\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home))
    repository = GitRepository(f"file://{bare}", "main")
    assert repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x").commit
    assert list(tmp_path.glob("ran-*")) == []


def test_who_commits_is_the_users_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make_bare(tmp_path)
    for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"]:
        monkeypatch.delenv(name)
    here = tmp_path / "checkout"
    here.mkdir()
    git(here, "init", "--quiet")
    git(here, "config", "user.name", "From Here")
    monkeypatch.chdir(here)
    with GitServer(tmp_path) as server:
        repository = GitRepository(server.url(bare.name), "main")
        repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x")
    assert git(bare, "log", "-1", "--format=%an <%ae>", "main") == "From Here <tester@example.invalid>"


def test_commits_are_signed_where_the_users_configuration_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = make_bare(tmp_path)
    program = tmp_path / "sign"
    program.write_text(
        "#!/bin/sh\ncat >/dev/null; echo '-----BEGIN PGP SIGNATURE-----'; echo '[GNUPG:] SIG_CREATED ' >&2\n"
    )
    program.chmod(0o755)
    settings = tmp_path / "config"
    settings.write_text(f"[commit]\ngpgSign = yes\n[gpg]\nprogram = {program}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    with GitServer(tmp_path) as server:
        repository = GitRepository(server.url(bare.name), "main")
        repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x")
    assert "BEGIN PGP SIGNATURE" in git(bare, "cat-file", "commit", "main")


def test_a_repository_of_somebody_else_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its configuration may name programs; git itself refuses to follow it, and says how to trust it."""
    bare = make_bare(tmp_path)
    (tmp_path / "gpg").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    (tmp_path / "gpg").chmod(0o755)
    git(bare, "config", "commit.gpgSign", "true")
    git(bare, "config", "gpg.program", str(tmp_path / "gpg"))
    repository = GitRepository(str(bare), "main", sleep=_never)
    base = repository.tip()
    # Git's own switch for its tests; no variable of the user's would get through.
    ours = command.environment
    monkeypatch.setattr(
        command, "environment", lambda extra=None: ours(extra) | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    )
    with pytest.raises(CannotActError, match="dubious ownership"):
        repository.commit(base, {MANIFEST: b"x\n"}, "x")
    assert not (tmp_path / "ran").exists()


def test_a_bare_repository_is_used_where_git_is_told_to_look_at_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = make_bare(tmp_path)
    (tmp_path / "config").write_text("[safe]\nbareRepository = explicit\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    repository = GitRepository(str(bare), "main")
    assert repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x").commit


def test_what_a_partial_clone_lacks_is_not_fetched_behind_our_back(tmp_path: Path) -> None:
    bare = make_bare(tmp_path)
    partial = tmp_path / "partial.git"
    git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", f"file://{bare}", str(partial))
    (tmp_path / "fetched").write_text(f'#!/bin/sh\ntouch {tmp_path}/ran\nexec git-upload-pack "$@"\n')
    (tmp_path / "fetched").chmod(0o755)
    git(partial, "config", "remote.origin.uploadpack", str(tmp_path / "fetched"))
    with pytest.raises(CannotActError, match="cannot read the repository"):
        open_commit(str(partial)).read(MANIFEST)
    assert not (tmp_path / "ran").exists()


def test_without_an_identity_git_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make_bare(tmp_path)
    for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"]:
        monkeypatch.delenv(name)
    settings = tmp_path / "config"
    settings.write_text("[user]\nuseConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    repository = GitRepository(str(bare), "main")
    with pytest.raises(CannotActError, match=r"user\.(name|email)"):
        repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "-x",
        "--upload-pack=touch x",
        "ext::sh -c 'touch x'",
        "fd::3",
        "http::http://x/y",
        "ftp://x/y",
        "ssh://-oProxyCommand=touch/x",
        "ssh://me@-oProxyCommand=touch/x",
        "https://x/y\nz",
        "file://elsewhere/x",
    ],
)
def test_addresses_that_could_run_something_are_refused(address: str, tmp_path: Path) -> None:
    for door in (open_commit, lambda text: GitRepository(text, "main")):
        with pytest.raises(InvalidRequestError):
            door(address)


@pytest.mark.parametrize(
    "ref", ["", "-x", "a b", "a..b", "a:b", "HEAD~1", "@{1}", "a\nb", "x.lock", "/x", "x/", "@", "*"]
)
def test_refs_that_are_expressions_are_refused(ref: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError):
        open_commit(str(make_bare(tmp_path)), ref)


def test_a_folder_inside_a_repository_is_not_that_repository(tmp_path: Path) -> None:
    make_bare(tmp_path)
    with pytest.raises(CannotActError, match="not a git repository"):
        open_commit(str(tmp_path / "gitops.git.work" / "policies"))


def test_a_work_tree_is_never_touched(tmp_path: Path) -> None:
    make_bare(tmp_path)
    work = tmp_path / "gitops.git.work"
    git(work, "checkout", "--quiet", "-b", "mine")
    (work / "README.md").write_text("half done\n")
    repository = GitRepository(str(work), "main")
    landing = repository.commit(repository.tip(), {"README.md": b"x\n"}, "x")
    assert git(work, "rev-parse", "main") == landing.commit
    assert (work / "README.md").read_text() == "half done\n"
    assert git(work, "status", "--porcelain") == "M README.md" or git(work, "status", "--porcelain") == " M README.md"
    git(work, "checkout", "--quiet", "--force", "main")
    with pytest.raises(CannotActError, match="refused"):
        GitRepository(str(work), "main", sleep=lambda _: None).commit(repository.tip(), {"README.md": b"y\n"}, "y")


def test_a_push_that_hangs_is_stopped(tmp_path: Path) -> None:
    bare = make_bare(tmp_path)
    hook(bare, "pre-receive", "sleep 60")
    repository = GitRepository(str(bare), "main", sleep=lambda _: None, timeout=0.5)
    tip = repository.tip()
    with pytest.raises(CannotActError, match=r"did not take the commit: .*took longer") as caught:
        repository.commit(tip, {MANIFEST: b"x\n"}, "x")
    assert re.search("it finds out whether commit [0-9a-f]{40} landed after all", caught.value.remedy)
    assert git(bare, "rev-parse", "main") == tip.commit
    assert not (bare / "refs" / "heads" / "main.lock").exists()


def test_a_refusal_does_not_hide_an_earlier_push_that_may_land_yet(tmp_path: Path, server: GitServer) -> None:
    """The first one is not waited for any more, and the server is still at it; the second one is refused."""
    bare = make_bare(tmp_path)
    first, go = tmp_path / "first", tmp_path / "go"
    hook(bare, "pre-receive", f"mkdir {first} || exit 1; until test -e {go}; do sleep 0.1; done")
    repository = GitRepository(server.url(bare.name), "main", sleep=lambda _: None)
    tip = repository.tip()
    repository._timeout = 2
    try:
        with pytest.raises(CannotActError, match="did not take the commit: ") as caught:
            repository.commit(tip, {MANIFEST: b"x\n"}, "x")
    finally:
        go.touch()
    named = re.findall("commit ([0-9a-f]{40}) landed after all", caught.value.remedy)
    until = time.monotonic() + 60
    while git(bare, "rev-parse", "main") == tip.commit and time.monotonic() < until:
        time.sleep(0.1)
    assert named == [git(bare, "rev-parse", "main")]
    repository.close()


@pytest.mark.parametrize("seconds", ["0", "-1", "1.5", "ten", "99999999999", "٣"])
def test_how_long_is_waited_is_a_number_of_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    monkeypatch.setenv("GATEKEEPER_GIT_TIMEOUT", seconds)
    with pytest.raises(InvalidRequestError, match=r"GATEKEEPER_GIT_TIMEOUT is .* from 1 to 86400"):
        GitRepository(str(make_bare(tmp_path)), "main")


@pytest.mark.parametrize("http", [False, True])
def test_a_push_that_went_elsewhere_is_no_promotion(
    tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch, http: bool
) -> None:
    """Git says that all went well; the branch that was read says otherwise."""
    bare = make_bare(tmp_path)
    git(tmp_path, "clone", "--quiet", "--bare", str(bare), str(tmp_path / "mirror.git"))
    address = server.url(bare.name) if http else str(bare)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{tmp_path / 'mirror.git'}.pushInsteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", address)
    repository = GitRepository(address, "main", sleep=lambda _: None)
    tip = repository.tip()
    with pytest.raises(CannotActError, match="the push was taken, and the branch does not hold it"):
        repository.commit(tip, {MANIFEST: b"x\n"}, "x")
    assert git(bare, "rev-parse", "main") == tip.commit
    repository.close()


def test_git_is_believed_where_the_branch_cannot_be_asked(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path)
    hook(bare, "post-receive", f"cd / && mv {bare} {bare}.away")
    repository = GitRepository(server.url(bare.name), "main", sleep=_never)
    landing = repository.commit(repository.tip(), {MANIFEST: b"x\n"}, "x")
    assert landing.commit == git(Path(f"{bare}.away"), "rev-parse", "main")
    repository.close()


def test_what_landed_and_was_replaced_at_once_is_a_moved_tip(tmp_path: Path, server: GitServer) -> None:
    bare = make_bare(tmp_path)
    other = push_by_hand(bare, tmp_path / "hand", "README.md", "other\n")
    git(bare, "update-ref", "refs/heads/main", "main~1")
    hook(bare, "post-receive", f"env -i PATH=$PATH git --git-dir={bare} update-ref refs/heads/main {other}")
    repository = GitRepository(server.url(bare.name), "main", sleep=_never)
    assert repository.commit(repository.tip(), {MANIFEST: b"x\n", RECORD: b"{}\n"}, "x").moved
    repository.close()


@pytest.mark.parametrize("filters", ["true", "false"])
def test_a_huge_file_that_nobody_reads_stands_in_nobodys_way(
    tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch, filters: str
) -> None:
    """It is fetched with the folder that it lies in, and met again when the branch is read once more."""
    monkeypatch.setattr("gatekeeper.connect.git.reader.MAX_OBJECT", 50_000)
    bare = make_bare(tmp_path, {**FILES, "policies/weights.bin": "x" * 100_000})
    git(bare, "config", "uploadpack.allowFilter", filters)
    repository = GitRepository(server.url(bare.name), "main")
    for _ in range(2):
        tip = repository.tip()
        tip.prefetch(["policies/"])
        assert tip.read("policies/model-quality.yaml") == b"policy\n"
        push_by_hand(bare, tmp_path / "hand", "README.md", f"after {tip.commit}\n")
    with pytest.raises(CannotActError, match="more than 50000 are not read"):
        tip.read("policies/weights.bin")
    repository.close()


@pytest.mark.parametrize("http", [False, True])
def test_writers_at_once_all_land_none_twice(tmp_path: Path, server: GitServer, http: bool) -> None:
    bare = make_bare(tmp_path)
    address = server.url(bare.name) if http else str(bare)
    faults: list[BaseException] = []
    start = threading.Barrier(8)

    def write(number: int) -> None:
        try:
            repository = GitRepository(address, "main", sleep=lambda _: None)
            start.wait()
            _until_landed(repository, {f"decisions/staging/a{number}/r.json": b"%d\n" % number})
            repository.close()
        except BaseException as fault:  # noqa: BLE001 - shown by the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert git(bare, "rev-list", "--count", "main") == "10"
    listed = git(bare, "ls-tree", "-r", "--name-only", "main", "decisions/").splitlines()
    assert listed == [f"decisions/staging/a{number}/r.json" for number in range(8)]
    assert git(bare, "fsck", "--strict", "--no-dangling") == ""


def _until_landed(repository: GitRepository, files: dict[str, bytes]) -> None:
    for _ in range(100):
        if not repository.commit(repository.tip(), files, f"add {next(iter(files))}").moved:
            return
    raise AssertionError("never landed")


WRITER = """
import sys
from gatekeeper.connect.git import GitRepository
repository = GitRepository(sys.argv[1], "main")
repository.commit(repository.tip(), {sys.argv[2]: b"x\\n", sys.argv[3]: b"{}\\n"}, "x")
"""


KILL = """
up=$PPID
while [ "$up" -gt 1 ]; do
  case "$(ps -ww -o args= -p "$up")" in *"push --porcelain"*) kill -9 "$up"; touch PIDFILE.git;; esac
  up=$(ps -o ppid= -p "$up" | tr -d ' ')
done
kill -9 "$(cat PIDFILE)"
exit 0
"""


@pytest.mark.parametrize("when", ["pre-receive", "update", "post-receive"])
def test_killed_in_the_middle_it_is_all_or_nothing(tmp_path: Path, when: str) -> None:
    """The writer and its git are killed while the server is at this hook; whatever follows, both files or none."""
    bare = make_bare(tmp_path)
    hook(bare, when, KILL.replace("PIDFILE", str(tmp_path / "pid")))
    room = {**os.environ, "TMPDIR": str(tmp_path)}  # a killed process cannot tidy up
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(bare), MANIFEST, RECORD], env=room)
    (tmp_path / "pid").write_text(str(process.pid))
    assert process.wait(timeout=60) == -signal.SIGKILL
    assert (tmp_path / "pid.git").exists()
    tip = git(bare, "rev-parse", "main")  # one commit for both looks: the server's own git may still be finishing
    listed = git(bare, "ls-tree", "-r", "--name-only", tip)
    assert (RECORD in listed) == (show(bare, MANIFEST, tip) == "x\n")
    assert git(bare, "fsck", "--strict", "--no-dangling") == ""
    (bare / "hooks" / when).unlink()
    if RECORD not in listed:
        subprocess.run([sys.executable, "-c", WRITER, str(bare), MANIFEST, RECORD], check=True)
    assert show(bare, RECORD) == "{}\n"


def _never(_: float) -> None:
    raise AssertionError("nothing to wait for")


def _unreachable(_: object) -> Callable[[], None]:
    raise CannotActError("the line is dead")
