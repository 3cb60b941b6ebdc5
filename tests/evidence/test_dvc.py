"""DVC: digests of what stages took and made, what has changed since, and its metrics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import dvc
from gatekeeper.evidence.merge import merge
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from tests.corpus import corpus_files
from tests.evidence.reports import FIXTURES, opened

A, B = "a" * 32, "b" * 32


def entry(path: Any = "x", digest: Any = A, **more: Any) -> dict[str, Any]:
    return {"path": path, "hash": "md5", "md5": digest, **more}


def lock(**stages: Any) -> str:
    # JSON is YAML: what a lock says does not depend on how it is laid out.
    return "# dvc.lock\n" + json.dumps({"schema": "2.0", "stages": stages})


def read(document: Any) -> Any:
    return dvc.read(opened(f"{document}\n" if isinstance(document, str) else document))


def evidence(name: str) -> Envelope:
    return envelope((FIXTURES / "dvc" / name).read_bytes(), source=name, producer="dvc")


def test_a_lock_is_read_whole() -> None:
    found = envelope((FIXTURES / "dvc/dvc.lock").read_bytes(), source="dvc.lock")
    assert (found.status, found.kind) == ("evaluated", "lineage")
    assert found.counts == {"stages": 2, "data": 3, "outputs": 4}
    assert sorted(found.facts["data"]) == ["data/raw.csv", "labels", "pipeline.py"]
    assert found.facts["data"]["data/raw.csv"] == "md5:3c759b18dca40207adc8ae6a4df3855a"
    assert found.facts["data"]["labels"].endswith(".dir")
    assert sorted(found.facts["outputs"]) == ["metrics.json", "metrics.yaml", "model.bin", "prepared"]
    assert "changed" not in found.facts


def test_a_stage_file_stands_for_its_data() -> None:
    found = envelope((FIXTURES / "dvc/raw.csv.dvc").read_bytes(), source="raw.csv.dvc")
    assert (found.kind, found.facts["data"]) == ("lineage", {"raw.csv": "md5:3c759b18dca40207adc8ae6a4df3855a"})


def test_a_lock_without_stages_has_run_nothing() -> None:
    for text in ("schema: '2.0'\n", "schema: '2.0'\nstages: {}\n", lock(a={"cmd": "x"})):
        with pytest.raises(NotEvaluatedError):
            read(text)


def test_what_a_stage_made_is_no_data_of_the_next() -> None:
    first = {"outs": [entry("made", B), entry("folder", B)]}
    second = {"deps": [entry("made", B), entry("folder/part", A), entry("given", A)], "outs": [entry("model", A)]}
    facts = read(lock(first=first, second=second)).facts
    assert facts.data == {"given": f"md5:{A}"}
    assert sorted(facts.outputs) == ["folder", "made", "model"]


@pytest.mark.parametrize(
    "stages",
    [
        {"a": {"outs": [entry("x", A)]}, "b": {"deps": [entry("x", B)]}},
        {"a": {"deps": [entry("x", A)]}, "b": {"deps": [entry("x", B)]}},
        {"a": {"deps": [entry("x", A), entry("x", B)]}},
    ],
)
def test_stages_that_did_not_run_on_the_same_files_are_no_lineage(stages: Any) -> None:
    with pytest.raises(EvidenceError, match="'x' has two digests"):
        read(lock(**stages))


def test_one_path_is_made_once() -> None:
    with pytest.raises(EvidenceError, match="made twice"):
        read(lock(a={"outs": [entry()]}, b={"outs": [entry()]}))


@pytest.mark.parametrize(
    ("written", "digest"),
    [
        ({"hash": "md5", "md5": A}, f"md5:{A}"),
        ({"md5": A}, f"md5-dos2unix:{A}"),
        ({"hash": "md5", "md5": f"{A}.dir"}, f"md5:{A}.dir"),
        ({"etag": '"abc-2"'}, 'etag:"abc-2"'),
        ({"checksum": "00ff"}, "checksum:00ff"),
    ],
)
def test_digests_name_their_algorithm(written: Any, digest: str) -> None:
    assert read(lock(a={"deps": [{"path": "x", **written}]})).facts.data == {"x": digest}


@pytest.mark.parametrize(
    "broken",
    [
        *(None, [], {}, {"path": "x"}, {"path": "x", "etag": ""}, {"path": "x", "files": [entry()]}),
        *(entry(path) for path in (None, "", 7, "x" * 1001)),
        *(entry(digest=digest) for digest in (None, "A" * 32, A[1:])),
    ],
)
def test_an_entry_without_path_or_digest_is_refused_with_its_place(broken: Any) -> None:
    with pytest.raises(EvidenceError, match=r"stages\.'a'\.deps\[1\]"):
        read(lock(a={"deps": [entry(), broken]}))


@pytest.mark.parametrize(
    "text",
    [
        "schema: '1.0'\nstages: {a: {cmd: x}}",
        "stages:\n  prepare:\n    cmd: python prepare.py\n    deps: [a]\n",
        "schema: '2.0'\nstages: [a]",
        "schema: '2.0'\nstages: {a: 7}",
        "schema: '2.0'\nstages: {a: {deps: {}}}",
        "- a\n- b",
        "outs:\n- md5: zz\n  path: x",
        "outs: []\ncmd: x\ndeps: 7",
    ],
)
def test_other_yaml_is_refused(text: str) -> None:
    with pytest.raises(EvidenceError):
        read(text)


def test_nothing_changed_is_said_only_where_dvc_is_named() -> None:
    found = evidence("status-clean.json")
    assert (found.status, found.kind, found.facts["changed"]) == ("evaluated", "lineage", [])
    unnamed = envelope((FIXTURES / "dvc/status-clean.json").read_bytes(), source="x")
    assert (unnamed.status, unnamed.kind) == ("not_evaluated", "metrics")


def test_what_changed_is_listed() -> None:
    found = evidence("status-changed.json")
    assert found.facts["changed"] == ["data/raw.csv", "metrics.yaml", "params.yaml:train.seed", "train"]
    assert found.counts == {"stages": 3, "changed": 4}


def test_a_stage_that_is_named_at_all_has_changed() -> None:
    assert read({"a": [], "b": ["always changed"], "c": [{"changed outs": {}}]}).facts.changed == ("a", "b", "c")


@pytest.mark.parametrize(
    "entry_",
    [None, 7, "changed mind", {}, {"changed": {}}, {"changed deps": []}, {"changed deps": {"x" * 1001: "modified"}}],
)
def test_other_states_are_refused(entry_: Any) -> None:
    with pytest.raises(EvidenceError):
        read({"a": [entry_]})


@pytest.mark.parametrize("document", [{"x": "new"}, {"committed": {"added": ["x"]}}, [], {"accuracy": 0.9}])
def test_what_other_commands_print_is_refused(document: Any) -> None:
    with pytest.raises(EvidenceError):
        read(document)


def test_metrics_in_yaml_are_numbers_by_name() -> None:
    found = evidence("metrics.yaml")
    assert (found.status, found.kind, found.counts) == ("evaluated", "metrics", {"metrics": 4, "ignored": 1})
    assert found.facts["values"] == {"accuracy": 0.91, "loss": 1e-05, "test.auc": 0.875, "test.rows": 2.0}


def test_metrics_that_dvc_shows_are_those_of_all_files() -> None:
    found = evidence("metrics-show.json")
    assert (found.kind, found.facts["values"]["train.accuracy"]) == ("metrics", 0.97)
    assert found.facts["values"].items() > evidence("metrics.yaml").facts["values"].items()
    unnamed = envelope((FIXTURES / "dvc/metrics-show.json").read_bytes(), source="x")
    assert unnamed.facts["values"] == found.facts["values"]


def test_a_metrics_file_that_dvc_could_not_read_is_not_evaluated() -> None:
    assert evidence("metrics-show-broken.json").status == "not_evaluated"
    for document in ({"": {"error": {"type": "x"}}}, {"": {"data": {}}}, {"": {"data": {"a": {"data": {}}}}}):
        with pytest.raises(NotEvaluatedError):
            read(document)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"": {"data": {}}, "HEAD": {"data": {}}}, "several revisions"),
        ({"": {"data": {"a": {"data": {"x": 1}}, "b": {"data": {"x": 1}}}}}, "two metrics are called 'x'"),
        ({"": {"data": {"a": 7}}}, "not as `dvc metrics show` prints"),
        ("a: .nan", "'a' is not finite"),
        ("a: {b: .inf}", "'a.b' is not finite"),
        ("a.b: 1\na: {b: 2}", "two metrics are called 'a.b'"),
        ("a" * 600 + ": {" + "b" * 600 + ": 1}", "longer than 1000"),
    ],
)
def test_metrics_that_have_no_one_meaning_are_refused(document: Any, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason):
        read(document)


def test_yaml_that_was_cut_off_inside_a_line_is_refused() -> None:
    assert dvc.read(opened("accuracy: 0.91\n")).facts.values == {"accuracy": 0.91}
    with pytest.raises(EvidenceError, match="cut off"):
        dvc.read(opened("accuracy: 0.9"))


def test_numbers_in_quotes_and_booleans_are_no_metrics() -> None:
    with pytest.raises(NotEvaluatedError, match="no metric"):
        read("a: '0.9'\nb: true\nc: [1]\nd: yes\n")


def test_a_lock_and_a_status_make_one_lineage() -> None:
    parts = [evidence("dvc.lock"), evidence("status-changed.json")]
    for order in (parts, parts[::-1]):
        whole = merge(order)
        assert (whole.status, whole.kind) == ("evaluated", "lineage")
        assert whole.facts["data"] == parts[0].facts["data"]
        assert whole.facts["changed"] == parts[1].facts["changed"]


def test_two_lineages_that_contradict_each_other_are_refused() -> None:
    def lineage(text: str) -> Envelope:
        return envelope(text.encode() + b"\n", source="x", producer="dvc")

    one, other = lineage(lock(a={"deps": [entry("x", A)]})), lineage(lock(a={"deps": [entry("x", B)]}))
    apart = lineage(lock(a={"deps": [entry("y", B)]}))
    assert merge([one, other]).status == "error"
    assert "'x'" in (merge([one, other]).reason or "")
    assert merge([one, apart]).facts["data"] == {"x": f"md5:{A}", "y": f"md5:{B}"}
    assert merge([one, lineage("outs: [{md5: zz, path: x}]")]).status == "error"


@pytest.mark.corpus
@pytest.mark.parametrize(
    "path", corpus_files("dvc/**/dvc.lock") + corpus_files("dvc/**/*.dvc"), ids=lambda path: str(path)[-50:]
)
def test_real_files(path: Any) -> None:
    found = envelope(path.read_bytes(), source=path.name)
    assert (found.status, found.kind) == ("evaluated", "lineage")
