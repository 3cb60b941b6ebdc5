"""`empty-passes`: over an empty list the condition lets by: `size(l) == 0 || c`, or `l.all(…)` alone."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.tree import Call, Const, Entries, Fold, Items, Node
from gatekeeper.lint.logic.evaluation import Assumption
from gatekeeper.lint.logic.inline import everything, path_of, predicate_of
from gatekeeper.lint.logic.polarity import pushing
from gatekeeper.lint.logic.value import ERROR, truth
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
    reported: set[int] = set()
    for node, container in sorted(_containers(root.node), key=lambda pair: pair[0].at):
        shape = root.texts.shapes.of(container)
        if shape not in reported and not _is_clean(root, container) and _lets_by(root, shape):
            reported.add(shape)
            yield _finding(root, node, container)


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


def _is_clean(root: Root, container: Node) -> bool:
    while isinstance(container, Fold):
        container = container.range
    path = path_of(container)
    if isinstance(container, Const | Items | Entries):
        return True
    if path is None or len(path) < 3 or path[0] != "evidence":
        return False
    requirement = root.texts.policy.spec.evidence.get(str(path[1]))
    return requirement is not None and (requirement.kind, path[2]) in CLEAN_WHEN_EMPTY


def _lets_by(root: Root, shape: int) -> bool:
    wanted = root.open_
    empty = root.evaluation(Assumption(empty=frozenset((shape,))), defaults=True)
    usually = root.evaluation(defaults=True)
    filled = root.evaluation(Assumption(filled=frozenset((shape,))), defaults=True)
    whole = empty.of(root.node)
    if whole == ERROR or truth(whole) is (not wanted):
        return False
    return any(
        truth(empty.of(node)) is way
        and truth(usually.of(node)) is not way
        and truth(filled.of(node)) is not (not way)  # `size(l) == 0` alone asks for nothing but emptiness
        for node, way in pushing(root.node, wanted)
    )


def _finding(root: Root, node: Node, container: Node) -> Finding:
    path = path_of(container)
    what = "the list that it looks at" if path is None else path_text(path)
    message = f"the rule {'passes' if root.open_ else 'is skipped'} where {what} is empty"
    return found(ID, SEVERITY, text_spot(root.texts, node.at), message, _REMEDY, rule=root.rule.id)
