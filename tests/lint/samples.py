"""Checking policies in this process: one condition, or a whole project in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gatekeeper.app.before import Before
from gatekeeper.app.check import check_files, check_project
from gatekeeper.model.finding import CheckReport, Finding
from gatekeeper.model.project import Folders
from tests.trees import MemoryTree, environment, waiver

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
X = "evidence.m.values.x"
EVIDENCE = {
    "m": {"kind": "metrics"},
    "unit": {"kind": "tests"},
    "image": {"kind": "scan"},
    "load": {"kind": "load"},
    "fair": {"kind": "fairness"},
}
PARAMETERS = {
    "key": {"type": "string", "default": "a"},
    "floor": {"type": "number", "default": 0.5, "minimum": 0, "maximum": 1, "stricter": "higher"},
}
BESIDE = {"unused-evidence", "unused-parameter", "second-engine"}
"""Findings of the sample itself, which a test of another finding does not ask about."""


def policy(rules: str | Sequence[Mapping[str, Any]], *, version: str = "1.0.0", name: str = "p", **spec: Any) -> Any:
    """A policy; `rules` is one condition, or rules without why and remedy. Keys beginning with `meta_` are metadata."""
    if isinstance(rules, str):
        rules = [{"id": "it", "require": rules}]
    whole = [{"why": "because", "remedy": "do it", **rule} for rule in rules]
    metadata = {"name": name, "version": version, "owners": ["team"]}
    metadata |= {key.removeprefix("meta_"): spec.pop(key) for key in list(spec) if key.startswith("meta_")}
    return {
        "apiVersion": "gatekeeper/v1",
        "kind": "Policy",
        "metadata": metadata,
        "spec": {"evidence": EVIDENCE, "parameters": PARAMETERS, "rules": whole, **spec},
    }


def checked(text: Any, **options: Any) -> CheckReport:
    """The report on one policy file, given as text or as plain values."""
    data = text if isinstance(text, str) else json.dumps(text)
    return check_files([("p.yaml", data.encode())], NOW, **options)


def findings(text: Any) -> tuple[Finding, ...]:
    """The findings on one policy, which must be usable."""
    report = checked(text)
    assert not report.problems, report.problems
    return report.findings


def ids(condition: str, **more: Any) -> set[str]:
    """The ids found for one condition; `when` and `optional` are keys of its rule, the rest keys of the spec."""
    rule = {"id": "it", "require": condition}
    rule |= {key: more.pop(key) for key in ("when", "optional") if key in more}
    return {finding.id for finding in findings(policy([rule], **more))} - BESIDE


def project(
    *,
    policies: Mapping[str, Any] | None = None,
    environments: Sequence[Any] = (),
    waivers: Sequence[Any] = (),
    before: Mapping[str, Any] | None = None,
    only: str | None = None,
    now: datetime = NOW,
    trust: Any = None,
) -> CheckReport:
    """The report on a project in memory; `policies` are files by name."""
    files = {f"policies/{name}": text for name, text in (policies or {"p.yaml": policy(f"{X} > 1.0")}).items()}
    files |= {f"environments/{one['metadata']['name']}.yaml": one for one in environments}
    files |= {f"waivers/{one['metadata']['name']}.yaml": one for one in waivers}
    files |= {} if trust is None else {"trust.yaml": trust}
    earlier = None if before is None else Before(tree=MemoryTree({f"policies/{n}": t for n, t in before.items()}))
    return check_project(MemoryTree(files), Folders(), now, only=only, before=earlier)


def usable(report: CheckReport) -> tuple[Finding, ...]:
    """The findings of a report without problems."""
    assert not report.problems, report.problems
    return report.findings


def staged(*, staging: Mapping[str, Any] | None = None, production: Mapping[str, Any] | None = None) -> list[Any]:
    """Staging, and production after it, each under the policy `p` with the given keys of its use."""
    use = {"name": "p", "version": "^1"}
    return [
        environment("staging", policies=[{**use, **(staging or {})}]),
        environment("production", policies=[{**use, **(production or {})}], after=[{"environment": "staging"}]),
    ]


__all__ = ["BESIDE", "NOW", "X", "checked", "environment", "findings", "ids", "policy", "project", "staged", "usable"]
__all__ += ["waiver"]
