"""The parameters of two policies: which way a value moves what passes follows from where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from gatekeeper.comparison.change import Step, toward
from gatekeeper.comparison.polarity import UNKNOWN, combined, opposite, polarity
from gatekeeper.comparison.trees import parameters as read_by
from gatekeeper.comparison.view import View, number_of
from gatekeeper.judge.numbers import shown
from gatekeeper.model.compared import Change, Effect, Site
from gatekeeper.model.policy import Parameter

_DECLARED = {"higher": 1, "lower": -1}


def strictness(view: View, name: str) -> int:
    """1 where a higher value can only be harder to pass, -1 where a lower one; 0 where no rule reads it."""
    signs = []
    for rule in view.rules.values():
        if rule.when is not None and name in read_by(rule.when):
            return UNKNOWN
        signs.append(opposite(polarity(rule.passes, name)))
    return combined(signs)


def effect_of(before: View, after: View, name: str, old: Any, new: Any) -> Effect:
    """What another value does, in rules that are as they are on both sides.

    Where the use does not tell, the declared `stricter` is believed only against the change: that it loosens.
    """
    declared = after.policy.spec.parameters[name]
    was, now = number_of(old, declared.type), number_of(new, declared.type)
    signs = {strictness(before, name), strictness(after, name)}
    if signs == {0}:
        return "none"
    if was is None or now is None or was == now:
        return "none" if old == new else "unclear"
    sign = signs.pop() if len(signs) == 1 else UNKNOWN
    if sign != UNKNOWN:
        return toward((now - was) * sign)
    claim = 0 if declared.stricter is UNSET else _DECLARED[declared.stricter]
    return "looser" if (now - was) * claim < 0 else "unclear"


def parameter_changes(before: View, after: View) -> Iterator[Change]:
    """Every difference between what two policies declare, under the subject `params.<name>`."""
    old, new = before.policy.spec.parameters, after.policy.spec.parameters
    for name in dict.fromkeys((*old, *new)):
        for step in _steps(before, after, name, old.get(name), new.get(name)):
            yield Change(
                kind=step.kind,
                effect=step.effect,
                policy=after.name,
                subject=f"params.{name}",
                words=step.words,
                before=_site(before, name, name in old),
                after=_site(after, name, name in new),
            )


def _site(view: View, name: str, is_there: bool) -> Site | None:
    return view.site("spec", "parameters", name) if is_there else None


def _steps(before: View, after: View, name: str, old: Parameter | None, new: Parameter | None) -> Iterator[Step]:
    """One that comes or goes does nothing by itself: the rules that read it differ, too."""
    if old is None and new is not None:
        yield Step("added", "none", f"default {_said(new.default)}")
    elif new is None and old is not None:
        yield Step("removed", "none", f"was {_said(old.default)}; an environment that sets it is refused")
    elif old is not None and new is not None:
        yield from _differences(before, after, name, old, new)


def _differences(before: View, after: View, name: str, old: Parameter, new: Parameter) -> Iterator[Step]:
    if old.type != new.type:
        yield Step("changed", "unclear", f"type {old.type} → {new.type}")
        return
    if old.default != new.default:
        yield Step("changed", _default_effect(before, after, name, old, new), _default_words(old, new))
    yield from _bounds(before, after, name, old, new)
    if old.choices != new.choices:
        yield Step("changed", "unclear", f"choices {_said(old.choices)} → {_said(new.choices)}")
    if old.stricter != new.stricter:
        yield Step("changed", "unclear", f"stricter {_said(old.stricter)} → {_said(new.stricter)}")
    if old.description != new.description:
        yield Step("changed", "none", "description reworded")


def _default_effect(before: View, after: View, name: str, old: Parameter, new: Parameter) -> Effect:
    if old.default is UNSET or new.default is UNSET:
        return "unclear"
    return effect_of(before, after, name, old.default, new.default)


def _default_words(old: Parameter, new: Parameter) -> str:
    if new.default is UNSET:
        return f"default {_said(old.default)} taken away: each environment must set it"
    return f"default {_said(old.default)} → {_said(new.default)}"


def _bounds(before: View, after: View, name: str, old: Parameter, new: Parameter) -> Iterator[Step]:
    """How far an environment may set it: the bound on the easy side matters."""
    sign = combined((strictness(before, name), strictness(after, name)))
    for key, outward in (("minimum", -1), ("maximum", 1)):
        was, now = getattr(old, key), getattr(new, key)
        if was == now:
            continue
        words = f"{key} {_said(was)} → {_said(now)}"
        if sign == 0 or sign == outward:
            yield Step("changed", "none", words)
        elif sign == UNKNOWN:
            yield Step("changed", "unclear", words)
        else:
            yield Step("changed", _bound_effect(was, now, outward), f"{words} for environments")


def _bound_effect(was: Any, now: Any, outward: int) -> Effect:
    if was is UNSET or now is UNSET:
        return "stricter" if was is UNSET else "looser"
    return toward((was - now) * outward)


def _said(value: Any) -> str:
    if value is UNSET:
        return "none"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else shown(value)
