"""The other ways to let by: nothing to look at, swallowed errors, division by zero, negated comparisons, constants."""

from __future__ import annotations

import pytest

from tests.lint.samples import X, findings, ids, policy

Y = "evidence.m.values.y"
CASES = "evidence.unit.cases"
FOUND = {
    "empty-passes": [
        "evidence.fair.attributes.all(a, evidence.fair.attributes[a].n > 10)",
        f"size({CASES}) == 0 || evidence.unit.failures == 0",
        f"{CASES}.size() == 0 || evidence.unit.failures == 0",
        f"0 == size({CASES}) || evidence.unit.failures == 0",
        f"!(size({CASES}) > 0) || evidence.unit.failures == 0",
        f"size({CASES}) < 1 ? true : evidence.unit.failures == 0",
        f"{CASES} == {{}} || evidence.unit.failures == 0",
        f"{CASES}.all(c, {CASES}[c] == 'passed')",
        f"{CASES}.all(k, v, v == 'passed')",
        f"!{CASES}.exists(c, {CASES}[c] != 'passed')",
        f"{CASES}.exists(c, c == 'x') == false",
        f"evidence.unit.ran > 3 && {CASES}.all(c, c != 'x')",
        f"{CASES}.filter(c, c.startsWith('x')).all(c, c == 'y')",
        f"{CASES}.map(c, c).all(c, c != 'x')",
        f"cel.bind(l, {CASES}, l.all(c, c != 'x'))",
        f"size({CASES}.filter(c, c == 'x')) == 0 || {X} > 1.0",
        f"size({CASES}.filter(c, {CASES}[c] == 'failed')) == 0",
        f"{CASES}.filter(c, {CASES}[c] == 'failed').size() < 1",
        f"{CASES}.transformList(k, v, v == 'failed', k) == []",
        f"evidence.unit.ran > 1 && {CASES}.map(c, {CASES}[c]).filter(o, o == 'failed').size() == 0",
    ],
    "absorbed-error": [
        f"dyn(evidence.m).missing > 1.0 || {X} > 1.0",
        f"{X} > 1.0 || dyn(evidence.m).missing > 1.0",
        f"[evidence.m][0].missing > 1.0 || {X} > 1.0",
        f"{{'a': evidence.m}}.a.missing > 1.0 || {X} > 1.0",
        f"evidence.m.values[params.key] > 1.0 || {X} > 1.0",
        f"evidence.unit.ran > 1 && ({X} > 1.0 || evidence.m.values[params.key] > 1.0)",
        f"!(evidence.m.values[params.key] < 1.0 && {X} < 1.0)",
        f"timestamp(evidence.image.db_updated_at) > now || {X} > 1.0",
        f"evidence.unit.ran / evidence.unit.total > 0 || {X} > 1.0",
        f"evidence.unit.ran % evidence.unit.total == 0 || {X} > 1.0",
        f"cel.bind(k, params.key, evidence.m.values[k] > 1.0 || {X} > 1.0)",
        "evidence.image.findings.exists(f, f.fixed != '' || f.severity == 'low')",
    ],
    "unsafe-division": [
        f"{X} / {Y} > 1.0",
        f"1.0 < {X} / {Y}",
        "double(evidence.unit.ran) / double(evidence.unit.total) > 0.5",
        f"!({X} / {Y} < 1.0)",
        f"{X} / {Y} != 1.0",
        f"({X} - 1.0) / {Y} < 0.1",
        f"1.0 / ({Y} - 1.0) > 2.0",
        f"{X} / {Y} > 1.0 || evidence.unit.ran > 1",
        f"cel.bind(r, {X} / {Y}, r > 1.0)",
    ],
    "negated-comparison": [
        f"!({X} < 1.0)",
        f"!(({X}) <= 1.0)",
        f"!!!({X} > 1.0)",
        f"({X} < 1.0) == false",
        f"true != ({X} < 1.0)",
        f"{X} < 1.0 ? false : true",
        f"{X} < 1.0 ? false : {Y} > 1.0",
        f"!({X} < 1.0 || {X} > 5.0)",
        f"!({X} < 1.0 && evidence.unit.ran < 5)",
        f"cel.bind(b, {X} < 1.0, !b)",
        f"!evidence.image.findings.exists(f, {X} < 1.0)",
    ],
    "always-true": [
        "true",
        "1 < 2",
        f"{X} > 1.0 || true",
        f"true || {X} > 1.0",
        f"({X} > 1.0 || true) && evidence.unit.ran > 1",
        f"{X} == {X}",
        f"{X} >= {X}",
        f"!({X} < {X})",
        f"{X} > 1.0 || {X} <= 1.0",
        f"{X} > 1.0 || !({X} > 1.0)",
        "params.floor <= 1.0",
        "size([1, 2]) == 2",
        "'a' in ['a', 'b']",
        f"{X} > 1.0 ? true : true",
        "optional.none().orValue(true)",
        "'a' == 'a' && 2.0 * 3.0 == 6.0",
        f"cel.bind(t, true, {X} > 1.0 || t)",
    ],
    "always-false": [
        "1 > 2",
        f"{X} > 1.0 && false",
        f"{X} > {X}",
        f"{X} != {X}",
        f"{X} > 1.0 && {X} < 0.5",
        f"{X} > 1.0 && {X} <= 1.0",
        f"{X} == 1.0 && {X} == 2.0",
        f"{X} == 3.0 && {X} < 2.0",
        f"{X} > 1.0 && !({X} > 1.0)",
        f"double({X}) > 1.0 && {X} < 1.0",
        "params.floor > 1.5",
        "environment.name == 'a' && environment.name == 'b'",
        "environment.name == 'a' && environment.name != 'a'",
    ],
    "ordered-text": [
        f"string({X}) > '0.85'",
        f"'0.85' < string({X})",
        "evidence.image.db_updated_at > '2026-11-01'",
        "evidence.image.findings.all(f, f.installed >= '1.10')",
        f"!(dyn(string({X})) < '0.5')",
    ],
    "unknown-value": [
        "evidence.image.findings.all(f, f.severity != 'CRITICAL')",
        "!evidence.image.findings.exists(f, 'Critical' == f['severity'])",
        "evidence.image.findings.filter(f, f.severity in ['critical', 'HIGH']).size() == 0",
        "evidence.image.findings.filter(f, has(f.fixed)).all(g, g.severity != 'severe')",
        "evidence.image.findings[0].severity != 'CRITICAL'",
        "['CRITICAL', 'HIGH'].all(s, !evidence.image.findings.exists(f, f.severity == s))",
        "cel.bind(all, evidence.image.findings, all.all(f, dyn(f.severity) != 'CRITICAL'))",
        f"{CASES}.all(c, {CASES}[c] != 'failure')",
        f"{CASES}.all(k, v, v != 'FAILED')",
        f"{CASES}['a test'] == 'pass'",
        f"{CASES}.smoke == 'ok'",
    ],
    "limit-out-of-range": [
        "evidence.m.values.accuracy >= 1.2",
        "evidence.m.values['test/f1'] >= 1.5",
        "evidence.m.values.val_auc < 1.5",
        "1.2 <= evidence.m.values.recall",
        "evidence.m.values.mcc > -1.5",
        "evidence.m.values.rmse <= -1.0",
        "evidence.m.values.r2 > 1.1",
        "evidence.image.counts.critical <= -1",
        "evidence.image.counts.critical >= 0",
        "evidence.image.counts.critical < 0",
        "double(evidence.unit.ran) >= 0.0",
        "evidence.load.error_rate <= 1.0",
        "evidence.load.latency_ms.p95 > -1.0",
        "evidence.fair.attributes.gender.gaps.demographic_parity_difference <= 1.5",
    ],
}
NOT_FOUND = {
    "empty-passes": [
        f"size({CASES}) > 0 && {CASES}.all(c, c != 'x')",
        f"{CASES}.all(c, c != 'x') && {CASES}.size() >= 1",
        f"{CASES} != {{}} && {CASES}.all(c, c != 'x')",
        f"{CASES}.exists(c, c == 'x') && {CASES}.all(c, c != 'y')",
        f"{CASES}.exists(c, c == 'x')",
        f"size({CASES}) > 0 && size({CASES}.filter(c, c == 'x')) == 0",
        "evidence.image.findings.filter(f, f.severity == 'critical').size() == 0",
        f"size({CASES}.filter(c, c == 'x')) == 1",
        "evidence.image.findings.all(f, f.severity != 'critical')",
        "evidence.image.findings.filter(f, f.severity == 'high').all(f, f.package == 'x')",
        "['a', 'b'].all(k, evidence.m.values[k] > 1.0)",
        "lists.range(3).all(i, evidence.unit.ran > i)",
    ],
    "absorbed-error": [
        "evidence.m.values[params.key] > 1.0",
        f"{X} > 1.0 && evidence.m.values[params.key] > 1.0",
        f"params.key in evidence.m.values && evidence.m.values[params.key] > 1.0 || {X} > 1.0",
        "size(evidence.m.values) > 0 && evidence.m.values.all(k, evidence.m.values[k] > 1.0 || k == 'x')",
        f"{X} > 1.0 || {Y} > 1.0",
        "evidence.image.findings.all(f, f.severity != 'critical' || f.package == 'x')",
        "evidence.image.findings.exists(f, has(f.fixed) && f.fixed != '' || f.severity == 'low')",
        f"{X} > 1.0 || evidence.unit.ran / 2 > 1",
        "evidence.m.values[params.key] > 1.0 || evidence.m.values[params.key] < -1.0",
        "evidence.image.findings.all(f, f.fixed == '2.0' || f.fixed == '3.0')",
        "[1, 2].exists(i, evidence.m.values[params.key] > double(i))",
    ],
    "unsafe-division": [
        f"{Y} > 0.0 && {X} / {Y} > 1.0",
        f"{X} / {Y} > 1.0 && {Y} != 0.0",
        f"{Y} == 0.0 ? false : {X} / {Y} > 1.0",
        f"{X} / 2.0 > 1.0",
        f"{X} / {Y} < 1.0",
        f"{X} / (1.0 + params.floor) > 1.0",
        "evidence.unit.ran / evidence.unit.total > 0",
        "evidence.unit.total > 0 && double(evidence.unit.ran) / double(evidence.unit.total) > 0.5",
    ],
    "ordered-text": [
        f"string({X}) == '0.85'",
        "timestamp(evidence.image.db_updated_at) > timestamp('2026-11-01T00:00:00Z')",
        f"size(string({X})) < 5",
        f"double(string({X})) > 0.85",
    ],
    "unknown-value": [
        "evidence.image.findings.all(f, f.severity != 'critical')",
        "evidence.image.findings.all(f, f.severity.upperAscii() != 'CRITICAL')",
        "evidence.image.findings.all(f, f.package != 'CRITICAL' && f.id != '')",
        "evidence.image.findings.map(f, f.package).all(p, p != 'CRITICAL')",
        f"{CASES}.exists(c, c == 'FAILED')",
        f"{CASES}.exists(k, v, k == 'x' && v in ['passed', 'skipped'])",
        f"{CASES}.filter(c, c != 'y').exists(c, c == 'x')",
        f"{CASES}.filter(c, c != 'y').exists(i, c, c == 'x')",
        f"'smoke' in {CASES} && {CASES}.smoke == 'passed'",
        "params.key == 'CRITICAL'",
    ],
    "negated-comparison": [f"{X} >= 1.0", f"!!({X} >= 1.0)", f"!({X} == 1.0)", f"{X} < 1.0 ? {Y} > 1.0 : {Y} > 2.0"],
    "always-true": [
        f"{X} > 1.0",
        f"{X} > 1.0 || {X} < 0.5",
        f"{X} > 1.0 && true",
        f"{X} / {Y} == {X} / {Y}",
        f"has({X})",
        f"{X} > params.floor || {X} < 0.0",
        "environment.name == 'a' || environment.name == 'b'",
        f"{X} > 1.0 || false",
    ],
    "always-false": [f"{X} > 0.5 && {X} < 1.0", f"{X} >= 1.0 && {X} <= 1.0", f"{X} == 1.0 && {Y} == 2.0"],
    "limit-out-of-range": [
        "evidence.m.values.accuracy <= 1.0",
        "evidence.m.values.accuracy >= 0.0",
        "evidence.m.values.accuracy_seconds > 2.0",
        "evidence.m.values.whatever > 2.0",
        "evidence.image.counts.critical <= 0",
        "evidence.load.error_rate <= 0.01",
        "evidence.m.values.accuracy >= params.floor",
    ],
}


@pytest.mark.parametrize(("id_", "condition"), [(id_, one) for id_, them in FOUND.items() for one in them])
def test_it_is_found(id_: str, condition: str) -> None:
    assert id_ in ids(condition)
    assert id_ in ids("variables.it", variables={"it": condition})


@pytest.mark.parametrize(("id_", "condition"), [(id_, one) for id_, them in NOT_FOUND.items() for one in them])
def test_it_is_not_found(id_: str, condition: str) -> None:
    assert id_ not in ids(condition)
    assert id_ not in ids("variables.it", variables={"it": condition})


@pytest.mark.parametrize(
    ("when", "id_"),
    [
        ("false", "unreachable-rule"),
        ("1 > 2", "unreachable-rule"),
        (f"{X} > 1.0 && {X} < 0.0", "unreachable-rule"),
        ("environment.name == 'a' && environment.name == 'b'", "unreachable-rule"),
        ("true", "always-true"),
        ("environment.name == 'a' || true", "always-true"),
        (f"{CASES}.exists(c, c == 'x')", "empty-passes"),
        (f"size({CASES}) > 0 && evidence.unit.ran > 3", "empty-passes"),
        ("evidence.m.values[params.key] > 1.0 && environment.name == 'a'", "absorbed-error"),
        (f"{X} / {Y} > 1.0", "unsafe-division"),
    ],
)
def test_in_when_it_is_what_skips(when: str, id_: str) -> None:
    assert id_ in ids("evidence.unit.ran > 1", when=when)


@pytest.mark.parametrize("when", ["environment.name == 'a'", f"{X} > 1.0", f"{Y} > 0.0 && {X} / {Y} > 1.0"])
def test_a_plain_when_is_fine(when: str) -> None:
    assert not ids("evidence.unit.ran > 1", when=when)


def test_what_when_says_is_known_to_the_condition() -> None:
    assert "always-false" in ids("environment.name == 'b'", when="environment.name == 'a'")
    assert "always-true" in ids("environment.name != 'b'", when="environment.name == 'a'")
    assert "always-true" in ids(f"{X} > 1.0", when=f"evidence.unit.ran > 1 && {X} > 1.0")
    assert "always-true" in ids(f"{X} > 0.4", when=f"{X} > 0.5")
    assert "always-true" in ids(f"{X} >= 0.5 && {Y} > 1.0", when=f"0.5 <= {X}")
    assert "always-false" in ids(f"{X} < 0.4", when=f"{X} > 0.5 && {Y} > 1.0")
    assert "always-true" in ids(f"{X} < 5.0 && {X} > 0.0", when=f"{X} > 0.5 && {X} < 2.0")
    assert not ids(f"{X} > 2.0", when=f"{X} > 1.0")
    assert not ids(f"{X} > 0.5", when=f"{X} >= 0.5")
    assert not ids(f"{X} < 2.0", when=f"{X} > 1.0")
    assert not ids(f"{X} > 2.0", when=f"!({X} < 1.0) && {Y} > 3.0") - {"negated-comparison"}


@pytest.mark.parametrize(
    ("shorthand", "body", "severity"),
    [
        ("metric", {"name": "accuracy", "in": "m", "min": 1.2}, "error"),
        ("metric", {"name": "accuracy", "in": "m", "max": 1.5}, "error"),
        ("metric", {"name": "accuracy", "in": "m", "equals": 2}, "error"),
        ("metric", {"name": "accuracy", "in": "m", "min": 0.5, "max": 1}, None),
        ("scan", {"max": {"critical": -1}}, "error"),
        ("scan", {"max": {"critical": 0}}, None),
        ("tests", {"min_tests": 0}, "warning"),
        ("tests", {}, None),
        ("latency", {"max_error_rate": 1.5}, "error"),
        ("latency", {"max_error_rate": 1}, "warning"),
        ("latency", {"p95_ms": -1}, "error"),
        ("fairness", {"definition": "demographic_parity_difference", "max": 1.1}, "error"),
        ("fairness", {"definition": "demographic_parity_ratio", "min": 0.8}, None),
    ],
)
def test_limits_of_shorthands(shorthand: str, body: dict[str, object], severity: str | None) -> None:
    found = [one for one in findings(policy([{"id": "it", shorthand: body}])) if one.id == "limit-out-of-range"]
    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_parameter_s_default_is_a_limit() -> None:
    parameters = {"least": {"type": "number", "default": 85, "stricter": "higher"}}
    rules = [{"id": "it", "metric": {"name": "accuracy", "in": "m", "min": "params.least"}}]
    (found,) = (one for one in findings(policy(rules, parameters=parameters)) if one.id == "limit-out-of-range")
    assert "must be >= 85, the default of params.least: this never passes" in found.message


def test_limits_that_exclude_each_other() -> None:
    rules = [{"id": "it", "metric": {"name": "a", "in": "m", "min": 0.9, "max": 0.8}}]
    assert "always-false" in {one.id for one in findings(policy(rules))}
    rules = [{"id": "it", "metric": {"name": "a", "in": "m", "min": 0.8, "max": 0.9}}]
    assert "always-false" not in {one.id for one in findings(policy(rules))}
