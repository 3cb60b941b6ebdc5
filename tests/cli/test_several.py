"""Several artifacts of one environment in one commit: all or none, or all that is ready."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scene import FORMATS, git
from tests.conftest import Command
from tests.connect.repositories import make_bare, push_by_hand, show
from tests.judging import policy_text

PLACE = "environments/{}/kustomization.yaml"
NAMES = ("churn", "fraud")
DIGESTS = {"churn": "sha256:" + "a" * 64, "fraud": "sha256:" + "b" * 64}


def image(name: str) -> str:
    return f"registry.example/{name}"


def environment(env: str, **spec: Any) -> str:
    rows = [
        {"name": name, "image": image(name), "manifests": [{"path": PLACE.format(env), "format": "kustomize"}]}
        for name in NAMES
    ]
    whole = {"policies": [{"name": "p", "version": "^1"}], "artifacts": rows, **spec}
    head = {"apiVersion": "gatekeeper/v1", "kind": "Environment", "metadata": {"name": env}}
    return json.dumps({**head, "spec": whole})


MANIFEST = "images:\n" + "".join(f"  - name: {image(name)}  # {name}\n    newTag: '1'\n" for name in NAMES)


class Scene:
    """Both artifacts are named in one kustomization; each report says whose it is."""

    def __init__(self, command: Command, folder: Path) -> None:
        self.command = command
        self.folder = folder
        rule = {"id": "accuracy", "metric": {"name": "accuracy", "min": 0.85}}
        self.bare = make_bare(
            folder,
            {
                "policies/p.yaml": policy_text([rule], evidence={"metrics": {"kind": "metrics", "about": "artifact"}}),
                "environments/staging.yaml": environment("staging"),
                "environments/production.yaml": environment("production", after=[{"environment": "staging"}]),
                **{PLACE.format(env): MANIFEST for env in ("staging", "production")},
            },
        )
        self.write()

    def write(self, **accuracy: float) -> None:
        for name in NAMES:
            self.bind(name, accuracy.get(name, 0.9), DIGESTS[name])

    def bind(self, name: str, accuracy: float, digest: str) -> None:
        """The report of an artifact, about what has this digest."""
        (self.folder / "raw.json").write_text(json.dumps({"accuracy": accuracy}))
        words = ["evidence", "bind", "raw.json", "--about", f"artifact={digest}", "--output", f"{name}.json"]
        assert self.command(*words).code == 0

    def __call__(self, *more: str, env: str = "staging", names: tuple[str, ...] = NAMES) -> tuple[int, Any]:
        asked = [word for name in names for word in ("--artifact", f"{image(name)}:2@{DIGESTS[name]}")]
        evidence = [word for name in names for word in ("--evidence", f"{name}.json")]
        words = ["promote", "--env", env, "--repo", str(self.bare), *asked, *evidence, "--format", "json", *more]
        code, out, err = self.command(*words)
        assert out, err
        return code, json.loads(out)

    def tip(self) -> str:
        return git(self.bare, "rev-parse", "main")


@pytest.fixture
def scene(gatekeeper: Command, tmp_path: Path) -> Scene:
    return Scene(gatekeeper, tmp_path)


def actions(document: Any) -> dict[str, str]:
    return {one["artifact"]["name"]: one["promotion"]["action"] for one in document["reports"]}


def test_all_that_is_allowed_lands_in_one_commit(scene: Scene) -> None:
    before = scene.tip()
    code, document = scene()
    assert (code, actions(document)) == (0, {"churn": "committed", "fraud": "committed"})
    assert document["schema"] == "gatekeeper.reports/v1"
    assert {one["promotion"]["commit"] for one in document["reports"]} == {scene.tip()}
    assert git(scene.bare, "rev-parse", "main^") == before
    text = show(scene.bare, PLACE.format("staging"))
    assert [text.count(f"newTag: '2'\n    digest: {digest}") for digest in DIGESTS.values()] == [1, 1]
    records = [one["promotion"]["record"] for one in document["reports"]]
    assert all(json.loads(show(scene.bare, record)) for record in records)
    message = git(scene.bare, "log", "-1", "--format=%B")
    assert message.startswith("staging: churn 1 → 2, fraud 1 → 2\n")
    assert message.count("Gatekeeper-Decision: ") == 2
    again, document = scene()
    assert (again, actions(document)) == (0, {"churn": "already", "fraud": "already"})


def test_one_that_is_denied_keeps_all_back(scene: Scene) -> None:
    before = scene.tip()
    scene.write(fraud=0.5)
    code, document = scene()
    assert (code, actions(document)) == (1, {"churn": "none", "fraud": "none"})
    assert document["reports"][0]["promotion"]["notes"] == ["not promoted, because all go together and fraud cannot"]
    assert scene.tip() == before


def test_what_is_ready_goes_where_that_was_asked_for(scene: Scene) -> None:
    scene.write(fraud=0.5)
    code, document = scene("--all-ready")
    assert (code, actions(document)) == (1, {"churn": "committed", "fraud": "none"})
    text = show(scene.bare, PLACE.format("staging"))
    assert DIGESTS["churn"] in text
    assert DIGESTS["fraud"] not in text


def test_everything_that_stands_in_staging_goes_on_to_production(scene: Scene) -> None:
    assert scene(names=("churn",))[0] == 0
    code, document = scene("--from", "staging", "--all-ready", env="production", names=())
    assert code == 0
    assert document["artifact"]["name"] == "churn"  # fraud never was in staging
    assert document["promotion"]["action"] == "committed"
    assert scene(names=("fraud",))[0] == 0
    code, document = scene("--from", "staging", "--all-ready", env="production", names=())
    assert (code, actions(document)) == (0, {"churn": "already", "fraud": "committed"})


def test_one_that_waits_does_not_decide_the_code_where_others_went(scene: Scene) -> None:
    assert scene(names=("churn",))[0] == 0
    code, document = scene("--all-ready", env="production")
    assert (code, actions(document)) == (0, {"churn": "committed", "fraud": "waiting"})
    code, document = scene("--all-ready", env="production", names=("fraud",))
    assert code == 5


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_tells_of_both(scene: Scene, format_: str) -> None:
    asked = [word for name in NAMES for word in ("--artifact", f"{image(name)}:2@{DIGESTS[name]}")]
    evidence = ("--evidence", "churn.json", "--evidence", "fraud.json")
    code, out, _ = scene.command(
        "plan", "--env", "staging", "--repo", scene.bare, *asked, *evidence, "--format", format_
    )
    assert code == 0
    assert all(name in out for name in NAMES)


def test_evidence_about_neither_is_an_error_for_both(scene: Scene) -> None:
    for name in NAMES:
        scene.bind(name, 0.9, "sha256:" + "c" * 64)
    code, document = scene()
    assert (code, actions(document)) == (3, {"churn": "none", "fraud": "none"})


def test_one_that_cannot_be_handed_over_is_left_behind_with_its_reason(scene: Scene) -> None:
    assert scene()[0] == 0
    folder = "decisions/staging/fraud"
    (name,) = git(scene.bare, "ls-tree", "--name-only", "main", f"{folder}/").splitlines()
    push_by_hand(scene.bare, scene.folder / "hand", name, show(scene.bare, name).replace("0.9", "0.99"))
    code, document = scene("--from", "staging", "--all-ready", env="production", names=())
    assert code == 4
    assert document["promotion"]["action"] == "committed"
    assert document["promotion"]["left"] == ["fraud"]
    assert any(note.startswith("fraud was left behind: ") for note in document["promotion"]["notes"])


def test_one_record_of_several_is_refused_before_anything_is_done(scene: Scene) -> None:
    before = scene.tip()
    asked = [word for name in NAMES for word in ("--artifact", f"{image(name)}:2@{DIGESTS[name]}")]
    for words in (asked, ["--from", "staging", "--all-ready"]):
        code, _, err = scene.command(
            "promote", "--env", "staging", "--repo", scene.bare, *words, "--decision", "d.json"
        )
        assert code == 2
        assert "--decision writes one record" in err
    assert scene.tip() == before
