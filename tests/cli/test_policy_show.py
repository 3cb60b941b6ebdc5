"""`policy show`: where each value in force comes from, and what counts now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.scene import NOW
from tests.conftest import Command
from tests.judging import policy_text
from tests.trees import environment, waiver

RULES = [
    {"id": "accuracy", "metric": {"name": "accuracy", "min": "params.floor", "max": 1}},
    {"id": "computed", "metric": {"name": "f1", "min": "params.floor - 0.1"}},
    {"id": "later", "effective_on": "2027-01-15", "require": "evidence.metrics.values.loss < 0.5"},
    {"id": "fixed", "waivable": False, "require": "evidence.metrics.values.loss < params.most"},
]
PARAMETERS = {
    "floor": {"type": "number", "default": 0.8, "minimum": 0.5},
    "most": {"type": "number", "default": 0.5},
    "window": {"type": "duration", "default": "7d"},
}


def project(folder: Path, **spec: Any) -> None:
    """Two versions of a policy, an environment of one artifact with its own parameters, and waivers."""
    files: dict[str, Any] = {
        "policies/p-1.yaml": policy_text(RULES, parameters=PARAMETERS),
        "policies/p-2.yaml": policy_text(RULES, parameters=PARAMETERS).replace("1.0.0", "1.10.0"),
        "environments/staging.yaml": environment(**spec),
        "waivers/active.yaml": waiver("active", rule="accuracy"),
        "waivers/old.yaml": waiver("old", rule="accuracy", expires="2026-11-21"),
        "waivers/vain.yaml": waiver("vain", rule="fixed"),
    }
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))


def shown(gatekeeper: Command, *arguments: str) -> dict[str, Any]:
    """What is shown of the environment's only policy."""
    code, out, err = gatekeeper("policy", "show", "--env", "staging", "--now", NOW, "--format", "json", *arguments)
    assert (code, err) == (0, "")
    (one,) = json.loads(out)
    assert one["schema"] == "gatekeeper.policy-show/v1"
    return dict(one)


def test_each_parameter_has_its_place(gatekeeper: Command, tmp_path: Path) -> None:
    project(tmp_path, policies=[{"name": "p", "version": "^1", "parameters": {"floor": 0.9}}])
    policy = shown(gatekeeper)["policies"][0]
    floor, most = policy["parameters"]["floor"], policy["parameters"]["most"]
    assert (floor["value"], floor["origin"], floor["file"]) == (0.9, "environment", "environments/staging.yaml")
    line = (tmp_path / floor["file"]).read_text().splitlines()[floor["line"] - 1]
    assert line.strip() == '"floor": 0.9'
    assert (most["value"], most["origin"], most["file"]) == (0.5, "policy", "policies/p-2.yaml")
    assert floor["default"] == 0.8


def test_a_row_of_an_artifact_is_an_origin_of_its_own(gatekeeper: Command, tmp_path: Path) -> None:
    row = {"name": "x", "image": "registry.example/x", "manifests": [{"path": "k.yaml", "format": "kustomize"}]}
    own = [{"name": "p", "version": "~1.0", "enforcement": "warn", "parameters": {"floor": 0.7}}]
    place = environment()
    place["spec"] = {"artifacts": [{**row, "policies": own}]}
    project(tmp_path)
    (tmp_path / "environments/staging.yaml").write_text(json.dumps(place, indent=1))
    one = shown(gatekeeper)
    policy = one["policies"][0]
    assert policy["parameters"]["floor"]["origin"] == "artifact"
    assert (policy["version"], policy["range"], policy["versions"]) == ("1.0.0", "~1.0", ["1.0.0", "1.10.0"])
    assert policy["enforced_at"].startswith("environments/staging.yaml:")


def test_the_highest_version_is_chosen_and_the_usual_enforcement_has_no_place(
    gatekeeper: Command, tmp_path: Path
) -> None:
    project(tmp_path)
    policy = shown(gatekeeper)["policies"][0]
    assert (policy["version"], policy["enforcement"], policy["enforced_at"]) == ("1.10.0", "deny", None)
    out = gatekeeper("policy", "show", "--env", "staging", "--now", NOW).stdout
    assert "^1 gives 1.10.0, the highest that fits among 1.0.0, 1.10.0; deny where nothing is written" in out


def test_limits_are_numbers_where_they_are_known(gatekeeper: Command, tmp_path: Path) -> None:
    project(tmp_path, policies=[{"name": "p", "version": "^1", "parameters": {"floor": 0.9}}])
    rules = {rule["id"]: rule["limits"] for rule in shown(gatekeeper)["policies"][0]["rules"]}
    assert [(one["comparator"], one["limit"], one["written"]) for one in rules["accuracy"]] == [
        (">=", 0.9, "params.floor"),
        ("<=", 1, "1"),
    ]
    assert [(one["limit"], one["written"]) for one in rules["computed"]] == [(None, "params.floor - 0.1")]
    assert [(one["limit"], one["written"]) for one in rules["fixed"]] == [(0.5, "params.most")]


def test_waivers_and_dates_count_as_at_that_instant(gatekeeper: Command, tmp_path: Path) -> None:
    project(tmp_path)
    one = shown(gatekeeper)
    states = {waiver["waiver"]: waiver["state"] for waiver in one["waivers"]}
    assert states == {"active": "active", "old": "expired", "vain": "active"}
    rules = {rule["id"]: rule for rule in one["policies"][0]["rules"]}
    assert rules["accuracy"]["waivers"] == ["active"]
    assert rules["fixed"]["waivers"] == [], "a rule that is not waivable is not waived"
    assert (rules["later"]["enforcement"], rules["fixed"]["enforcement"]) == ("warn", "deny")
    rules = {rule["id"]: rule for rule in shown(gatekeeper, "--now", "2027-01-15")["policies"][0]["rules"]}
    assert (rules["later"]["enforcement"], rules["accuracy"]["waivers"]) == ("deny", [])
    assert (
        "later  [medium, denies from 2027-01-15, now warn]"
        in gatekeeper("policy", "show", "--env", "staging", "--now", NOW).stdout
    )


def test_what_evidence_must_be_is_told(gatekeeper: Command, tmp_path: Path) -> None:
    asked = {"metrics": {"kind": "metrics", "about": "model", "max_age": "7d", "producers": ["json", "mlflow"]}}
    (tmp_path / "p.yaml").write_text(policy_text("evidence.metrics.values.x > 1.0", evidence=asked))
    code, out, _ = gatekeeper("policy", "show", "--policy", "p.yaml", "--now", NOW)
    assert code == 0
    assert "evidence.metrics: kind metrics, producers json or mlflow, about model, max_age 7d" in out


def test_a_waiver_for_no_rule_is_a_mistake(gatekeeper: Command, tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "waivers/wrong.yaml").write_text(json.dumps(waiver("wrong", rule="acuracy")))
    code, out, err = gatekeeper("policy", "show", "--env", "staging")
    assert (code, out) == (2, "")
    assert "accuracy" in err
