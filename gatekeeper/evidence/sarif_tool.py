"""What a SARIF run says of its tool: whether it worked, which rules it has, and how they were configured.

Source: OASIS SARIF 2.1.0, chapter 3; section numbers below are its own.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import mapping, plain, sequence, text

MAX_ID = 1000
LEVELS = ("none", "note", "warning", "error")


class Source:
    """One run's tool: its rules, and how its invocations configured them. Raises EvidenceError where it failed."""

    def __init__(self, run: dict[str, Any], place: str) -> None:
        tool = mapping(run.get("tool"), f"{place}.tool")
        driver = mapping(tool.get("driver"), f"{place}.tool.driver")
        extensions = sequence(tool.get("extensions"), f"{place}.tool.extensions")
        self.components = [driver, *(mapping(entry, f"{place}.tool.extensions") for entry in extensions)]
        self.invocations = [
            mapping(entry, f"{place}.invocations") for entry in sequence(run.get("invocations"), f"{place}.invocations")
        ]
        self.by_id: dict[tuple[int, str], dict[str, dict[str, Any]]] = {}
        self.found: dict[tuple[str, str], dict[str, Any] | None] = {}
        self.overrides: dict[int, dict[int, str]] = {}
        self.worst: dict[int, str] = {}
        for index, invocation in enumerate(self.invocations):
            self._check(invocation, f"{place}.invocations[{index}]")

    def _check(self, invocation: dict[str, Any], place: str) -> None:
        succeeded = invocation.get("executionSuccessful")
        if type(succeeded) is not bool:
            raise EvidenceError(f"{place} does not say whether the tool succeeded")
        if not succeeded or invocation.get("processStartFailureMessage"):
            raise EvidenceError(f"{place}: the tool says that it failed")
        # §3.58.6: at level error, the condition made the results wrong or incomplete, whatever executionSuccessful is.
        for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
            for entry in sequence(invocation.get(key), f"{place}.{key}"):
                if self._notification_level(mapping(entry, f"{place}.{key}"), place) == "error":
                    raise EvidenceError(f"{place}: the tool notified an error ({key})")

    def _notification_level(self, notification: dict[str, Any], place: str) -> str:
        if "level" in notification:
            return one_of(notification, "level", LEVELS, "warning", place)
        descriptor = self._descriptor(notification.get("descriptor") or {}, "notifications", place)
        return _configured(descriptor.get("defaultConfiguration"), place) if descriptor else "warning"

    def level(self, result: dict[str, Any], place: str) -> str:
        """The level of a result of kind `fail`."""
        if "level" in result:
            return one_of(result, "level", LEVELS, "warning", place)
        rule = self._rule(result, place)
        if rule is None:
            return "warning"
        invocation = self._invocation_of(result, place)
        if invocation is not None:
            return self._level_in([invocation], rule, place)
        # Where a result does not say which invocation made it, each may have, and the worst level is taken.
        if id(rule) not in self.worst:
            self.worst[id(rule)] = self._level_in(self.invocations, rule, place)
        return self.worst[id(rule)]

    def _level_in(self, invocations: list[dict[str, Any]], rule: dict[str, Any], place: str) -> str:
        default = _configured(rule.get("defaultConfiguration"), place)
        levels = [self._overridden(entry, rule, place) or default for entry in invocations]
        return max(levels or [default], key=LEVELS.index)

    def rule_id(self, result: dict[str, Any], place: str) -> str:
        """The id of a result's rule, its own or through the rule it points at; empty where it has none."""
        reference = mapping(result.get("rule") or {}, f"{place}.rule")
        name = text(result.get("ruleId") or reference.get("id"), f"{place}.ruleId")
        if not name and (rule := self._rule(result, place)):
            name = text(rule.get("id"), f"{place}.rule")
        return plain(name)

    def _invocation_of(self, result: dict[str, Any], place: str) -> dict[str, Any] | None:
        provenance = mapping(result.get("provenance") or {}, f"{place}.provenance")
        index = provenance.get("invocationIndex", -1)
        if type(index) is int and index == -1:
            return None
        return mapping(_at(self.invocations, index, f"{place}.provenance.invocationIndex"), "invocation")

    def _overridden(self, invocation: dict[str, Any], rule: dict[str, Any], place: str) -> str | None:
        levels = self.overrides.get(id(invocation))
        if levels is None:
            levels = self.overrides[id(invocation)] = self._levels(invocation, place)
        return levels.get(id(rule))

    def _levels(self, invocation: dict[str, Any], place: str) -> dict[int, str]:
        """What an invocation made of its rules' levels; of two overrides of one rule, the first."""
        levels: dict[int, str] = {}
        overrides = sequence(invocation.get("ruleConfigurationOverrides"), f"{place}: ruleConfigurationOverrides")
        for entry in overrides:
            override = mapping(entry, f"{place}: ruleConfigurationOverrides")
            rule = self._descriptor(mapping(override.get("descriptor"), "descriptor"), "rules", place)
            level = _configured(override.get("configuration"), place)
            if rule is not None:
                levels.setdefault(id(rule), level)
        return levels

    def _rule(self, result: dict[str, Any], place: str) -> dict[str, Any] | None:
        # §3.52: `ruleId` and `ruleIndex` are short for `rule.id` and `rule.index`.
        reference = dict(mapping(result.get("rule") or {}, f"{place}.rule"))
        for short, key in (("ruleId", "id"), ("ruleIndex", "index")):
            if result.get(short) is not None:
                reference.setdefault(key, result[short])
        return self._descriptor(reference, "rules", place)

    def _descriptor(self, reference: dict[str, Any], section: str, place: str) -> dict[str, Any] | None:
        chosen = self._component(mapping(reference.get("toolComponent") or {}, f"{place}: toolComponent"), place)
        index = reference.get("index", -1)
        if not (type(index) is int and index == -1):
            component = self.components[0] if chosen is None else chosen
            return self._indexed(component, section, reference, place)
        name = text(reference.get("id"), f"{place}: id")
        if len(name) > MAX_ID:
            raise EvidenceError(f"{place}: an id is longer than {MAX_ID} characters")
        if chosen is not None:
            return self._named(chosen, section, name)
        if (section, name) not in self.found:
            ways = (self._named(component, section, name) for component in self.components)
            self.found[section, name] = next((found for found in ways if found), None)
        return self.found[section, name]

    def _indexed(
        self, component: dict[str, Any], section: str, reference: dict[str, Any], place: str
    ) -> dict[str, Any]:
        found = mapping(_at(sequence(component.get(section), section), reference["index"], f"{place}: index"), section)
        name, wanted = found.get("id"), reference.get("id")
        # §3.52.4: the reference's id may be the rule's with more levels after a slash.
        if isinstance(wanted, str) and isinstance(name, str) and wanted != name and not wanted.startswith(f"{name}/"):
            raise EvidenceError(f"{place}: its rule id and its rule index name two different rules")
        return found

    def _named(self, component: dict[str, Any], section: str, name: str) -> dict[str, Any] | None:
        known = self.by_id.get((id(component), section))
        if known is None:
            entries = [mapping(entry, section) for entry in sequence(component.get(section), section)]
            known = {entry["id"]: entry for entry in reversed(entries) if isinstance(entry.get("id"), str)}
            self.by_id[id(component), section] = known
        while name not in known and "/" in name:
            name = name.rpartition("/")[0]
        return known.get(name)

    def _component(self, reference: dict[str, Any], place: str) -> dict[str, Any] | None:
        index = reference.get("index", -1)
        if not (type(index) is int and index == -1):
            return mapping(_at(self.components[1:], index, f"{place}: toolComponent.index"), "extensions")
        for key in ("guid", "name"):
            if isinstance(reference.get(key), str):
                for component in self.components:
                    if component.get(key) == reference[key]:
                        return component
        return None


def _at(entries: list[Any], index: Any, place: str) -> Any:
    if type(index) is not int or not 0 <= index < len(entries):
        raise EvidenceError(f"{place} points at nothing")
    return entries[index]


def _configured(configuration: Any, place: str) -> str:
    return one_of(mapping(configuration or {}, f"{place}: configuration"), "level", LEVELS, "warning", place)


def one_of(holder: dict[str, Any], key: str, allowed: tuple[str, ...], default: str, place: str) -> str:
    """The member `key`, or the default where it is absent. Raises EvidenceError where it is none of the allowed."""
    value = holder.get(key, default)
    if value not in allowed:
        raise EvidenceError(f"{place}: {key} is none of {', '.join(allowed)}")
    return str(value)
