"""`--format markdown`: for a pull request's comment and a job's summary, kept within what GitHub takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gatekeeper.model.judgement import Promotion, Report, Result
from gatekeeper.reports import words
from gatekeeper.reports.markdowntext import code, fenced, prose
from gatekeeper.reports.marks import marks
from gatekeeper.reports.plain import row, short
from gatekeeper.reports.terminal import defused

MOST = 60_000
"""Characters at most; a comment on GitHub holds 65,536, a job's summary 1 MiB."""

_MARKS = {"allowed": "✅", "denied": "❌", "undecided": "⚠️"}
_LEFT_OUT = "… and {}, left out for length: see the JSON or HTML report."


class Section(NamedTuple):
    """A part of the report whose rows may be cut where the whole grows too long."""

    head: tuple[str, ...]
    rows: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()


def render(report: Report) -> str:
    """The report as GitHub-flavoured Markdown; what matters most comes first and is cut last."""
    lines: list[str] = []
    for section in _sections(report):
        lines += _fitted(section, MOST - sum(len(text) + 1 for text in lines))
    return "\n".join(lines) + "\n"


def _fitted(section: Section, room: int) -> list[str]:
    room -= sum(len(text) + 1 for text in [*section.head, *section.tail]) + len(_LEFT_OUT) + 10
    kept = 0
    while kept < len(section.rows) and len(section.rows[kept]) < room:
        room -= len(section.rows[kept]) + 1
        kept += 1
    if room < 0 or (section.rows and not kept):
        return [_LEFT_OUT.format("a further part"), ""]
    left = len(section.rows) - kept
    note = ["", _LEFT_OUT.format(f"{left} more")] if left else []
    return [*section.head, *section.rows[:kept], *note, *section.tail, ""]


def _sections(report: Report) -> Iterator[Section]:
    yield from _head(report)
    results = report.judgement.results
    blocking = tuple(result for result in results if words.blocks(result))
    others = tuple(result for result in results if words.stands(result) and not words.blocks(result))
    if blocking:
        yield Section(("### What stands in the way", "", *_HEADS), tuple(_figures(result) for result in blocking))
        yield Section((), tuple(_told(result) for result in blocking))
    if others:
        title = "### What did not pass, but does not stand in the way"
        yield Section((title, ""), tuple(_told(result) for result in others))
    if report.promotion and report.promotion.diff:
        yield _change(report.promotion.diff)
    yield from _folded(report)


def _head(report: Report) -> Iterator[Section]:
    summary, advice = words.summary(report), words.advice(report)
    mark = _MARKS[report.judgement.verdict]
    yield Section((f"## {mark} {words.verdict(report)}: {prose(words.subject(report))}",))
    yield Section((f"**{summary[:1].upper()}{summary[1:]}.**{f' {advice}' if advice else ''}",))
    if report.promotion:
        yield _promotion(report.promotion)
    engine = report.engine
    checked = ", cross-checked" if engine.cross_checked else ""
    judged = f"judged {prose(report.judgement.judged_at)} by {prose(f'{engine.name} {engine.version}')}{checked}"
    judged += f", trust {code(words.trust(report))}" if words.trust(report) else ""
    yield Section((f"<sub>{_artifact(report)}Decision {code(report.decision)}, {judged}</sub>",))


def _artifact(report: Report) -> str:
    image = words.reference(report)
    carried = "".join(f", {name} {code(text)}" for name, text in words.carried(report).items())
    return f"Artifact {code(image)}{carried}<br>" if image else ""


_HEADS = ("| Rule | Result | Value | Limit | Margin |", "|---|---|---:|---:|---:|")


def _figures(result: Result) -> str:
    name = code(f"{result.policy}/{result.rule}")
    figures = (prose(words.observed(result)), prose(words.limit(result)), prose(words.margin(result)))
    return f"| {name} | {prose(words.state(result))} | {' | '.join(figures)} |"


def _told(result: Result) -> str:
    precision = words.precision(result)
    told = f"{result.message} ({precision})" if precision else result.message
    text = f"- **{code(f'{result.policy}/{result.rule}')}** {prose(words.state(result))}: {prose(told)}"
    text += f"<br>{prose(words.waived(result))}" if result.waived else ""
    places = ", ".join([*(code(part) for part in words.places(result)), f"severity {prose(result.severity)}"])
    return f"{text}<br>Why: {prose(result.why)}<br>**Remedy:** {prose(result.remedy)}<br>See {places}"


def _promotion(promotion: Promotion) -> Section:
    rows = [f"- **{mark}** {prose(told)}" for mark, told in marks(promotion)]
    rows += [
        f"- waiting for {prose(item.condition)}: {prose(item.message)}{_until(item.until)}"
        for item in promotion.waiting
    ]
    rows += [f"- record {code(promotion.record)}"] if promotion.record else []
    rows += [f"- note: {prose(note)}" for note in words.notes(promotion)]
    return Section((f"**Promotion:** {prose(words.outcome(promotion))}", *([""] if rows else [])), tuple(rows))


def _change(diff: str) -> Section:
    shown = "\n".join(defused(row(text)) for text in diff.rstrip("\n").split("\n"))
    fence, *rows, end = fenced(shown, "diff")
    return Section((fence,), tuple(rows), (end,))


def _until(instant: str | None) -> str:
    return f" (until {prose(instant)})" if instant else ""


def _folded(report: Report) -> Iterator[Section]:
    results = report.judgement.results
    if results:
        yield _details(f"All rules ({len(results)})", _HEADS, tuple(_figures(result) for result in results))
    evidence = tuple(_evidence(report))
    heads = ("| Evidence | Status | About | From | Digest |", "|---|---|---|---|---|")
    if evidence:
        yield _details(f"Evidence ({len(evidence)})", heads, evidence)
    notes = tuple(
        f"| {code(note.waiver)} | {code(f'{note.policy}/{note.rule}')} | {prose(note.state)} |"
        for note in report.judgement.waivers
    )
    if notes:
        heads = ("| Waiver | Rule | State |", "|---|---|---|")
        yield _details(f"Waivers that changed nothing ({len(notes)})", heads, notes)


def _details(title: str, heads: tuple[str, ...], rows: tuple[str, ...]) -> Section:
    return Section((f"<details><summary>{title}</summary>", "", *heads), rows, ("", "</details>"))


def _evidence(report: Report) -> Iterator[str]:
    for item, source in zip(report.judgement.evidence, report.sources, strict=True):
        state = f"{words.status(item)}: {item.reason}" if item.reason else words.status(item)
        name = code(item.name) if item.name else "(unnamed)"
        about = f"{words.producer(item)}, {item.bound}, {words.signed(item)}"
        yield f"| {name} | {prose(state)} | {prose(about)} | {code(source)} | {code(short(item.digest or ''))} |"
    for source in report.unused:
        yield f"| (unused) | not used by any rule | | {code(source)} | |"
