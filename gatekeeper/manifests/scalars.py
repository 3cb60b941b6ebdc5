"""Changes of YAML scalars wherever they stand, and the proof that nothing else changed.

What every YAML format does with the places it has found: `replace` splices, and `prove` parses both texts again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gatekeeper.manifests.splice import STRING, Span, apply, quoted
from gatekeeper.manifests.yamlnodes import MAX_NODES, Source, is_empty, meaning

Path = tuple[str | int, ...]
_PROPERTY = re.compile(r"[&!][^\s,\[\]{}]*[ \t]+")
_BLOCK = re.compile(r"[|>](?:[0-9][+-]?|[+-][0-9]?)?[ \t]*(?:[ \t]#[^\r\n]*)?(?:\r\n|\r|\n)[ ]*")


class Place(NamedTuple):
    """A node, the number of its document, and the keys and indexes that lead to it."""

    document: int
    path: Path
    node: Node

    def __str__(self) -> str:
        return shown(self.path)


class Change(NamedTuple):
    """What the scalar at a place is to say; None takes the member away, and a place that is not there is added."""

    document: int
    path: Path
    value: str | None


def places(source: Source) -> Iterator[Place]:
    """Every node of every document, outermost first. Raises ManifestError for aliases that multiply beyond bounds."""
    budget = MAX_NODES
    waiting = [Place(number, (), root) for number, root in reversed(list(enumerate(source.documents)))]
    while waiting:
        place = waiting.pop()
        budget -= 1
        if budget < 0 or len(place.path) > 200:
            source.refuse("the document's aliases multiply beyond bounds", place.node)
        yield place
        waiting += [Place(place.document, (*place.path, step), node) for step, node in reversed([*members(place.node)])]


def members(node: Node) -> Iterator[tuple[str | int, Node]]:
    """What stands directly inside, by key or index."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield str(key.value), value
    elif isinstance(node, SequenceNode):
        yield from enumerate(node.value)


def replace(source: Source, wished: Iterable[tuple[Place, str]]) -> str:
    """The text with the scalar at each place set to its value, proven to differ in nothing else.

    Raises ManifestError for a scalar that is not plain to edit, and for one that is used elsewhere too by an alias,
    unless each of its places is in `wished` with the same value.
    """
    wished = list(wished)
    _refuse_half_shared(source, wished)
    changed = [(place, value) for place, value in wished if not says(place.node, value)]
    spans = {id(place.node): span(source, place, value) for place, value in changed}
    text = apply(source.text, list(spans.values()))
    if changed:
        prove(source, text, [Change(place.document, place.path, value) for place, value in wished], changed[0][0].node)
    return text


def says(node: Node, value: str) -> bool:
    """Whether the scalar is this string for every reader: a bare 1.10 is not."""
    if not isinstance(node, ScalarNode) or node.tag != STRING or node.value != value:
        return False
    return bool(node.style) or quoted(value, None) == value


def span(source: Source, place: Place, value: str) -> Span:
    """What to replace for the scalar at `place` to be `value`: its quotes, anchor and tag stay."""
    node = place.node
    if not isinstance(node, ScalarNode):
        source.refuse(f"{place} is no scalar", node)
    source.refuse_filled(node)
    start, end = _behind_properties(source, place), source.end(node)
    if node.style in {"|", ">"}:
        return _block_span(source, place, start, value)
    if start >= end:
        return _empty_span(source, place, value)
    if any(mark in source.text[start:end] for mark in "\r\n\x85\u2028\u2029"):
        source.refuse(f"{place} runs over several lines; write it on one", node)
    return Span(start, end, quoted(value, node.style))


def _behind_properties(source: Source, place: Place) -> int:
    at, end = source.start(place.node), source.end(place.node)
    while source.text[at : at + 1] in {"&", "!"} and at < end:
        found = _PROPERTY.match(source.text, at)
        if found is None:
            source.refuse(f"{place} has an anchor or a tag, and its value is not behind it", place.node)
        at = found.end()
    return at


def _block_span(source: Source, place: Place, start: int, value: str) -> Span:
    """A block scalar of one line, without the newline that `|` and `>` alone would add."""
    head, old = _BLOCK.match(source.text, start), str(getattr(place.node, "value", ""))
    fits = head and old and "\n" not in old and source.text.startswith(old, head.end())
    if head is None or not fits or source.text[head.end() + len(old) : head.end() + len(old) + 1] not in "\r\n":
        source.refuse(f"{place} is a block scalar of more than one line, or ends in a newline", place.node)
    return Span(head.end(), head.end() + len(old), value)


def _empty_span(source: Source, place: Place, value: str) -> Span:
    """Behind `key:` with nothing at all."""
    at = source.start(place.node)
    before, behind = source.text[at - 1 : at], source.text[at : at + 1]
    if before not in {":", "-"} or (behind and not behind.isspace()):
        source.refuse(f"{place} has no value, and its place is not plain to see", place.node)
    return Span(at, at, f" {quoted(value, None)}")


def _refuse_half_shared(source: Source, wished: list[tuple[Place, str]]) -> None:
    """An alias or a merge key brings a scalar to several places: all of them are to be changed, and to the same."""
    told: dict[int, dict[Path, str]] = {}
    for place, value in wished:
        told.setdefault(id(place.node), {})[(place.document, *place.path)] = value
    if max(source.uses.values(), default=0) < 2:
        return
    inside: dict[int, dict[str | int, Node]] = {}
    shared = [
        place.node for place, _ in wished if any(source.uses[id(node)] > 1 for node in way(source, place, inside))
    ]
    if not shared:
        return
    used: dict[int, set[Path]] = {id(node): set() for node in shared}
    for place in places(source):
        if id(place.node) in used:
            used[id(place.node)].add((place.document, *place.path))
    for node in {id(node): node for node in shared}.values():
        if used[id(node)] != set(told[id(node)]) or len(set(told[id(node)].values())) > 1:
            refuse_shared(source, node)


def refuse_shared(source: Source, node: Node) -> None:
    """Raise ManifestError that an edit of `node` would change several places, and name them."""
    used = [str(place) for place in places(source) if place.node is node]
    some = ", ".join(used[:5]) + (", …" if len(used) > 5 else "")
    source.refuse(f"this is used in several places by aliases ({some}); an edit would change them all", node)


def way(source: Source, place: Place, inside: dict[int, dict[str | int, Node]]) -> Iterator[Node]:
    """The nodes that lead to a place; `inside` keeps what was looked up, as many places have one way."""
    node = source.documents[place.document]
    yield node
    for step in place.path:
        if id(node) not in inside:
            inside[id(node)] = dict(members(node))
        node = inside[id(node)][step]
        yield node


def prove(source: Source, text: str, changes: Iterable[Change], node: Node | None = None) -> None:
    """The new text must mean what the old one meant, with the changes made, and nothing else; else ManifestError."""
    expected = deepcopy(meaning(source))
    for change in changes:
        _expect(expected, change)
    if meaning(Source(text, source.file)) != expected:
        source.refuse("this cannot be changed without changing more; write it on a plain line of its own", node)


def _expect(expected: list[Any], change: Change) -> None:
    """Lists begin with their tag; a key is the pair of its tag and its text."""
    *way, last = (change.document, *change.path) if change.path else (change.document,)
    holder: Any = expected
    for step in way:
        holder = holder[_key(holder, step, expected)]
    if change.value is None:
        del holder[_key(holder, last, expected)]
    else:
        holder[_key(holder, last, expected)] = (STRING, change.value)


def _key(holder: Any, step: str | int, documents: Any) -> Any:
    if isinstance(holder, dict):
        usual = (STRING, step)
        return usual if usual in holder else next((key for key in holder if key[1] == step), usual)
    return step if holder is documents else int(step) + 1


def shown(path: Path) -> str:
    """A path as `at:` writes it."""
    return "".join(_step(step) for step in path) or "."


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if re.fullmatch(r"[A-Za-z0-9_/-]{1,100}", step):
        return f".{step}"
    text = step if len(step) <= 100 else f"{step[:100]}…"
    return '."' + "".join(letter if letter.isprintable() else "?" for letter in text).replace('"', '\\"') + '"'


def text_of(node: Node) -> str | None:
    """What a scalar says; None for null, for nothing, and for what is no scalar."""
    if not isinstance(node, ScalarNode) or is_empty(node):
        return None
    return str(node.value) or None
