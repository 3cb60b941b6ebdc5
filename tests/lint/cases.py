"""For every finding: a project in which it is found, and a like one in which it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gatekeeper.model.finding import CheckReport
from tests.lint.samples import X, checked, environment, policy, project, staged, waiver

Make = Callable[[], CheckReport]
STAGING = environment("staging")


def _one(condition: str, **more: Any) -> Make:
    rule = {"id": "it", "require": condition} | {key: more.pop(key) for key in ("when", "optional") if key in more}
    return lambda: checked(policy([rule], **more))


def _rules(*rules: Any, **more: Any) -> Make:
    return lambda: checked(policy([{"id": f"r{index}", **rule} for index, rule in enumerate(rules)], **more))


def _waived(**spec: Any) -> Make:
    return lambda: project(environments=[STAGING], waivers=[waiver(**spec)])


def _stages(**uses: Any) -> Make:
    return lambda: project(environments=staged(**uses))


def _text(comment: str, condition: str = f"{X} > 1.0") -> Make:
    text = f"""\
apiVersion: gatekeeper/v1
kind: Policy
metadata: {{name: p, version: 1.0.0, owners: [team]}}
spec:
  evidence: {{m: {{kind: metrics}}}}
  rules:
    - id: it
      why: because
      remedy: do it
      {comment}
      require: >-
        {condition}
"""
    return lambda: checked(text)


def _signed(**asked: Any) -> Make:
    return lambda: checked(policy(f"{X} > 1.0", evidence={"m": {"kind": "metrics", **asked}}))


def _numbers(**parameter: Any) -> Make:
    limits = {"limit": {"type": "number", "default": 0.5, **parameter}}
    return lambda: checked(policy(f"{X} > params.limit", parameters=limits))


def _versions(now: Any, before: Any) -> Make:
    return lambda: project(policies={"p.yaml": now}, before={"p.yaml": before})


def _place(**spec: Any) -> Make:
    return lambda: project(environments=[environment("staging", **spec)])


def _frozen(*ends: str) -> Make:
    freeze = {"from": ends[0], "to": ends[1], "why": "holidays"}
    return _place(windows={"timezone": "Europe/Berlin", "freeze": [freeze]})


def _forge(url: str) -> Make:
    return _place(delivery={"mode": "pull-request", "forge": {"type": "gitea", "url": url}})


def _soaked(soak: str) -> Make:
    stages = staged()
    stages[1]["spec"]["after"] = [{"environment": "staging", "soak": soak}]
    evidence = {"m": {"kind": "metrics", "max_age": "7d"}}
    return lambda: project(policies={"p.yaml": policy(f"{X} > 1.0", evidence=evidence)}, environments=stages)


def _shared(path: str) -> Make:
    stages = staged()
    stages[1]["spec"]["manifests"][0]["path"] = path
    return lambda: project(environments=stages)


def _elsewhere(name: str) -> Make:
    stages = staged()
    stages[1]["spec"]["name"] = name
    return lambda: project(environments=stages)


def _approved(count: int, *members: str, level: str = "asserted") -> Make:
    spec: dict[str, Any] = {"people": [{"name": "alice"}, {"name": "bob"}], "machines": [{"name": "ci"}]}
    spec["roles"] = [{"role": "approve", "members": list(members)}]
    trust = {"apiVersion": "gatekeeper/v1", "kind": "Trust", "metadata": {"name": "trust"}, "spec": spec}
    asked = {"count": count, "level": level}
    return lambda: project(environments=[environment("staging", approvals=asked)], trust=trust)


PLAIN = policy(f"{X} > 1.0")
OTHER = policy(f"{X} > 2.0")
NEXT = policy(f"{X} > 2.0", version="1.1.0")

CASES: dict[str, tuple[Make, Make]] = {
    "absence-passes": (_one(f"!has({X}) || {X} > 1.0"), _one(f"has({X}) && {X} > 1.0")),
    "absorbed-error": (_one(f"dyn(evidence.m).y > 1.0 || {X} > 1.0"), _one("dyn(evidence.m).y > 1.0")),
    "after-never-met": (_elsewhere("other"), _elsewhere("x")),
    "always-false": (_one(f"{X} > 1.0 && {X} < 0.5"), _one(f"{X} < 1.0 && {X} > 0.5")),
    "always-true": (_one(f"{X} > 1.0 || true"), _one(f"{X} > 1.0 || {X} < 0.0")),
    "approvals-unreachable": (_approved(2, "alice", "ci"), _approved(2, "alice", "bob", "ci")),
    "duplicate-rule": (
        _rules({"require": f"{X} > 1.0"}, {"require": f"1.0 < {X}"}),
        _rules({"require": f"{X} > 1.0"}, {"require": f"{X} > 2.0"}),
    ),
    "empty-passes": (
        _one("evidence.unit.cases.all(c, c != 'x')"),
        _one("size(evidence.unit.cases) > 0 && evidence.unit.cases.all(c, c != 'x')"),
    ),
    "forge-unencrypted": (_forge("http://git.example"), _forge("https://git.example")),
    "freeze-over": (_frozen("2026-11-20", "2026-11-22"), _frozen("2026-11-20", "2026-11-23")),
    "limit-out-of-range": (
        _rules({"metric": {"name": "accuracy", "min": 1.2}}),
        _rules({"metric": {"name": "accuracy", "min": 0.9}}),
    ),
    "looser-environment": (
        _stages(staging={"enforcement": "deny"}, production={"enforcement": "warn"}),
        _stages(staging={"enforcement": "warn"}, production={"enforcement": "deny"}),
    ),
    "manifest-shared": (
        _shared("environments/staging/x/kustomization.yaml"),
        _shared("environments/production/x/kustomization.yaml"),
    ),
    "negated-comparison": (_one(f"!({X} < 1.0)"), _one(f"!({X} == 1.0)")),
    "nothing-enforced": (
        _stages(staging={"enforcement": "audit"}, production={"enforcement": "deny"}),
        _stages(staging={"enforcement": "deny"}, production={"enforcement": "deny"}),
    ),
    "ordered-text": (_one(f"string({X}) >= '0.85'"), _one(f"{X} >= 0.85")),
    "parameter-without-stricter": (_numbers(), _numbers(stricter="higher")),
    "policy-without-owner": (
        lambda: checked(policy(f"{X} > 1.0", meta_owners=[])),
        lambda: checked(policy(f"{X} > 1.0")),
    ),
    "second-engine": (_one(f"math.abs({X}) > 1.0"), _one(f"{X} > 1.0 || {X} < -1.0")),
    "signed-not-bound": (_signed(signed_by=["ci"]), _signed(signed_by=["ci"], about="model")),
    "soak-outlasts-evidence": (_soaked("168h"), _soaked("167h")),
    "suppression-unused": (
        _text("# gatekeeper: allow always-true: never was"),
        _text("# gatekeeper: allow always-true: an experiment", f"{X} > 1.0 || true"),
    ),
    "suppression-without-reason": (
        _text("# gatekeeper: allow always-true", f"{X} > 1.0 || true"),
        _text("# gatekeeper: allow always-true: an experiment", f"{X} > 1.0 || true"),
    ),
    "unknown-environment": (
        lambda: project(policies={"p.yaml": policy("environment.name == 'stagin'")}, environments=[STAGING]),
        lambda: project(policies={"p.yaml": policy("environment.name == 'staging'")}, environments=[STAGING]),
    ),
    "unknown-value": (
        _one("evidence.image.findings.all(f, f.severity != 'CRITICAL')"),
        _one("evidence.image.findings.all(f, f.severity != 'critical')"),
    ),
    "unreachable-choice": (
        _numbers(minimum=0, maximum=1, choices=[0.5, 2], stricter="higher"),
        _numbers(minimum=0, maximum=1, choices=[0.5, 1], stricter="higher"),
    ),
    "unreachable-rule": (_one(f"{X} > 1.0", when="1 > 2"), _one(f"{X} > 1.0", when="environment.name == 'a'")),
    "unsafe-division": (
        _one(f"{X} / evidence.m.values.y > 1.0"),
        _one(f"evidence.m.values.y > 0.0 && {X} / evidence.m.values.y > 1.0"),
    ),
    "unused-evidence": (_one(f"{X} > 1.0"), _one(f"{X} > 1.0", evidence={"m": {"kind": "metrics"}})),
    "unused-parameter": (_one(f"{X} > 1.0"), _one(f"{X} > params.floor && params.key != ''")),
    "unused-variable": (
        _one(f"{X} > 1.0", variables={"v": "1.0 + 2.0"}),
        _one(f"{X} > variables.v", variables={"w": "1.0", "v": "variables.w + 2.0"}),
    ),
    "version-lowered": (_versions(PLAIN, NEXT), _versions(NEXT, PLAIN)),
    "version-unchanged": (_versions(OTHER, PLAIN), _versions(NEXT, PLAIN)),
    "waiver-broad": (_waived(), _waived(artifact="sha256:" + "a" * 64)),
    "waiver-expired": (_waived(expires="2026-11-22"), _waived()),
    "waiver-expiring": (_waived(expires="2026-12-07T12:00:00Z"), _waived(expires="2026-12-07T12:00:01Z")),
    "waiver-not-waivable": (
        lambda: project(
            policies={"p.yaml": policy([{"id": "it", "require": f"{X} > 1.0", "waivable": False}])},
            environments=[STAGING],
            waivers=[waiver()],
        ),
        _waived(),
    ),
    "waiver-orphaned": (_waived(rule="that"), _waived(rule="evidence/m")),
    "waiver-too-long": (
        lambda: project(environments=[environment("staging", waivers={"max": "10d"})], waivers=[waiver()]),
        lambda: project(environments=[environment("staging", waivers={"max": "11d"})], waivers=[waiver()]),
    ),
    "window-never-opens": (_frozen("2026-01-01", "2099-01-01"), _frozen("2026-01-01", "2027-01-01")),
}
