"""Finding what a pattern matches, at a cost that grows with the text and never faster, whoever wrote them.

All ways to match are followed at once, letter by letter, each state once (K. Thompson, 1968; the captures as in R. Cox,
"Regular Expression Matching: the Virtual Machine Approach", 2009), so there is nothing to go back to. What is found is
what Python's `re` finds: the leftmost match, and of these the first by the pattern's own preference.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gatekeeper.manifests.pattern import Pattern, PatternError

MAX_STEPS = 5_000_000
_Thread = tuple[int, tuple[int, ...]]


class Match(NamedTuple):
    """Where a match starts and ends, and where the named group in it does."""

    start: int
    end: int
    group_start: int
    group_end: int


def matches(pattern: Pattern, text: str, most: int) -> list[Match]:
    """The first matches, from the left, that do not overlap. Raises PatternError for too much work."""
    found: list[Match] = []
    run = _Run(pattern, text)
    at = 0
    while at <= len(text) and len(found) < most:
        match = run.find(at)
        if match is None:
            break
        found.append(match)
        at = match.end
    return found


class _Run:
    """One text, and how much work it has been."""

    def __init__(self, pattern: Pattern, text: str) -> None:
        self.program = pattern.program
        self.first = pattern.first
        self.says = [re.compile(atom).match for atom in pattern.atoms]
        self.known: list[dict[str, bool]] = [{} for _ in pattern.atoms]
        self.text = text
        self.steps = 0

    def find(self, at: int) -> Match | None:
        """The leftmost match from `at` on."""
        threads: list[_Thread] = []
        best: tuple[int, ...] | None = None
        while True:
            if best is None:
                if not threads:
                    found = self.first.search(self.text, at)
                    if found is None:
                        return None
                    at = found.start()
                self._follow(threads, {state for state, _ in threads}, 0, at, (at, -1, -1))
            threads, best = self._step(threads, at, best)
            if at >= len(self.text) or (best is not None and not threads):
                return None if best is None else Match(best[0], best[3], best[1], best[2])
            at += 1

    def _step(
        self, threads: list[_Thread], at: int, best: tuple[int, ...] | None
    ) -> tuple[list[_Thread], tuple[int, ...] | None]:
        """Past one letter. A thread that has matched ends those that the pattern prefers less."""
        letter = self.text[at : at + 1]
        self.steps += len(threads)
        after: list[_Thread] = []
        seen: set[int] = set()
        for state, saved in threads:
            name, atom, _ = self.program[state]
            if name == "match":
                return after, (*saved, at)
            if letter and self._fits(atom, letter):
                self._follow(after, seen, state + 1, at + 1, saved)
        return after, best

    def _fits(self, atom: int, letter: str) -> bool:
        known = self.known[atom].get(letter)
        if known is None:
            known = self.known[atom][letter] = self.says[atom](letter) is not None
        return known

    def _follow(self, threads: list[_Thread], seen: set[int], state: int, at: int, saved: tuple[int, ...]) -> None:
        """Add the states that wait for a letter, or that match, in the order of preference."""
        waiting = [(state, saved)]
        while waiting:
            state, saved = waiting.pop()
            if state in seen:
                continue
            seen.add(state)
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise PatternError(
                    "the pattern is too much work for this file; begin it with words that are rare there"
                )
            name, one, other = self.program[state]
            if name in {"char", "match"}:
                threads.append((state, saved))
            elif name == "split":
                waiting += [(other, saved), (one, saved)]
            elif name == "jump":
                waiting.append((one, saved))
            elif name == "save":
                waiting.append((state + 1, (*saved[:one], at, *saved[one + 1 :])))
            elif self._is_at(one, at):
                waiting.append((state + 1, saved))

    def _is_at(self, kind: str, at: int) -> bool:
        before, behind = self.text[at - 1 : at] if at else "", self.text[at : at + 2]
        if kind == "start":
            return before in {"", "\n"}
        if kind == "end":
            return behind[:1] in {"", "\n"} or behind == "\r\n"
        return _is_word(before) != _is_word(behind[:1])


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
