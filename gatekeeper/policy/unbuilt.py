"""What the contract of our files names and this version does not build. It is refused by name, never ignored."""

from __future__ import annotations

from typing import Any

KINDS: frozenset[str] = frozenset()


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# By the type of the mapping that holds it (the `title` in the schema), the keys.
KEYS: dict[str, frozenset[str]] = {
    "Requirement": _set("task label score threshold positive unit groups slices"),
    "Rule": _set("slices drift"),
    "MetricRule": _set("vs max_drop max_relative_drop min_gain no_champion bound confidence"),
    "FairnessRule": frozenset({"confidence"}),
    "CaseSpec": frozenset({"champion"}),
    "EnvironmentSpec": frozenset({"settle"}),
    "ProjectSpec": frozenset({"policy_repo"}),
}

# By the type of the mapping and the key, the values.
VALUES: dict[tuple[str, str], frozenset[str]] = {
    ("Requirement", "kind"): _set("predictions drift sbom"),
    ("MetricRule", "ask"): frozenset({"demonstrate", "no_evidence_of_harm"}),
    ("FairnessRule", "ask"): frozenset({"demonstrate", "no_evidence_of_harm"}),
    ("FairnessRule", "definition"): frozenset({"calibration_gap", "worst_group"}),
}


def is_unbuilt_key(owner: str, key: str) -> bool:
    """Whether the contract has this key in a mapping of this type, and this version does not."""
    return key in KEYS.get(owner, ())


def is_unbuilt_value(owner: str, key: Any, value: Any) -> bool:
    """Whether the contract has this value for the key of a mapping of this type, and this version does not."""
    return isinstance(value, str) and value in VALUES.get((owner, key), ())
