"""From text to tree with cel-cpp."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.judge.cel.environment import cpp, environment, type_name
from gatekeeper.judge.cel.tree import Node
from gatekeeper.judge.cel.wire import decode


def parse(source: str, names: Mapping[str, str]) -> tuple[Node, str]:
    """The checked tree and its result type. Raises CelFault."""
    try:
        expression = environment(names).compile(source)
    except (RuntimeError, ValueError) as error:
        from gatekeeper.judge.cel.complaints import complaint  # only when there is something to complain about

        raise complaint(str(error), source, names) from None
    return decode(expression.serialize(), source), type_name(expression)


def is_pattern(pattern: str) -> bool:
    """Whether cel-cpp takes this as a regular expression."""
    known = environment({"pattern": "string"})
    result = known.compile("''.matches(pattern)").eval(known.env.Activation({"pattern": pattern}))
    return bool(result.type() == cpp.Type.BOOL)
