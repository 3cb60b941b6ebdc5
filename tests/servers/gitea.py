"""A real Gitea, and repositories made in it, each with its own people, files and branch protection."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.servers.components import component, need, running

OWNER = "ml"
_NUMBERS = itertools.count(1)


def login(user: str) -> str:
    """The login of `admin`, `author`, `approver`, `reader` or `bot`."""
    return f"gk-{user}"


class RunningGitea(NamedTuple):
    """The forge: its URL, and a token of each user; `least` is the bot's with the fewest scopes."""

    url: str
    tokens: dict[str, str]
    place: Path

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`."""
        return self.url.removeprefix("http://")

    def api(self, user: str, method: str, path: str, body: Any = None, want: tuple[int, ...] = (200, 201, 204)) -> Any:
        """What the API answers to a user; anything but the wanted statuses fails the test."""
        line = http.client.HTTPConnection(self.host, timeout=60)
        headers = {"Authorization": f"token {self.tokens[user]}", "Content-Type": "application/json"}
        line.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        text = answer.read()
        line.close()
        assert answer.status in want, (method, path, answer.status, text)
        return json.loads(text) if text.strip() else None

    def repository(self, files: Mapping[str, str] | None = None) -> GiteaRepository:
        """A new private one of the organisation: author, approver and bot may write, reader may read."""
        name = f"deploy-{next(_NUMBERS)}"
        made = {"name": name, "auto_init": True, "default_branch": "main", "private": True}
        self.api("admin", "POST", f"/orgs/{OWNER}/repos", made)
        repository = GiteaRepository(self, f"{OWNER}/{name}")
        for user, permission in {"author": "write", "approver": "write", "bot": "write", "reader": "read"}.items():
            repository.api("admin", "PUT", f"/collaborators/{login(user)}", {"permission": permission})
        if files:
            repository.push("author", files)
        return repository


class GiteaRepository(NamedTuple):
    """One repository; `path` is `owner/name`."""

    forge: RunningGitea
    path: str

    @property
    def url(self) -> str:
        """Its address for git, without credentials."""
        return f"{self.forge.url}/{self.path}.git"

    def url_as(self, user: str) -> str:
        """Its address for git, with a user's credentials in it."""
        return f"http://{login(user)}:{self.forge.tokens[user]}@{self.forge.host}/{self.path}.git"

    def api(self, user: str, method: str, path: str, body: Any = None, want: tuple[int, ...] = (200, 201, 204)) -> Any:
        """As the forge's, below this repository."""
        return self.forge.api(user, method, f"/repos/{self.path}{path}", body, want)

    def protect(self, branch: str = "main", **changes: Any) -> None:
        """Protect a branch: one approval, stale ones dismissed, no pushes; `status_check_contexts` asks for some."""
        rule = {
            "rule_name": branch,
            "enable_push": False,
            "required_approvals": 1,
            "dismiss_stale_approvals": True,
            "block_on_rejected_reviews": True,
            "block_admin_merge_override": True,
            "enable_status_check": "status_check_contexts" in changes,
            **changes,
        }
        self.api("admin", "POST", "/branch_protections", rule)

    def tip(self, branch: str = "main") -> str:
        """The commit that a branch is at."""
        return str(self.api("admin", "GET", f"/branches/{branch}")["commit"]["id"])

    def push(
        self,
        user: str,
        files: Mapping[str, str],
        to: str = "refs/heads/main",
        *,
        onto: str = "main",
        options: tuple[str, ...] = (),
        force: bool = False,
    ) -> str:
        """Commit files on top of the branch `onto` and push that to the ref `to`; the commit."""
        folder = self.forge.place / f"work-{next(_NUMBERS)}"
        _git("clone", "-q", "--branch", onto, self.url_as(user), str(folder))
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        _git("-C", str(folder), "add", "-A")
        _git("-C", str(folder), "commit", "-q", "-m", "Change files")
        asked = [part for option in options for part in ("-o", option)]
        _git("-C", str(folder), "push", "-q", *(["-f"] if force else []), *asked, "origin", f"HEAD:{to}")
        return _git("-C", str(folder), "rev-parse", "HEAD")

    def approve(self, user: str, number: int, commit: str | None = None, event: str = "APPROVED") -> Any:
        """Review a pull request as it is, or as it was at a commit."""
        review = {"event": event, "body": "as reviewed", **({"commit_id": commit} if commit else {})}
        return self.api(user, "POST", f"/pulls/{number}/reviews", review)

    def set_status(self, user: str, commit: str, context: str, state: str) -> None:
        """Set a commit's status."""
        self.api(user, "POST", f"/statuses/{commit}", {"context": context, "state": state})


def _git(*arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], capture_output=True, text=True, env=os.environ)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.fixture(scope="session")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGitea]:
    """A Gitea of this run of the tests, with the organisation that all repositories lie in."""
    need("gitea", bool(component("gitea", "program", check=False)))
    place = tmp_path_factory.mktemp("gitea")
    with running("gitea", place / "state") as url:
        tokens = json.loads((place / "state" / "tokens.json").read_text(encoding="utf-8"))
        forge = RunningGitea(url, tokens, place)
        forge.api("admin", "POST", "/orgs", {"username": OWNER})
        yield forge
