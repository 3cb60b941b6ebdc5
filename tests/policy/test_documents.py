"""Files of ours: what is typed, and every mistake with its place, its words and what to do."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.model.environment import Environment
from gatekeeper.model.policy import Policy
from gatekeeper.policy.documents import MAX_PROBLEMS, load
from gatekeeper.policy.explain import explain
from gatekeeper.policy.yamltext import compose
from tests.policy import samples
from tests.trees import waiver

ROOT = Path(__file__).resolve().parents[2]

RULE = """\
apiVersion: gatekeeper/v1
kind: Policy
metadata: {name: p, version: 1.0.0}
spec:
  rules:
  - id: one
    why: w
    remedy: r
"""
ENVIRONMENT = """\
apiVersion: gatekeeper/v1
kind: Environment
metadata: {name: staging}
spec:
"""
WAIVER = """\
apiVersion: gatekeeper/v1
kind: Waiver
metadata: {name: w}
spec:
  policy: p
  rule: one
  environments: [staging]
  reason: r
  ticket: t
"""
PROJECT = """\
apiVersion: gatekeeper/v1
kind: Project
"""
PEOPLE = "  requested_by: a\n  approved_by: b\n"
TIMES = "  granted: 2026-01-01\n  expires: 2026-02-01\n"


def told(text: str, kinds: frozenset[str] | None = None) -> list[tuple[int, int, str, str]]:
    """Every problem of a text: line, column, message, remedy."""
    with pytest.raises(InvalidFileError) as caught:
        load(text.encode(), "f.yaml", kinds)
    assert {problem.file for problem in caught.value.problems} == {"f.yaml"}
    return [(problem.line, problem.column, problem.message, problem.remedy) for problem in caught.value.problems]


def test_a_document_has_its_kind_value_file_digest_and_places() -> None:
    data = (RULE + "    require: 'true'\n").encode()
    (document,) = load(data, "policies/p.yaml")
    assert document.kind == "Policy"
    assert isinstance(document.value, Policy)
    assert document.value.spec.rules[0].require == "true"
    assert document.file == "policies/p.yaml"
    assert document.digest == "sha256:" + hashlib.sha256(data).hexdigest()
    assert document.place("spec", "rules", 0, "require") == (9, 14)
    assert document.key_place("spec", "rules", 0, "require") == (9, 5)
    assert document.inside(1, 3, "spec", "rules", 0, "require") == (9, 17)


def test_kinds_other_than_policy_share_a_file() -> None:
    text = ENVIRONMENT + "  pin: tag\n---\n" + WAIVER + PEOPLE + TIMES + "---\n" + PROJECT
    assert [document.kind for document in load(text.encode(), "f.yaml")] == ["Environment", "Waiver", "Project"]


def test_a_file_holds_one_policy() -> None:
    text = RULE + "    require: 'true'\n"
    ((line, column, message, _),) = told(text + "---\n" + text)
    assert (line, column) == (11, 1)
    assert "one policy" in message


@pytest.mark.parametrize("file", sorted([*ROOT.glob("policies/*.yaml"), *ROOT.glob("environments/*.yaml")]), ids=str)
def test_what_we_ship_is_valid(file: Path) -> None:
    assert load(file.read_bytes(), file.name)


def test_limits_keep_the_type_that_was_written() -> None:
    text = RULE + "    metric: {name: a, min: 1, max: 1e0, equals: params.x, min_n: '5'}\n"
    (document,) = load(text.encode(), "f.yaml")
    assert isinstance(document.value, Policy)
    metric = document.value.spec.rules[0].metric
    assert [type(getattr(metric, key)) for key in ("min", "max", "equals", "min_n")] == [int, float, str, str]


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "remedy"),
    [
        # the kind
        ("[a]\n", 1, 1, "is a mapping with `apiVersion`, `kind`", ""),
        ("just words\n", 1, 1, "is a mapping with", ""),
        ("a: 1\n", 1, 1, "`kind` is missing", "Policy, Environment, Waiver, Artifact, Project"),
        ("kind: Polcy\n", 1, 7, "there is no `kind: Polcy`", "Did you mean 'Policy'?"),
        ("kind: Deployment\n", 1, 7, "there is no `kind: Deployment`", "Kinds that may stand here"),
        ("kind: no\n", 1, 7, "unquoted `no` is a boolean in YAML", ""),
        ("kind: Project\n", 1, 1, "`apiVersion` is missing", ""),
        ("apiVersion: v1\nkind: Project\n", 1, 13, "`apiVersion` cannot be `v1`", "gatekeeper/v1"),
        # keys
        (PROJECT + "spec: {evidnce: []}\n", 3, 8, "there is no key `evidnce` here", "Did you mean 'evidence'?"),
        (PROJECT + "spec: {zzz: []}\n", 3, 8, "there is no key `zzz` here", "Keys here: policies,"),
        (RULE + "    in_: x\n    require: a\n", 9, 5, "there is no key `in_`", ""),
        (RULE.replace("    why: w\n", "    require: a\n"), 6, 5, "`why` is missing", ""),
        # types
        (
            RULE + "    require: no\n",
            9,
            14,
            "`require` must be text, but unquoted `no` is a boolean",
            "Quote it: 'no'.",
        ),
        (RULE + "    require: 1.10\n", 9, 14, "unquoted `1.10` is a number", "Quote it: '1.10'."),
        (RULE + "    require:\n", 9, 5, "`require` has no value; it must be text", ""),
        (RULE + "    require: null\n", 9, 14, "unquoted `null` is nothing in YAML", "Quote it: 'null'."),
        (RULE + "    require: [a]\n", 9, 14, "`require` must be text, but it is a list", ""),
        (RULE + "    require: a\n    optional: y\n", 10, 15, "`optional` must be true or false, but it is text", ""),
        (RULE + "    metric: accuracy\n", 9, 13, "`metric` must be a mapping, but it is text", ""),
        (RULE + "    metric: {name: a, min: yes}\n", 9, 28, "`min` must be a number or text", "Quote it"),
        (PROJECT + "spec: {evidence: x}\n", 3, 18, "`evidence` must be a list, but it is text", "Write `[x]`."),
        (PROJECT + "spec: {evidence: [1]}\n", 3, 19, "item 1 of `evidence` must be text", "Quote it: '1'."),
        (PROJECT + "spec:\n", 3, 1, "`spec` has no value; it must be a mapping", ""),
        # forms
        (RULE.replace("1.0.0", "1.0"), 3, 30, "`version` must be text, but unquoted `1.0`", "Quote it: '1.0'."),
        (RULE.replace("1.0.0", "v1"), 3, 30, "`version` cannot be `v1`", "A semantic version"),
        (RULE.replace("1.0.0", '"1.0.0\\n"'), 3, 30, "`version` begins or ends with white space", "Remove it"),
        (RULE.replace("1.0.0", "١.0.0"), 3, 30, "`version` cannot be", "semantic version"),
        (RULE.replace("why: w", "why: ''"), 7, 10, "`why` is empty", ""),
        (RULE.replace("why: w", "why: " + "w" * 4001), 7, 10, "`why` is longer than 4000 characters", ""),
        (RULE + "    require: a\n    severity: hihg\n", 10, 15, "`severity` cannot be `hihg`", "Did you mean 'high'?"),
        (RULE[: RULE.index("rules")] + "rules: []\n", 5, 10, "`rules` is empty", ""),
        (RULE.replace("spec:", "spec:\n  variables: {a-b: c}"), 5, 15, "the name cannot be `a-b`", "Letters, digits"),
        (RULE.replace("spec:", "spec:\n  evidence: {m: {kind: scan, expect: 0}}"), 5, 38, "must be at least 1", ""),
        (RULE.replace("spec:", "spec:\n  evidence: {m: {kind: scan, expect: 2.0}}"), 5, 38, "with a fraction", ""),
        # one condition
        (RULE, 6, 5, "the rule has no condition", "`require`, `metric`"),
        (RULE + "    require: a\n    scan: {max: {}}\n", 10, 11, "here are `require` and `scan`", "a rule of its own"),
        # times
        (RULE + "    require: a\n    effective_on: 2027-02-30\n", 10, 19, "'2027-02-30' does not exist", ""),
        (RULE + "    require: a\n    effective_on: soon\n", 10, 19, "'soon' is neither a date", ""),
        (
            RULE.replace("spec:", "spec:\n  evidence: {m: {kind: scan, max_age: 1y}}"),
            5,
            39,
            "'1y' is not a duration",
            "",
        ),
        (RULE + "    scan: {max: {}, max_db_age: 99999w}\n", 9, 33, "longer than a hundred years", ""),
        (RULE + "    latency: {min_duration: 5}\n", 9, 29, "`min_duration` must be text", "Quote it: '5'."),
        (RULE + "    latency: {min_duration: 5 s}\n", 9, 29, "'5 s' is not a duration", ""),
        (RULE + "    command: {max_duration: 5 m}\n", 9, 29, "'5 m' is not a duration", ""),
        (ENVIRONMENT + "  waivers: {max: 1 month}\n", 5, 18, "'1 month' is not a duration", ""),
        # a waiver
        (WAIVER + PEOPLE + TIMES.replace("02-01", "01-01"), 13, 12, "expires before it is granted", "a later end"),
        (WAIVER + PEOPLE + TIMES.replace("2026-01", "2026-13"), 12, 12, "does not exist", ""),
        (WAIVER + PEOPLE.replace(": a", ": B") + TIMES, 11, 16, "cannot approve it", "another person"),
        (WAIVER + PEOPLE.replace(": b", ": ' A '") + TIMES, 11, 16, "cannot approve it", "another person"),
        (WAIVER + PEOPLE + TIMES + "  covers: [fail, fail]\n", 14, 18, "`fail` stands twice", ""),
        (WAIVER + PEOPLE + TIMES + "  covers: [error]\n", 14, 12, "cannot be `error`", "fail, inconclusive, missing"),
        (WAIVER + PEOPLE + "  granted: 2026-01-01\n", 5, 3, "`expires` is missing", "RFC 3339"),
        # an environment
        (ENVIRONMENT + "  image: a/b\n", 5, 3, "`manifests` is missing", ""),
        (ENVIRONMENT + "  name: b\n  artifacts: []\n", 5, 9, "`artifacts` for one of many", ""),
    ],
)
def test_a_mistake_is_told_where_it_stands(text: str, line: int, column: int, message: str, remedy: str) -> None:
    found = told(text)
    at_place = [problem for problem in found if problem[:2] == (line, column) and message in problem[2]]
    assert at_place, found
    assert remedy in at_place[0][3]


UNBUILT = [
    *[
        (RULE.replace("spec:", f"spec:\n  evidence: {{m: {{kind: {kind}}}}}") + "    require: a\n", f"`kind: {kind}`")
        for kind in ("predictions", "drift", "sbom")
    ],
    *[(RULE + f"    {key}: {{}}\n", f"`{key}`") for key in ("slices", "drift")],
    *[
        (RULE + f"    metric: {{name: a, min: 0, {key}: x}}\n", f"`{key}`")
        for key in ("vs", "max_drop", "max_relative_drop", "min_gain", "no_champion", "bound", "confidence")
    ],
    (RULE + "    metric: {name: a, min: 0, ask: demonstrate}\n", "`ask: demonstrate`"),
    (RULE + "    fairness: {definition: calibration_gap, max: 0}\n", "`definition: calibration_gap`"),
    (RULE + "    fairness: {definition: demographic_parity_ratio, min: 0, confidence: 0.9}\n", "`confidence`"),
    (ENVIRONMENT + "  settle: {}\n", "`settle`"),
    (PROJECT + "spec: {policy_repo: x}\n", "`policy_repo`"),
]


@pytest.mark.parametrize(("text", "words"), UNBUILT, ids=[words for _, words in UNBUILT])
def test_what_the_contract_has_and_this_version_has_not_is_refused_by_name(text: str, words: str) -> None:
    messages = [message for _, _, message, _ in told(text)]
    assert f"{words} is not built in this version" in messages
    assert not any("there is no key" in message or "no condition" in message for message in messages)


def test_every_problem_of_a_file_is_told_at_once_in_order() -> None:
    text = "kind: Waver\n---\n" + RULE.replace("why: w", "wy: 017").replace("1.0.0", "no") + "    metric: {min: .5}\n"
    assert [problem[:2] for problem in told(text)] == [(1, 7), (5, 30), (8, 5), (9, 5), (9, 9), (11, 13), (11, 19)]


def test_a_refused_value_is_not_told_twice() -> None:
    assert len(told(RULE + "    require: a\n    effective_on: 017\n")) == 1
    assert len(told(RULE + "    require: a\n    optional: 017\n")) == 1


def test_no_more_than_a_screen_of_problems() -> None:
    text = PROJECT + "spec:\n" + "".join(f"  k{number}: 1\n" for number in range(300))
    found = told(text)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1][2] == "200 more problems are not shown"


def test_a_kind_stands_only_where_it_may() -> None:
    text = RULE + "    require: a\n"
    assert load(text.encode(), "f.yaml", frozenset({"Policy"}))
    ((line, column, message, remedy),) = told(text, frozenset({"Waiver", "Environment"}))
    assert (line, column, message) == (2, 7, "`kind: Policy` has no place here")
    assert remedy == "Kinds that may stand here: Environment, Waiver."


def test_a_refusal_of_the_types_alone_is_still_a_problem() -> None:
    (tree,) = compose((RULE + "    require: a\n").encode(), "f.yaml")
    assert explain(tree, "Policy", "f.yaml", [], "the types said no") == [Problem("the types said no", "f.yaml", 1, 1)]
    assert explain(tree, "Policy", "f.yaml", [], "")


@pytest.mark.parametrize("document", samples.ALL, ids=lambda document: document["kind"])
def test_full_documents_are_read(document: dict[str, Any]) -> None:
    (read,) = load(json.dumps(document, indent=1).encode(), "f.yaml")
    assert read.kind == document["kind"]
    assert isinstance(read.value, Environment) == (document["kind"] == "Environment")


@given(
    st.binary(max_size=80) | st.text(max_size=80).map(lambda text: ("kind: Policy\n" + text).encode("utf-8", "replace"))
)
def test_any_bytes_are_documents_or_problems(data: bytes) -> None:
    with suppress(InvalidFileError):
        assert load(data, "f.yaml")


@given(st.sampled_from(samples.ALL), st.data())
def test_a_file_cut_short_is_never_read_as_more_than_it_says(document: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(document)
    with pytest.raises(InvalidFileError):
        load(text[: data.draw(st.integers(0, len(text) - 1))].encode(), "f.yaml")


def test_a_valid_file_costs_no_explanation() -> None:
    code = (
        "import sys\n"
        "from gatekeeper.policy.documents import load\n"
        f"load({(RULE + '    require: a').encode()!r}, 'f.yaml')\n"
        "print([name for name in ('jsonschema', 'difflib', 'gatekeeper.policy.explain', 'gatekeeper.model.waiver',\n"
        "       'pathlib', 'subprocess', 'dataclasses', 'hashlib') if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


@pytest.mark.parametrize(
    ("asks", "approves"),
    [
        ("Carol", " carol "),
        ("Jos\u00e9", "Jose\u0301"),
        ("carol", "carol\u200b"),
        ("carol", "\uff43arol"),
        ("carol a", "carol   A"),
        ("Stra\u00dfe", "STRASSE"),
    ],
)
def test_one_person_under_two_spellings_does_not_approve_a_waiver(asks: str, approves: str) -> None:
    text = json.dumps(waiver(requested_by=asks, approved_by=approves))
    with pytest.raises(InvalidFileError, match="cannot approve it"):
        load(text.encode(), "waivers/w.yaml", frozenset({"Waiver"}))


@pytest.mark.parametrize("key", ["reason", "ticket", "requested_by", "approved_by"])
@pytest.mark.parametrize("blank", [" ", "\u200b", "\u00a0 "])
def test_what_a_waiver_must_say_can_be_seen(key: str, blank: str) -> None:
    text = json.dumps(waiver(**{key: blank}))
    with pytest.raises(InvalidFileError, match=f"`{key}` holds nothing that can be seen"):
        load(text.encode(), "waivers/w.yaml", frozenset({"Waiver"}))


def test_a_password_in_a_uri_is_refused_and_not_told() -> None:
    text = "apiVersion: gatekeeper/v1\nkind: Artifact\nspec: {image: a, model: {uri: 's3://me:s3cr3t@bucket/x'}}\n"
    ((_, _, message, remedy),) = told(text)
    assert message == "`uri` cannot be `s3://…@bucket/x`"
    assert remedy.startswith("A URI or a place; without a user or password in it")


@pytest.mark.parametrize("key", ["commit", "run"])
@pytest.mark.parametrize("text", ["sha256:" + "a" * 64, "md5:" + "a" * 32, "gitCommit:abc", "a b", ""])
def test_a_commit_or_run_cannot_pass_for_a_digest(key: str, text: str) -> None:
    found = told(f"apiVersion: gatekeeper/v1\nkind: Artifact\nspec: {{image: a, {key}: '{text}'}}\n")
    assert [message.partition(" cannot be ")[0] for _, _, message, _ in found] == [f"`{key}`"]


def test_the_same_bytes_of_a_file_are_read_once() -> None:
    data = json.dumps(samples.POLICY).encode()
    (first,), (again,) = load(data, "p.yaml"), load(bytes(bytearray(data)), "p.yaml")
    assert first is again
    (other,) = load(data, "q.yaml")
    assert other is not first
    assert other.file == "q.yaml"
    with pytest.raises(InvalidFileError):
        load(data, "p.yaml", frozenset({"Waiver"}))
