"""`--format text`: for people at a terminal or in a CI log. The verdict first and last, failures with their remedy."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.model.judgement import Promotion, Report, Result
from gatekeeper.reports import words
from gatekeeper.reports.marks import marks
from gatekeeper.reports.plain import line, short
from gatekeeper.reports.terminal import Pen, column, defused

_STATE = 14
_FIGURES = 37
_SHOWN = 10
"""Results that the last lines repeat at most."""
_BRIEF = 120
"""Characters of a message that they repeat."""


def render(report: Report, *, color: bool = False, width: int = 80) -> str:
    """The report in columns, wrapped at `width`; escapes only where `color` asks for them, never from data."""
    pen = Pen(color, max(width, 72))
    lines = [*_head(report, pen), *_policies(report, pen), *_evidence(report, pen), *_waivers(report, pen)]
    lines += [*_promotion(report.promotion, pen), *_foot(report, pen)]
    return defused("\n".join(lines) + "\n")


def _head(report: Report, pen: Pen) -> Iterator[str]:
    judged, engine = report.judgement, report.engine
    yield _verdict(report, pen)
    yield ""
    image, _, digest = words.reference(report).partition("@")
    yield from pen.field("artifact", image) if image else ()
    yield from pen.field("", digest) if digest else ()
    for name, text in words.carried(report).items():
        yield from pen.field(name, text)
    checked = ", cross-checked" if engine.cross_checked else ""
    yield from pen.field("judged", f"{line(judged.judged_at)} by {line(engine.name)} {line(engine.version)}{checked}")
    yield from pen.field("decision", line(report.decision))
    yield from pen.field("policies", words.root(report)) if report.root else ()
    yield from pen.field("trust", words.trust(report)) if words.trust(report) else ()


def _verdict(report: Report, pen: Pen) -> str:
    return f"{pen.paint(words.verdict(report), words.tone(report))}: {words.subject(report)}"


def _policies(report: Report, pen: Pen) -> Iterator[str]:
    longest = max((len(result.rule) for result in report.judgement.results), default=0)
    names = max(18, min(longest, pen.width - _STATE - _FIGURES - 2))
    for group in words.groups(report):
        version = f" {line(group.policy.version)}, {line(group.policy.enforcement)}" if group.policy else ""
        title = column(f"{line(group.name) or 'gatekeeper'}{version}", _STATE + names)
        yield ""
        yield f"{pen.paint(title, 'title')} {'value':>11} {'limit':>12} {'margin':>11}"
        for result in group.results:
            yield from _result(result, names, pen)


def _result(result: Result, names: int, pen: Pen) -> Iterator[str]:
    name, state = line(result.rule), "FAIL" if result.result == "fail" and words.blocks(result) else result.result
    figures = f"{words.observed(result):>11} {words.limit(result):>12} {words.margin(result):>11}".rstrip(" -")
    head = f"  {pen.paint(column(state, _STATE - 2), _style(result))}"
    if len(name) > names and figures:
        yield f"{head}{name}"
        head, name = " " * _STATE, ""
    yield f"{head}{column(name, names)} {figures}".rstrip()
    if result.result != "pass":
        yield from _detail(result, pen)


def _style(result: Result) -> str:
    if words.blocks(result):
        return "bad" if result.result == "fail" else "doubt"
    return {"pass": "good", "skipped": "faint"}.get(result.result, "doubt")


def _detail(result: Result, pen: Pen) -> Iterator[str]:
    precision = words.precision(result)
    state = words.state(result)
    told = line(result.message) + (f" ({precision})" if precision else "")
    yield from pen.note("" if state == result.result else state, told)
    if result.result == "skipped":
        return
    yield from pen.note("waiver", words.waived(result)) if result.waived else ()
    yield from pen.note("why", line(result.why))
    yield from pen.note("remedy", line(result.remedy))
    yield from pen.note("see", ", ".join([*words.places(result), f"severity {line(result.severity)}"]))


def _evidence(report: Report, pen: Pen) -> Iterator[str]:
    yield ""
    yield pen.paint("evidence", "title") + ("" if report.judgement.evidence else "  none was read")
    for item, source in zip(report.judgement.evidence, report.sources, strict=True):
        about = f"{words.status(item)}, {item.bound}, {words.signed(item)}, {words.producer(item)}"
        yield from pen.item(line(item.name or "(unnamed)"), about, "plain" if item.status == "evaluated" else "doubt")
        yield from pen.note("reason", line(item.reason)) if item.reason else ()
        made = f"made {line(item.produced_at)}" if item.produced_at else ""
        yield from pen.note("from", ", ".join(part for part in (line(source), short(item.digest or ""), made) if part))
    for source in report.unused:
        yield from pen.item("unused", line(source), "doubt")


def _waivers(report: Report, pen: Pen) -> Iterator[str]:
    if report.judgement.waivers:
        yield ""
        yield pen.paint("waivers that changed nothing", "title")
    for note in report.judgement.waivers:
        yield from pen.item(line(note.waiver), line(f"{note.policy}/{note.rule}: {note.state}"), "plain")


def _promotion(promotion: Promotion | None, pen: Pen) -> Iterator[str]:
    if promotion is None:
        return
    yield ""
    yield f"{pen.paint('promotion', 'title')}  {words.outcome(promotion)}"
    for mark, told in marks(promotion):
        yield from pen.item(mark, told, "doubt")
    for waiting in promotion.waiting:
        until = f" (until {line(waiting.until)})" if waiting.until else ""
        yield from pen.item(line(waiting.condition), line(waiting.message) + until, "doubt")
    yield from pen.item("record", line(promotion.record), "plain") if promotion.record else ()
    for note in words.notes(promotion):
        yield from pen.item("note", line(note), "plain")
    if promotion.diff:
        yield ""
        yield from pen.diff(promotion.diff)


def _foot(report: Report, pen: Pen) -> Iterator[str]:
    blocking = [result for result in report.judgement.results if words.blocks(result)]
    done = f"; {words.outcome(report.promotion)}" if report.promotion else ""
    yield ""
    yield from pen.wrapped(f"{_verdict(report, pen)}; {words.summary(report)}{done}")
    for result in blocking[:_SHOWN]:
        name = f"{line(result.policy)}/{line(result.rule)}"
        yield from pen.wrapped(f"  {result.result}: {name}: {line(result.message, _BRIEF)}")
    if len(blocking) > _SHOWN:
        yield f"  ... and {len(blocking) - _SHOWN} more, above"
    yield from pen.wrapped(f"  {words.advice(report)}") if words.advice(report) else ()
