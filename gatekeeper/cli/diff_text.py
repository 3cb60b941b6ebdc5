"""A comparison of policies as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from gatekeeper.app.compare import Compared
from gatekeeper.comparison.change import EFFECTS, Change, Site
from gatekeeper.evidence.fields import seen
from gatekeeper.reports.markdowntext import code, prose

SCHEMA = "gatekeeper.policy-diff/v1"
HEADINGS = {
    "looser": "Looser: something may pass that did not",
    "unclear": "Changed, and cannot be ordered: read it",
    "stricter": "Stricter",
    "none": "Without effect on what passes",
}


def diff_text(compared: Compared) -> str:
    """One block per effect, the looser first; one line per difference, with its place on both sides below."""
    lines = [f"{seen(compared.before)} → {seen(compared.after)}", ""]
    for effect in EFFECTS:
        changes = [change for change in compared.changes if change.effect == effect]
        if changes:
            lines += [f"{HEADINGS[effect]} ({len(changes)})", *(line for one in changes for line in _lines(one)), ""]
    return "\n".join([*lines, summary(compared)]) + "\n"


def summary(compared: Compared) -> str:
    """`1 looser, 2 stricter`, or that nothing differs."""
    if not compared.changes:
        return "no difference in what is asked"
    counts = _counts(compared)
    words = {"unclear": "cannot be ordered", "none": "without effect"}
    return ", ".join(f"{count} {words.get(effect, effect)}" for effect, count in counts.items() if count)


def _lines(change: Change) -> Iterator[str]:
    yield f"  {seen(heading(change))}: {seen(_one_line(change.words))}"
    yield f"      {seen(places(change))}"


def heading(change: Change) -> str:
    """`production/churn  model-quality  accuracy`, as far as each is said."""
    where = "/".join(filter(None, [change.environment, change.artifact]))
    what = [change.policy, change.subject]
    return "  ".join(filter(None, [where, *what] if change.subject != where else [where]))


def places(change: Change) -> str:
    """`a.yaml:12 → b.yaml:14`; of what came or went, the one place it has."""
    if change.before is None or change.after is None:
        sign = "+" if change.before is None else "-"
        return f"{sign} {change.after or change.before}" if change.after or change.before else ""
    return f"{change.before} → {change.after}"


def diff_markdown(compared: Compared) -> str:
    """A table per effect, for a pull request."""
    lines = [f"**{prose(compared.before)} → {prose(compared.after)}**: {summary(compared)}", ""]
    for effect in EFFECTS:
        changes = [change for change in compared.changes if change.effect == effect]
        if changes:
            lines += [f"### {HEADINGS[effect]}", "", "| what | change | where |", "|---|---|---|"]
            lines += [
                f"| {code(heading(one))} | {prose(_one_line(one.words))} | {code(places(one))} |" for one in changes
            ]
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def diff_json(compared: Compared) -> str:
    """The whole comparison."""
    data = {
        "schema": SCHEMA,
        "before": compared.before,
        "after": compared.after,
        "counts": _counts(compared),
        "changes": [_plain(change) for change in compared.changes],
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def _counts(compared: Compared) -> dict[str, int]:
    return {effect: sum(one.effect == effect for one in compared.changes) for effect in EFFECTS}


def _plain(change: Change) -> dict[str, Any]:
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


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 400 else line[:399] + "…"
