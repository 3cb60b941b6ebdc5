"""`gatekeeper try`: the value of an expression on real evidence, and of every path in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scene import NOW, make_repository, write_reports
from tests.conftest import Command, Golden
from tests.judging import policy_text

METRICS = {"accuracy": 0.91, "f1": {"value": 0.8, "n": 120}}
CONDITION = "evidence.metrics.values.accuracy > 0.85"


@pytest.fixture
def metrics(tmp_path: Path) -> str:
    """A metrics file in the test's folder."""
    (tmp_path / "metrics.json").write_text(json.dumps(METRICS))
    return "metrics.json"


def tried(gatekeeper: Command, *arguments: str, code: int = 0) -> dict[str, Any]:
    """The only trial."""
    run = gatekeeper("try", *arguments, "--now", NOW, "--format", "json")
    assert (run.code, run.stderr) == (code, "")
    whole = json.loads(run.stdout)
    assert whole["schema"] == "gatekeeper.try/v1"
    (trial,) = whole["trials"]
    return dict(trial)


@pytest.mark.parametrize(
    ("expression", "value", "kind"),
    [
        (CONDITION, True, "bool"),
        ("evidence.metrics.values.accuracy < 0.85", False, "bool"),
        ("evidence.metrics.n.f1 + 1", 121, "int"),
        ("evidence.metrics.values.f1 * 2.0", 1.6, "double"),
        ("evidence.metrics.values.map(k, k).size()", 2, "int"),
        ("'a' + 'b'", "ab", "string"),
        ("null", None, "null"),
        ("[1, 2]", [1, 2], "list"),
        ("{'a': 1}", {"a": 1}, "map"),
        ("now", NOW, "timestamp"),
        ("duration('36h')", "129600s", "duration"),
        ("b'abc'", "616263", "bytes"),
        ("1.0 / 0.0", "inf", "double"),
    ],
)
def test_a_value_has_its_type(gatekeeper: Command, metrics: str, expression: str, value: object, kind: str) -> None:
    trial = tried(gatekeeper, expression, "--evidence", metrics, "--cross-check")
    assert (trial["state"], trial["value"], trial["type"]) == ("value", value, kind)
    assert [said["name"] for said in trial["engines"]] == ["cel-cpp", "cel-python"]
    assert {str(said["value"]) for said in trial["engines"]} == {str(value)}


def test_every_path_is_shown_and_those_that_are_guarded(gatekeeper: Command, metrics: str) -> None:
    values = "evidence.metrics.values"
    trial = tried(
        gatekeeper, f"has({values}.recall) && {values}.recall > 0.5 || {values}.f1 > 0.7", "--evidence", metrics
    )
    paths = {path["path"]: path for path in trial["paths"]}
    assert paths[f"{values}.f1"]["value"] == 0.8
    assert paths[f"{values}.f1"]["guarded"] is False
    missing = paths[f"{values}.recall"]
    assert (missing["state"], missing["guarded"]) == ("missing", True)
    assert (trial["state"], trial["value"]) == ("value", True)


def test_a_missing_path_is_missing_whatever_the_engine_says(gatekeeper: Command, metrics: str) -> None:
    expression = f"{CONDITION} || evidence.metrics.values.acuracy > 0.9"
    trial = tried(gatekeeper, expression, "--evidence", metrics, code=3)
    assert (trial["state"], trial["value"]) == ("missing", None)
    assert trial["engines"][0]["value"] is True
    reasons = [path["reason"] for path in trial["paths"] if path["state"] == "missing"]
    assert reasons == ["evidence.metrics.values has no 'acuracy'. Did you mean 'accuracy'?"]


def test_an_error_is_told(gatekeeper: Command, metrics: str) -> None:
    trial = tried(gatekeeper, "1 / 0 > 1", "--evidence", metrics, code=3)
    assert (trial["state"], trial["message"]) == ("error", "division by zero")


def test_engines_that_disagree_are_an_error(gatekeeper: Command, metrics: str) -> None:
    trial = tried(gatekeeper, "'x'.lowerAscii() == 'x'", "--evidence", metrics, "--cross-check", code=3)
    assert (trial["state"], trial["message"]) == ("error", "the engines disagree")
    assert [said["state"] for said in trial["engines"]] == ["value", "error"]


@pytest.mark.parametrize(
    ("expression", "place", "words"),
    [
        ("1 +", "1:4", "ends too early"),
        ("evidence.metrics.valus.x > 1.0", "1:18", "Did you mean 'values'?"),
        ("evidence.metric.values.x > 1.0", "1:10", "Did you mean 'metrics'?"),
        ("evidense.metrics.values.x > 1.0", "1:1", "Did you mean evidence?"),
        ("true &&\n  1 + 'a' == 2", "2:5", "cannot take"),
        ("variables.x > 1", "1:1", "there is no name variables.x"),
        ("params.flor > 1", "1:8", "there is no parameter 'flor'"),
    ],
)
def test_bad_cel_is_marked_at_its_place(
    gatekeeper: Command, metrics: str, expression: str, place: str, words: str
) -> None:
    code, out, err = gatekeeper("try", expression, "--evidence", metrics)
    assert (code, out) == (2, "")
    head, text, mark, *_ = err.splitlines()
    line, column = map(int, place.split(":"))
    assert head.startswith(f"error: {place}: ")
    assert words in err
    assert text == f"  {expression.splitlines()[line - 1]}"
    assert mark == " " * (column + 1) + "^"


def test_the_mark_is_in_view_in_a_long_line(gatekeeper: Command, metrics: str) -> None:
    expression = " || ".join(["true"] * 100) + " || evidence.metrics.valus.x"
    err = gatekeeper("try", expression, "--evidence", metrics).stderr
    _, text, mark, *_ = err.splitlines()
    assert text[mark.index("^") :].startswith("valus")
    assert len(text) < 180


def test_a_policy_lends_its_names(gatekeeper: Command, tmp_path: Path, metrics: str) -> None:
    policy = policy_text(
        "true",
        parameters={"floor": {"type": "number", "default": 0.9}, "window": {"type": "duration", "default": "7d"}},
        variables={"rate": "1.0 - evidence.metrics.values.accuracy"},
        evidence={"metrics": {"kind": "metrics"}, "notes": {"kind": "command", "optional": True}},
    )
    (tmp_path / "p.yaml").write_text(policy)
    common = ("--policy", "p.yaml", "--evidence", metrics)
    trial = tried(gatekeeper, "variables.rate < 1.0 - params.floor", *common)
    assert (trial["policy"], trial["value"]) == ("p", True)
    assert {path["path"] for path in trial["paths"]} >= {"variables.rate", "params.floor"}
    assert tried(gatekeeper, "variables.rate < 1.0 - params.floor", *common, "--param", "floor=0.95")["value"] is False
    assert tried(gatekeeper, "params.window", *common, "--param", "window=1h")["value"] == "3600s"
    trial = tried(gatekeeper, "evidence.notes.exit_status == 0", *common, code=3)
    assert "no command evidence was given" in trial["paths"][0]["reason"]
    code, _, err = gatekeeper("try", "true", *common, "--param", "flor=1")
    assert (code, "Did you mean 'floor'?" in err) == (2, True)


def test_under_an_environment_each_policy_that_has_the_names_answers(gatekeeper: Command, tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    write_reports(tmp_path)
    common = ("--env", "production", "--repo", str(repository), "--evidence", "reports")
    trial = tried(gatekeeper, "evidence.metrics.values.accuracy >= params.min_accuracy", *common)
    assert (trial["policy"], trial["environment"], trial["value"]) == ("model-quality", "production", True)
    assert [path["value"] for path in trial["paths"] if path["path"] == "params.min_accuracy"] == [0.88]
    run = gatekeeper("try", "environment.name == 'production'", *common, "--format", "json")
    assert {one["policy"] for one in json.loads(run.stdout)["trials"]} >= {"model-quality", "fairness"}


def test_evidence_that_is_not_there_or_cannot_be_read(gatekeeper: Command, tmp_path: Path) -> None:
    code, out, err = gatekeeper("try", CONDITION, "--evidence", "nothing.json")
    assert (code, out) == (3, "")
    assert "nothing.json gave no evidence: there is no such file" in err
    (tmp_path / "metrics.json").write_text('{"accuracy": NaN}')
    trial = tried(gatekeeper, CONDITION, "--evidence", "json:metrics.json", code=3)
    assert trial["state"] == "error"
    (tmp_path / "a.json").write_text('{"accuracy": 1.0}')
    (tmp_path / "b.json").write_text('{"accuracy": 0.5}')
    trial = tried(gatekeeper, CONDITION, "--evidence", "a.json", "--evidence", "b.json", code=3)
    assert (trial["state"], len(trial["evidence"][0]["sources"])) == ("error", 2)


@pytest.mark.parametrize("given", ["x", "=1", "x=0x10", "x=", "a-b=1"])
def test_a_parameter_that_is_none(gatekeeper: Command, metrics: str, given: str) -> None:
    assert gatekeeper("try", "true", "--evidence", metrics, "--param", given)[0] == 2


def test_hostile_names_reach_a_terminal_as_escapes(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps({"a\x1b[2J": 1.0, "b\u202e": 2.0}))
    code, out, _ = gatekeeper("try", "evidence.metrics.values.ab > 1.0", "--evidence", "m.json")
    assert code == 3
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_large_value_is_bounded(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps({f"metric_{index}": 1.0 for index in range(5000)}))
    code, out, _ = gatekeeper("try", "evidence.metrics.values", "--evidence", "m.json")
    assert code == 0
    assert "map of 5000" in out
    assert len(out) < 1000
    trial = tried(gatekeeper, "evidence.metrics.values", "--evidence", "m.json")
    assert trial["value"] is None
    assert trial["value_bytes"] > 50_000


def test_as_text(gatekeeper: Command, metrics: str, golden: Golden) -> None:
    expression = f"{CONDITION} && (!has(evidence.metrics.values.recall) || evidence.metrics.values.f2 > 0.5)"
    code, out, _ = gatekeeper("try", expression, "--evidence", metrics, "--now", NOW)
    assert code == 3
    golden("try/missing.txt", out)
    code, out, _ = gatekeeper("try", CONDITION, "--evidence", metrics, "--now", NOW, "--cross-check")
    assert code == 0
    golden("try/value.txt", out)


def test_signed_evidence_is_opened(gatekeeper: Command, tmp_path: Path, metrics: str) -> None:
    assert gatekeeper("keygen", "--output", "ci").code == 0
    about = f"model=sha256:{'a' * 64}"
    bound = gatekeeper("evidence", "bind", metrics, "--about", about, "--sign-key", "ci.key", "--output", "signed.json")
    assert bound.code == 0, bound.stderr
    run = gatekeeper("try", CONDITION, "--evidence", "signed.json", "--format", "json")
    assert (run.code, json.loads(run.stdout)["trials"][0]["value"]) == (0, True)
    asked = {"metrics": {"kind": "metrics", "signed_by": ["ci"]}}
    (tmp_path / "p.yaml").write_text(policy_text("true", evidence=asked))
    run = gatekeeper("try", CONDITION, "--policy", "p.yaml", "--evidence", "signed.json")
    assert run.code == 3
    assert "no trust.yaml says whose keys count" in run.stdout


def test_without_evidence_it_says_how_to_give_some(gatekeeper: Command) -> None:
    code, out, err = gatekeeper("try", CONDITION)
    assert (code, out) == (2, "")
    assert "there is no evidence 'metrics'" in err
    assert "Give it with --evidence FILE" in err
