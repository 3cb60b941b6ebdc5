"""A record names all that evidence was compared with: not the image alone, but its model, commit, run and data."""

from __future__ import annotations

import json
from pathlib import Path

from gatekeeper.records.statement import read_record
from tests.conftest import Command
from tests.judging import policy_text

DIGEST = "sha256:" + "c" * 64
MODEL = "sha256:" + "d" * 64
COMMIT = "9f2c6ab0d1e8457fa3c2b6e94d70815f3ca9e2b4"
CARRIED = {
    "model": {"name": "churn", "version": "7", "digest": MODEL},
    "commit": COMMIT,
    "run": "mlflow:3f6a",
    "datasets": {"data/train.csv": "md5:" + "e" * 32},
}
POLICY = policy_text(
    [{"id": "accuracy", "metric": {"name": "accuracy", "min": 0.9}}], evidence={"metrics": {"kind": "metrics"}}
)


def _judged(gatekeeper: Command, folder: Path, carried: dict[str, object]) -> tuple[dict[str, object], str]:
    spec = {"image": f"registry.example/churn:1.4.2@{DIGEST}", **carried}
    file = {"apiVersion": "gatekeeper/v1", "kind": "Artifact", "spec": spec}
    (folder / "artifact.yaml").write_text(json.dumps(file))
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "metrics.json").write_text('{"accuracy": 0.95}')
    options = ("--policy", "policy.yaml", "--evidence", "metrics.json", "--artifact", "artifact.yaml")
    done = gatekeeper("evaluate", *options, "--decision", "record.json", "--now", "2026-11-23T12:00:00Z", cwd=folder)
    assert done.code == 0, done.stderr
    data = (folder / "record.json").read_bytes()
    read_record(data)
    artifact = json.loads(data)["predicate"]["judgement"]["artifact"]
    return artifact, done.stdout


def test_what_the_artifact_carries_is_in_the_record_and_the_report(gatekeeper: Command, tmp_path: Path) -> None:
    artifact, text = _judged(gatekeeper, tmp_path, CARRIED)
    assert {key: artifact[key] for key in CARRIED} == CARRIED
    for shown in (
        f"model    churn 7\n         {MODEL}",
        f"commit   {COMMIT}",
        "run      mlflow:3f6a",
        "data     data/train.csv",
    ):
        assert shown in text


def test_what_was_not_said_is_not_there(gatekeeper: Command, tmp_path: Path) -> None:
    artifact, text = _judged(gatekeeper, tmp_path, {"commit": COMMIT})
    assert artifact.keys() == {"name", "image", "tag", "digest", "commit"}
    assert "model" not in text
