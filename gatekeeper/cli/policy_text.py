"""The rules in force, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatekeeper.app.show import Shown, ShownPolicy, ShownRule
from gatekeeper.judge.numbers import shown as value_shown


def policy_text(all_shown: Iterable[Shown], *, cel: bool) -> str:
    """One block per artifact and policy; with `cel`, every condition whole, else its first line."""
    lines: list[str] = []
    for shown in all_shown:
        if shown.environment is not None:
            lines += [f"environment {shown.environment}, artifact {shown.artifact}", ""]
        for policy in shown.policies:
            lines += [*_policy(policy, cel), ""]
    return "\n".join(lines[:-1]) + "\n"


def _policy(policy: ShownPolicy, cel: bool) -> Iterator[str]:
    yield f"{policy.name} {policy.version}  {policy.enforcement}  {policy.file}  {policy.digest[:19]}…"
    for name, setting in policy.parameters.items():
        yield f"  params.{name} = {value_shown(setting['value'])}  ({setting['origin']})"
    for name, requirement in policy.evidence.items():
        details = ", ".join(f"{key} {_plain(value)}" for key, value in requirement.items() if key != "description")
        yield f"  evidence.{name}: {details}"
    for name, source in policy.variables.items():
        yield f"  variables.{name} = {_one_line(source)}"
    for rule in policy.rules:
        yield from _rule(rule, cel)


def _rule(rule: ShownRule, cel: bool) -> Iterator[str]:
    notes = [rule.severity]
    notes += [f"denies from {rule.effective_on}"] if rule.effective_on else []
    notes += ["not waivable"] if not rule.waivable else []
    notes += ["optional"] if rule.optional else []
    yield f"  {rule.id}  [{', '.join(notes)}]  line {rule.line}"
    for word, source in (("when", rule.when), ("pass", rule.pass_if), ("fail", rule.fail_if)):
        if source is not None:
            yield f"    {word} if  {source.strip() if cel else _one_line(source)}"
    if cel:
        yield f"    why      {_one_line(rule.why)}"
        yield f"    remedy   {_one_line(rule.remedy)}"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:159] + "…"


def _plain(value: object) -> str:
    return " or ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
