"""The policies over running services and pipelines through the command: every outcome, and how its report reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.scene import FORMATS, IMAGE
from tests.conftest import Command, Finished, Golden
from tests.policies import reports

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = "2026-11-23T06:30:00Z"
OTHER = "sha256:" + "d" * 64
TRAIN, TEST = "1" * 32, "2" * 32
LOCK = """\
schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - path: data/train.csv
      hash: md5
      md5: {train}
      size: 10
    - path: data/test.csv
      hash: md5
      md5: {test}
      size: 10
    outs:
    - path: model.pkl
      hash: md5
      md5: 33333333333333333333333333333333
      size: 10
"""
HEALTHY = {"slo.json": reports.service_level(), "rollout.json": reports.rollout()}
BURNING = {
    "slo.json": reports.service_level(errors=70),
    "rollout.json": reports.rollout(digest=OTHER, restarts=1, updated=1),
}
ALLOWED, DENIED, UNDECIDED = 0, 1, 3


def judged(
    gatekeeper: Command, policy: str, files: Mapping[str, bytes], format_: str = "json", artifact: str = IMAGE
) -> Finished:
    folder = gatekeeper.folder / "reports"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    path = ROOT / "policies" / f"{policy}.yaml"
    options = ["--artifact", artifact, "--format", format_, "--now", NOW, "--cross-check"]
    return gatekeeper("evaluate", "--policy", path, "--evidence", "reports", *options)


@pytest.mark.parametrize(
    ("changed", "code", "outcomes"),
    [
        ({}, ALLOWED, {"pass"}),
        ({"slo.json": reports.service_level(errors=145)}, DENIED, {"pass", "fail"}),
        ({"rollout.json": reports.rollout(digest=OTHER)}, DENIED, {"pass", "fail"}),
        ({"slo.json": reports.service_level(events=10)}, UNDECIDED, {"pass", "inconclusive"}),
        ({"slo.json": reports.service_level(made="2026-11-23T05:29:59Z")}, UNDECIDED, {"pass", "missing"}),
        ({"slo.json": b'{"status": "error", "errorType": "timeout"}'}, UNDECIDED, {"pass", "error"}),
        ({"slo.json": b""}, UNDECIDED, {"pass", "missing", "error"}),
    ],
    ids=["healthy", "burning", "another image", "few events", "old", "Prometheus failed", "empty file"],
)
def test_a_service(gatekeeper: Command, changed: dict[str, bytes], code: int, outcomes: set[str]) -> None:
    done = judged(gatekeeper, "service-health", {**HEALTHY, **changed})
    assert done.code == code, done.stderr
    assert {one["result"] for one in json.loads(done.stdout)["results"]} == outcomes


@pytest.mark.parametrize("format_", FORMATS)
def test_a_service_that_burns_reads_as_agreed(gatekeeper: Command, golden: Golden, format_: str) -> None:
    done = judged(gatekeeper, "service-health", BURNING, format_)
    assert done.code == DENIED
    if format_ in ("text", "markdown"):
        # The digests of what stands for recorded answers are not what this is about; those of the images are.
        text = re.sub(r"sha256:(?!([0-9a-f])\1{11})[0-9a-f]{12}\b", "sha256:0123456789ab", done.stdout)
        lines = text.replace(f"{ROOT}/", "").splitlines(keepends=True)
        golden(
            f"service-health.{format_}",
            "".join(line for line in lines if "decision" not in line.lower() and "cel-" not in line),
        )
    for told in ("6h burn rate 7 is above 6", "complete is false", "restarts 2 is above 0"):
        assert told in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("lock", "datasets", "code"),
    [
        ({"train": TRAIN, "test": TEST}, {"data/train.csv": TRAIN, "data/test.csv": TEST}, ALLOWED),
        ({"train": TRAIN, "test": TEST}, {"data/test.csv": TEST}, ALLOWED),
        ({"train": TRAIN, "test": TEST}, {"data/train.csv": TEST}, DENIED),
        ({"train": TRAIN, "test": TEST}, {"data/other.csv": TEST}, UNDECIDED),
        ({"train": TRAIN, "test": TEST}, {}, UNDECIDED),
    ],
    ids=["same", "some of them", "another", "not there", "none named"],
)
def test_a_lineage(gatekeeper: Command, lock: dict[str, str], datasets: dict[str, str], code: int) -> None:
    spec = {"image": IMAGE, "datasets": {name: f"md5:{digest}" for name, digest in datasets.items()}}
    artifact = {"apiVersion": "gatekeeper/v1", "kind": "Artifact", "metadata": {"name": "churn"}, "spec": spec}
    (gatekeeper.folder / "artifact.json").write_text(json.dumps(artifact))
    files = {"dvc.lock": LOCK.format(**lock).encode()}
    assert judged(gatekeeper, "lineage", files, artifact="artifact.json").code == code
