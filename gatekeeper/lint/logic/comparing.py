"""The comparisons of a policy with a limit, however they are written: shorthand terms, and plain CEL."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, Struct

from gatekeeper.judge.cel import Path
from gatekeeper.judge.cel.tree import Call, Const, Node
from gatekeeper.lint.logic.inline import everything, path_of
from gatekeeper.model.policy import PolicySpec

COMPARATORS = {"_>=_": ">=", "_<=_": "<=", "_>_": ">", "_<_": "<", "_==_": "=="}
_MIRRORED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "=="}


class Compared(Struct, frozen=True, kw_only=True):
    """`observed comparator limit`; the limit is a number or a parameter's name. `at` is where the limit stands."""

    observed: Path
    comparator: str
    number: float | None = None
    parameter: str | None = None
    at: int = 0


def comparisons(tree: Node) -> Iterator[Compared]:
    """Every comparison of a static path with a number or a parameter, wherever it stands."""
    for node in everything(tree):
        if not isinstance(node, Call) or node.function not in COMPARATORS:
            continue
        left, right = node.args
        for one, other, mirrored in ((left, right, False), (right, left, True)):
            observed = path_of(bare(one))
            limit = _limit(bare(other))
            if observed is None or observed[0] in ("params", "now") or limit is None:
                continue
            comparator = COMPARATORS[node.function]
            number, parameter = limit
            yield Compared(
                observed=observed,
                comparator=_MIRRORED[comparator] if mirrored else comparator,
                number=number,
                parameter=parameter,
                at=bare(other).at,
            )
            break


def bare(node: Node) -> Node:
    """`double(x)` and `int(x)` are x, as far as limits go."""
    while isinstance(node, Call) and node.function in ("double", "dyn", "int") and len(node.args) == 1:
        node = node.args[0]
    return node


def _limit(node: Node) -> tuple[float | None, str | None] | None:
    if isinstance(node, Const) and node.kind in ("int", "uint", "double"):
        return float(node.value), None  # type: ignore[arg-type]
    if isinstance(node, Call) and node.function == "-_" and (inner := _limit(node.args[0])) and inner[0] is not None:
        return -inner[0], None
    path = path_of(node)
    return (None, str(path[1])) if path is not None and path[0] == "params" and len(path) == 2 else None


def value_of(compared: Compared, spec: PolicySpec) -> float | None:
    """The limit's number: its own, or the parameter's default."""
    if compared.number is not None or compared.parameter is None:
        return compared.number
    declared = spec.parameters.get(compared.parameter)
    default = UNSET if declared is None else declared.default
    return float(default) if isinstance(default, int | float) and not isinstance(default, bool) else None
