"""`policy diff` for people: the looser first."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.model.compared import EFFECTS, Change, Compared, Flips
from gatekeeper.reports.diff import words
from gatekeeper.reports.plain import line

LONGEST = 400
"""Characters of one difference at most."""


def render(compared: Compared) -> str:
    """One block per effect; one line per difference, with its place on both sides below."""
    lines = [f"{line(compared.before)} → {line(compared.after)}", ""]
    for effect in EFFECTS:
        changes = [change for change in compared.changes if change.effect == effect]
        if changes:
            lines += [f"{words.HEADINGS[effect]} ({len(changes)})"]
            lines += [row for one, artifacts in words.grouped(changes) for row in _rows(one, artifacts)]
            lines.append("")
    return "\n".join([*lines, *_tests(compared.tests), words.summary(compared)]) + "\n"


def _rows(change: Change, artifacts: tuple[str, ...]) -> Iterator[str]:
    yield f"  {'  '.join(map(line, words.heading(change, artifacts)))}: {line(change.words, LONGEST)}"
    yield f"      {line(words.places(change))}"


def _tests(tests: Flips) -> Iterator[str]:
    if tests.flipped:
        yield f"Cases that come out otherwise ({len(tests.flipped)} of {tests.judged})"
        for flip in tests.flipped:
            results = f"  ({line(words.results(flip))})" if flip.results else ""
            yield f"  {line(flip.policy)}  {line(flip.case)}: {words.verdicts(flip)}{results}"
            yield f"      {line(flip.file)}:{flip.line}"
        yield ""
    if tests.not_judged:
        yield from ("Cases that cannot be judged on both sides", *(f"  {line(one)}" for one in tests.not_judged), "")
