"""Expressions checked when a policy is loaded: syntax, names, types, and what each of them reads."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from gatekeeper.judge.cel.fault import CelFault, fault_at, position
from gatekeeper.judge.cel.find import Path
from gatekeeper.judge.cel.paths import NO_GUARDS, Comparison, Found, Walk, comparisons
from gatekeeper.judge.cel.tree import Node

SOURCE_LIMIT = 50_000
"""Code points of one expression at most; the engine itself stops at twice that."""


class Checked(Struct, frozen=True, kw_only=True):
    """A usable expression and what it reads.

    Each path of `reads` must exist in the data, else the rule is missing; those of `guarded` stand under has() of the
    same path or behind `.?`, and only have to be known. `result_type` is a CEL type without its parameters. `whole` is
    the static path that the expression is and nothing else; `uses` and `asked` are what `compose` works on.
    `everything` says that it reads all evidence as one value.
    """

    source: str
    result_type: str
    reads: tuple[Path, ...]
    guarded: tuple[Path, ...]
    comparisons: tuple[Comparison, ...]
    whole: Path | None
    uses: tuple[tuple[Path, frozenset[Path]], ...]
    asked: tuple[Path, ...]
    functions: tuple[str, ...]
    built: tuple[Path, ...]
    builds_computed: bool
    everything: bool
    found: tuple[Found, ...]

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of the last part of `path` where it first appears; (1, 1) where it does not."""
        size = len(path)
        for found in self.found:
            if found.path[:size] == path:
                return position(self.source, found.ats[size - 1])
        return 1, 1

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that are read, as `variables.<name>` without the prefix."""
        names = (path[1] for path in (*self.reads, *self.guarded) if path[0] == "variables")
        return tuple(dict.fromkeys(str(name) for name in names))


def check(source: str, names: Mapping[str, str]) -> Checked:
    """Check one expression against the declared names. Raises CelFault for the first thing wrong with it."""
    _readable(source)
    tree, result_type = parsed(source, names)
    roots = frozenset(name.partition(".")[0] for name in names)
    walk = Walk(source, roots)
    walk.visit(tree, {}, NO_GUARDS)
    for pattern, at in walk.patterns.items():
        _pattern(pattern, source, at)
    free = dict.fromkeys(path for path, guards in walk.uses if path not in guards)
    guarded = dict.fromkeys((*(path for path, _ in walk.uses), *walk.asked))
    whole = walk.static(tree, {})
    return Checked(
        source=source,
        result_type=result_type,
        reads=tuple(free),
        guarded=tuple(path for path in guarded if path not in free),
        comparisons=comparisons(tree, walk),
        whole=whole.path if whole else None,
        uses=tuple(walk.uses),
        asked=tuple(walk.asked),
        functions=tuple(walk.functions),
        built=tuple(walk.built),
        builds_computed=walk.builds_computed,
        everything=walk.everything,
        found=tuple(sorted((*walk.uses.values(), *walk.asked.values()), key=_start)),
    )


def _start(found: Found) -> int:
    return found.ats[0]


def _readable(source: str) -> None:
    if len(source) > SOURCE_LIMIT:
        raise CelFault(f"the expression is longer than {SOURCE_LIMIT} characters")
    for offset, character in enumerate(source) if not source.isascii() or "\0" in source else ():
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise fault_at(source, offset, f"U+{ord(character):04X} cannot stand in an expression", "syntax")


def parsed(source: str, names: Mapping[str, str]) -> tuple[Node, str]:
    """The tree and result type, from cel-cpp, or from cel-python's parser where that has no wheel."""
    try:
        from gatekeeper.judge.cel.compiling import parse
    except ImportError:
        from gatekeeper.judge.cel.larktree import parse
    return parse(source, names)


def _pattern(pattern: str, source: str, at: int) -> None:
    """Refuse a constant that is no regular expression, which would else be an error on the day it is needed."""
    try:
        from gatekeeper.judge.cel.compiling import is_pattern
    except ImportError:
        from gatekeeper.judge.cel.patterns import is_pattern
    if not is_pattern(pattern):
        raise fault_at(source, at, "this is not a regular expression (RE2)", "type")
