"""A comparison of policies as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from gatekeeper.app.compare import Compared
from gatekeeper.app.flips import Flip, Flips
from gatekeeper.comparison.change import EFFECTS, Change, Site
from gatekeeper.evidence.fields import seen
from gatekeeper.reports.jsontext import indented
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
            lines += [f"{HEADINGS[effect]} ({len(changes)})"]
            lines += [line for one, artifacts in _grouped(changes) for line in _lines(one, artifacts)]
            lines.append("")
    lines += _tests(compared.tests)
    return "\n".join([*lines, summary(compared)]) + "\n"


def _tests(tests: Flips) -> list[str]:
    lines = []
    if tests.flipped:
        lines += [f"Cases that come out otherwise ({len(tests.flipped)} of {tests.judged})"]
        for flip in tests.flipped:
            lines += [f"  {seen(flip.policy)}  {seen(flip.case)}: {_verdicts(flip)}  {_results(flip)}".rstrip()]
            lines += [f"      {seen(flip.file)}:{flip.line}"]
        lines.append("")
    if tests.not_judged:
        lines += ["Cases that cannot be judged on both sides", *(f"  {seen(one)}" for one in tests.not_judged), ""]
    return lines


def _verdicts(flip: Flip) -> str:
    return f"{flip.before} → {flip.after}" if flip.before != flip.after else f"{flip.after} as before"


def _results(flip: Flip) -> str:
    parts = (f"{key} {was or 'not there'} → {now or 'not there'}" for key, (was, now) in flip.results.items())
    return f"({', '.join(parts)})" if flip.results else ""


def summary(compared: Compared) -> str:
    """`1 looser, 2 stricter`, or that nothing differs."""
    counts = _counts(compared)
    words = {"unclear": "cannot be ordered", "none": "without effect"}
    told = ", ".join(f"{count} {words.get(effect, effect)}" for effect, count in counts.items() if count)
    tests = compared.tests
    cases = f"; {len(tests.flipped)} of {tests.judged} cases come out otherwise" if tests.judged else ""
    return (told or "no difference in what is asked") + cases


def _grouped(changes: Iterable[Change]) -> list[tuple[Change, tuple[str, ...]]]:
    """Changes that differ in their artifact alone, once, with the names of those artifacts."""
    groups: dict[bytes, tuple[Change, list[str]]] = {}
    for change in changes:
        key = msgspec.json.encode(replace(change, artifact=None))
        groups.setdefault(key, (change, []))[1].append(change.artifact or "")
    return [(change, tuple(filter(None, names))) for change, names in groups.values()]


def _lines(change: Change, artifacts: tuple[str, ...]) -> Iterator[str]:
    yield f"  {seen(heading(change, artifacts))}: {seen(_one_line(change.words))}"
    yield f"      {seen(places(change))}"


def heading(change: Change, artifacts: tuple[str, ...]) -> str:
    """`production/churn  model-quality  accuracy`, as far as each is said."""
    if len(artifacts) > 1:
        more = f" and {len(artifacts) - 3} more" if len(artifacts) > 3 else ""
        where = f"{change.environment} ({len(artifacts)} artifacts: {', '.join(artifacts[:3])}{more})"
    else:
        where = "/".join(filter(None, [change.environment, *artifacts]))
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
                f"| {code(heading(one, artifacts))} | {prose(_one_line(one.words))} | {code(places(one))} |"
                for one, artifacts in _grouped(changes)
            ]
            lines.append("")
    tests = compared.tests
    if tests.flipped:
        lines += ["### Cases that come out otherwise", "", "| case | verdict | results |", "|---|---|---|"]
        lines += [
            f"| {prose(f'{one.policy}: {one.case}')} | {_verdicts(one)} | {prose(_results(one)[1:-1])} |"
            for one in tests.flipped
        ]
        lines.append("")
    lines += [f"- not judged: {prose(one)}" for one in tests.not_judged]
    return "\n".join(lines).rstrip("\n") + "\n"


def diff_json(compared: Compared) -> str:
    """The whole comparison."""
    data = {
        "schema": SCHEMA,
        "before": compared.before,
        "after": compared.after,
        "counts": _counts(compared),
        "changes": [_plain(change) for change in compared.changes],
        "tests": {
            "judged": compared.tests.judged,
            "flipped": [_flip(flip) for flip in compared.tests.flipped],
            "not_judged": list(compared.tests.not_judged),
        },
    }
    return indented(data)


def _flip(flip: Flip) -> dict[str, Any]:
    results = {key: {"before": was, "after": now} for key, (was, now) in flip.results.items()}
    plain: dict[str, Any] = msgspec.to_builtins(flip)
    return {**plain, "results": results}


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
