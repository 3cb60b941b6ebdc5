"""`unsafe-division`: division by zero gives infinity, which is above every floor."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.tree import Call, Const, Node
from gatekeeper.lint.logic.evaluation import Assumption, Evaluation
from gatekeeper.lint.logic.inline import everything, path_of
from gatekeeper.lint.logic.known import field_type
from gatekeeper.lint.logic.value import ERROR, Known, Value, number, truth
from gatekeeper.lint.roots import Root, roots
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.model.finding import Finding, Level

ID = "unsafe-division"
SEVERITY: Level = "warning"
SUMMARY = "A condition divides by what may be zero, and infinity or NaN then lets the artifact by."
_REMEDY = "Ask for the divisor first, as in `b > 0.0 && a / b > 1.0`, or multiply instead: `a > 1.0 * b`."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each division whose divisor may be zero where that can let by."""
    for texts in subject.policies:
        for root in roots(texts):
            for node in everything(root.node):
                if isinstance(node, Call) and node.function == "_/_" and _is_unsafe(node, root):
                    message = "the divisor may be zero, and what that gives lets the artifact by"
                    yield found(ID, SEVERITY, text_spot(texts, node.at), message, _REMEDY, rule=root.rule.id)


def _is_unsafe(node: Call, root: Root) -> bool:
    divisor = node.args[1]
    bounds = number(root.evaluation().of(divisor))
    if isinstance(divisor, Const) or (bounds is not None and (bounds.low > 0 or bounds.high < 0)):
        return False
    if any(_is_whole(side, root) for side in node.args):
        return False  # division of whole numbers by zero is an error, and an error never passes
    return _lets_by(root, divisor)


def _lets_by(root: Root, divisor: Node) -> bool:
    shapes = root.texts.shapes
    bare = divisor
    while isinstance(bare, Call) and bare.function in ("double", "dyn"):
        bare = bare.args[0]
    zero: dict[int, Value] = {shapes.of(divisor): Known(0.0), shapes.of(bare): Known(0.0)}
    guarded = root.evaluation(Assumption(fixed=zero))
    if truth(guarded.of(root.node)) is not None or guarded.of(root.node) == ERROR:
        return False  # something else in the condition has looked at the divisor
    if not root.open_:
        return True
    under: Evaluation = root.evaluation(Assumption(fixed=zero, zero=frozenset((shapes.of(divisor),))))
    return under.of(root.node) != ERROR and truth(under.of(root.node)) is not False


def _is_whole(node: Node, root: Root) -> bool:
    """Whether it is a whole number, by its function, its literal, or the definition of the kind."""
    if isinstance(node, Const):
        return node.kind in ("int", "uint")
    if isinstance(node, Call):
        inside = node.function in ("_+_", "_-_", "_*_", "_/_", "-_", "dyn")
        return node.function in ("int", "uint", "size") or (inside and all(_is_whole(arg, root) for arg in node.args))
    path, spec = path_of(node), root.texts.policy.spec
    if path is None or len(path) < 2:
        return False
    if path[0] == "params" and path[1] in spec.parameters:
        return spec.parameters[str(path[1])].type == "integer"
    return path[0] == "evidence" and field_type(spec, path) == "integer"
