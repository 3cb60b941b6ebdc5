"""A GitOps repository with a past, to be rolled back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatekeeper.app.asked import Asked
from gatekeeper.app.rollback import Back, rollback
from gatekeeper.connect.git import GitRepository
from gatekeeper.model.judgement import Report
from gatekeeper.model.project import Folders
from gatekeeper.model.promoted import Requester
from gatekeeper.policy.trust import Ring
from tests.app.acting import promote
from tests.app.judgements import digest
from tests.app.test_promote import Clock, always, means
from tests.connect.repositories import KUSTOMIZATION, git, make_bare, push_by_hand

MANIFEST = "environments/staging/churn/kustomization.yaml"
A, B, C = (
    f"registry.example/churn-model:{tag}@{digest(mark)}" for tag, mark in [("1.4.2", "a"), ("1.5.0", "b"), ("2.0", "c")]
)


def document(kind: str, name: str, **spec: Any) -> str:
    """A document of ours, as JSON, which is YAML too."""
    return json.dumps({"apiVersion": "gatekeeper/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})


def staging(**changes: Any) -> str:
    """The environment's file."""
    row = {
        "name": "churn",
        "image": "registry.example/churn-model",
        "manifests": [{"path": MANIFEST, "format": "kustomize"}],
    }
    use = [{"name": "model-quality", "version": "^2"}]
    return document("Environment", "staging", **{"policies": use, "artifacts": [row], **changes})


def trust(**roles: list[str]) -> str:
    """Alice and bob, and what they may do."""
    people = [{"name": name, "emails": [f"{name}@example.com"]} for name in ("alice", "bob")]
    grants = [{"role": role, "members": members} for role, members in roles.items()]
    return document("Trust", "t", people=people, roles=grants)


class Scene:
    """A bare repository, a clock, and acts upon it."""

    def __init__(self, folder: Path, files: Mapping[str, str] | None = None, name: str = "gitops.git") -> None:
        self.folder = folder
        self.clock = Clock()
        self.bare = make_bare(
            folder, {"environments/staging.yaml": staging(), MANIFEST: KUSTOMIZATION, **(files or {})}, name=name
        )

    @property
    def tip(self) -> str:
        """The commit at `main`."""
        return git(self.bare, "rev-parse", "main")

    def repository(self) -> GitRepository:
        """Opened anew."""
        return GitRepository(str(self.bare), "main", sleep=lambda _: None)

    def promote(self, image: str, **changes: Any) -> Report:
        """By a judgement that is given."""
        return promote(self.repository(), "main", means(always(image, **changes), self.clock))

    def write(self, path: str, text: str) -> None:
        """Somebody else's commit."""
        push_by_hand(self.bare, self.folder / "hand", path, text)

    def roll(self, to: str | None = None, artifact: str | None = None, by: str = "alice", **asked: Any) -> Report:
        """Roll back, as somebody whom git knows."""
        extra = {
            key: asked.pop(key)
            for key in ("open_site", "sleep", "elapsed", "longest_pause", "registry")
            if key in asked
        }

        def who(ring: Ring | None) -> Requester:
            login = f"{by}@example.com"
            name = None if ring is None else ring.owner_of("email", login)
            return Requester(login=login, vouched="git", name=name, system="email")

        back = Back(
            environment="staging",
            artifact=artifact,
            to=to,
            reason="Latency doubled",
            folders=lambda _: Folders(),
            who=who,
        )
        acting = means(lambda *_: 1 / 0, self.clock, **extra)  # nothing is judged
        return rollback(self.repository(), "main", acting, Asked(**asked), back)

    def files(self, folder: str) -> list[str]:
        """The files below a folder at the tip."""
        return git(self.bare, "ls-tree", "-r", "--name-only", "main", f"{folder}/").splitlines()
