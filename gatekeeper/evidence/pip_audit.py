"""What `pip-audit --format json` writes: an object with `dependencies`, or the bare list of versions before 2.2.

Source: `pip_audit/_format/json.py` of github.com/pypa/pip-audit. No severity, time or database age is in it.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, sequence, text
from gatekeeper.evidence.findings import RANKS, Found, lowest
from gatekeeper.model.evidence import Opened, Reading

NAME = "pip-audit"
KIND = "scan"

_UNRATED = RANKS["unknown"]


def claims(report: Opened) -> bool:
    """Objects with lists of `dependencies` and `fixes`, and lists of dependencies with `vulns` or a `skip_reason`."""
    document = report.json
    if isinstance(document, dict):
        return isinstance(document.get("dependencies"), list) and isinstance(document.get("fixes"), list)
    return isinstance(document, list) and bool(document) and _is_dependency(document[0])


def _is_dependency(entry: Any) -> bool:
    return (
        isinstance(entry, dict) and "name" in entry and ("skip_reason" in entry or isinstance(entry.get("vulns"), list))
    )


def read(report: Opened) -> Reading:
    """Vulnerabilities, all of unknown severity; one that is reported under several of its aliases counts once.

    Raises NotEvaluatedError where there is no dependency, or one of them was skipped: of that nothing is known.
    """
    document = report.json
    if isinstance(document, dict):
        document = document.get("dependencies")
    if not isinstance(document, list):
        raise EvidenceError("dependencies is not a list")
    dependencies = [mapping(entry, f"dependencies[{index}]") for index, entry in enumerate(document)]
    _refuse_skipped(dependencies)
    found = Found()
    rows = sum(_add(found, entry, f"dependencies[{index}]") for index, entry in enumerate(dependencies))
    return Reading(
        facts=found.scan(1),
        counts={"findings": len(found.by_key), "rows": rows, "dependencies": len(dependencies)},
    )


def _refuse_skipped(dependencies: list[dict[str, Any]]) -> None:
    if not dependencies:
        raise NotEvaluatedError("there is no dependency in it: pip-audit looked at nothing")
    skipped = sum("skip_reason" in entry for entry in dependencies)
    if skipped:
        raise NotEvaluatedError(
            f"{skipped} of {len(dependencies)} dependencies were not audited: pip-audit skipped them",
            "Its service may have been out of reach; leave out what no index serves, such as your own packages.",
        )


def _add(found: Found, dependency: dict[str, Any], place: str) -> int:
    name, installed = (text(dependency.get(key), f"{place}.{key}") for key in ("name", "version"))
    if not name or not isinstance(dependency.get("vulns"), list):
        raise EvidenceError(f"{place} has no name or no list of vulns")
    rows = [mapping(entry, f"{place}.vulns[{index}]") for index, entry in enumerate(dependency["vulns"])]
    names = [_names(row, f"{place}.vulns[{index}]") for index, row in enumerate(rows)]
    for known, row in zip(_one_name_each(names), rows, strict=True):
        where = f"{place}.vulns.fix_versions"
        fixed = lowest(text(fix, where) for fix in sequence(row.get("fix_versions"), where))
        found.add((known, name, installed, ""), _UNRATED, bool(fixed), fixed)
    return len(rows)


def _names(row: dict[str, Any], place: str) -> list[str]:
    known = text(row.get("id"), f"{place}.id")
    if not known:
        raise EvidenceError(f"{place} has no id")
    return [known, *(text(alias, f"{place}.aliases") for alias in sequence(row.get("aliases"), f"{place}.aliases"))]


def _one_name_each(rows: list[list[str]]) -> list[str]:
    """For each row the first, in their text's order, of the ids of all rows that share a name with it, by any chain."""
    above: dict[str, str] = {}

    def root(name: str) -> str:
        while above.setdefault(name, name) != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for names in rows:
        first = root(names[0])
        for name in names[1:]:
            above[root(name)] = first
    chosen: dict[str, str] = {}
    for names in rows:
        chosen[root(names[0])] = min(chosen.get(root(names[0]), names[0]), names[0])
    return [chosen[root(names[0])] for names in rows]
