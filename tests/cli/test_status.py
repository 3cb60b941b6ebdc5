"""`gatekeeper status` over the installed command, in a real bare repository."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.scene import IMAGE, change, make_repository, shown, tip, write_fresh_reports
from tests.conftest import Command, Golden
from tests.policies import reports
from tests.servers.git_http import GitServer

STAGING = "environments/staging/churn/kustomization.yaml"
FRAUD = "environments/staging/fraud/kustomization.yaml"
PRODUCTION = "environments/production/churn/kustomization.yaml"
ALICE = {"GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@example.com"}


def hold(**spec: str) -> str:
    given = {"environment": "staging", "artifact": "churn", "reason": "Latency <doubled>", "by": "bob", **spec}
    document = {"apiVersion": "gatekeeper/v1", "kind": "Hold", "metadata": {"name": "h"}}
    return json.dumps({**document, "spec": {"since": "2026-01-01T00:00:00Z", **given}})


@pytest.fixture
def repository(tmp_path: Path, gatekeeper: Command) -> Path:
    """Promoted to staging, with a second artifact there that nobody promoted."""
    bare = make_repository(tmp_path)
    place = write_fresh_reports(tmp_path)
    words = ["--env", "staging", "--repo", bare, "--artifact", IMAGE, "--evidence", place]
    assert gatekeeper("promote", *words, env=ALICE).code == 0
    path = "environments/staging.yaml"
    row = f"    - {{name: fraud, image: registry.example/fraud, manifests: [{{path: {FRAUD}, format: kustomize}}]}}\n"
    manifest = "images:\n  - name: registry.example/fraud\n    newTag: '7'\n"
    change(bare, {path: f"{shown(bare, path)}\n{row}", FRAUD: manifest})
    return bare


def look(command: Command, repository: Path | str, *more: str) -> Any:
    return command("status", "--repo", repository, *more)


def rows(done: Any) -> dict[str, dict[str, Any]]:
    found = json.loads(done.stdout)["environments"]
    return {f"{one['environment']}/{row['artifact']}": row for one in found for row in one["artifacts"]}


def steady(text: str) -> str:
    """Without what differs from run to run."""
    text = re.sub(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "INSTANT", text)
    text = re.sub(r"sha256:(?!c{12})[0-9a-f]{12,64}", "sha256:DECISION", text)
    return re.sub(r"\b[0-9a-f]{40}\b", "COMMIT", text)


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_it_reads_as_agreed(gatekeeper: Command, repository: Path, golden: Golden, form: str) -> None:
    change(repository, {"holds/h.yaml": hold()})
    done = look(gatekeeper, repository, "--format", form)
    assert (done.code, done.stderr) == (0, "")
    golden(f"status/staging.{form}", steady(done.stdout))


def test_the_json_is_what_its_schema_says(gatekeeper: Command, repository: Path) -> None:
    schema = json.loads(gatekeeper("schema", "status").stdout)
    Draft202012Validator.check_schema(schema)
    change(repository, {"holds/h.yaml": hold(), "environments/broken.yaml": "no: environment"})
    told = json.loads(look(gatekeeper, repository, "--format", "json").stdout)
    Draft202012Validator(schema).validate(told)
    assert {"schema", *schema["$defs"]["Document"]["properties"]} == set(told)


def test_what_stands_there_and_by_which_decision(gatekeeper: Command, repository: Path) -> None:
    done = look(gatekeeper, repository, "--format", "json")
    found = rows(done)
    churn = found["staging/churn"]
    assert json.loads(done.stdout)["commit"] == tip(repository)
    assert (churn["how"], churn["tag"], churn["digest"], churn["verdict"]) == (
        "decided", "1.4.2", reports.DIGEST, "allowed",
    )  # fmt: skip
    assert churn["requester"]["login"] == "alice@example.com"
    assert (found["staging/fraud"]["how"], found["staging/fraud"]["tag"]) == ("by hand", "7")
    (newer,) = found["production/churn"]["newer"]
    assert (newer["environment"], newer["digest"], newer["decision"]) == ("staging", reports.DIGEST, churn["decision"])
    assert newer["verdict"] == "undecided"
    assert any("service-health" in reason for reason in newer["reasons"])
    assert newer["waiting"] == []


def test_what_is_newer_tells_what_it_waits_for(gatekeeper: Command, repository: Path) -> None:
    change(repository, {"holds/h.yaml": hold(environment="production", until="2999-01-01T00:00:00Z")})
    found = rows(look(gatekeeper, repository, "--format", "json"))
    (newer,) = found["production/churn"]["newer"]
    assert [one["condition"] for one in newer["waiting"]] == ["hold"]
    assert newer["not_before"] == "2999-01-01T00:00:00Z"
    assert found["production/churn"]["holds"][0]["message"].startswith("held by bob: Latency <doubled>")


def test_a_hand_edit_takes_the_decision_away(gatekeeper: Command, repository: Path) -> None:
    change(repository, {STAGING: shown(repository, STAGING).replace("1.4.2", "1.5.0").replace("ccc", "ddd") + "\n"})
    found = rows(look(gatekeeper, repository, "--format", "json"))
    assert (found["staging/churn"]["how"], found["staging/churn"]["decision"]) == ("by hand", None)
    assert found["production/churn"]["newer"] == []


def test_a_rollback_is_marked(gatekeeper: Command, repository: Path) -> None:
    change(repository, {STAGING: shown(repository, STAGING).replace("1.4.2", "1.5.0").replace("ccc", "ddd") + "\n"})
    words = ["--env", "staging", "--artifact", "churn", "--reason", "Latency doubled"]
    assert gatekeeper("rollback", *words, "--repo", repository, env=ALICE).code == 0
    found = rows(look(gatekeeper, repository, "--format", "json"))
    assert found["staging/churn"]["rollback"] == {"reason": "Latency doubled", "left": None}
    assert found["production/churn"]["newer"][0]["rolled_back"] is True
    assert "rolled back: Latency doubled" in look(gatekeeper, repository).stdout


@pytest.mark.parametrize(
    ("files", "row", "says"),
    [
        ({STAGING: None}, "staging/churn", "there is no such file"),
        ({STAGING: "images: [\n"}, "staging/churn", "cannot be read"),
        (
            {"decisions/staging/churn/29991231T000000Z-0123456789abcdef.json": "{}"},
            "staging/churn",
            "cannot be believed",
        ),
    ],
)
def test_what_cannot_be_read_is_told_in_its_row_and_stops_nothing_else(
    gatekeeper: Command, repository: Path, files: dict[str, str | None], row: str, says: str
) -> None:
    change(repository, files)
    done = look(gatekeeper, repository)
    assert done.code == 4
    assert says in done.stdout
    found = rows(look(gatekeeper, repository, "--format", "json"))
    assert found[row]["trouble"]
    assert found["staging/fraud"]["trouble"] is None
    assert found["production/churn"]["trouble"] is None


def test_a_broken_environment_or_hold_stops_no_other(gatekeeper: Command, repository: Path) -> None:
    change(repository, {"environments/canary.yaml": "kind: Environment\n"})
    done = look(gatekeeper, repository, "--format", "json")
    environments = {one["environment"]: one for one in json.loads(done.stdout)["environments"]}
    assert done.code == 4
    assert "canary.yaml" in environments["canary"]["trouble"]
    assert environments["staging"]["trouble"] is None
    assert look(gatekeeper, repository, "--env", "staging").code == 0
    change(repository, {"environments/canary.yaml": None, "holds/x.yaml": "kind: Hold\n"})
    done = look(gatekeeper, repository, "--format", "json")
    assert done.code == 4
    assert rows(done)["staging/churn"]["how"] == "decided"


def test_an_environment_of_another_branch_is_not_read_from_this_one(gatekeeper: Command, repository: Path) -> None:
    text = shown(repository, "environments/production.yaml")
    change(repository, {"environments/production.yaml": text.replace("branch: main", "branch: live") + "\n"})
    done = look(gatekeeper, repository, "--format", "json")
    (production,) = [one for one in json.loads(done.stdout)["environments"] if one["environment"] == "production"]
    assert (done.code, production["branch"], production["artifacts"]) == (0, "live", [])


def test_manifests_that_name_different_images_are_told(gatekeeper: Command, repository: Path) -> None:
    path = "environments/staging.yaml"
    second = "environments/staging/fraud/other.yaml"
    text = shown(repository, path).replace(
        f"{{path: {FRAUD}, format: kustomize}}",
        f"{{path: {FRAUD}, format: kustomize}}, {{path: {second}, format: kustomize}}",
    )
    other = "images:\n  - name: registry.example/fraud\n    newTag: '8'\n"
    change(repository, {path: f"{text}\n", second: other})
    done = look(gatekeeper, repository)
    assert done.code == 0
    assert "ITS MANIFESTS name different images" in done.stdout


def test_environments_come_after_those_that_they_come_after(gatekeeper: Command, repository: Path) -> None:
    done = look(gatekeeper, repository, "--format", "json")
    assert [one["environment"] for one in json.loads(done.stdout)["environments"]] == ["staging", "production"]
    only = look(gatekeeper, repository, "--env", "production", "--format", "json")
    assert [one["environment"] for one in json.loads(only.stdout)["environments"]] == ["production"]
    assert len(rows(only)["production/churn"]["newer"]) == 1


def test_an_environment_that_there_is_not_is_refused(gatekeeper: Command, repository: Path) -> None:
    done = look(gatekeeper, repository, "--env", "stagin")
    assert done.code == 2
    assert "staging" in done.stderr
    assert look(gatekeeper, repository.parent / "nowhere.git").code in (2, 4)


def test_more_artifacts_are_no_more_requests(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    with GitServer(tmp_path) as server:
        assert look(gatekeeper, server.url(repository.name), "--env", "staging").code == 0
        few = len(server.requests)
        manifest = "images:\n  - name: registry.example/m{0}\n    newTag: '7'\n"
        files: dict[str, str | None] = {
            f"environments/staging/m{n}/kustomization.yaml": manifest.format(n) for n in range(25)
        }
        row = "    - {{name: m{0}, image: registry.example/m{0}, manifests: [{{path: {1}, format: kustomize}}]}}\n"
        more = "".join(row.format(n, path) for n, path in enumerate(files))
        path = "environments/staging.yaml"
        change(repository, {**files, path: f"{shown(repository, path)}\n{more}"})
        server.requests.clear()
        done = look(gatekeeper, server.url(repository.name), "--env", "staging", "--format", "json")
        assert (done.code, len(rows(done))) == (0, 27)
        assert len(server.requests) <= few
