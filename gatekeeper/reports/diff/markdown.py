"""`policy diff` for a pull request: a table per effect."""

from __future__ import annotations

from gatekeeper.model.compared import EFFECTS, Compared
from gatekeeper.reports.diff import words
from gatekeeper.reports.markdowntext import code, prose
from gatekeeper.reports.plain import line

LONGEST = 400
"""Characters of one difference at most."""


def render(compared: Compared) -> str:
    """The tables, the looser first, then the cases."""
    lines = [f"**{prose(compared.before)} → {prose(compared.after)}**: {words.summary(compared)}", ""]
    for effect in EFFECTS:
        changes = [change for change in compared.changes if change.effect == effect]
        if changes:
            lines += [f"### {words.HEADINGS[effect]}", "", "| what | change | where |", "|---|---|---|"]
            lines += [
                f"| {code('  '.join(words.heading(one, artifacts)))} | {prose(line(one.words, LONGEST))} "
                f"| {code(words.places(one))} |"
                for one, artifacts in words.grouped(changes)
            ]
            lines.append("")
    if flipped := compared.tests.flipped:
        lines += ["### Cases that come out otherwise", "", "| case | verdict | results |", "|---|---|---|"]
        lines += [
            f"| {prose(f'{one.policy}: {one.case}')} | {words.verdicts(one)} | {prose(words.results(one))} |"
            for one in flipped
        ]
        lines.append("")
    lines += [f"- not judged: {prose(one)}" for one in compared.tests.not_judged]
    return "\n".join(lines).rstrip("\n") + "\n"
