"""A forge of the tests' own whose branches lie in a real git repository: pushes and merges are git's."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.servers.forge_site import Answer, Asked, Pull, Site
from tests.servers.github import GitHubSite
from tests.servers.gitlab import GitLabSite

_HOOK = """\
#!/bin/sh
count=0
while [ "$count" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do
    eval "printf '%s\\n' \\"\\$GIT_PUSH_OPTION_$count\\"" >>push-options
    count=$((count + 1))
done
[ "$count" = 0 ] || echo "View merge request: http://forge.example/ml/deploy/-/merge_requests/1" >&2
"""


class Kill(NamedTuple):
    """A process that is killed when such a request arrives: before it is done, or after."""

    pid: int
    method: str
    path: str
    done: bool


class Bare:
    """A bare repository, changed as people change one."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "--bare", "-b", "main")
        for name in ("receive.advertisePushOptions", "uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            self.git("config", name, "true")
        hook = folder / "hooks" / "post-receive"
        hook.write_text(_HOOK)
        hook.chmod(0o755)
        self.push(files, onto=None)

    def git(self, *arguments: str, stdin: str = "", check: bool = True, index: str | None = None) -> str:
        """What git prints."""
        environ = {**os.environ, **({"GIT_INDEX_FILE": index} if index else {})}
        words = ["git", "-C", str(self.folder), *arguments]
        ran = subprocess.run(words, input=stdin, capture_output=True, text=True, env=environ)
        assert ran.returncode == 0 or not check, ran.stderr
        return ran.stdout.strip() if ran.returncode == 0 else ""

    def tip(self, branch: str = "main") -> str:
        """The commit that a branch is at; empty where there is none."""
        return self.git("rev-parse", "--verify", "-q", f"refs/heads/{branch}", check=False)

    def push(
        self, files: Mapping[str, str], branch: str = "main", onto: str | None = "main", amend: bool = False
    ) -> str:
        """Commit files on top of a branch, or instead of its tip; the commit."""
        index = str(self.folder / "people-index")
        Path(index).unlink(missing_ok=True)
        tip = self.tip(onto) if onto else ""
        if tip:
            self.git("read-tree", tip, index=index)
        for path, text in files.items():
            blob = self.git("hash-object", "-w", "--stdin", stdin=text)
            self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", index=index)
        parent = f"{tip}~1" if amend else tip
        words = ["commit-tree", self.git("write-tree", index=index), *(["-p", parent] if tip else []), "-m", "Change"]
        commit = self.git(*words)
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def merged(self, base: str, head: str, message: str) -> str | None:
        """The merge of a commit into a branch, as a forge makes it; None for a conflict."""
        tip = self.tip(base)
        tree = self.git("merge-tree", "--write-tree", tip, head, check=False)
        if not tree:
            return None
        commit = self.git("commit-tree", tree, "-p", tip, "-p", head, "-m", message)
        self.git("update-ref", f"refs/heads/{base}", commit, tip)
        return commit

    def shown(self, path: str, ref: str = "main") -> str:
        """A file of a branch."""
        return self.git("show", f"{ref}:{path}")

    def is_in(self, head: str, base: str) -> bool:
        """Whether a commit is in a branch already."""
        return self.git("merge-base", head, self.tip(base), check=False) == head


class _Branches(MutableMapping[str, str]):
    def __init__(self, bare: Bare) -> None:
        self._bare = bare

    def __getitem__(self, branch: str) -> str:
        if tip := self._bare.tip(branch):
            return tip
        raise KeyError(branch)

    def __setitem__(self, branch: str, commit: str) -> None:
        self._bare.git("update-ref", f"refs/heads/{branch}", commit)

    def __delitem__(self, branch: str) -> None:
        self._bare.git("update-ref", "-d", f"refs/heads/{branch}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._bare.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split())

    def __len__(self) -> int:
        return len(list(iter(self)))


class _WithGit(Site):
    """What every forge does with its repository. `deletes` branches that were merged where it is told to."""

    bare: Bare
    deletes = False
    kill: Kill | None = None
    before: Any = None

    def use(self, bare: Bare) -> None:
        """Take the branches from there."""
        self.bare = bare
        self.branches = _Branches(bare)  # type: ignore[assignment]

    def heard(self) -> None:
        """Open pull requests hear of what was pushed; one whose branch is gone is closed."""
        for pull in self.pulls:
            if pull.closed or pull.fork:
                continue
            pull.commit = self.branches.get(pull.head, pull.commit)
            pull.closed = pull.head not in self.branches

    def merge(self, pull: Pull) -> str:
        """Merge it in git."""
        commit = self.bare.merged(pull.base, pull.commit, f"Merge {pull.number}")
        assert commit is not None
        pull.closed, pull.merged_as = True, commit
        if self.deletes:
            del self.branches[pull.head]  # type: ignore[attr-defined]
        return commit

    def unmet(self, pull: Pull) -> str | None:
        """Beside what the branch asks for: a conflict."""
        tip = self.branches[pull.base]
        if pull.merged_as is None and not self.bare.git("merge-tree", "--write-tree", tip, pull.commit, check=False):
            return "approvals"
        return super().unmet(pull)

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """As it is, but for whom is killed by it, and for what somebody else does at that moment."""
        with self.lock:
            self.heard()
            if self.before is not None:
                self.before(method, target)
            kill = self.kill
            if kill is None or kill.method != method or not re.search(kill.path, target):
                return super().respond(method, target, headers, body)
            self.kill = None
            if kill.done:
                super().respond(method, target, headers, body)
            os.kill(kill.pid, signal.SIGKILL)
            return None


class GitHubWithGit(_WithGit, GitHubSite):
    """GitHub; a branch with nothing new gets no pull request."""

    def answer(self, operation: Any, asked: Asked) -> Answer:
        if (asked.method, operation.path) == ("POST", "/repos/{owner}/{repo}/pulls"):
            head, base = asked.body["head"], asked.body["base"]
            if head in self.branches and self.bare.is_in(self.branches[head], base):
                message = f"No commits between {base} and {head}"
                return self._invalid({"resource": "PullRequest", "code": "custom", "message": message})
        return super().answer(operation, asked)


class GitLabWithGit(_WithGit, GitLabSite):
    """GitLab, which opens a merge request without changes, too."""
