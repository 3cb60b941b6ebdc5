"""What a document of ours must hold beyond its types: one condition per rule, times that exist, two people.

These see the plain values, which may have any shape yet; what is of the wrong shape is left to the types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gatekeeper.errors import Problem
from gatekeeper.model.instants import parse_duration, parse_instant
from gatekeeper.model.policy import SHORTHANDS
from gatekeeper.policy.tree import Step, Tree

_SAID = ("reason", "ticket", "requested_by", "approved_by")
CONDITIONS = ("require", *SHORTHANDS)
UNBUILT_CONDITIONS = frozenset({"slices", "drift"})

Path = tuple[Step, ...]
Fault = tuple[Path, str, str]


def check(kind: str, tree: Tree, file: str) -> Iterator[Problem]:
    """Every fault of one document. A place is that of the value, or of the mapping that lacks something."""
    for path, message, remedy in _faults(kind, tree.value):
        yield Problem(message, file, *tree.place(*path), remedy)


def _faults(kind: str, value: Any) -> Iterator[Fault]:
    yield from _times(value, TIMES.get(kind, ()))
    spec = value.get("spec")
    if isinstance(spec, dict):
        yield from CHECKS[kind](spec)


def _times(value: Any, patterns: tuple[tuple[Path, Callable[[str], object]], ...]) -> Iterator[Fault]:
    for pattern, parse in patterns:
        for path, text in _find(value, pattern, ()):
            if isinstance(text, str) and (reason := _reason(parse, text)):
                yield path, reason, ""


def _reason(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except ValueError as fault:
        return str(fault)
    return ""


def _find(value: Any, pattern: Path, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every value at `pattern`, in which `*` stands for any key or index."""
    if not pattern:
        yield path, value
        return
    for key, child in _inside(value, pattern[0]):
        yield from _find(child, pattern[1:], (*path, key))


def _inside(value: Any, step: Step) -> Iterable[tuple[Step, Any]]:
    if step == "*":
        return enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return ((step, value[step]),) if isinstance(value, dict) and step in value else ()


def _check_policy(spec: dict[str, Any]) -> Iterator[Fault]:
    yield from _check_bounds(spec.get("parameters"))
    evidence = spec.get("evidence")
    for name, requirement in evidence.items() if isinstance(evidence, dict) else ():
        if isinstance(requirement, dict):
            # Somebody who writes a name twice may mean two signatures, which one name does not ask for.
            yield from _check_unique(requirement.get("signed_by"), ("spec", "evidence", name, "signed_by"))
    rules = spec.get("rules")
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict):
            yield from _check_conditions(rule, ("spec", "rules", index))


def _check_bounds(parameters: Any) -> Iterator[Fault]:
    """A bound that could not bind would be taken for one that does."""
    for name, parameter in parameters.items() if isinstance(parameters, dict) else ():
        if not isinstance(parameter, dict):
            continue
        bounds = [key for key in ("minimum", "maximum") if key in parameter]
        kind = parameter.get("type")
        if bounds and isinstance(kind, str) and kind not in ("number", "integer"):
            yield ("spec", "parameters", name, bounds[0]), f"a {kind} has no `{bounds[0]}`", "Use `choices`."
        low, high = parameter.get("minimum"), parameter.get("maximum")
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            yield ("spec", "parameters", name, "maximum"), f"no value is at least {low} and at most {high}", ""


def _check_conditions(rule: dict[str, Any], path: Path) -> Iterator[Fault]:
    found = [key for key in rule if key in CONDITIONS]
    if len(found) > 1:
        both = " and ".join(f"`{key}`" for key in found)
        yield (*path, found[1]), f"a rule has one condition, and here are {both}", "Make a rule of its own of each."
    if not found and UNBUILT_CONDITIONS.isdisjoint(rule):
        yield path, "the rule has no condition", f"Give it one of {', '.join(f'`{key}`' for key in CONDITIONS)}."


def _check_environment(spec: dict[str, Any]) -> Iterator[Fault]:
    flat = [key for key in ("image", "manifests", "name") if key in spec]
    many = [key for key in ("artifacts", "include") if key in spec]
    if flat and many:
        message = f"`{flat[0]}` is for an environment of one artifact, and `{many[0]}` for one of many"
        yield ("spec", flat[0]), message, "Move it into a row of `artifacts`, or remove the other."
    for key in ("image", "manifests") if flat and not many else ():
        if key not in spec:
            yield ("spec",), f"`{key}` is missing", f"An artifact given directly in `spec` needs `{key}`."
    approvals = spec.get("approvals")
    if isinstance(approvals, dict):
        yield from _check_quorum(approvals, ("spec", "approvals"))
    yield from _check_after(spec.get("after"))
    yield from _check_delivery(spec.get("delivery"))
    yield from _check_message(spec)
    if isinstance(spec.get("windows"), dict):
        from gatekeeper.policy.window_checks import check_windows  # few environments have any

        yield from check_windows(spec["windows"])


def _check_after(after: Any) -> Iterator[Fault]:
    """Of two soaks of one environment, somebody would believe the wrong one."""
    rows = after if isinstance(after, list) else []
    names = [one.get("environment") if isinstance(one, dict) else None for one in rows]
    yield from _check_unique(names, ("spec", "after"))


def _check_delivery(delivery: Any) -> Iterator[Fault]:
    if isinstance(delivery, dict) and delivery.get("mode") == "pull-request" and "forge" not in delivery:
        message = "pull requests need a `forge`: which one it is is never guessed"
        yield ("spec", "delivery"), message, "Add `forge: {type: …}`."


def _check_quorum(approvals: dict[str, Any], path: Path) -> Iterator[Fault]:
    """More approvals than there are people to give them would hold everything up for ever."""
    count, people = approvals.get("count"), approvals.get("from")
    yield from _check_unique(people, (*path, "from"))
    if isinstance(count, int) and isinstance(people, list) and 0 < len(people) < count:
        yield (*path, "count"), f"{count} people must approve, and `from` names {len(people)}", "Name more people."


def _check_message(spec: dict[str, Any]) -> Iterator[Fault]:
    delivery = spec.get("delivery")
    if isinstance(delivery, dict) and "message" in delivery:
        from gatekeeper.policy.placeholders import message_faults  # few environments have words of their own

        yield from message_faults(spec)


def _check_waiver(spec: dict[str, Any]) -> Iterator[Fault]:
    said = {key: _seen(text) for key in _SAID if isinstance(text := spec.get(key), str)}
    for key, text in said.items():
        if spec[key] and not text:
            yield ("spec", key), f"`{key}` holds nothing that can be seen", "Say it in words."
    if said.get("approved_by") and said["approved_by"] == said.get("requested_by"):
        yield ("spec", "approved_by"), "who asks for a waiver cannot approve it", "Let another person approve it."
    yield from _check_span(spec)
    for key in ("covers", "environments"):
        yield from _check_unique(spec.get(key), ("spec", key))


def _seen(text: str) -> str:
    """What is left of a name for the eye: without case, spaces, and what cannot be seen; one form of each letter."""
    if not text.isascii():
        from unicodedata import category, normalize  # few names need it

        text = "".join(letter for letter in normalize("NFKC", text) if category(letter) != "Cf")
    return " ".join(text.casefold().split())


def _check_span(spec: dict[str, Any], what: str = "waiver") -> Iterator[Fault]:
    try:
        granted, expires = parse_instant(spec["granted"]), parse_instant(spec["expires"])
    except (KeyError, TypeError, ValueError):
        return  # said already, by the times or by the types
    if granted >= expires:
        message = f"the {what} expires before it is granted, or at that moment"
        yield ("spec", "expires"), message, "Give it a later end."


def _check_approval(spec: dict[str, Any]) -> Iterator[Fault]:
    return _check_span(spec, "approval")


def _check_hold(spec: dict[str, Any]) -> Iterator[Fault]:
    yield from _check_words(spec)
    try:
        since, until = parse_instant(spec["since"]), parse_instant(spec["until"])
    except (KeyError, TypeError, ValueError):
        return
    if since > until:
        yield ("spec", "until"), "the hold ends before it begins", "Give it a later end, or none."


def _check_words(spec: dict[str, Any]) -> Iterator[Fault]:
    """What is shown to whoever waits or is denied must say something."""
    for key in ("reason", "by"):
        text = spec.get(key)
        if isinstance(text, str) and text and not _seen(text):
            yield ("spec", key), f"`{key}` holds nothing that can be seen", "Say it in words."


def _check_deny_list(spec: dict[str, Any]) -> Iterator[Fault]:
    yield from _check_words(spec)
    yield from _check_unique(spec.get("digests"), ("spec", "digests"))


def _check_unique(items: Any, path: Path) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, str):
            if item in seen:
                yield (*path, index), f"`{item}` stands twice", "Remove one of them."
            seen.add(item)


def _check_nothing(_spec: dict[str, Any]) -> Iterator[Fault]:
    return iter(())


def _check_service_level(spec: dict[str, Any]) -> Iterator[Fault]:
    from gatekeeper.policy.servicelevel_checks import check_service_level  # no judgement of files reads one

    return check_service_level(spec)


CHECKS: dict[str, Callable[[dict[str, Any]], Iterator[Fault]]] = {
    "Policy": _check_policy,
    "Environment": _check_environment,
    "Waiver": _check_waiver,
    "Artifact": _check_nothing,
    "Project": _check_nothing,
    "PolicyTest": _check_nothing,
    "Trust": _check_nothing,
    "ServiceLevel": _check_service_level,
    "Approval": _check_approval,
    "Hold": _check_hold,
    "DenyList": _check_deny_list,
}
TIMES: dict[str, tuple[tuple[Path, Callable[[str], object]], ...]] = {
    "Policy": (
        (("spec", "rules", "*", "effective_on"), parse_instant),
        (("spec", "evidence", "*", "max_age"), parse_duration),
        (("spec", "rules", "*", "scan", "max_db_age"), parse_duration),
        (("spec", "rules", "*", "latency", "min_duration"), parse_duration),
        (("spec", "rules", "*", "command", "max_duration"), parse_duration),
        (("spec", "rules", "*", "slo", "windows", "*", "*"), parse_duration),
    ),
    "Environment": (
        (("spec", "waivers", "max"), parse_duration),
        (("spec", "after", "*", "soak"), parse_duration),
        (("spec", "windows", "freeze", "*", "from"), parse_instant),
        (("spec", "windows", "freeze", "*", "to"), parse_instant),
    ),
    "Approval": ((("spec", "granted"), parse_instant), (("spec", "expires"), parse_instant)),
    "Hold": ((("spec", "since"), parse_instant), (("spec", "until"), parse_instant)),
    "PolicyTest": (
        (("spec", "now"), parse_instant),
        (("spec", "evidence", "*", "envelope", "produced_at"), parse_instant),
    ),
    "Trust": tuple(
        (("spec", owners, "*", "keys", "*", key), parse_instant)
        for owners in ("people", "machines")
        for key in ("from", "until", "revoked")
    ),
    "ServiceLevel": (
        (("spec", "windows", "*"), parse_duration),
        (("spec", "budget_window"), parse_duration),
        (("spec", "stale_after"), parse_duration),
        (("spec", "latency", "window"), parse_duration),
        (("spec", "ranges", "*", "over"), parse_duration),
        (("spec", "ranges", "*", "step"), parse_duration),
    ),
    "Waiver": ((("spec", "granted"), parse_instant), (("spec", "expires"), parse_instant)),
}
