"""Whatever stands in a usable policy, a check ends in findings whose places are in its file."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.model.finding import LEVELS
from tests.lint.logic.test_evaluation import conditions
from tests.lint.samples import EVIDENCE, PARAMETERS, checked, policy

extras = st.sampled_from(
    [
        "evidence.m.values[params.key] > 1.0",
        "evidence.image.findings.all(f, !has(f.fixed) || f.severity != 'low')",
        "evidence.unit.cases.filter(c, c != 'x').size() == 0",
        "double(evidence.unit.ran) / double(evidence.unit.total) >= params.floor",
        "timestamp(evidence.image.db_updated_at) > now - duration('24h')",
        "dyn(evidence.m).values.q == 1.0",
        "evidence.fair.attributes.exists(a, evidence.fair.attributes[a].n > 10)",
        "type(params.key) == string && params.key.startsWith('a')",
        "b'a' == b'b' || null == null",
        "environment.name in ['staging', 'nowhere']",
        "evidence.m.values.?a.optMap(v, v > params.floor).orValue(true)",
        "'ä✓' == 'ä✓' && evidence.m.values['ä✓'] > 1.0",
    ]
)
whole = st.one_of(conditions, extras, st.tuples(conditions, extras).map(lambda two: f"({two[0]}) || ({two[1]})"))
rules = st.fixed_dictionaries({"require": whole}, optional={"when": whole, "optional": st.booleans()})
styles = st.sampled_from(["json", "folded", "literal"])


def _written(given_rules: list[dict[str, Any]], variables: dict[str, str], style: str) -> str:
    if style == "json":
        whole_rules = [{"id": f"r{n}", **rule} for n, rule in enumerate(given_rules)]
        return json.dumps(policy(whole_rules, variables=variables), ensure_ascii=False)
    mark = {"folded": ">-", "literal": "|"}[style]
    head = {"apiVersion": "gatekeeper/v1", "kind": "Policy", "metadata": {"name": "p", "version": "1.0.0"}}
    lines = [f"{key}: {json.dumps(value)}" for key, value in head.items()]
    lines += ["spec:", f"  evidence: {json.dumps(EVIDENCE)}", f"  parameters: {json.dumps(PARAMETERS)}"]
    lines += ["  variables:" + ("" if variables else " {}")]
    for name, text in variables.items():
        lines += [f"    {name}: {mark}", f"      {text}"]
    lines += ["  rules:"]
    for number, rule in enumerate(given_rules):
        lines += [f"    - id: r{number}", "      why: w", "      remedy: r"]
        for key, value in rule.items():
            lines += (
                [f"      {key}: {mark}", f"        {value}"]
                if isinstance(value, str)
                else [f"      {key}: {json.dumps(value)}"]
            )
    return "\n".join(lines) + "\n"


@settings(max_examples=150)
@given(st.lists(rules, min_size=1, max_size=3), st.dictionaries(st.sampled_from("vw"), whole, max_size=2), styles)
def test_a_check_ends_in_findings_with_places(
    given_rules: list[dict[str, Any]], variables: dict[str, str], style: str
) -> None:
    text = _written(given_rules, variables, style)
    report = checked(text)
    assert not report.problems
    rows = text.split("\n")
    for finding in report.findings:
        assert finding.severity in LEVELS
        assert 1 <= finding.line <= len(rows)
        assert 1 <= finding.column <= len(rows[finding.line - 1]) + 1
        assert finding.message == " ".join(finding.message.split())
    assert report == checked(text)


@settings(max_examples=60)
@given(st.lists(rules, min_size=1, max_size=2))
def test_the_order_of_findings_is_that_of_the_text_and_none_is_told_twice(given_rules: list[dict[str, Any]]) -> None:
    found = checked(_written(given_rules, {}, "literal")).findings
    assert [(one.line, one.column) for one in found] == sorted((one.line, one.column) for one in found)
    assert len(set(found)) == len(found)
