"""Places in a document, as `at:` writes them, and how they are found.

    at     = [ "[" choice "]" ] path         the choice in front is that of a document, in a file of several
    path   = ( "." key | "." "[" choice "]" ) ( "." key | "[" choice "]" )*
    choice = number | key ( "." key )* "=" ( text | quoted )
    key    = letters, digits and _ - / : @ $ and the like | quoted
    quoted = text in double quotes, with a backslash before a quote or a backslash

Numbers count from 0. A choice by text is the one item whose member says it: `.containers[name=server].image`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, Protocol

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Target
from gatekeeper.manifests.images import refuse_tagged

MAX_AT = 1000
_KEY = re.compile(r'"((?:[^"\\]|\\["\\])*)"|([^\s."\'\[\]=\\]+)')
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})\]")
_VALUE = re.compile(r'"((?:[^"\\]|\\["\\])*)"\]|([^\]"]+)\]')
_EXAMPLE = "Such as .image.tag, .spec.containers[0].image, .containers[name=server].image or [kind=Job].spec."


class Choice(NamedTuple):
    """The one item whose member at `keys` says `text`."""

    keys: tuple[str, ...]
    text: str


Step = str | int | Choice


class At(NamedTuple):
    """A place: the document, where one is chosen, and the steps inside."""

    document: int | Choice | None
    steps: tuple[Step, ...]


class View(Protocol):
    """How the nodes of one kind of document are looked into; None where a node is not of that shape."""

    def members(self, node: Any) -> Mapping[str, Any] | None:
        """The members of a mapping."""

    def items(self, node: Any) -> Sequence[Any] | None:
        """The items of a list."""

    def text(self, node: Any) -> str | None:
        """What a scalar says."""


class NoPlaceError(Exception):
    """A place that is not there, or is there more than once; `node` is the last one on the way, so many steps deep."""

    def __init__(self, message: str, node: Any, depth: int = 0) -> None:
        super().__init__(message)
        self.node = node
        self.depth = depth


class Found(NamedTuple):
    """A node and the way to it. `node` is None where only its holder is there, which `add` may complete."""

    document: int
    path: tuple[str | int, ...]
    node: Any
    holder: Any


def place_of(target: Target) -> At:
    """The place that a row's `at` says.

    Raises InvalidRequestError where it has none or one that cannot be read, and for an image with a tag.
    """
    refuse_tagged(target)
    if target.container is not None:
        raise InvalidRequestError(f"{target.file}: container: means nothing in this format; at: says the place")
    if not target.at:
        raise InvalidRequestError(f"{target.file}: at: is required in this format", _EXAMPLE)
    if len(target.at) > MAX_AT:
        raise InvalidRequestError(f"{target.file}: at: is longer than {MAX_AT} characters")
    return _Reader(target.at, target.file).read()


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.at = 0

    def read(self) -> At:
        document = self._choice() if self.text.startswith("[") else None
        steps: list[Step] = []
        while self.at < len(self.text):
            steps.append(self._step(first=not steps))
        if not steps:
            self._refuse("there is no path")
        return At(document, tuple(steps))

    def _step(self, *, first: bool) -> Step:
        dotted = self.text.startswith(".", self.at)
        self.at += dotted
        bracket = self.text.startswith("[", self.at)
        if (dotted and bracket and not first) or (not dotted and (first or not bracket)):
            self._refuse("a step is .key or [number] or [key=text], and the first begins with a dot")
        return self._choice() if bracket else self._key()

    def _key(self) -> str:
        found = _KEY.match(self.text, self.at)
        if found is None:
            self._refuse("here a key is expected; one with odd letters stands in double quotes")
        self.at = found.end()
        return _unquoted(found)

    def _choice(self) -> int | Choice:
        self.at += 1
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
            return int(number[1])
        keys = [self._key()]
        while self.text.startswith(".", self.at):
            self.at += 1
            keys.append(self._key())
        value = _VALUE.match(self.text, self.at + 1) if self.text.startswith("=", self.at) else None
        if value is None:
            self._refuse("between [ and ] stands a number or key=text")
        self.at = value.end()
        return Choice(tuple(keys), _unquoted(value))

    def _refuse(self, message: str) -> NoReturn:
        raise InvalidRequestError(f"{self.file}: at: {self.text!r}, character {self.at + 1}: {message}", _EXAMPLE)


def _unquoted(found: re.Match[str]) -> str:
    return str(found[2]) if found[1] is None else re.sub(r"\\(.)", r"\1", found[1])


def find(at: At, documents: Sequence[Any], view: View, *, add: bool) -> Found:
    """The one node at a place. With `add`, its last key may be missing. Raises NoPlaceError."""
    numbers = range(len(documents)) if at.document is None else [_chosen(at.document, documents, view, None)]
    found: list[Found] = []
    faults: list[NoPlaceError] = []
    for number in numbers:
        try:
            found.append(_follow(at.steps, documents[number], number, view, add=add))
        except NoPlaceError as fault:
            faults.append(fault)
    found = [each for each in found if each.node is not None] or found
    if len(found) > 1:
        where = ", ".join(f"[{each.document}]" for each in found[:5])
        raise NoPlaceError(f"several documents have this place; begin at: with the one meant: {where}", found[1].holder)
    if not found:
        if not faults:
            raise NoPlaceError("the file is empty", None)
        # The document that leads the furthest is the one that was meant.
        raise max(faults, key=lambda fault: fault.depth)
    return found[0]


def _follow(steps: Sequence[Step], root: Any, document: int, view: View, *, add: bool) -> Found:
    path: list[str | int] = []
    holder, node = root, root
    for number, step in enumerate(steps):
        holder = node
        try:
            key, node = _inside(node, step, view, add=add and number == len(steps) - 1)
        except NoPlaceError as fault:
            fault.depth = number
            raise
        path.append(key)
    return Found(document, tuple(path), node, holder)


def _inside(node: Any, step: Step, view: View, *, add: bool) -> tuple[str | int, Any]:
    if isinstance(step, str):
        inner = _member(node, step, view)
        if inner is None and not add:
            raise NoPlaceError(_missing(step, node, view), node)
        return step, inner
    items = view.items(node)
    index = _chosen(step, items, view, node)
    return index, (items or ())[index]


def _member(node: Any, step: str, view: View) -> Any:
    members = view.members(node)
    if members is None:
        raise NoPlaceError(f"there is no mapping to look for {step!r} in", node)
    return members.get(step)


def _missing(step: str, node: Any, view: View) -> str:
    members = view.members(node) or {}
    if "<<" in members:
        return f"{step!r} does not stand here itself, and what a merge key (<<) brings is not edited from here"
    some = ", ".join(repr(name[:40]) for name in list(members)[:8])
    return f"there is no {step!r} here, only {some or 'nothing'}"


def _chosen(choice: int | Choice, items: Sequence[Any] | None, view: View, node: Any) -> int:
    if items is None:
        raise NoPlaceError("there is no list to choose from", node)
    if isinstance(choice, int):
        if choice >= len(items):
            raise NoPlaceError(f"there is no [{choice}] here, only {len(items)} from [0]", node)
        return choice
    fitting = [number for number, item in enumerate(items) if _says(item, choice, view)]
    if len(fitting) != 1:
        said = f"[{'.'.join(choice.keys)}={choice.text}]"
        raise NoPlaceError(f"{len(fitting) or 'none'} of {len(items)} fit {said}; exactly one must", node)
    return fitting[0]


def _says(item: Any, choice: Choice, view: View) -> bool:
    for key in choice.keys:
        item = (view.members(item) or {}).get(key) if item is not None else None
    return item is not None and view.text(item) == choice.text
