"""Regular expressions as far as they can be followed in linear time, read into a program of states (see `linear`).

Known: letters, `.`, classes, groups, `|`, `* + ? {m,n}` and their lazy forms, `^ $ \\b` and the escapes `\\d \\s \\w`
(`\\D \\S \\W`) `\\n \\r \\t`. `.` is no line end; `^` and `$` are at every line's, LF or CRLF. Looking around and
repeating what a group found are not known.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

MAX_STATES = 2000
_MAX_REPEATED = 1000
_MAX_DEPTH = 20
_MAX_PARTS = 20_000
_CLASS = re.compile(r"\[\^?(?:\\.|[^\\\]\[])(?:\\.|[^\\\]\[])*\]", re.DOTALL)
_REPEAT = re.compile(r"(?:([*+?])|\{(\d{1,4})(?:(,)(\d{0,4}))?\})(\??)")
_GROUP = re.compile(r"\((?:\?P<([A-Za-z_]\w*)>|\?:)?")
_ESCAPE = re.compile(r"\\(?:[dswDSWnrt]|[^A-Za-z0-9])")
_INNER_ESCAPE = re.compile(r"\\(?:[A-Za-z0-9])")
_DOT = r"[^\r\n]"


class PatternError(Exception):
    """A pattern that cannot be read, with the place in it; or a text that is too much work for it."""


class Pattern:
    """A pattern with exactly one named group. Raises PatternError where it is none, or is not known here."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.group = ""
        self._at = 0
        self._depth = 0
        self._parts = 0
        # Each state is an operation with what belongs to it; `char` states name their atom.
        self.program: list[tuple[str, Any, Any]] = []
        self.atoms: list[str] = []
        tree = self._alternatives()
        if self._at < len(text):
            self._refuse("this ) closes nothing")
        if not self.group:
            self._refuse("it has no named group")
        self._emit(tree)
        self._add("match")
        self.first = self._starts()

    def _refuse(self, message: str) -> NoReturn:
        raise PatternError(f"character {self._at + 1}: {message}")

    # Reading: a tree of tuples.

    def _alternatives(self) -> tuple[Any, ...]:
        branches = [self._sequence()]
        while self.text.startswith("|", self._at):
            self._at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else ("any", branches)

    def _sequence(self) -> tuple[Any, ...]:
        parts = []
        while self._at < len(self.text) and self.text[self._at] not in "|)":
            parts.append(self._repeated(self._part()))
        return ("all", parts)

    def _repeated(self, part: tuple[Any, ...]) -> tuple[Any, ...]:
        found = _REPEAT.match(self.text, self._at)
        if found is None:
            return part
        low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(found[1], (int(found[2] or 0), None))
        if found[2]:
            high = int(found[4]) if found[4] else None if found[3] else low
        if part[0] == "at" or low > _MAX_REPEATED or (high is not None and not low <= high <= _MAX_REPEATED):
            self._refuse(f"this cannot be repeated so; at most {_MAX_REPEATED} times")
        if part[0] == "group":
            self._refuse("the named group cannot be repeated")
        self._at = found.end()
        if self.text[self._at : self._at + 1] in {"*", "+", "?", "{"}:
            self._refuse("a repeat of a repeat")
        return ("repeat", part, low, high, not found[5])

    def _part(self) -> tuple[Any, ...]:
        letter = self.text[self._at]
        if letter == "(":
            return self._grouped()
        if letter in "^$" or self.text.startswith("\\b", self._at):
            self._at += 1 + (letter == "\\")
            return ("at", {"^": "start", "$": "end"}.get(letter, "word"))
        if letter == "[":
            return self._class()
        if letter == "\\":
            found = _ESCAPE.match(self.text, self._at)
            if found is None:
                self._refuse("this escape is not known here")
            return self._atom(found[0])
        if letter in "*+?{":
            self._refuse("there is nothing to repeat so" + (r"; write \{ for the letter" if letter == "{" else ""))
        return self._atom(_DOT if letter == "." else re.escape(letter), 1)

    def _atom(self, atom: str, length: int = 0) -> tuple[Any, ...]:
        self._at += length or len(atom)
        return ("char", atom)

    def _class(self) -> tuple[Any, ...]:
        found = _CLASS.match(self.text, self._at)
        if found is None:
            self._refuse("this class does not end, or holds a [ that is not escaped")
        unknown = [escape for escape in _INNER_ESCAPE.findall(found[0]) if not _ESCAPE.match(escape)]
        if unknown or re.search(r"--|&&|~~|\|\|", found[0]):
            self._refuse("what stands in this class is not known here")
        try:
            re.compile(found[0])
        except re.error as fault:
            self._refuse(f"this class: {fault.msg}")
        return self._atom(found[0])

    def _grouped(self) -> tuple[Any, ...]:
        found = _GROUP.match(self.text, self._at)
        if found is None or self.text.startswith("?", found.end()):
            self._refuse("this kind of group is not known here; (?P<name>…), (?:…) and (…) are")
        name, known = found[1], self.group
        if name and self.group:
            self._refuse("it has more than one named group")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._refuse(f"groups are nested deeper than {_MAX_DEPTH}")
        self.group = name or self.group
        self._at = found.end()
        inner = self._alternatives()
        self._depth -= 1
        if not self.text.startswith(")", self._at):
            self._refuse("a ( is not closed")
        self._at += 1
        return ("group", inner, bool(name)) if self.group != known else inner

    # Writing: the program.

    def _add(self, name: str, one: Any = None, other: Any = None) -> int:
        if len(self.program) >= MAX_STATES:
            raise PatternError(f"it has more than {MAX_STATES} states; repeat less often")
        self.program.append((name, one, other))
        return len(self.program) - 1

    def _emit(self, tree: tuple[Any, ...]) -> None:
        kind = tree[0]
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise PatternError("it repeats more than can be followed; repeat less often")
        if kind == "char":
            if tree[1] not in self.atoms:
                self.atoms.append(tree[1])
            self._add("char", self.atoms.index(tree[1]))
        elif kind == "at":
            self._add("at", tree[1])
        elif kind == "all":
            for part in tree[1]:
                self._emit(part)
        elif kind == "any":
            self._emit_any(tree[1])
        elif kind == "group":
            self._emit_group(tree[1], saves=tree[2])
        else:
            self._emit_repeat(tree)

    def _emit_group(self, inner: tuple[Any, ...], *, saves: bool) -> None:
        if saves:
            self._add("save", 1)
        self._emit(inner)
        if saves:
            self._add("save", 2)

    def _emit_any(self, branches: list[tuple[Any, ...]]) -> None:
        ends = []
        for branch in branches[:-1]:
            split = self._add("split")
            self._emit(branch)
            ends.append(self._add("jump"))
            self.program[split] = ("split", split + 1, len(self.program))
        self._emit(branches[-1])
        for end in ends:
            self.program[end] = ("jump", len(self.program), None)

    def _emit_repeat(self, tree: tuple[Any, ...]) -> None:
        _, part, low, high, greedy = tree
        for _ in range(low):
            self._emit(part)
        if high is None:
            split = self._add("split")
            self._emit(part)
            self._add("jump", split)
            self._fork(split, greedy=greedy)
            return
        splits = []
        for _ in range(high - low):
            splits.append(self._add("split"))
            self._emit(part)
        for split in splits:
            self._fork(split, greedy=greedy)

    def _fork(self, split: int, *, greedy: bool) -> None:
        ways = (split + 1, len(self.program))
        self.program[split] = ("split", *(ways if greedy else ways[::-1]))

    def _starts(self) -> re.Pattern[str]:
        """What a match begins with, as far as there is one way; else the letters it may begin with."""
        waiting, seen, atoms = [0], set(), set()
        while waiting:
            state = waiting.pop()
            if state in seen:
                continue
            seen.add(state)
            name, one, other = self.program[state]
            if name == "match":
                raise PatternError("it matches nothing at all, too, and so everywhere")
            if name == "char":
                atoms.add(self.atoms[one])
            elif name in {"split", "jump"}:
                waiting += [way for way in (one, other) if way is not None]
            else:
                waiting.append(state + 1)
        return re.compile(self._prefix() or "|".join(sorted(atoms)))

    def _prefix(self) -> str:
        atoms = []
        for name, one, _ in self.program:
            if name in {"split", "jump", "match"}:
                break
            if name == "char":
                atoms.append(self.atoms[one])
        return "".join(atoms)
