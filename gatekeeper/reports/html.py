"""`--format html`: one file for people, with no script and no request to anywhere.

Its content security policy allows nothing but its own style, by hash, so that even text that broke out could not act.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from gatekeeper.model.judgement import Promotion, Report, Result
from gatekeeper.reports import words
from gatekeeper.reports.html_bars import HATCH, bar
from gatekeeper.reports.html_style import CSS
from gatekeeper.reports.html_tables import evidence, places, policies, tone, waivers
from gatekeeper.reports.html_text import chip, code, escaped, figures, said
from gatekeeper.reports.marks import marks
from gatekeeper.reports.plain import row, value
from gatekeeper.reports.terminal import defused


def render(report: Report) -> str:
    """The report as one HTML page."""
    parts = [*_top(report), "<main>", HATCH, *_stops(report), *_promotion(report.promotion), *policies(report)]
    parts += [*waivers(report), *evidence(report), "</main>", *_footer(report), "</body>", "</html>"]
    return "\n".join(part for part in parts if part) + "\n"


def _top(report: Report) -> Iterator[str]:
    style = b64encode(sha256(CSS.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">'
    yield f"<title>{said(f'{words.verdict(report)}: {words.subject(report)}')}</title>"
    yield f"<style>{CSS}</style>\n</head>\n<body>"
    yield f'<header class="{words.tone(report)}"><div>'
    yield f"<h1><b>{words.verdict(report)}</b> {said(words.subject(report))}</h1>"
    summary = words.summary(report)
    yield f"<p>{summary[:1].upper()}{summary[1:]}. {words.advice(report)}</p>"
    yield f"<p>Promotion: {said(words.outcome(report.promotion))}.</p>" if report.promotion else ""
    yield f'<dl class="facts">{"".join(_facts(report))}</dl>'
    yield "</div></header>"


def _facts(report: Report) -> Iterator[str]:
    engine = report.engine
    checked = ", cross-checked" if engine.cross_checked else ""
    rows = {
        "artifact": code(words.reference(report)) if report.judgement.artifact else "",
        **{name: code(text) for name, text in words.carried(report).items()},
        "judged": said(f"{report.judgement.judged_at} by {engine.name} {engine.version}{checked}"),
        "decision": code(report.decision),
        "policies": said(words.root(report)),
        "trust": code(words.trust(report)) if words.trust(report) else "",
    }
    for name, text in rows.items():
        if text:
            yield f"<dt>{name}</dt><dd>{text}</dd>"


def _stops(report: Report) -> Iterator[str]:
    blocking = [result for result in report.judgement.results if words.blocks(result)]
    others = [result for result in report.judgement.results if words.stands(result) and not words.blocks(result)]
    yield "<h2>What stands in the way, and what to do</h2>" if blocking else ""
    for result in blocking:
        yield from _card(result)
    yield "<h2>What did not pass, but does not stand in the way</h2>" if others else ""
    for result in others:
        yield from _card(result)


def _card(result: Result) -> Iterator[str]:
    yield f'<section class="card stop {tone(result)}">'
    yield f'<div class="row"><h3>{said(result.policy)} / {said(result.rule)}</h3>'
    yield f"{chip(words.state(result), tone(result))}</div>"
    yield f'<p class="said">{said(result.message)}</p>'
    yield bar(result) + _figures(result)
    yield f"<p><b>Waiver:</b> {said(words.waived(result))}</p>" if result.waived else ""
    yield f'<p class="do"><b>Remedy:</b> {said(result.remedy)}</p>'
    yield f'<p><b>Why:</b> {said(result.why)}</p><p class="soft">{places(result)}</p></section>'


def _figures(result: Result) -> str:
    if result.limit is None:
        return ""
    precision = words.precision(result)
    told = [f"value {said(value(result.observed))}", f"limit {figures(words.limit(result))}"]
    told += [f"margin {said(words.margin(result))}", *([said(precision)] if precision else [])]
    return f'<p class="soft">{", ".join(told)}</p>'


def _promotion(promotion: Promotion | None) -> Iterator[str]:
    if promotion is None:
        return
    yield f'<h2>Promotion</h2>\n<section class="card"><p>{said(words.outcome(promotion))}</p>'
    rows = [f"<b>{mark}</b> {said(told)}" for mark, told in marks(promotion)]
    rows += [f"<b>{said(item.condition)}</b> {said(item.message)}{_until(item.until)}" for item in promotion.waiting]
    rows += [f"record {code(promotion.record)}"] if promotion.record else []
    rows += [said(note) for note in words.notes(promotion)]
    if rows:
        yield f"<ul>{''.join(f'<li>{text}</li>' for text in rows)}</ul>"
    if promotion.diff:
        rows = list(_diff(promotion.diff))
        yield '<pre tabindex="0" aria-label="the change, as a unified diff">' + "\n".join(rows) + "</pre>"
    yield "</section>"


def _until(instant: str | None) -> str:
    return f" (until {said(instant)})" if instant else ""


def _diff(text: str) -> Iterator[str]:
    for given in text.rstrip("\n").split("\n"):
        shown = escaped(defused(row(given)))
        tag = {"+": "ins", "-": "del"}.get(given[:1])
        yield f"<{tag}>{shown}</{tag}>" if tag else shown


def _footer(report: Report) -> Iterator[str]:
    place = f" Record: {code(report.promotion.record)}." if report.promotion and report.promotion.record else ""
    yield f"<footer>Decision {code(report.decision)}.{place} Made by gatekeeper; the same report as JSON holds every "
    yield "value in full.</footer>"
