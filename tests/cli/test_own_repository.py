"""Environments delivered to repositories of their own: the rules are in one, manifests and records elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scene import git
from tests.conftest import Command
from tests.connect.repositories import make_bare, push_by_hand, show
from tests.judging import policy_text

IMAGE = "registry.example/churn-model"
ONE = f"{IMAGE}:1.4.2@sha256:{'a' * 64}"
MANIFEST = "apps/churn/kustomization.yaml"
TEXT = f"images:\n  - name: {IMAGE}\n    newTag: 1.4.1\n"


def environment(name: str, repo: Path, branch: str, **spec: Any) -> str:
    whole = {
        "policies": [{"name": "p", "version": "^1"}],
        "delivery": {"repo": str(repo), "branch": branch},
        "artifacts": [{"name": "churn", "image": IMAGE, "manifests": [{"path": MANIFEST, "format": "kustomize"}]}],
        **spec,
    }
    head = {"apiVersion": "gatekeeper/v1", "kind": "Environment", "metadata": {"name": name}}
    return json.dumps({**head, "spec": whole})


class Scene:
    """Rules in one repository; staging and production in one each, on branches of other names."""

    def __init__(self, command: Command, folder: Path) -> None:
        self.command = command
        self.staging = self.made(folder / "s", {MANIFEST: TEXT})
        self.production = self.made(folder / "p", {MANIFEST: TEXT})
        git(self.staging, "branch", "live", "main")
        git(self.production, "branch", "stable", "main")
        rules = {
            "policies/p.yaml": policy_text([{"id": "accuracy", "metric": {"name": "accuracy", "min": 0.85}}]),
            "environments/staging.yaml": environment("staging", self.staging, "live"),
            "environments/production.yaml": environment(
                "production", self.production, "stable", after=[{"environment": "staging"}]
            ),
        }
        self.rules = self.made(folder / "r", rules)
        (folder / "metrics.json").write_text('{"accuracy": 0.9}')

    @staticmethod
    def made(folder: Path, files: dict[str, str]) -> Path:
        folder.mkdir()
        return make_bare(folder, files)

    def __call__(self, env: str, *more: str) -> tuple[int, dict[str, Any]]:
        evidence = [] if "--from" in more else ["--artifact", ONE, "--evidence", "metrics.json"]
        words = ["promote", "--env", env, *evidence, "--repo", self.rules, "--format", "json", *more]
        code, out, err = self.command(*words)
        assert out, err
        return code, json.loads(out)["promotion"]


def test_each_is_written_where_it_is_delivered_and_judged_by_the_rules(gatekeeper: Command, tmp_path: Path) -> None:
    scene = Scene(gatekeeper, tmp_path)
    rules = git(scene.rules, "rev-parse", "main")
    code, promotion = scene("production")
    assert (code, promotion["action"]) == (5, "waiting")
    code, promotion = scene("staging")
    assert (code, promotion["action"]) == (0, "committed")
    assert promotion["commit"] == git(scene.staging, "rev-parse", "live")
    assert "1.4.2" in show(scene.staging, MANIFEST, "live")
    code, promotion = scene("production", "--from", "staging")
    assert (code, promotion["action"]) == (0, "committed")
    assert promotion["commit"] == git(scene.production, "rev-parse", "stable")
    record = json.loads(show(scene.production, promotion["record"], "stable"))["predicate"]
    assert record["context"]["commit"] == rules == git(scene.rules, "rev-parse", "main")
    code, again = scene("production", "--from", "staging")
    assert (code, again["action"]) == (0, "already")


def test_a_hold_in_the_rules_stops_what_is_delivered_elsewhere(gatekeeper: Command, tmp_path: Path) -> None:
    scene = Scene(gatekeeper, tmp_path)
    hold = {"environment": "staging", "reason": "broken", "by": "alice", "since": "2026-01-01"}
    document = {"apiVersion": "gatekeeper/v1", "kind": "Hold", "metadata": {"name": "h"}, "spec": hold}
    push_by_hand(scene.rules, tmp_path / "hand", "holds/h.yaml", json.dumps(document))
    before = git(scene.staging, "rev-parse", "live")
    code, promotion = scene("staging")
    assert (code, [one["condition"] for one in promotion["waiting"]]) == (5, ["hold"])
    assert git(scene.staging, "rev-parse", "live") == before


@pytest.mark.parametrize("more", [(), ("--env", "staging"), ("--env", "production")])
def test_status_is_ruled_by_heads_branch_as_promotions_are(
    gatekeeper: Command, tmp_path: Path, more: tuple[str, ...]
) -> None:
    scene = Scene(gatekeeper, tmp_path)
    assert scene("staging")[0] == 0
    code, out, err = gatekeeper("status", "--repo", scene.rules, "--format", "json", *more)
    assert code == 0, err
    found = {one["environment"]: one["artifacts"][0]["tag"] for one in json.loads(out)["environments"]}
    wanted = {"staging": "1.4.2", "production": "1.4.1"}
    assert found == (wanted if not more else {more[1]: wanted[more[1]]})
