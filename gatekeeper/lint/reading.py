"""What the expressions of a policy read at all."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel import Path
from gatekeeper.judge.prepared import Expression
from gatekeeper.lint.texts import PolicyTexts


def paths(texts: PolicyTexts) -> frozenset[Path]:
    """Every static path that a rule, message or limit reads, through variables."""
    used = {path for expression in _expressions(texts) for path in _read(expression)}
    variables = {str(path[1]) for path in used if path[0] == "variables" and len(path) > 1}
    for text in texts.of("variable"):
        if str(text.at[-1]) in _needed(texts, variables):
            used.update(_read(text.expression))
    return frozenset(used)


def names(texts: PolicyTexts, root: str) -> frozenset[str] | None:
    """The names that are read of one root such as `params`; None where it is read whole, which may be any of them."""
    read = [path for path in paths(texts) if path[0] == root]
    return None if (root,) in read else frozenset(str(path[1]) for path in read)


def _read(expression: Expression) -> tuple[Path, ...]:
    return (*expression.reads, *expression.checked.reads, *expression.checked.guarded)


def _expressions(texts: PolicyTexts) -> Iterator[Expression]:
    for text in texts.texts:
        if text.role != "variable":
            yield text.expression
    for rule in texts.rules:
        yield from rule.expressions


def _needed(texts: PolicyTexts, variables: set[str]) -> set[str]:
    """The variables, and those that they read."""
    by_name = {str(text.at[-1]): text for text in texts.of("variable")}
    needed, waiting = set(variables), list(variables)
    while waiting:
        text = by_name.get(waiting.pop())
        more = set(text.expression.checked.variables) - needed if text is not None else set()
        needed |= more
        waiting += more
    return needed
