from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from churn import image, written_scan


def test_the_digest_is_that_of_the_manifest_and_repeats(tmp_path):
    model = tmp_path / "model.pkl"
    model.write_bytes(b"weights")
    first, second = (image.pack(model, tmp_path, tmp_path / name, "r.example/m:1") for name in "ab")
    assert first == second
    manifest = (tmp_path / "a" / "blobs" / "sha256" / first.removeprefix("sha256:")).read_bytes()
    assert hashlib.sha256(manifest).hexdigest() == first.removeprefix("sha256:")
    for part in (json.loads(manifest)["config"], *json.loads(manifest)["layers"]):
        blob = (tmp_path / "a" / "blobs" / "sha256" / part["digest"].removeprefix("sha256:")).read_bytes()
        assert (len(blob), image.digest(blob)) == (part["size"], part["digest"])


def test_another_model_has_another_digest(tmp_path):
    model = tmp_path / "model.pkl"
    model.write_bytes(b"weights")
    first = image.pack(model, tmp_path, tmp_path / "a", "r.example/m:1")
    model.write_bytes(b"other weights")
    assert image.pack(model, tmp_path, tmp_path / "b", "r.example/m:1") != first


def test_the_written_report_is_about_the_image():
    report = written_scan.report("r.example:5000/m:1@sha256:" + "a" * 64, datetime(2026, 11, 23, tzinfo=UTC))
    assert report["Metadata"]["RepoDigests"] == ["r.example:5000/m@sha256:" + "a" * 64]
