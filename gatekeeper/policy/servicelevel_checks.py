"""What a ServiceLevel file must hold beyond its types: something to ask, and what makes the answers mean something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from gatekeeper.model.instants import parse_duration
from gatekeeper.model.servicelevel import PLACEHOLDER

Fault = tuple[tuple[str | int, ...], str, str]

MOST_POINTS = 11_000
"""Points of a range that Prometheus answers at most."""

_RATES = ("errors", "total", "error_ratio")
_NEED = "Give `errors` and `total`, or `error_ratio`, with `objective` and `windows`."


def check_service_level(spec: dict[str, Any]) -> Iterator[Fault]:
    """Every fault of one `spec`, with its place."""
    rates = [key for key in _RATES if key in spec]
    yield from _check_rates(spec, rates)
    yield from _check_placeholders(spec, rates)
    yield from _check_windows(spec.get("windows"))
    yield from _check_ranges(spec.get("values"), spec.get("ranges"))
    yield from _check_lengths(spec)
    server = spec.get("server")
    if isinstance(server, str) and any(mark in server for mark in "@?#"):
        # Said here, and not by a pattern of the type: what explains those repeats the value.
        message = "`server` holds a user, a password, a query or a fragment"
        yield ("spec", "server"), message, "Give `user` and `token_env` beside it."
    if "user" in spec and "token_env" not in spec:
        yield ("spec", "user"), "`user` needs `token_env`, the variable that holds the password", ""


def _check_rates(spec: dict[str, Any], rates: list[str]) -> Iterator[Fault]:
    if rates and rates not in (["errors", "total"], ["error_ratio"]):
        yield ("spec", rates[0]), f"{_both(rates)} do not make one error rate", _NEED
    for key in ("objective", "windows"):
        if rates and not spec.get(key):
            yield ("spec",), f"`{key}` is missing", _NEED
        elif not rates and key in spec:
            yield ("spec", key), f"nothing is asked that `{key}` could be for", _NEED
    if not rates and "budget_window" in spec:
        yield ("spec", "budget_window"), "nothing is asked that `budget_window` could be for", _NEED
    if not rates and not any(spec.get(key) for key in ("latency", "values", "ranges")):
        yield ("spec",), "nothing is asked", f"{_NEED} Or give `latency`, `values` or `ranges`."


def _both(keys: list[str]) -> str:
    return " and ".join(f"`{key}`" for key in keys) if len(keys) > 1 else f"`{keys[0]}` alone does not, and"


def _check_placeholders(spec: dict[str, Any], rates: list[str]) -> Iterator[Fault]:
    for key in rates:
        if isinstance(spec[key], str) and not PLACEHOLDER.search(spec[key]):
            message = f"`{key}` does not name `$window`, so that every window would have the same number"
            yield ("spec", key), message, "Write `[$window]` in place of a length."


def _check_windows(windows: Any) -> Iterator[Fault]:
    seen: dict[timedelta, str] = {}
    for index, text in enumerate(windows if isinstance(windows, list) else ()):
        length = _length(text)
        if length is None:
            continue
        if not length:
            yield ("spec", "windows", index), "a window of no length holds nothing", "Write at least 1s."
        if length in seen:
            yield ("spec", "windows", index), f"`{text}` is as long as `{seen[length]}`", "Remove one of them."
        seen[length] = text


def _length(text: Any) -> timedelta | None:
    try:
        return parse_duration(text)
    except (TypeError, ValueError):
        return None  # said already, by the times or by the types


def _check_ranges(values: Any, ranges: Any) -> Iterator[Fault]:
    for name, asked in ranges.items() if isinstance(ranges, dict) else ():
        if isinstance(values, dict) and name in values:
            yield ("spec", "ranges", name), f"`{name}` stands in `values` too", "Give one of them another name."
        over, step = (_length(asked.get(key)) for key in ("over", "step")) if isinstance(asked, dict) else (None, None)
        if over is None or step is None:
            continue
        if not step or over < step:
            yield ("spec", "ranges", name, "step"), "a step is at least 1s and at most `over`", ""
        elif over / step >= MOST_POINTS:
            message = f"this asks for more than {MOST_POINTS} points, which Prometheus refuses"
            yield ("spec", "ranges", name, "step"), message, "Take a longer step."


def _check_lengths(spec: dict[str, Any]) -> Iterator[Fault]:
    latency = spec.get("latency")
    inner = [(("spec", "latency", "window"), latency.get("window"))] if isinstance(latency, dict) else []
    for path, text in [*((("spec", key), spec.get(key)) for key in ("budget_window", "stale_after")), *inner]:
        if _length(text) == timedelta(0):
            yield path, f"`{path[-1]}` has no length", "Write at least 1s."
