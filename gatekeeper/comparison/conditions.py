"""Two conditions, conjunct by conjunct: which limits moved, what came and what went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from gatekeeper.comparison.change import Step
from gatekeeper.comparison.limits import LOWER, UPPER, Limit, Ranges, limit_of, moved
from gatekeeper.comparison.trees import INFIX, bare, conjuncts, rendered, roots
from gatekeeper.judge.cel.tree import Call, Const, Items, Node
from gatekeeper.policy.condition import Condition

_MIRRORED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "==", "!=": "!="}
_WORDS = {">=": "min", "<=": "max", "==": "equals", ">": "above", "<": "below", "!=": "not"}
_MEASURED = frozenset({"evidence", "artifact", "environment", "now"})


class Part(Struct, frozen=True, kw_only=True):
    """One conjunct. `key` is the same on both sides where only its limit may have moved."""

    key: str
    text: str
    label: str
    limit: Limit | None = None
    members: frozenset[str] | None = None


def parts_of(tree: Node, condition: Condition, ranges: Ranges) -> tuple[Part, ...]:
    """The conjuncts of a pass condition, each once."""
    labels = {f"double({_path(term.observed)})": term.label for term in condition.terms}
    found = {part.text: part for part in (_part(node, labels, ranges) for node in conjuncts(tree))}
    return tuple(found.values())


def _path(path: tuple[str | int, ...]) -> str:
    from gatekeeper.policy.celtext import path_text

    return path_text(path)


def _part(node: Node, labels: Mapping[str, str], ranges: Ranges) -> Part:
    text = rendered(node)
    if isinstance(node, Call) and node.function in INFIX and len(node.args) == 2:
        left, right = node.args
        comparator = INFIX[node.function]
        if comparator in _MIRRORED:
            return _comparison(node, comparator, labels, ranges)
        if comparator == "in" and isinstance(right, Items) and all(isinstance(item, Const) for item in right.items):
            members = frozenset(map(rendered, right.items))
            return Part(key=f"{rendered(left)} in", text=text, label=f"{_short(left)} in", members=members)
    return Part(key=text, text=text, label=text)


def _comparison(node: Call, comparator: str, labels: Mapping[str, str], ranges: Ranges) -> Part:
    left, right = node.args
    text = rendered(node)
    if not _is_measured(left) and _is_measured(right):
        left, right, comparator = right, left, _MIRRORED[comparator]
    if not _is_measured(left) or _is_measured(right):
        return Part(key=text, text=text, label=text)
    observed = rendered(left)
    label = f"{labels.get(observed, _short(left))} {_WORDS[comparator]}"
    limit = limit_of(right, comparator, ranges)
    return Part(key=f"{observed} {_side(comparator)}", text=text, label=label, limit=limit)


def _is_measured(node: Node) -> bool:
    return not _MEASURED.isdisjoint(roots(node))


def _side(comparator: str) -> str:
    return ">=" if comparator in LOWER else "<=" if comparator in UPPER else comparator


def _short(node: Node) -> str:
    return rendered(bare(node)).removeprefix("evidence.")


def compared(before: Sequence[Part], after: Sequence[Part], *, keyed: bool) -> tuple[Step, ...]:
    """What became of the conjuncts. `keyed` says that each stands for a key of a shorthand, and so for itself.

    Elsewhere parts that went while others came are one change that cannot be ordered: they may be the same in other
    words.
    """
    steps = list(_moves(before, after))
    both = {part.key for part in before} & {part.key for part in after}
    gone = [part for part in before if part.key not in both]
    come = [part for part in after if part.key not in both]
    if gone and come and not (keyed and all(part.limit is not None for part in (*gone, *come))):
        words = f"{_all(gone)} → {_all(come)}"
        return (*steps, Step("changed", "unclear", words))
    steps += [Step("removed", "looser", f"{_said(part)} no longer asked") for part in gone]
    steps += [Step("added", "stricter", f"{_said(part)} is asked, too") for part in come]
    return tuple(steps)


def _moves(before: Sequence[Part], after: Sequence[Part]) -> Iterator[Step]:
    """The parts with one key on both sides; several with one key are compared as they are written."""
    for key in dict.fromkeys(part.key for part in before):
        old = [part for part in before if part.key == key]
        new = [part for part in after if part.key == key]
        if not new or {part.text for part in old} == {part.text for part in new}:
            continue
        if len(old) > 1 or len(new) > 1:
            yield Step("changed", "unclear", f"{_all(old)} → {_all(new)}")
        else:
            yield from _move(old[0], new[0])


def _move(old: Part, new: Part) -> Iterator[Step]:
    if old.members is not None and new.members is not None:
        yield from _choice(old, new, old.members, new.members)
    elif old.limit is not None and new.limit is not None:
        effect = moved(old.limit, new.limit)
        if effect == "none":
            return
        label = new.label.rpartition(" ")[0]
        if old.label == new.label:
            yield Step("changed", effect, f"{new.label} {old.limit.said} → {new.limit.said}")
        else:
            was, now = old.label.rpartition(" ")[2], new.label.rpartition(" ")[2]
            yield Step("changed", effect, f"{label} {was} {old.limit.said} → {now} {new.limit.said}")


def _choice(old: Part, new: Part, was: frozenset[str], now: frozenset[str]) -> Iterator[Step]:
    gone, come = ", ".join(sorted(was - now)), ", ".join(sorted(now - was))
    if gone and come:
        yield Step("changed", "unclear", f"{old.label}: {gone} → {come}")
    elif gone or come:
        words = f"{new.label}: {gone} no longer allowed" if gone else f"{new.label}: {come} allowed, too"
        yield Step("changed", "stricter" if gone else "looser", words)


def _said(part: Part) -> str:
    return part.text if part.limit is None else f"{part.label} {part.limit.said}"


def _all(parts: Sequence[Part]) -> str:
    return " and ".join(part.text for part in parts)
