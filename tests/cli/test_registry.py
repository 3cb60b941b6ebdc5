"""The command and a real registry: images as evidence, artifacts by their labels, tags that are promoted by digest."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.scene import change, make_repository, record_of, shown, tip, write_fresh_reports
from tests.conftest import Command, Finished
from tests.policies import reports
from tests.servers.registry import PASSWORD, USER, RunningRegistry, registry, secured_registry

__all__ = ["registry", "secured_registry"]

pytestmark = pytest.mark.xdist_group("docker-registry")

MANIFEST = "environments/staging/churn/kustomization.yaml"
MODEL = "sha256:" + "1a" * 32
TRAIN = "sha256:" + "2b" * 32
LABELS = {
    "org.opencontainers.image.revision": "9f2c6ab5a1d84e0f9d3b7c6e5a4f3b2c1d0e9f8a",
    "org.opencontainers.image.title": "churn",
    "ml.gatekeeper.model.name": "churn",
    "ml.gatekeeper.model.version": "7",
    "ml.gatekeeper.model.digest": MODEL,
    "ml.gatekeeper.run": "mlflow:3f6a",
    "ml.gatekeeper.dataset.train": TRAIN,
}
POLICY = """\
apiVersion: gatekeeper/v1
kind: Policy
metadata: {name: image, version: 1.0.0}
spec:
  evidence:
    image: {kind: image, about: artifact, max_age: 1h}
  rules:
    - id: platform
      why: The cluster runs on it.
      remedy: Build for it.
      require: "'linux/amd64' in evidence.image.platforms"
    - id: from-a-commit
      why: What runs must be found in the sources.
      remedy: Build with the label.
      require: evidence.image.labels['org.opencontainers.image.revision'] == artifact.commit
    - id: model
      why: It must be this model.
      remedy: Build with this model.
      require: artifact.model.version == '7' && artifact.datasets.train.startsWith('sha256:')
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without credentials."""
    home = tmp_path / "home"
    (home / ".docker").mkdir(parents=True)
    for name, place in {"HOME": home, "XDG_CONFIG_HOME": home / ".config"}.items():
        monkeypatch.setenv(name, str(place))
    return home


def evaluated(command: Command, folder: Path, artifact: str, evidence: str, *more: str) -> Finished:
    (folder / "policy.yaml").write_text(POLICY)
    return command("evaluate", "--policy", "policy.yaml", "--artifact", artifact, "--evidence", evidence, *more)


def results(finished: Finished) -> dict[str, str]:
    return {result["rule"]: result["result"] for result in json.loads(finished.stdout)["results"]}


def repository_of(folder: Path, image: str) -> Path:
    """The reference tree, with staging's image of another registry."""
    repository = make_repository(folder)
    names = ("environments/staging.yaml", MANIFEST)
    change(repository, {name: shown(repository, name).replace(reports.IMAGE, image) + "\n" for name in names})
    return repository


def promoted(
    command: Command, repository: Path, folder: Path, artifact: str, digest: str, *more: str, verb: str = "promote"
) -> Finished:
    now = json.loads(write_fresh_reports(folder).joinpath("trivy.json").read_text())["CreatedAt"]
    place = write_fresh_reports(folder, {"trivy.json": reports.trivy(digest=digest, made=now)})
    arguments = ["--env", "staging", "--repo", repository, "--artifact", artifact, "--evidence", place]
    return command(verb, *arguments, *more)


# As evidence and as the artifact


def test_an_image_is_judged_by_what_its_registry_says(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    digest = registry.push("ml/churn", "1", LABELS)
    name = f"{registry.host}/ml/churn:1"
    done = evaluated(gatekeeper, tmp_path, f"oci:{name}", f"oci:{name}", "--format", "json")
    report = json.loads(done.stdout)
    assert (done.code, report["verdict"]) == (0, "allowed")
    assert set(results(done).values()) == {"pass"}
    named = {"name": None, "image": f"{registry.host}/ml/churn", "tag": "1", "digest": digest}
    labelled = {
        "commit": LABELS["org.opencontainers.image.revision"],
        "run": "mlflow:3f6a",
        "model": {"name": "churn", "version": "7", "digest": MODEL},
        "datasets": {"train": TRAIN},
    }
    assert report["artifact"] == named | labelled
    (evidence,) = report["evidence"]
    assert (evidence["source"], evidence["bound"]) == (f"oci:{name}@{digest}", "bound")
    assert "planted-in-the-image" not in done.stdout + done.stderr


def test_what_was_recorded_is_judged_alike_without_the_registry(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    from gatekeeper.connect.http import HttpDoor
    from gatekeeper.connect.oci import fetch

    digest = registry.push("ml/recorded", "1", LABELS)
    name = f"{registry.host}/ml/recorded:1"
    data = fetch(name, HttpDoor(environment={})).data
    (tmp_path / "image.json").write_bytes(data)
    assert evaluated(gatekeeper, tmp_path, f"oci:{name}", "image.json").code == 0
    assert evaluated(gatekeeper, tmp_path, f"oci:{name}", "oci:image.json").code == 0
    edited = data.replace(b"mlflow:3f6a", b"mlflow:3f6b")
    assert edited != data
    (tmp_path / "image.json").write_bytes(edited)
    done = evaluated(gatekeeper, tmp_path, f"{name}@{digest}", "image.json")
    assert done.code == 3
    assert "it was changed" in done.stdout


def test_another_image_is_not_about_this_artifact(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    registry.push("ml/one", "1", LABELS)
    registry.push("ml/two", "1", {**LABELS, "other": "yes"})
    one, two = (f"oci:{registry.host}/ml/{name}:1" for name in ("one", "two"))
    done = evaluated(gatekeeper, tmp_path, one, two, "--format", "json")
    assert done.code == 3
    assert results(done)["evidence/image"] == "error"


def test_an_image_that_cannot_be_asked_for_is_undecided(gatekeeper: Command, tmp_path: Path) -> None:
    artifact = f"{reports.IMAGE}:1@{reports.DIGEST}"
    done = evaluated(gatekeeper, tmp_path, artifact, "oci:127.0.0.1:9/ml/churn:1", "--format", "json")
    assert done.code == 3
    (evidence,) = json.loads(done.stdout)["evidence"]
    assert (evidence["status"], evidence["kind"]) == ("not_evaluated", "image")
    assert "connection refused" in evidence["reason"]


def test_a_reference_with_a_digest_never_asks_the_network(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text('{"accuracy": 1}')
    artifact = f"127.0.0.1:9/ml/churn:1@{reports.DIGEST}"
    done = evaluated(gatekeeper, tmp_path, artifact, "e.json")
    assert done.code == 3
    assert "refused" not in done.stdout + done.stderr


def test_where_the_tag_moved_it_is_said(gatekeeper: Command, registry: RunningRegistry, tmp_path: Path) -> None:
    old = registry.push("ml/moving", "1", LABELS)
    new = registry.push("ml/moving", "1", {**LABELS, "build": "2"})
    reference = f"oci:{registry.host}/ml/moving:1@{old}"
    done = evaluated(gatekeeper, tmp_path, reference, reference)
    assert done.code == 0
    assert f"the tag 1 names {new} now; the digest that was given counts" in done.stderr
    assert evaluated(gatekeeper, tmp_path, reference, reference, "--quiet").stderr == ""


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("ml.gatekeeper.model.digest", "1a2b"),
        ("ml.gatekeeper.model.digest", MODEL.upper()),
        ("ml.gatekeeper.dataset.train", "yesterday"),
        ("ml.gatekeeper.dataset.Bad Name", TRAIN),
        ("ml.gatekeeper.dataset.", TRAIN),
        ("ml.gatekeeper.model.name", ""),
        ("ml.gatekeeper.modell.name", "churn"),
        ("ml.gatekeeper.run", " mlflow:1"),
        ("ml.gatekeeper.run", MODEL),
        ("ml.gatekeeper.model.name", "ch\u200burn"),
        ("org.opencontainers.image.revision", ""),
        ("org.opencontainers.image.revision", "9f2c\u202e"),
    ],
)
def test_a_label_that_is_malformed_is_refused(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path, label: str, value: str
) -> None:
    registry.push("ml/malformed", "1", {**LABELS, label: value})
    name = f"oci:{registry.host}/ml/malformed:1"
    done = evaluated(gatekeeper, tmp_path, name, name)
    assert (done.code, done.stdout) == (2, "")
    assert label in done.stderr


# With an Artifact file


def artifact_file(folder: Path, image: str, more: Mapping[str, object]) -> str:
    spec = {"image": image, **more}
    (folder / "artifact.yaml").write_text(
        json.dumps({"apiVersion": "gatekeeper/v1", "kind": "Artifact", "spec": spec}, indent=1)
    )
    return "artifact.yaml"


def test_a_file_and_the_labels_complete_each_other(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    some = {name: value for name, value in LABELS.items() if "version" not in name and "dataset" not in name}
    registry.push("ml/completed", "1", some)
    name = f"oci:{registry.host}/ml/completed:1"
    file = artifact_file(
        tmp_path, name, {"model": {"name": "churn", "version": "7"}, "datasets": {"train": TRAIN}, "run": "mlflow:3f6a"}
    )
    assert evaluated(gatekeeper, tmp_path, file, name).code == 0


def test_a_file_that_the_labels_contradict_is_refused(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    registry.push("ml/contradicted", "1", LABELS)
    name = f"oci:{registry.host}/ml/contradicted:1"
    file = artifact_file(tmp_path, name, {"model": {"version": "8"}, "datasets": {"train": MODEL}, "commit": "abc"})
    done = evaluated(gatekeeper, tmp_path, file, name)
    assert (done.code, done.stdout) == (2, "")
    assert "artifact.yaml:7:" in done.stderr
    for said in ("model.version is '8' here", "the image's label says '7'", "datasets.train", "commit is 'abc'"):
        assert said in done.stderr


# Promoting a tag


@pytest.mark.parametrize("prefix", ["", "oci:"])
def test_a_tag_is_promoted_as_the_digest_it_names(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path, prefix: str
) -> None:
    digest = registry.push("ml/churn-model", "1.4.2", LABELS)
    image = f"{registry.host}/ml/churn-model"
    repository = repository_of(tmp_path, image)
    planned = promoted(gatekeeper, repository, tmp_path, f"{prefix}{image}:1.4.2", digest, verb="plan")
    assert planned.code == 0
    assert f"+    digest: {digest}" in planned.stdout
    done = promoted(gatekeeper, repository, tmp_path, f"{prefix}{image}:1.4.2", digest, "--format", "json")
    report = json.loads(done.stdout)
    assert (done.code, report["promotion"]["action"]) == (0, "committed")
    assert (report["artifact"]["tag"], report["artifact"]["digest"]) == ("1.4.2", digest)
    assert f"newTag: 1.4.2\n    digest: {digest}" in shown(repository, MANIFEST)
    judgement = record_of(repository, "staging")["predicate"]["judgement"]  # type: ignore[index]
    assert (judgement["artifact"]["tag"], judgement["artifact"]["digest"]) == ("1.4.2", digest)


def test_the_digest_wins_over_a_tag_that_moved_and_the_promotion_says_so(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    old = registry.push("ml/churn-moved", "1.4.2", LABELS)
    new = registry.push("ml/churn-moved", "1.4.2", {**LABELS, "build": "2"})
    image = f"{registry.host}/ml/churn-moved"
    repository = repository_of(tmp_path, image)
    done = promoted(gatekeeper, repository, tmp_path, f"oci:{image}:1.4.2@{old}", old, "--format", "json")
    assert done.code == 0
    assert any(f"names {new} now" in note for note in json.loads(done.stdout)["promotion"]["notes"])
    assert f"digest: {old}" in shown(repository, MANIFEST)


def test_a_tag_that_cannot_be_resolved_is_exit_4(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    digest = registry.push("ml/churn-gone", "1", LABELS)
    registry.delete("ml/churn-gone", digest)
    repository = repository_of(tmp_path, f"{registry.host}/ml/churn-gone")
    before = tip(repository)
    for artifact in (f"{registry.host}/ml/churn-gone:1", f"oci:{registry.host}/ml/churn-gone:1", "127.0.0.1:9/m:1"):
        done = promoted(gatekeeper, repository, tmp_path, artifact, digest)
        assert (done.code, done.stdout) == (4, "")
    assert tip(repository) == before


def test_no_password_is_in_anything_that_is_said_or_kept(
    gatekeeper: Command, secured_registry: RunningRegistry, tmp_path: Path, home: Path
) -> None:
    digest = secured_registry.push("ml/churn-model", "1.4.2", LABELS)
    image = f"{secured_registry.host}/ml/churn-model"
    repository = repository_of(tmp_path, image)
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    wrong = base64.b64encode(f"{USER}:wr0ng-p4ssw0rd".encode()).decode()
    said = []
    for auth, code in ((None, 4), (wrong, 4), (pair, 0)):
        login = {} if auth is None else {secured_registry.host: {"auth": auth}}
        (home / ".docker" / "config.json").write_text(json.dumps({"auths": login}))
        done = promoted(
            gatekeeper, repository, tmp_path, f"{image}:1.4.2", digest, "--debug", "-v", "--decision", "d.json"
        )
        assert done.code == code, done.stderr
        said += [done.stdout, done.stderr]
    kept = [(tmp_path / "d.json").read_text(), json.dumps(record_of(repository, "staging"))]
    for text in (*said, *kept):
        assert not [secret for secret in (PASSWORD, pair, "wr0ng", wrong, "planted-in-the-image") if secret in text]
    assert "401" in said[1]
    assert "credentials of ~/.docker/config.json were refused" in said[3]


def test_a_project_may_name_an_image_as_evidence(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    registry.push("ml/project", "1", LABELS)
    name = f"oci:{registry.host}/ml/project:1"
    spec = {"evidence": [f"image={name}"], "artifact": name}
    document = {"apiVersion": "gatekeeper/v1", "kind": "Project", "metadata": {"name": "p"}, "spec": spec}
    (tmp_path / "gatekeeper.yaml").write_text(json.dumps(document))
    (tmp_path / "policy.yaml").write_text(POLICY)
    below = tmp_path / "below"
    below.mkdir()
    done = gatekeeper("evaluate", "--policy", "../policy.yaml", cwd=below)
    assert (done.code, done.stderr) == (0, "")


def test_an_answer_is_kept_bound_and_judged_later(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    digest = registry.push("ml/asked", "1", LABELS)
    name = f"oci:{registry.host}/ml/asked:1"
    asked = gatekeeper("evidence", "ask", name, "--output", "image.json")
    assert asked == (0, "", "")
    assert json.loads((tmp_path / "image.json").read_text())["schema"] == "gatekeeper.oci/v1"
    assert evaluated(gatekeeper, tmp_path, name, "oci:image.json").code == 0
    bound = gatekeeper("evidence", "bind", "image.json", "--about", f"artifact={digest}", "--output", "bound.json")
    assert bound.code == 0, bound.stderr
    assert evaluated(gatekeeper, tmp_path, name, "bound.json").code == 0
    assert json.loads(gatekeeper("evidence", "ask", name).stdout)["tag_digest"] == digest


def test_an_answer_that_is_not_given_leaves_no_old_one(
    gatekeeper: Command, registry: RunningRegistry, tmp_path: Path
) -> None:
    old = tmp_path / "image.json"
    for name, code in ((f"oci:{registry.host}/ml/never:1", 3), ("oci:127.0.0.1:9/m:1", 4), ("oci:churn", 2)):
        old.write_text("{}")
        done = gatekeeper("evidence", "ask", name, "--output", "image.json")
        assert (done.code, done.stdout) == (code, "")
        assert not old.exists()


@pytest.mark.parametrize("spec", ["image.json", "trivy:scan.json", "oci:image.json", "nothing:x"])
def test_only_a_living_system_can_be_asked(gatekeeper: Command, spec: str) -> None:
    done = gatekeeper("evidence", "ask", spec)
    assert (done.code, done.stdout) == (2, "")
