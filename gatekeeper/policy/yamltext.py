"""Strict YAML: one meaning or a refusal, with the line and column of every value. The only reader of our own files.

Refused: other encodings than UTF-8, control and direction-changing characters, duplicate keys, keys that are not text,
tags, merge keys, tabs as indentation, tag directives, scalars that YAML versions read differently, and documents that
are too large, too deep or too many once their aliases are followed.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.policy.plain import Ambiguous, read_plain

MAX_BYTES = 1 << 20
MAX_DEPTH = 50
MAX_NODES = 100_000
MAX_DOCUMENTS = 1000

# C0 and C1 controls, line breaks that only YAML 1.1 knows, direction overrides that make a review read what is not
# there (CVE-2021-42574), a byte order mark inside, noncharacters, and a carriage return that ends no line.
_UNFIT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\r(?!\n)")
_MAYBE_TAG = re.compile(r"(?:^|[\s\[\]{},:?-])!", re.MULTILINE)
_TAB_FIRST = re.compile(r"^ *\t[ \t]*(?=[^\s])", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)

Step = str | int


class Tree:
    """One document: its plain `value`, its `problems`, and where everything stands.

    A refused value is kept in `value` as its text; `refused` holds the places of these, so that nothing is said twice.
    """

    __slots__ = ("problems", "root", "text", "value")

    def __init__(self, root: Any, text: str) -> None:
        self.root = root
        self.text = text
        self.problems: list[Problem] = []
        self.value: Any = None

    def place(self, *path: Step) -> tuple[int, int]:
        """Line and column of the value at `path`, or of its key where it has none; else of the nearest parent's."""
        place = _start(self.root)
        node = self.root
        for step in path:
            key, child = _child(node, step)
            if child is None:
                return place
            place = _value_place(node, key, child)
            node = child
        return place

    def key_place(self, *path: Step) -> tuple[int, int]:
        """Line and column of the key at `path`; the value's where there is no such key."""
        parent = self.node(*path[:-1])
        key = _child(parent, path[-1])[0] if parent is not None and path else None
        return self.place(*path) if key is None else _start(key)

    def node(self, *path: Step) -> Any:
        """The PyYAML node at `path`, or None."""
        node = self.root
        for step in path:
            node = _child(node, step)[1]
        return node

    def raw(self, *path: Step) -> str | None:
        """The text of the unquoted scalar at `path`; None for everything else."""
        node = self.node(*path)
        return node.value if isinstance(node, ScalarNode) and not node.style else None


def compose(data: bytes, file: str) -> tuple[Tree, ...]:
    """The documents of a file, those without content left out. Raises InvalidFileError where the text is not YAML.

    Faults of single values are in the trees' `problems`: a tree that has any must not be used.
    """
    text = _decode(data, file)
    trees = tuple(Tree(root, text) for root in _roots(text, file))
    if not trees:
        _refuse(file, "the file holds no document")
    suspects = bool(_MAYBE_TAG.search(text)), bool(_TAB_FIRST.search(text))
    for tree in trees:
        _Builder(tree, file, suspects[0]).build()
    if suspects[1]:
        trees[0].problems.extend(_tabs(trees, text, file))
    return trees


def _decode(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        _refuse(file, f"the file has {len(data)} bytes; at most {MAX_BYTES} are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8-sig", "replace")
        raise InvalidFileError([_at(file, before, len(before), "this byte is not UTF-8", _SAVE_AS_UTF8)]) from fault
    if _UNFIT.search(text):
        found = [match.start() for match, _ in zip(_UNFIT.finditer(text), range(20), strict=False)]
        raise InvalidFileError([_at(file, text, index, _named(text[index]), "Remove it.") for index in found])
    if _DIRECTIVE.search(text):
        _refuse_directives(text, file)
    return text


def _roots(text: str, file: str) -> list[Any]:
    from yaml.error import MarkedYAMLError  # the class is at hand, but its name is needed on this path alone

    roots: list[Any] = []
    try:
        parser = _Parser(text)
        while parser.check_node():
            if len(roots) == MAX_DOCUMENTS:
                _refuse(file, f"the file holds more than {MAX_DOCUMENTS} documents")
            roots.append(parser.get_node())
    except _TooDeepError as fault:
        _refuse(file, f"the document is nested deeper than {MAX_DEPTH}", *fault.place)
    except MarkedYAMLError as fault:
        from gatekeeper.policy.syntax import syntax_problem

        raise InvalidFileError([syntax_problem(fault, text, file)]) from fault
    return [root for root in roots if not _is_empty(root)]


class _TooDeepError(Exception):
    def __init__(self, place: tuple[int, int]) -> None:
        self.place = place


class _Parser(CParser):
    """libyaml's composer. It asks for tags, which are left open here: the builder reads plain scalars itself."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def resolve(self, kind: Any, value: Any, implicit: Any) -> None:
        """No tag: what stands in `tag` was written in the file."""

    def descend_resolver(self, parent: Any, _index: Any) -> None:
        """Count the depth before libyaml's composer, which recurses on the C stack, can exhaust it."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _TooDeepError(_start(parent))

    def ascend_resolver(self) -> None:
        """Leave one level."""
        self._depth -= 1


class _Builder:
    """Turns nodes into plain values and notes every refusal. Aliases are followed, so that their cost is counted."""

    def __init__(self, tree: Tree, file: str, maybe_tags: bool) -> None:
        self._tree = tree
        self._file = file
        self._maybe_tags = maybe_tags
        self._count = 0

    def build(self) -> None:
        """Fill the tree's value and problems."""
        self._tree.value = self._value(self._tree.root, 0)

    def _value(self, node: Any, depth: int) -> Any:
        self._count += 1
        if self._count > MAX_NODES or depth > MAX_DEPTH:
            self._too_much(node, depth)
        if node.tag is not None or self._maybe_tags:
            self._check_tag(node)
        if node.__class__ is ScalarNode:
            return self._scalar(node)
        if node.__class__ is MappingNode:
            return self._mapping(node, depth + 1)
        return [self._value(item, depth + 1) for item in node.value]

    def _scalar(self, node: Any) -> Any:
        text: str = node.value
        if node.style:
            if node.style == '"' and (unfit := _UNFIT.search(text)):
                self._refuse(node, _named(unfit.group()), "Remove the escape.")
            return text
        value = read_plain(text)
        if value.__class__ is Ambiguous:
            self._refuse(node, *value)
            return text
        return value

    def _mapping(self, node: Any, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, depth)
            value = self._value(value_node, depth)
            if key is None:
                continue
            if key in members:
                self._refuse(key_node, f"the key {_shown(key)} stands twice in one mapping", "Keep one of them.")
            members[key] = value
        return members

    def _key(self, node: Any, depth: int) -> str | None:
        key = self._value(node, depth)
        if key.__class__ is not str:
            self._refuse(node, *_not_a_key(node, key))
            return None
        if key == "<<" and not node.style:
            self._refuse(node, "merge keys (`<<`) are not read", "Write the keys out.")
            return None
        return key

    def _check_tag(self, node: Any) -> None:
        if node.tag is not None or _STARTS_WITH_TAG.match(self._tree.text, node.start_mark.index):
            self._refuse(
                node,
                "an unquoted `!` begins a YAML tag, and tags are not read",
                "Quote the value if it is text or an expression, or write it below `>-`; else remove the tag.",
            )

    def _refuse(self, node: Any, message: str, remedy: str) -> None:
        self._tree.problems.append(Problem(message, self._file, *_start(node), remedy))

    def _too_much(self, node: Any, depth: int) -> NoReturn:
        what = f"is nested deeper than {MAX_DEPTH}" if depth > MAX_DEPTH else f"holds more than {MAX_NODES} values"
        _refuse(self._file, f"the document {what} once its aliases are followed", *_start(node))


_STARTS_WITH_TAG = re.compile(r"(?:&\S+\s+)?!")
_SAVE_AS_UTF8 = "Save the file as UTF-8."


def _child(node: Any, step: Step) -> tuple[Any, Any]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.__class__ is ScalarNode and key.value == step:
                return key, value
    elif isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        return None, node.value[step]
    return None, None


def _value_place(parent: Any, key: Any, value: Any) -> tuple[int, int]:
    """Of an alias the node is that of its anchor, which stands before: there the key, or the list, is the place."""
    near = key if key is not None else parent
    absent = value.__class__ is ScalarNode and not value.style and not value.value
    return _start(near if absent or value.start_mark.index < near.start_mark.index else value)


def _start(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _is_empty(root: Any) -> bool:
    return root.__class__ is ScalarNode and not root.value and not root.style and root.tag is None


def _not_a_key(node: Any, key: Any) -> tuple[str, str]:
    if not isinstance(node, ScalarNode):
        return "a key must be text", "Quote it if it is text; `{{ }}` and lists cannot be keys."
    kind = "a boolean" if isinstance(key, bool) else "nothing" if key is None else "a number"
    return f"a key must be text, and unquoted {_shown(node.value)} is {kind} in YAML", "Quote it."


def _tabs(trees: tuple[Tree, ...], text: str, file: str) -> list[Problem]:
    spans = [span for tree in trees for span in _scalar_spans(tree.root, set())]
    starts = [match.start() for match in _TAB_FIRST.finditer(text)]
    outside = [start for start in starts if not any(begin < start < end for begin, end in spans)]
    return [_at(file, text, start, "a tab stands as indentation", "Use spaces.") for start in outside]


def _scalar_spans(node: Any, seen: set[int]) -> list[tuple[int, int]]:
    """Where quoted and block scalars lie: a tab in them is text."""
    if id(node) in seen:
        return []
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        return [(node.start_mark.index, node.end_mark.index)] if node.style else []
    pairs = node.value if isinstance(node, MappingNode) else [(item,) for item in node.value]
    return [span for pair in pairs for child in pair for span in _scalar_spans(child, seen)]


def _refuse_directives(text: str, file: str) -> None:
    """`%YAML` is checked by libyaml; `%TAG` gives tags another meaning."""
    for match in re.finditer(r"^%TAG\b", text, re.MULTILINE):
        raise InvalidFileError([_at(file, text, match.start(), "tag directives are not read", "Remove the line.")])


def _at(file: str, text: str, index: int, message: str, remedy: str = "") -> Problem:
    before = text[:index]
    return Problem(message, file, before.count("\n") + 1, index - before.rfind("\n"), remedy)


def _refuse(file: str, message: str, line: int = 0, column: int = 0) -> NoReturn:
    raise InvalidFileError([Problem(message, file, line, column)])


def _named(character: str) -> str:
    return f"the character U+{ord(character):04X} cannot be seen or is read differently elsewhere"


def _shown(text: str) -> str:
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}…`"
