"""`gatekeeper promote` at a GitHub or GitLab of the tests' own, with a real git repository beside its API."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import Command, Finished
from tests.judging import policy_text
from tests.servers import github as hub
from tests.servers import gitlab as lab
from tests.servers.described import Description
from tests.servers.forge_git import Bare, GitHubWithGit, GitLabWithGit, Kill
from tests.servers.forge_site import Pull
from tests.servers.git_http import GitServer

IMAGE = "registry.example/churn-model"
ONE, TWO = (f"{IMAGE}:{tag}@sha256:{mark * 64}" for tag, mark in [("1.4.2", "a"), ("1.5.0", "b")])
MANIFEST = "environments/production/churn/kustomization.yaml"
BRANCH = "gatekeeper/promote/production/churn"
CONTEXT = "gatekeeper/production"
STICKY = "<!-- gatekeeper:report -->"
RULE = [{"id": "accuracy", "metric": {"name": "accuracy", "min": 0.85}}]


class Kind(NamedTuple):
    """A forge by its type: its site, its repository, its users' logins and tokens."""

    type: str
    site: Any
    repository: str
    author: str
    approver: str
    tokens: dict[str, str]

    @property
    def token(self) -> str:
        """The one that the command is given: the author's."""
        return next(token for token, login in self.tokens.items() if login == self.author)


GITHUB = Kind("github", GitHubWithGit, hub.REPOSITORY, hub.AUTHOR, hub.APPROVER, hub.TOKENS)
GITLAB = Kind("gitlab", GitLabWithGit, lab.PROJECT, lab.AUTHOR, lab.APPROVER, lab.TOKENS)


def environment(forge: dict[str, Any], **spec: Any) -> str:
    """Production, delivered by pull request."""
    whole = {
        "policies": [{"name": "p", "version": "^1"}],
        "delivery": {"mode": "pull-request", "branch": "main", "forge": forge},
        "artifacts": [{"name": "churn", "image": IMAGE, "manifests": [{"path": MANIFEST, "format": "kustomize"}]}],
        **spec,
    }
    head = {"apiVersion": "gatekeeper/v1", "kind": "Environment", "metadata": {"name": "production"}}
    return json.dumps({**head, "spec": whole})


def trust(kind: Kind) -> str:
    people = [
        {"name": name, "logins": {kind.type: login}}
        for name, login in (("author", kind.author), ("approver", kind.approver))
    ]
    roles = [{"role": "approve", "members": ["approver", "author"]}]
    head = {"apiVersion": "gatekeeper/v1", "kind": "Trust", "metadata": {"name": "root"}}
    return json.dumps({**head, "spec": {"people": people, "roles": roles}})


class ForgeScene:
    """One repository at the forge, and the command run by its author."""

    def __init__(self, command: Command, kind: Kind, site: Any, git: GitServer, bare: Bare) -> None:
        self.command = command
        self.kind = kind
        self.site = site
        self.git = git
        self.bare = bare
        self.token = kind.token
        self.write(0.91)

    def write(self, accuracy: float, **more: float) -> None:
        (self.command.folder / "metrics.json").write_text(json.dumps({"accuracy": accuracy, **more}))

    def words(self, *more: str, image: str = ONE) -> list[str]:
        repo = self.git.url(f"{self.kind.repository}.git")
        words = ["promote", "--env", "production", "--artifact", image, "--evidence", "metrics.json"]
        return [*words, "--repo", repo, "--format", "json", *more]

    def env(self, **more: str) -> dict[str, str]:
        return {"GATEKEEPER_FORGE_URL": self.site.url, "GATEKEEPER_FORGE_TOKEN": self.token, **more}

    def __call__(self, *more: str, image: str = ONE, **env: str) -> tuple[int, dict[str, Any], str]:
        """Promote; the exit code, the report's promotion and what stderr says."""
        return self.read(self.command(*self.words(*more, image=image), env=self.env(**env)))

    def read(self, done: Finished) -> tuple[int, dict[str, Any], str]:
        assert not [token for token in self.kind.tokens if token in done.stdout + done.stderr]
        found = json.loads(done.stdout) if done.stdout else {"promotion": {}}
        return done.code, found["reports"][0]["promotion"] if "reports" in found else found["promotion"], done.stderr

    def start(self, *more: str, image: str = ONE, **env: str) -> subprocess.Popen[bytes]:
        """The same in a process of its own, which is not waited for."""
        return subprocess.Popen(
            [str(self.command.executable), *self.words(*more, image=image)],
            cwd=self.command.folder,
            env={**os.environ, **self.env(**env)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def end(self, process: subprocess.Popen[bytes]) -> tuple[int, dict[str, Any], str]:
        """What became of one that was started."""
        out, err = process.communicate(timeout=300)
        return self.read(Finished(process.returncode, out.decode(), err.decode()))

    def killed(self, method: str, path: str, *more: str, done: bool) -> None:
        """Promote, and be killed by a request: before it is done, or after."""
        with self.site.lock:
            process = self.start(*more)
            self.site.kill = Kill(process.pid, method, path, done)
        process.communicate(timeout=300)
        assert process.returncode == -9
        assert self.site.kill is None

    @property
    def open_pulls(self) -> list[Pull]:
        self.site.heard()
        return [pull for pull in self.site.pulls if not pull.closed]

    @property
    def merged_pulls(self) -> list[Pull]:
        return [pull for pull in self.site.pulls if pull.merged_as]

    def reports(self, pull: Pull) -> list[str]:
        return [comment.text for comment in pull.comments if STICKY in comment.text]

    def status(self, commit: str) -> str | None:
        """The last state of our context."""
        said = [state for context, state, _ in self.site.statuses.get(commit, []) if context == CONTEXT]
        return {"failed": "failure"}.get(said[-1], said[-1]) if said else None


@contextmanager
def forge_scene(
    command: Command, kind: Kind, description: Description, forge: dict[str, Any] | None = None, **spec: Any
) -> Iterator[ForgeScene]:
    """A scene; at its end nothing was asked of the forge that it does not know."""
    settings = {"type": kind.type, "labels": ["promotion"]} if forge is None else forge
    files = {
        "policies/p.yaml": policy_text(RULE),
        "environments/production.yaml": environment(settings, **spec),
        "trust.yaml": trust(kind),
        MANIFEST: f"images:\n  - name: {IMAGE}\n    newTag: 1.4.1\n",
    }
    root = command.folder / "served"
    bare = Bare(Path(root, f"{kind.repository}.git"), files)
    with GitServer(root) as git, kind.site(description, kind.repository) as site:
        site.use(bare)
        site.tokens |= kind.tokens
        yield ForgeScene(command, kind, site, git, bare)
    assert site.faults == []
