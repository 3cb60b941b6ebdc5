"""The rules in force, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatekeeper.app.shown import Shown, ShownLimit, ShownPolicy, ShownRule, ShownWaiver
from gatekeeper.evidence.fields import seen
from gatekeeper.judge.numbers import shown as value_shown


def policy_text(all_shown: Iterable[Shown], *, cel: bool) -> str:
    """One block per artifact and policy; with `cel`, every condition whole, else its first line."""
    lines: list[str] = []
    for shown in all_shown:
        if shown.environment is not None:
            after = f", after {', '.join(shown.after)}" if shown.after else ""
            lines += [f"environment {shown.environment}, artifact {shown.artifact}{after}", ""]
        for policy in shown.policies:
            lines += [*_policy(policy, shown.waivers, cel), ""]
    return "\n".join(lines[:-1]) + "\n"


def _policy(policy: ShownPolicy, waivers: Iterable[ShownWaiver], cel: bool) -> Iterator[str]:
    yield f"{policy.name} {policy.version}  {policy.enforcement}  {policy.file}  {policy.digest[:19]}…"
    if policy.applied_at is not None:
        yield f"  applied at {policy.applied_at}: {_chosen(policy)}; {_enforced(policy)}"
    for name, setting in policy.parameters.items():
        yield f"  params.{name} = {value_shown(setting['value'])}  ({_origin(setting)})"
    for name, requirement in policy.evidence.items():
        details = ", ".join(
            f"{key} {_plain(value)}" for key, value in requirement.items() if key not in ("description", "line")
        )
        yield f"  evidence.{name}: {details}  (line {requirement['line']})"
    for name, source in policy.variables.items():
        yield f"  variables.{name} = {_one_line(source)}"
    for waiver in waivers:
        if waiver.policy == policy.name:
            yield _waiver(waiver)
    for rule in policy.rules:
        yield from _rule(rule, policy.enforcement, cel)


def _chosen(policy: ShownPolicy) -> str:
    others = [version for version in policy.versions if version != policy.version]
    among = f", the highest that fits among {', '.join(policy.versions)}" if others else ", the only version there is"
    return f"{policy.range} gives {policy.version}{among}"


def _enforced(policy: ShownPolicy) -> str:
    if policy.enforced_at is None:
        return f"{policy.enforcement} where nothing is written"
    return f"{policy.enforcement} at {policy.enforced_at}"


def _origin(setting: dict[str, object]) -> str:
    """`environment, environments/production.yaml:7, default 0.85, lower bound 0`."""
    default = setting.get("default")
    instead = f", instead of {value_shown(default)}" if setting["origin"] != "policy" and default is not None else ""
    return f"{setting['origin']}, {setting['file']}:{setting['line']}{instead}"


def _waiver(waiver: ShownWaiver) -> str:
    who = f"{waiver.ticket}, approved by {waiver.approved_by}, until {waiver.expires}"
    covers = ", ".join(waiver.covers)
    place = f"{waiver.file}:{waiver.line}"
    return seen(f"  waiver {waiver.waiver}: {waiver.rule}, covers {covers}, {waiver.state}  ({who}; {place})")


def _rule(rule: ShownRule, enforcement: str, cel: bool) -> Iterator[str]:
    notes = [rule.severity]
    notes += [f"denies from {rule.effective_on}"] if rule.effective_on else []
    notes += [f"now {rule.enforcement}"] if rule.enforcement != enforcement else []
    notes += ["not waivable"] if not rule.waivable else []
    notes += ["optional"] if rule.optional else []
    notes += [f"waived by {name}" for name in rule.waivers]
    yield f"  {rule.id}  [{', '.join(notes)}]  line {rule.line}"
    for limit in rule.limits:
        yield f"    limit    {_limit(limit)}"
    for word, source in (("when", rule.when), ("pass", rule.pass_if), ("fail", rule.fail_if)):
        if source is not None:
            yield f"    {word} if  {source.strip() if cel else _one_line(source)}"
    if cel:
        yield f"    why      {_one_line(rule.why)}"
        yield f"    remedy   {_one_line(rule.remedy)}"


def _limit(limit: ShownLimit) -> str:
    if limit.limit is None:
        return seen(f"{limit.label} {limit.comparator} {_one_line(limit.written)}")
    number = value_shown(limit.limit)
    is_number = limit.written.lstrip("-").replace(".", "", 1).isdigit()
    return seen(f"{limit.label} {limit.comparator} {number}" + ("" if is_number else f"  ({limit.written})"))


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:159] + "…"


def _plain(value: object) -> str:
    return " or ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
