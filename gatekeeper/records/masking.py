"""What of each kind's facts is kept for ever, and what is not: prose, rows of data, secrets, small groups' counts.

Of a map, such as tags, single entries may be left out; every other field is kept whole or not at all. What is not kept
is missing when it is judged again, which never passes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from gatekeeper.records.small_groups import masked_groups
from gatekeeper.records.texts import MAX_TEST_WORDS, announces_secret, is_name, is_place, is_plain, is_time

Path = tuple[str, ...]


class Known(Struct, frozen=True, kw_only=True):
    """`minimum` is the size from which the judging rules let a group be told; `public` are texts that all can read."""

    minimum: int = 30
    public: tuple[str, ...] = ()


Check = Callable[[Any, Known], bool]


def numbers(value: Any, known: Known) -> bool:
    """Numbers and truth values; the keys above them are gatekeeper's own."""
    if isinstance(value, dict):
        return all(numbers(member, known) for member in value.values())
    return isinstance(value, bool | int | float)


def names(value: Any, known: Known) -> bool:
    """Names, and numbers under names."""
    if isinstance(value, dict):
        return all(is_name(key) and names(member, known) for key, member in value.items())
    if isinstance(value, list):
        return all(names(member, known) for member in value)
    return is_name(value) if isinstance(value, str) else isinstance(value, bool | int | float)


def cases(value: Any, known: Known) -> bool:  # noqa: ARG001 - one form for all checks
    """The outcomes of tests by their names."""
    return all(is_name(key, MAX_TEST_WORDS) and is_name(member) for key, member in value.items())


def places(value: Any, known: Known) -> bool:
    """Endpoints and addresses, and numbers under them."""
    if isinstance(value, dict):
        return all(is_place(key) and numbers(member, known) for key, member in value.items())
    return isinstance(value, str) and is_place(value)


def texts(value: Any, known: Known) -> bool:
    """Values of anybody's choice, such as tags: only those that say no more than numbers do, or than the policies."""
    if isinstance(value, dict):
        return all(is_name(key) and not announces_secret(key) and texts(member, known) for key, member in value.items())
    if isinstance(value, list):
        return all(texts(member, known) for member in value)
    return is_plain(value, known.public) if isinstance(value, str) else value is None or numbers(value, known)


def time(value: Any, known: Known) -> bool:  # noqa: ARG001 - one form for all checks
    """An instant."""
    return isinstance(value, str) and is_time(value)


def _fields(check: Check, words: str) -> dict[str, Check]:
    return dict.fromkeys(words.split(), check)


KEPT: dict[str, dict[str, Check]] = {
    "metrics": _fields(names, "values n lower upper level se datasets") | _fields(texts, "params tags"),
    "fairness": _fields(names, "attributes only"),
    "tests": _fields(numbers, "total ran passed failures errors skipped") | _fields(cases, "cases"),
    "scan": _fields(numbers, "counts fixable targets os_end_of_life")
    | _fields(time, "db_updated_at")
    | _fields(names, "findings"),
    "lint": _fields(numbers, "counts suppressed") | _fields(names, "rules"),
    "load": _fields(numbers, "requests failures error_rate latency_ms requests_per_second duration_seconds")
    | _fields(numbers, "thresholds checks")
    | _fields(places, "endpoints"),
    "command": _fields(numbers, "exit_status duration_seconds") | _fields(names, "output_digest"),
    "data": _fields(numbers, "total passed failed failed_share skipped rows") | _fields(names, "checks"),
    "slo": _fields(numbers, "objective budget_left events error_rate latency_ms")
    | _fields(names, "windows budget_window values"),
    "rollout": _fields(
        numbers, "complete failed generation observed_generation desired updated ready available restarts"
    )
    | _fields(names, "workload reason containers"),
    "lineage": _fields(names, "commit run model data outputs changed"),
    "model": _fields(names, "name version status stage aliases run digest")
    | _fields(places, "source")
    | _fields(texts, "tags"),
    "image": _fields(names, "name tag tag_digest digest media_type platforms config_digest differing")
    | _fields(numbers, "size attestations")
    | _fields(texts, "labels annotations created"),
    "approval": _fields(names, "approvals"),
    "attestation": _fields(names, "predicate_type") | _fields(texts, "predicate"),
}
"""By kind, the fields that are kept where they hold nothing else than this. What does not stand here is never kept."""

MAPS = (
    *("values", "n", "lower", "upper", "level", "se", "datasets", "params", "tags"),
    *("rules", "endpoints", "checks", "windows", "containers", "data", "outputs"),
    *("platforms", "labels", "annotations", "predicate"),
)
"""The fields that are maps by names of the report's own, of which single entries can be left out."""


def mask(kind: str | None, facts: dict[str, Any], known: Known) -> tuple[dict[str, Any], tuple[Path, ...]]:
    """The facts that are kept, and the paths of those that are not."""
    checks = KEPT.get(kind or "", {})
    kept: dict[str, Any] = {}
    masked: list[Path] = []
    for key, value in facts.items():
        check = checks.get(key)
        if check is not None and check(value, known):
            kept[key] = value
        elif check is not None and key in MAPS and isinstance(value, dict) and all(map(is_name, value)):
            kept[key] = {name: member for name, member in value.items() if check({name: member}, known)}
            masked += [(key, name) for name in value if name not in kept[key]]
        else:
            masked.append((key,))
    if kind != "fairness":
        return kept, tuple(masked)
    kept, small = masked_groups(kept, known.minimum)
    return kept, (*masked, *small)
