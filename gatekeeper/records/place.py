"""Where records lie: `decisions/<environment>/<artifact>/<UTC instant>-<first 16 hex digits>.json`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gatekeeper.model.instants import format_instant, parse_instant

ROOT = "decisions"
DIGITS = 16
"""How many hex digits of a decision stand in its record's name."""

_FILE = re.compile(r"(?P<seconds>\d{8}T\d{6})(?:\.(?P<fraction>\d{1,9}))?Z-(?P<head>[0-9a-f]{16})\.json")
_LAST = "9999-12-31T23:59:59.999999Z"
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z")


def record_folder(environment: str, artifact: str) -> str:
    """The folder of one artifact's records in one environment."""
    return f"{ROOT}/{environment}/{artifact}"


def is_record_instant(text: str) -> bool:
    """Whether `text` is RFC 3339 in UTC with `Z`, as a record's path is made of."""
    return _INSTANT.fullmatch(text) is not None


def record_path(environment: str, artifact: str, at: str, decision: str) -> str:
    """The record's path. `at` is RFC 3339 in UTC with `Z`: when it was promoted, else judged.

    It holds no colons, which Windows cannot. Raises ValueError for what is no such instant.
    """
    if not is_record_instant(at):
        raise ValueError(f"{at!r} is not an instant in UTC")
    instant = at.replace("-", "").replace(":", "")
    head = decision.removeprefix("sha256:")[:DIGITS]
    return f"{record_folder(environment, artifact)}/{instant}-{head}.json"


def digits_of(name: str) -> str:
    """The first hex digits of the decision in a record's name; nothing of use for another name."""
    return name.removesuffix(".json").rpartition("-")[2]


def newest_first(names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that are names of records, the latest instant first."""
    keyed = [(_key(found), name) for name in names if (found := _FILE.fullmatch(name))]
    return tuple(name for _, name in sorted(keyed, reverse=True))


def newest_instant(names: Iterable[str]) -> str | None:
    """The latest instant of those of `names` that are names of records, as RFC 3339 in UTC; None without any.

    One that does not exist, such as a 31st of February, counts as the last moment there is.
    """
    newest = next(iter(newest_first(names)), None)
    if newest is None:
        return None
    found = _FILE.fullmatch(newest)
    assert found is not None
    seconds, fraction = _key(found)
    try:
        return format_instant(
            parse_instant(f"{seconds[:4]}-{seconds[4:6]}-{seconds[6:11]}:{seconds[11:13]}:{seconds[13:]}.{fraction}Z")
        )
    except ValueError:
        return _LAST


def _key(found: re.Match[str]) -> tuple[str, str]:
    return found["seconds"], (found["fraction"] or "").ljust(9, "0")
