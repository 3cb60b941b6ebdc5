"""Two rules of one id: condition, `when`, and what surrounds them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.comparison.change import Step, toward
from gatekeeper.comparison.conditions import compared, parts_of
from gatekeeper.comparison.trees import rendered, roots
from gatekeeper.comparison.view import RuleView, View
from gatekeeper.model.compared import Change, Effect
from gatekeeper.model.instants import parse_instant
from gatekeeper.policy.checks import CONDITIONS

_WORDING = ("why", "remedy", "message", "severity")
_TOLD = frozenset((*_WORDING, *CONDITIONS, "id", "when", "optional", "waivable", "effective_on"))


def rule_changes(before: View, after: View) -> Iterator[Change]:
    """Every difference between the rules of two policies; a rule under a new id is recognised by its condition."""
    renamed = dict(_renamed(before, after))
    for name, old in before.rules.items():
        new = after.rules.get(renamed.get(name, name))
        if new is None:
            words = "no longer asked"
            yield Change(kind="removed", effect="looser", policy=after.name, subject=name, words=words, before=old.site)
        elif name in renamed:
            words = f"is now called {new.rule.id}; waivers and tests name it"
            yield _change(after, name, Step("changed", "none", words), old, new)
        else:
            for step in _steps(old, new, before, after):
                yield _change(after, name, step, old, new)
    for name, new in after.rules.items():
        if name not in before.rules and name not in renamed.values():
            words = f"is asked, too: {_short(rendered(new.passes))}"
            yield Change(kind="added", effect="stricter", policy=after.name, subject=name, words=words, after=new.site)


_READS_MORE = Step(
    "changed", "unclear", "asks the same in another order, and is skipped where more than before is absent"
)


def _change(after: View, name: str, step: Step, old: RuleView, new: RuleView) -> Change:
    return Change(
        kind=step.kind,
        effect=step.effect,
        policy=after.name,
        subject=name,
        words=step.words,
        before=old.site,
        after=new.site,
    )


def _renamed(before: View, after: View) -> Iterator[tuple[str, str]]:
    gone = [name for name in before.rules if name not in after.rules]
    come = [name for name in after.rules if name not in before.rules]
    for name in gone:
        old = before.rules[name]
        same = [
            other
            for other in come
            if all(step.effect == "none" for step in _steps(old, after.rules[other], before, after))
        ]
        if len(same) == 1:
            come.remove(same[0])
            yield name, same[0]


def _steps(old: RuleView, new: RuleView, before: View, after: View) -> Iterator[Step]:
    skips = _may_skip_more(old, new)
    steps = _condition(old, new, before, after)
    for step in steps or ((_READS_MORE,) if skips else ()):
        yield _unsure(step) if step.effect == "stricter" and skips else step
    yield from _when(old, new)
    yield from _flags(old, new)
    yield from _day(old, new)
    for key in _WORDING:
        was, now = getattr(old.rule, key), getattr(new.rule, key)
        if was != now:
            words = f"severity {was} → {now}" if key == "severity" else f"{key} reworded"
            yield Step("changed", "none", words)
    for key in old.rule.__struct_fields__:
        if key not in _TOLD and getattr(old.rule, key) != getattr(new.rule, key):
            yield Step("changed", "unclear", f"`{key}` differs")


def _condition(old: RuleView, new: RuleView, before: View, after: View) -> tuple[Step, ...]:
    keyed = old.shorthand is not None and old.shorthand == new.shorthand
    return compared(
        parts_of(old.passes, old.condition, before.ranges),
        parts_of(new.passes, new.condition, after.ranges),
        keyed=keyed,
    )


def _may_skip_more(old: RuleView, new: RuleView) -> bool:
    """An optional rule that reads more is skipped where what it reads in addition is absent."""
    return new.rule.optional and not new.reads <= old.reads


def _unsure(step: Step) -> Step:
    words = f"{step.words}; but the rule is optional, and is skipped where that is absent"
    return replace(step, effect="unclear", words=words)


def _when(old: RuleView, new: RuleView) -> Iterator[Step]:
    was, now = (None if one.when is None else rendered(one.when) for one in (old, new))
    if was == now:
        return
    if was is None:
        yield Step("added", "looser", f"may be skipped: applies only when {_short(now or '')}")
    elif now is None:
        # What reads evidence made the rule `missing` where that was absent; without it the rule may pass there.
        effect: Effect = "unclear" if old.when is not None and _reads_evidence(old.when) else "stricter"
        yield Step("removed", effect, f"applies always, and not only when {_short(was)}")
    else:
        yield Step("changed", "unclear", f"when {_short(was)} → {_short(now)}")


def _reads_evidence(when: object) -> bool:
    return not roots(when) <= {"environment", "params"}  # type: ignore[arg-type]


def _flags(old: RuleView, new: RuleView) -> Iterator[Step]:
    if old.rule.optional != new.rule.optional:
        words = "optional: skipped where its evidence is absent" if new.rule.optional else "no longer optional"
        yield Step("changed", "looser" if new.rule.optional else "stricter", words)
    if old.rule.waivable != new.rule.waivable:
        words = "can be waived" if new.rule.waivable else "can no longer be waived"
        yield Step("changed", "looser" if new.rule.waivable else "stricter", words)


def _day(old: RuleView, new: RuleView) -> Iterator[Step]:
    was, now = old.rule.effective_on, new.rule.effective_on
    if was == now:
        return
    if now is UNSET:
        yield Step("removed", "stricter", f"denies at once, and not only from {was}")
    elif was is UNSET:
        yield Step("added", "looser", f"only warns until {now}")
    else:
        sign = (parse_instant(str(was)) - parse_instant(now)).total_seconds()
        yield Step("changed", toward(sign), f"denies from {was} → {now}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"
