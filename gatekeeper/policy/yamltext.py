"""Strict YAML: one meaning or a refusal, with the line and column of every value. The only reader of our own files.

Refused: other encodings than UTF-8, control and direction-changing characters, duplicate keys, keys that are not text,
tags, merge keys, keys marked by `?`, tabs as indentation, tag directives, scalars that YAML versions read differently,
and documents that are too large, too deep or too many once their aliases are followed.
"""

from __future__ import annotations

import re
from typing import Any

from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.error import YAMLError

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.policy.build import MAX_DEPTH, build
from gatekeeper.policy.filetext import decode, tabs_as_indentation
from gatekeeper.policy.tree import Place, Tree, start_of

MAX_DOCUMENTS = 1000

_MAYBE_KEY_MARK = r"(?:^|[\s\[{,])\?"


def compose(data: bytes, file: str) -> tuple[Tree, ...]:
    """The documents of a file, those without content left out. Raises InvalidFileError where the text is not YAML.

    Faults of single values are in the trees' `problems`: a tree that has any must not be used.
    """
    text = decode(data, file)
    trees = tuple(Tree(root, text) for root in _roots(text, file) if not _is_empty(root))
    if not trees:
        raise InvalidFileError([Problem("the file holds no document", file)])
    for tree in trees:
        build(tree, file)
    if "?" in text and re.search(_MAYBE_KEY_MARK, text, re.MULTILINE):
        trees[0].problems.extend(_key_marks(text, file))
    if "\t" in text:
        trees[0].problems.extend(tabs_as_indentation([tree.root for tree in trees], text, file))
    return trees


def _roots(text: str, file: str) -> list[Any]:
    roots: list[Any] = []
    try:
        parser = _Parser(text)
        while parser.check_node():
            if len(roots) == MAX_DOCUMENTS:
                raise InvalidFileError([Problem(f"the file holds more than {MAX_DOCUMENTS} documents", file)])
            roots.append(parser.get_node())
    except _TooDeepError as fault:
        message = f"the document is nested deeper than {MAX_DEPTH}"
        raise InvalidFileError([Problem(message, file, *fault.place)]) from fault
    except YAMLError as fault:
        from gatekeeper.policy.syntax import syntax_problem  # only after a mistake

        raise InvalidFileError([syntax_problem(fault, text, file)]) from fault
    return roots


def _is_empty(root: Any) -> bool:
    return root.id == "scalar" and not root.value and not root.style and root.tag is None


class _TooDeepError(Exception):
    def __init__(self, place: Place) -> None:
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
        if self._depth > MAX_DEPTH + 1:
            raise _TooDeepError(start_of(parent))

    def ascend_resolver(self) -> None:
        """Leave one level."""
        self._depth -= 1


def _key_marks(text: str, file: str) -> list[Problem]:
    """libyaml takes `[?x]` for a key, other readers for text; nobody needs the mark for a short key."""
    parser: Any = _Parser(text)
    found: list[Problem] = []
    while (token := parser.get_token()) is not None:
        if token.id == "?" and token.start_mark.index < token.end_mark.index:
            found.append(Problem("an unquoted `?` marks a key", file, *start_of(token), _INSTEAD_OF_MARK))
    return found[:20]


_INSTEAD_OF_MARK = "Quote it, or write `key: value`."
