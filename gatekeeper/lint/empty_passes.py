"""`empty-passes`: over an empty list the condition lets by: `size(l) == 0 || c`, or `l.all(…)` alone."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.tree import Call, Const, Entries, Fold, Items, Node
from gatekeeper.lint.logic.evaluation import Assumption
from gatekeeper.lint.logic.inline import everything, path_of, predicate_of
from gatekeeper.lint.probe import Probe
from gatekeeper.lint.roots import Root, roots
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.celtext import path_text

ID = "empty-passes"
SEVERITY: Level = "warning"
SUMMARY = "A condition lets an artifact by where the list that it looks at is empty: nothing was looked at."
_REMEDY = "Ask for elements too, such as `size(…) > 0 && …`; where nothing is fine, allow this with the reason."

CLEAN_WHEN_EMPTY = {("scan", "findings"), ("lint", "rules")}
"""Lists of what was found: the scan or linter itself says whether it looked at anything."""


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each list whose emptiness decides for the artifact."""
    for texts in subject.policies:
        for root in roots(texts, optional=False):
            yield from _root(root)


def _root(root: Root) -> Iterator[Finding]:
    """What is measured or looped over itself, and else what it was picked out of: of nothing, nothing is picked."""
    measured = list(_deciding(root, _containers(root.node)))
    yield from measured or _deciding(root, _ranges(root.node))


def _deciding(root: Root, found_: Iterator[tuple[Node, Node]]) -> Iterator[Finding]:
    shapes = root.texts.shapes
    containers = [(node, one, shapes.of(one)) for node, one in found_ if not _is_clean(root, one)]
    probe = Probe(root, [shape for _, _, shape in containers])
    reported: set[int] = set()
    for node, container, shape in sorted(containers, key=_at):
        alone = frozenset((shape,))
        if shape not in reported and probe.decided(Assumption(empty=alone), Assumption(filled=alone), alone):
            reported.add(shape)
            yield _finding(root, node, container)


def _at(found_: tuple[Node, Node, int]) -> int:
    return found_[0].at


def _containers(tree: Node) -> Iterator[tuple[Node, Node]]:
    """What is looped over, measured, or compared with an empty list: the place, and the list or map."""
    for node in everything(tree):
        if isinstance(node, Fold):
            if predicate_of(node) is not None or not node.builds:
                yield node, node.range
        elif isinstance(node, Call) and node.function == "size":
            yield node, node.args[0] if node.target is None else node.target
        elif isinstance(node, Call) and node.function in ("_==_", "_!=_"):
            for one, other in (node.args, node.args[::-1]):
                if isinstance(other, Items | Entries) and not (other.items if isinstance(other, Items) else other.keys):
                    yield node, one


def _ranges(tree: Node) -> Iterator[tuple[Node, Node]]:
    """What lists are made out of, by `filter` or `map`."""
    return ((node, node.range) for node in everything(tree) if isinstance(node, Fold) and node.builds)


def _is_clean(root: Root, container: Node) -> bool:
    while isinstance(container, Fold):
        container = container.range
    path = path_of(container)
    if isinstance(container, Const | Items | Entries) or _is_counted_out(container):
        return True
    if path is None or len(path) < 3 or path[0] != "evidence":
        return False
    requirement = root.texts.policy.spec.evidence.get(str(path[1]))
    return requirement is not None and (requirement.kind, path[2]) in CLEAN_WHEN_EMPTY


def _is_counted_out(container: Node) -> bool:
    """A range has its elements; what stands in for an absent list is told by `absence-passes`."""
    return isinstance(container, Call) and container.function in ("lists.range", "orValue")


def _finding(root: Root, node: Node, container: Node) -> Finding:
    path = path_of(container)
    what = "the list that it looks at" if path is None else path_text(path)
    message = f"{root.outcome} where {what} is empty"
    return found(ID, SEVERITY, text_spot(root.texts, node.at), message, _REMEDY, rule=root.rule.id)
