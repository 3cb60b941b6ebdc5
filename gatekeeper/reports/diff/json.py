"""`policy diff --format json`: the whole comparison, as `gatekeeper.policy-diff/v1`."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from gatekeeper.model.compared import Change, Compared, Flip, Site
from gatekeeper.reports.diff.words import counts
from gatekeeper.reports.jsontext import indented

SCHEMA = "gatekeeper.policy-diff/v1"


def render(compared: Compared) -> str:
    """The comparison as indented JSON."""
    return indented(
        {
            "schema": SCHEMA,
            "before": compared.before,
            "after": compared.after,
            "counts": counts(compared),
            "changes": [_change(change) for change in compared.changes],
            "tests": {
                "judged": compared.tests.judged,
                "flipped": [_flip(flip) for flip in compared.tests.flipped],
                "not_judged": list(compared.tests.not_judged),
            },
        }
    )


def _flip(flip: Flip) -> dict[str, Any]:
    results = {key: {"before": was, "after": now} for key, (was, now) in flip.results.items()}
    plain: dict[str, Any] = to_builtins(flip)
    return {**plain, "results": results}


def _change(change: Change) -> dict[str, Any]:
    return {
        "effect": change.effect,
        "change": change.kind,
        "environment": change.environment,
        "artifact": change.artifact,
        "policy": change.policy or None,
        "subject": change.subject,
        "words": change.words,
        "before": _site(change.before),
        "after": _site(change.after),
    }


def _site(site: Site | None) -> dict[str, Any] | None:
    return None if site is None else {"file": site.file, "line": site.line}
