"""The tables of the HTML report: the rules by policy, the evidence, the waivers."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.model.judgement import JudgedEvidence, JudgedPolicy, Report, Result
from gatekeeper.reports import words
from gatekeeper.reports.html_bars import KEY, bar
from gatekeeper.reports.html_text import cell, chip, code, figures, said, table
from gatekeeper.reports.plain import value

_RULES = {
    "Result": "state",
    "Rule": "name",
    "Value": "num",
    "Limit": "num",
    "Margin": "num",
    "Value against limit": "scale",
}
_EVIDENCE = {"Name": "label", "Status": "state", "What": "what", "From": "place", "Digest": "digest"}


def tone(result: Result) -> str:
    """The tone of a result: what blocks by failing is `bad`, what is open or softened is `doubt`."""
    if result.result in ("pass", "skipped"):
        return "good" if result.result == "pass" else "quiet"
    return "bad" if result.result == "fail" and words.blocks(result) else "doubt"


def policies(report: Report) -> Iterator[str]:
    """All results, a table per policy; what a rule is for opens beneath its name."""
    groups = words.groups(report)
    if groups:
        yield f"<h2>Rules by policy</h2>\n{KEY}"
    for group in groups:
        yield f'<section class="card"><div class="head"><h3>{said(group.name) or "gatekeeper"}</h3>'
        yield f"{_policy(group.policy) if group.policy else ''}</div>"
        yield table("rules", _RULES, [_rule(result) for result in group.results])
        yield f"{_parameters(group.policy) if group.policy else ''}</section>"


def _policy(policy: JudgedPolicy) -> str:
    return f'<span>{said(policy.version)}</span><span class="soft">enforcement: {said(policy.enforcement)}</span>'


def _parameters(policy: JudgedPolicy) -> str:
    given = ", ".join(f"{code(name)} {said(value(item))}" for name, item in policy.parameters.items())
    told = f"<p>Parameters: {given}</p>" if given else ""
    text = f"<summary>Policy text and parameters</summary><p>{code(policy.digest)}</p>{told}"
    return f'<details class="soft">{text}</details>'


def _rule(result: Result) -> str:
    cells = [
        cell("", chip(words.state(result), tone(result)), "state"),
        cell("", f"<details><summary>{said(result.rule)}</summary>{_more(result)}</details>", "name"),
        cell("Value", figures(words.observed(result)), "num"),
        cell("Limit", figures(words.limit(result)), "num"),
        cell("Margin", figures(words.margin(result)), "num"),
        cell("", bar(result), "scale"),
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _more(result: Result) -> str:
    rows = [said(result.message), said(words.precision(result))]
    rows += [f"<b>Waiver:</b> {said(words.waived(result))}"] if result.waived else []
    rows += [f"<b>Why:</b> {said(result.why)}", f"<b>Remedy:</b> {said(result.remedy)}", places(result)]
    return "".join(f"<p>{text}</p>" for text in rows if text)


def places(result: Result) -> str:
    """Where the value and the rule stand, and how severe a failure is."""
    return ", ".join([*(code(part) for part in words.places(result)), f"severity {said(result.severity)}"])


def evidence(report: Report) -> Iterator[str]:
    """What was read, with digests; and what nobody asked for."""
    yield '<h2>Evidence</h2>\n<section class="card">'
    pairs = list(zip(report.judgement.evidence, report.sources, strict=True))
    yield (
        table("evidence", _EVIDENCE, [_item(item, source) for item, source in pairs])
        if pairs
        else "<p>None was read.</p>"
    )
    if report.unused:
        yield f"<p>Not used by any rule: {', '.join(code(source) for source in report.unused)}</p>"
    yield "</section>"


def _item(item: JudgedEvidence, source: str) -> str:
    made = f'<br><span class="soft">made {said(item.produced_at)}</span>' if item.produced_at else ""
    reason = f"<br>{said(item.reason)}" if item.reason else ""
    about = "".join(f'<br><span class="soft">about</span> {code(subject)}' for subject in item.subjects[:5])
    more = f"<br>… and {len(item.subjects) - 5} more" if len(item.subjects) > 5 else ""
    status = chip(words.status(item), "good" if item.status == "evaluated" else "doubt")
    bound = chip(item.bound, "good" if item.bound == "bound" else "quiet")
    signed = chip(words.signed(item), "good" if item.signed_by else "quiet")
    cells = [
        cell("Name", said(item.name) if item.name else '<span class="soft">unnamed</span>'),
        cell("Status", f"{status} {bound} {signed}{reason}"),
        cell("What", said(words.producer(item))),
        cell("From", f"{code(source)}{made}"),
        cell("Digest", f"{code(item.digest or '')}{about}{more}"),
    ]
    return f"<tr>{''.join(cells)}</tr>"


def waivers(report: Report) -> Iterator[str]:
    """The waivers that let something through, and those that changed nothing."""
    used = [result for result in report.judgement.results if result.waived]
    if not used and not report.judgement.waivers:
        return
    yield '<h2>Waivers</h2>\n<section class="card"><ul>'
    for result in used:
        name = f"{result.policy}/{result.rule}"
        yield f"<li>{code(name)} {said(words.state(result))}: {said(words.waived(result))}</li>"
    for note in report.judgement.waivers:
        name = code(f"{note.policy}/{note.rule}")
        yield f"<li>{code(note.waiver)} for {name} changed nothing: {said(note.state)}</li>"
    yield "</ul></section>"
