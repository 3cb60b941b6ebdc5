"""`absorbed-error`: `||` or `&&` swallows the error of a path that the gate cannot see, such as `dyn(x).missing`."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.tree import Call, Const, Fold, Ident, Node, Select
from gatekeeper.lint.logic.inline import children, everything, path_of
from gatekeeper.lint.logic.known import field_type, is_certain
from gatekeeper.lint.logic.polarity import pushing
from gatekeeper.lint.logic.shape import JUNCTIONS
from gatekeeper.lint.roots import Root, roots
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.model.finding import Finding, Level

ID = "absorbed-error"
SEVERITY: Level = "warning"
SUMMARY = "Something that may be absent or fail stands beside `||` or `&&`, which swallow its error."
_REMEDY = (
    "Read a static path (fields and constant keys), whose absence is `missing` whatever stands beside it; or ask "
    "first, as in `k in m && m[k] > 1.0`."
)
_FAILING = ("timestamp", "duration", "_%_")


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each part of a `||` or `&&` whose error would be absorbed in the artifact's favour."""
    for texts in subject.policies:
        for root in roots(texts, optional=False):
            for node in _absorbed(root):
                message = f"an error here is swallowed by what stands beside it: {_what(node)}"
                yield found(ID, SEVERITY, text_spot(texts, node.at), message, _REMEDY, rule=root.rule.id)


def _absorbed(root: Root) -> Iterator[Node]:
    """The risky nodes, each once, in the order of the text."""
    there = frozenset(key for node in everything(root.node) if isinstance(node, Fold) for key in _own_keys(node, root))
    risks: dict[int, Node] = {}
    for node, way in pushing(root.node, root.open_):
        if isinstance(node, Call) and node.function == JUNCTIONS[way]:
            risks |= {id(risk): risk for risk in _beside(node, root, there)}
    yield from sorted(risks.values(), key=lambda risk: risk.at)


def _beside(node: Call, root: Root, there: frozenset[int]) -> Iterator[Node]:
    """The risks of one side that the other may absorb; what both sides read makes an error of both."""
    shapes = root.texts.shapes
    sides = [list(_risky(side, root, there)) for side in node.args]
    left, right = ({shapes.of(risk) for risk in side} for side in sides)
    # In `when`, what stands right of `&&` is reached only where the left holds: that is a guard, read as one.
    for side in sides if root.open_ else sides[:1]:
        yield from (risk for risk in side if shapes.of(risk) not in left & right)


def _risky(node: Node, root: Root, guards: frozenset[int]) -> Iterator[Node]:
    """The nodes that may be an error, save those that were asked for on the left."""
    shapes = root.texts.shapes
    if isinstance(node, Call) and node.function in ("_&&_", "_?_:_"):
        first, *others = node.args
        yield from _risky(first, root, guards)
        held = guards | frozenset(_asked(first, root))
        for index, other in enumerate(others):
            yield from _risky(other, root, held if index == 0 else guards)
        return
    if isinstance(node, Fold):
        yield from _risky(node.range, root, guards)
        yield from _risky(node.step, root, guards)
        return
    if _may_fail(node, root) and shapes.of(node) not in guards:
        yield node
        return
    for child in children(node):
        if not (isinstance(node, Select) and node.test):
            yield from _risky(child, root, guards)


def _asked(node: Node, root: Root) -> Iterator[int]:
    """The shapes that are there wherever `node` is true."""
    if isinstance(node, Call) and node.function == "_&&_":
        for part in node.args:
            yield from _asked(part, root)
    elif (shape := root.texts.shapes.presence(node)) is not None:
        yield shape


def _own_keys(node: Fold, root: Root) -> frozenset[int]:
    """`m[k]` inside `m.all(k, …)` is always there."""
    shapes = root.texts.shapes
    keys = (shapes.of(Ident(name, 0)) for name in node.variables)
    return frozenset(shapes.at(shapes.of(node.range), key) for key in keys)


def _may_fail(node: Node, root: Root) -> bool:
    if isinstance(node, Select):
        return not node.test and not _is_static(node) and not _is_field_of_element(node, root)
    if not isinstance(node, Call):
        return False
    if node.function == "_[_]":
        return not _is_static(node)
    if node.function in _FAILING:
        return not all(isinstance(arg, Const) for arg in node.args)
    return node.function == "_/_" and _is_whole(node.args[1], root) and not isinstance(node.args[1], Const)


def _is_static(node: Node) -> bool:
    """Whether the gate itself looks after this path; one that hangs on a macro's variable is data of the loop."""
    path = path_of(node)
    return path is not None and "@" not in str(path[0])


def _is_field_of_element(node: Select, root: Root) -> bool:
    """Whether a field of a macro's variable is there in every element, by the definition of the kind."""
    path = path_of(node)
    if path is None:
        return False
    over = root.texts.loops.get(str(path[0]))
    return over is not None and is_certain(root.texts.policy.spec, (*over, 0, *path[1:]))


def _is_whole(node: Node, root: Root) -> bool:
    if isinstance(node, Call) and node.function in ("int", "size"):
        return True
    path = path_of(node)
    return path is not None and path[0] == "evidence" and field_type(root.texts.policy.spec, path) == "integer"


def _what(node: Node) -> str:
    if isinstance(node, Call) and node.function != "_[_]":
        return "it fails for some values"
    return "the gate cannot see whether this is there"
