"""Policies over time, environments one after another, waivers: what is said, where, and how gravely."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.finding import Finding
from tests.lint.samples import X, environment, policy, project, staged, usable, waiver

PARAMETERS = {
    "floor": {"type": "number", "default": 0.5, "stricter": "higher"},
    "ceiling": {"type": "integer", "default": 5, "stricter": "lower"},
    "age": {"type": "duration", "default": "7d", "stricter": "lower"},
    "free": {"type": "number", "default": 1},
}
PARAMETRIC = policy(
    f"{X} > params.floor && {X} < double(params.ceiling) && {X} > params.free && params.age != ''",
    parameters=PARAMETERS,
)


def _only(found: tuple[Finding, ...], id_: str) -> list[Finding]:
    return [finding for finding in found if finding.id == id_]


def _versions(now: dict[str, Any], before: dict[str, Any]) -> list[tuple[str, str]]:
    found = usable(project(policies=now, before=before))
    return [(one.id, one.severity) for one in found if one.id.startswith("version")]


ONE, CHANGED = policy(f"{X} > 1.0"), policy(f"{X} > 2.0")
TWO, THREE = policy(f"{X} > 2.0", version="2.0.0"), policy(f"{X} > 3.0", version="10.0.0")


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ({"p.yaml": ONE}, {"p.yaml": ONE}, []),
        ({"p.yaml": ONE}, {}, []),
        ({"p.yaml": CHANGED}, {"p.yaml": ONE}, [("version-unchanged", "error")]),
        ({"renamed.yaml": CHANGED}, {"p.yaml": ONE}, [("version-unchanged", "error")]),
        ({"renamed.yaml": ONE}, {"p.yaml": ONE}, []),
        ({"p.yaml": TWO}, {"p.yaml": ONE}, []),
        ({"p.yaml": THREE}, {"p.yaml": TWO}, []),
        ({"p.yaml": TWO}, {"p.yaml": THREE}, [("version-lowered", "error")]),
        ({"p.yaml": ONE, "p2.yaml": TWO}, {"p.yaml": ONE}, []),
        ({"p.yaml": ONE}, {"p.yaml": ONE, "p2.yaml": TWO}, [("version-lowered", "error")]),
        ({"p.yaml": ONE}, {"p.yaml": "not: [a policy"}, []),
    ],
)
def test_versions(now: dict[str, Any], before: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert _versions(now, before) == expected


def test_comments_alone_are_a_note() -> None:
    text = "apiVersion: gatekeeper/v1\nkind: Policy\nmetadata: {name: p, version: 1.0.0, owners: [a]}\nspec:\n"
    text += "  evidence: {m: {kind: metrics}}\n  rules:\n"
    text += f"    - {{id: it, why: w, remedy: r, require: {X} > 1.0}}\n"
    assert _versions({"p.yaml": text + "# more\n"}, {"p.yaml": text}) == [("version-unchanged", "info")]


def test_without_a_commit_nothing_is_compared() -> None:
    report = project()
    assert report.looked.compared is None
    assert not _only(usable(report), "version-unchanged")


@pytest.mark.parametrize(
    ("staging", "production", "said"),
    [
        ({"floor": 0.6}, {"floor": 0.5}, "floor is 0.5 in production and 0.6 in staging, and higher is stricter"),
        ({"floor": 0.6}, {}, "floor is 0.5 in production and 0.6 in staging, and higher is stricter"),
        ({"floor": 0.6}, {"floor": 0.7}, ""),
        ({"ceiling": 5}, {"ceiling": 6}, "ceiling is 6 in production and 5 in staging, and lower is stricter"),
        ({"ceiling": 5}, {"ceiling": 4}, ""),
        ({"age": "7d"}, {"age": "2w"}, "age is 2w in production and 7d in staging, and lower is stricter"),
        ({"age": "7d"}, {"age": "168h"}, ""),
        ({"free": 1}, {"free": 0}, ""),
    ],
)
def test_parameters_between_environments(staging: Any, production: Any, said: str) -> None:
    stages = staged(staging={"parameters": staging}, production={"parameters": production})
    found = _only(usable(project(policies={"p.yaml": PARAMETRIC}, environments=stages)), "looser-environment")
    assert [one.message for one in found] == ([f"p: {said}"] if said else [])
    assert all(one.file == "environments/production.yaml" for one in found)


@pytest.mark.parametrize(("value", "severity"), [(0.9, None), (88, "error"), (-0.1, "error"), (1.0, None), (0.0, None)])
def test_a_limit_that_an_environment_sets(value: float, severity: str | None) -> None:
    parameters = {"least": {"type": "number", "default": 0.5, "stricter": "higher"}}
    shorthand = [{"id": "it", "metric": {"name": "accuracy", "in": "m", "min": "params.least"}}]
    plain = "evidence.m.values.accuracy >= params.least"
    stage = environment("staging", policies=[{"name": "p", "version": "^1", "parameters": {"least": value}}])
    for rules in (shorthand, plain):
        files = {"p.yaml": policy(rules, parameters=parameters)}
        found = _only(usable(project(policies=files, environments=[stage])), "limit-out-of-range")
        assert [(one.file, one.severity) for one in found] == (
            [("environments/staging.yaml", severity)] if severity else []
        )


BAND = {
    "low": {"type": "number", "default": 0.1, "stricter": "higher"},
    "high": {"type": "number", "default": 0.9, "stricter": "lower"},
}


@pytest.mark.parametrize(("low", "high", "found"), [(0.1, 0.9, 0), (0.5, 0.5, 0), (0.6, 0.5, 1), (0.95, None, 1)])
def test_limits_that_an_environment_sets_against_each_other(low: float, high: float | None, found: int) -> None:
    shorthand = [{"id": "it", "metric": {"name": "x", "in": "m", "min": "params.low", "max": "params.high"}}]
    parameters = {"low": low} | ({} if high is None else {"high": high})
    stage = environment("staging", policies=[{"name": "p", "version": "^1", "parameters": parameters}])
    for rules in (shorthand, f"{X} >= params.low && {X} <= params.high"):
        report = project(policies={"p.yaml": policy(rules, parameters=BAND)}, environments=[stage])
        told = [one for one in usable(report) if one.id == "always-false"]
        assert [one.file for one in told] == ["environments/staging.yaml"] * found


def test_defaults_that_exclude_each_other() -> None:
    parameters = {**BAND, "low": {**BAND["low"], "default": 0.95}}
    rules = [{"id": "it", "metric": {"name": "x", "in": "m", "min": "params.low", "max": "params.high"}}]
    found = usable(project(policies={"p.yaml": policy(rules, parameters=parameters)}))
    assert [one.file for one in found if one.id == "always-false"] == ["policies/p.yaml"]


def _between(old: Any, new: Any) -> list[str]:
    """What is looser where production is at 1.0.0 (`old`), and staging at 1.1.0 (`new`)."""
    stages = staged(staging={"version": "1.1.0"}, production={"version": "1.0.0"})
    found = usable(project(policies={"a.yaml": old, "b.yaml": new}, environments=stages))
    return [one.message for one in _only(found, "looser-environment")]


def _metric(limit: float, version: str, **more: Any) -> Any:
    return policy([{"id": "it", "metric": {"name": "x", "in": "m", "min": limit}, **more}], version=version)


def test_a_lower_version_with_looser_limits() -> None:
    assert _between(_metric(0.5, "1.0.0"), _metric(0.6, "1.1.0")) == [
        "p is at version 1.0.0 in production and at 1.1.0 in staging",
        "p: rule it asks evidence.m.values.x >= 0.5 in production and 0.6 in staging",
    ]
    assert len(_between(_metric(0.7, "1.0.0"), _metric(0.6, "1.1.0"))) == 1


def test_plain_cel_is_compared_too() -> None:
    old, new = policy(f"{X} < 2.0"), policy(f"{X} < 1.0", version="1.1.0")
    assert "p: rule it asks evidence.m.values.x < 2 in production and 1 in staging" in _between(old, new)


def test_a_rule_that_is_gone() -> None:
    rules = [{"id": "it", "require": f"{X} > 1.0"}, {"id": "more", "require": f"{X} < 9.0"}]
    said = _between(policy(rules[:1]), policy(rules, version="1.1.0"))
    assert "p: rule more of staging is not in the version of production" in said


def test_what_is_asked_of_evidence() -> None:
    strict = {"kind": "metrics", "about": "artifact", "max_age": "7d", "signed_by": ["ci"], "producers": ["json"]}
    loose = {"kind": "metrics", "max_age": "8d", "optional": True}
    said = _between(
        policy(f"{X} > 1.0", evidence={"m": loose}), policy(f"{X} > 1.0", evidence={"m": strict}, version="1.1.0")
    )
    assert said[1:] == [
        "p: evidence m is optional in production and required in staging",
        "p: evidence m need not be about the artifact in production, as it must in staging",
        "p: evidence m need not be signed in production, as it must in staging",
        "p: evidence m may come from more producers in production than in staging",
        "p: evidence m may be older in production than in staging",
    ]


def test_a_policy_that_is_absent_or_weaker() -> None:
    other = policy(f"{X} > 1.0", name="q")
    stages = staged()
    stages[0]["spec"]["policies"].append({"name": "q", "version": "^1"})
    stages[1]["spec"]["policies"][0]["enforcement"] = "audit"
    found = usable(project(policies={"p.yaml": policy(f"{X} > 1.0"), "q.yaml": other}, environments=stages))
    assert {one.message for one in _only(found, "looser-environment")} == {
        "p is at audit in production and at deny in staging",
        "policy q applies in staging, and not in production",
    }


def test_an_artifact_that_comes_from_elsewhere_is_not_compared() -> None:
    stages = staged(staging={"enforcement": "deny"}, production={"enforcement": "warn"})
    stages[1]["spec"]["image"] = "registry.example/other"
    assert not _only(usable(project(environments=stages)), "looser-environment")


def test_one_finding_for_forty_artifacts() -> None:
    rows = [
        {"name": f"a{n}", "image": f"r.example/a{n}", "manifests": [{"path": f"e/{n}.yaml", "format": "kustomize"}]}
        for n in range(40)
    ]
    stages = staged(staging={"enforcement": "deny"}, production={"enforcement": "warn"})
    for stage in stages:
        stage["spec"] = {key: stage["spec"][key] for key in ("policies", "after") if key in stage["spec"]}
        stage["spec"]["artifacts"] = rows
    assert len(_only(usable(project(environments=stages)), "looser-environment")) == 1


def _waivers(**spec: Any) -> dict[str, tuple[str, str]]:
    found = usable(project(environments=[environment("staging")], waivers=[waiver(**spec)]))
    return {one.id: (one.severity, one.message) for one in found if one.id.startswith("waiver")}


@pytest.mark.parametrize(
    ("spec", "severity", "said"),
    [
        ({"environments": ["stagin"]}, "warning", "waiver 'w': there is no environment 'stagin'"),
        ({"policy": "q"}, "error", "waiver 'w': there is no policy 'q'"),
        ({"rule": "itt"}, "error", "waiver 'w': policy p in staging has no rule 'itt'; no judgement can be made"),
        ({"rule": "evidence/n"}, "error", "waiver 'w': policy p in staging has no rule 'evidence/n'"),
    ],
)
def test_orphaned_waivers(spec: dict[str, Any], severity: str, said: str) -> None:
    grave, message = _waivers(**spec)["waiver-orphaned"]
    assert grave == severity
    assert message.startswith(said)


def test_a_policy_that_applies_elsewhere() -> None:
    stage = environment("staging", policies=[{"name": "q", "version": "^1"}])
    both = {"p.yaml": policy(f"{X} > 1.0"), "q.yaml": policy(f"{X} > 1.0", name="q")}
    found = usable(project(policies=both, environments=[stage], waivers=[waiver()]))
    (one,) = _only(found, "waiver-orphaned")
    assert (one.severity, one.message) == ("warning", "waiver 'w': policy p does not apply in staging")


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        ("2026-11-23T12:00:00Z", {"waiver-expired"}),
        ("2026-11-23T12:00:01Z", {"waiver-expiring", "waiver-broad"}),
        ("2026-12-07T12:00:00Z", {"waiver-expiring", "waiver-broad"}),
        ("2026-12-07T12:00:01Z", {"waiver-broad"}),
    ],
)
def test_a_waiver_s_time(expires: str, expected: set[str]) -> None:
    assert set(_waivers(expires=expires)) == expected


def test_a_bounded_waiver_is_fine() -> None:
    assert not _waivers(artifact="sha256:" + "a" * 64, expires="2027-01-01")
    assert not _waivers(only_while=f"{X} > 0.5", expires="2027-01-01")


def test_a_waiver_s_condition_is_checked_where_it_applies() -> None:
    report = project(environments=[environment("staging")], waivers=[waiver(only_while="evidence.n.x > 0.5")])
    assert [problem.file for problem in report.problems] == ["waivers/w.yaml"]


@pytest.mark.parametrize(
    ("condition", "id_", "said"),
    [
        (f"has({X}) ? {X} > 0.5 : true", "absence-passes", f"the waiver holds where {X} is absent"),
        (f"!has({X}) || {X} > 0.5", "absence-passes", "the waiver does not hold then"),
        (f"{X} > 0.5 || true", "always-true", "the waiver is not bounded by it"),
        (f"{X} > 0.5 && {X} < 0.1", "always-false", "the waiver never holds"),
        ("evidence.unit.cases.all(c, c != 'x')", "empty-passes", "the waiver holds where evidence.unit.cases is empty"),
        (f"!({X} < 0.5)", "negated-comparison", "`<` is negated"),
        (f"math.abs({X}) > 0.5", "second-engine", "cel-python has no `math.abs`"),
    ],
)
def test_a_waiver_s_condition_is_looked_at_like_a_rule_s(condition: str, id_: str, said: str) -> None:
    report = project(environments=[environment("staging")], waivers=[waiver(only_while=condition)])
    (found,) = (one for one in usable(report) if one.file == "waivers/w.yaml" and one.id == id_)
    assert said in found.message
    assert (found.policy, found.line, found.column > 1) == ("p", 1, True)


def test_a_waiver_s_condition_counts_as_reading() -> None:
    rules = policy(f"{X} > 1.0", variables={"v": f"{X} * 2.0"})
    only_while = "variables.v > params.floor && params.key != '' && evidence.unit.ran > 1"
    report = project(
        policies={"p.yaml": rules}, environments=[environment("staging")], waivers=[waiver(only_while=only_while)]
    )
    unused = {one.message.split("'")[1] for one in usable(report) if one.id.startswith("unused")}
    assert unused == {"image", "load", "fair"}


def test_only_one_environment() -> None:
    stages = [*staged(), environment("other", policies=[{"name": "q", "version": "^1"}])]
    files = {"p.yaml": policy(f"{X} > 1.0"), "q.yaml": policy(f"{X} > 1.0 || true", name="q")}
    waivers = [waiver("w"), waiver("v", environments=["other"], policy="q")]
    whole = project(policies=files, environments=stages, waivers=waivers)
    part = project(policies=files, environments=stages, waivers=waivers, only="production")
    assert (whole.looked.policies, whole.looked.environments, whole.looked.waivers) == (2, 3, 2)
    assert (part.looked.policies, part.looked.environments, part.looked.waivers) == (1, 2, 0)
    assert "always-true" in {one.id for one in usable(whole)}
    assert "always-true" not in {one.id for one in usable(part)}


def test_an_environment_that_there_is_not() -> None:
    with pytest.raises(InvalidRequestError, match="there is no environment 'stagin'"):
        project(environments=staged(), only="stagin")


def test_nothing_at_all_is_not_clean() -> None:
    with pytest.raises(InvalidRequestError, match="nothing to check"):
        project(policies={"README.md": "no policy"})


def test_problems_of_all_files_come_first_and_alone() -> None:
    stage = environment("staging", policies=[{"name": "p", "version": "^1", "parameters": {"nope": 1}}])
    report = project(
        policies={"p.yaml": policy(f"{X} > 1.0 || true"), "q.yaml": policy("evidnce.m.values.x > 1.0", name="q")},
        environments=[stage, environment("production", after=[{"environment": "stagin"}])],
        waivers=[waiver(expires="yesterday")],
    )
    assert report.findings == ()
    assert {problem.file for problem in report.problems} == {
        "policies/q.yaml",
        "environments/staging.yaml",
        "environments/production.yaml",
        "waivers/w.yaml",
    }


@pytest.mark.parametrize("after", ["production", "production/../staging", ".."])
def test_an_environment_after_itself_or_nothing(after: str) -> None:
    stages = [environment("staging"), environment("production", after=[{"environment": after}])]
    assert project(environments=stages).problems


def test_environments_in_a_circle_cannot_be_used() -> None:
    stages = staged()
    stages[0]["spec"]["after"] = [{"environment": "production"}]
    (problem,) = project(environments=stages).problems
    assert "production -> staging -> production" in problem.message


@pytest.mark.parametrize(
    ("condition", "severity"),
    [
        ("environment.name == 'stagin'", "warning"),
        ("environment.name != 'stagin'", "warning"),
        ("'stagin' == environment.name", "warning"),
        ("environment.name in ['staging', 'stagin']", "warning"),
        ("environment.name != 'sandbox'", "info"),
        ("environment.name == 'staging'", None),
        (f"{X} > 1.0 && artifact.name == 'stagin'", None),
    ],
)
def test_names_of_environments(condition: str, severity: str | None) -> None:
    found = usable(project(policies={"p.yaml": policy(condition)}, environments=[environment("staging")]))
    assert [one.severity for one in _only(found, "unknown-environment")] == ([severity] if severity else [])
