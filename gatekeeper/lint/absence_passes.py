"""`absence-passes`: the condition lets by where something is absent: `!has(x) || c`, `has(x) ? c : true` and kin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatekeeper.judge.cel import Path
from gatekeeper.judge.cel.tree import Call, Const, Node, Select
from gatekeeper.lint.logic.evaluation import Assumption
from gatekeeper.lint.logic.inline import everything, path_of
from gatekeeper.lint.logic.value import ERROR
from gatekeeper.lint.probe import Probe
from gatekeeper.lint.roots import Root, roots
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.lint.texts import PolicyTexts
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.celtext import path_text

ID = "absence-passes"
SEVERITY: Level = "error"
SUMMARY = "A condition lets an artifact by where the evidence that it asks about is absent."
_REMEDY = (
    "Read the path without has(), so that absent is `missing`. Where it may be absent on purpose, say so with "
    "`optional: true` on the rule, which is then skipped and reported."
)

Asked = tuple[Node, int]
"""A node that asks whether something is there, and the shape of that path."""


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each absence that decides for the artifact; rules with `optional: true` have said so."""
    for texts in subject.policies:
        for root in roots(texts, optional=False):
            yield from _root(root)
        yield from _limits(texts)


def _limits(texts: PolicyTexts) -> Iterator[Finding]:
    """A limit that is another one where something is absent."""
    for text in texts.of("limit"):
        assert text.rule is not None
        root = Root(texts=texts, text=text, rule=text.rule, open_=True)
        for node, shape in () if text.rule.optional else _asked(root):
            without = root.evaluation(Assumption(absent=frozenset((shape,))))
            if without.of(root.node) != ERROR:
                message = f"the limit is another one where {_what(node)} is absent"
                yield found(ID, "warning", text_spot(texts, node.at), message, _REMEDY, rule=text.rule.id)


def _root(root: Root) -> Iterator[Finding]:
    asked = _asked(root)
    probe = Probe(root, [shape for _, shape in asked])
    reported: set[int] = set()
    for node, shape in asked:
        if shape not in reported and _lets_by(probe, frozenset((shape,))):
            reported.add(shape)
            yield _finding(root, node)
        elif shape not in reported and probe.fallen_back(Assumption(absent=frozenset((shape,))), frozenset((shape,))):
            reported.add(shape)
            message = f"a fixed value stands in where {_what(node)} is absent, and nothing says that it fails"
            yield found(ID, "warning", text_spot(root.texts, node.at), message, _REMEDY, rule=root.rule.id)
    shapes = frozenset(shape for _, shape in asked)
    if not reported and len(shapes) > 1 and _lets_by(probe, shapes):
        yield _finding(root, asked[0][0])


def _asked(root: Root) -> Sequence[Asked]:
    """All that is asked, in the order of the text. `'b' in a` asks so only where the rule reads `a.b`, too."""
    nodes, shapes = everything(root.node), root.texts.shapes
    beside = [one.node for one in root.texts.rules if one.rule is root.rule and root.text.role == "when"]
    read = {shapes.of(node) for node in everything(root.node, *beside) if _reads(node)}
    pairs = [(node, shape) for node in nodes if (shape := shapes.presence(node)) is not None]
    return sorted((pair for pair in pairs if not _is_membership(pair[0]) or pair[1] in read), key=_at)


def _at(pair: Asked) -> int:
    return pair[0].at


def _reads(node: Node) -> bool:
    return not node.test if isinstance(node, Select) else isinstance(node, Call) and node.function == "_[_]"


def _is_membership(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "@in"


def _lets_by(probe: Probe, absent: frozenset[int]) -> bool:
    """Whether a part of the condition lets by for no other reason than that the paths are absent."""
    without, with_ = Assumption(absent=absent), Assumption(present=absent)
    # In `when`, has() alone is enough: where the path is absent, the rule is skipped.
    return probe.skipped(without, absent) or probe.decided(without, with_, absent)


def _finding(root: Root, node: Node) -> Finding:
    path, what = asked_path(node), _what(node)
    message = f"{root.outcome} where {what} is absent"
    caught = path is not None and any(read[: len(path)] == path for read in root.reads)
    if caught:
        stops = "the waiver does not hold then" if root.text.role == "only_while" else "the gate says `missing` there"
        message = f"the text says that {root.outcome} where {what} is absent; {stops}"
    severity: Level = "warning" if caught else SEVERITY
    return found(ID, severity, text_spot(root.texts, node.at), message, _REMEDY, rule=root.rule.id)


def _what(node: Node) -> str:
    path = asked_path(node)
    return "what it asks about" if path is None or "@" in str(path[0]) else path_text(path)


def asked_path(node: Node) -> Path | None:
    """The static path that a node asks about, or None."""
    if isinstance(node, Select):
        above = path_of(node.operand) or asked_path(node.operand)
        return None if above is None else (*above, node.field)
    if not isinstance(node, Call) or len(node.args) != 2:
        return None
    base, key = (node.args[1], node.args[0]) if _is_membership(node) else node.args
    above = path_of(base) or asked_path(base)
    if above is None or not isinstance(key, Const) or not isinstance(key.value, str):
        return None
    return (*above, key.value)
