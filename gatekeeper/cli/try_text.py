"""What came of trying an expression, as text and JSON; and what is wrong with it, with a mark under the place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

import msgspec

from gatekeeper.app.trial import Said, Seen, Trial
from gatekeeper.evidence.fields import seen
from gatekeeper.judge.cel import CelFault
from gatekeeper.judge.numbers import plain, shown
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.instants import format_instant
from gatekeeper.reports.jsontext import indented

SCHEMA = "gatekeeper.try/v1"
LONGEST = 2000
"""Characters of one value at most."""


def trials_text(trials: Sequence[Trial]) -> str:
    """A block for each policy: the result, then the paths."""
    return "\n".join("\n".join(_lines(trial)) + "\n" for trial in trials)


def _lines(trial: Trial) -> Iterator[str]:
    if trial.policy is not None:
        where = f" in {trial.environment}" if trial.environment else ""
        yield f"under {trial.policy} {trial.version}{where}"
    for said in trial.answers:
        yield f"{_result(trial, said)}  [{said.engine}]"
    if trial.state != "value" and trial.message != trial.first.message:
        yield f"{trial.state}: {seen(trial.message)}"
    for used in trial.evidence:
        if used.state != "ok":
            yield f"  evidence {used.name!r}: {used.state}: {seen(used.reason)}"
    for one in trial.paths:
        yield f"  {_path(one)}"


def _result(trial: Trial, said: Said) -> str:
    if said.state == "error":
        return f"error: {seen(said.message)}"
    text = f"{told(said.value)}  ({said.type})"
    return f"the engine alone says {text}" if trial.state == "missing" else text


def _path(one: Seen) -> str:
    guard = " (guarded)" if one.guarded else ""
    if one.state == "missing":
        return f"{seen(one.path)} is missing{guard}: {seen(one.reason)}"
    return f"{seen(one.path)} = {told(one.value)}{guard}"


def told(value: Any) -> str:
    """A value as a person reads it: one line, bounded; of a large map or list its size and beginning."""
    if isinstance(value, datetime | timedelta | bytes):
        return str(_json_value(value))
    if isinstance(value, dict | list):
        text = seen(msgspec.json.encode(_json_value(value), order="deterministic").decode())
        what = f"{'map' if isinstance(value, dict) else 'list'} of {len(value)}: "
        return text if len(text) <= 200 else f"{what}{text[:200]}…"
    return shown(value)


def trials_json(trials: Sequence[Trial]) -> str:
    """Every trial. A value of more than `LONGEST` characters is null, with its size beside it."""
    data = {"schema": SCHEMA, "trials": [_trial(trial) for trial in trials]}
    return indented(data)


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "expression": trial.expression,
        "policy": trial.policy,
        "version": trial.version,
        "environment": trial.environment,
        "state": trial.state,
        **_valued(trial.first.value if trial.state == "value" else None),
        "type": trial.type,
        "message": trial.message or None,
        "engines": [
            {
                "name": said.engine,
                "version": said.version,
                "state": said.state,
                **_valued(said.value),
                "type": said.type,
                "message": said.message or None,
            }
            for said in trial.answers
        ],
        "paths": [
            {
                "path": one.path,
                "guarded": one.guarded,
                "state": one.state,
                **_valued(one.value),
                "reason": one.reason or None,
            }
            for one in trial.paths
        ],
        "evidence": [msgspec.to_builtins(used) for used in trial.evidence],
    }


def _valued(value: Any) -> dict[str, Any]:
    plain_value = _json_value(value)
    text = msgspec.json.encode(plain_value, order="deterministic")
    return {"value": plain_value} if len(text) <= LONGEST else {"value": None, "value_bytes": len(text)}


def _json_value(value: Any) -> Any:
    """As JSON can hold it: instants as RFC 3339, durations in seconds as CEL writes them, bytes as hex digits.

    A number that is none, or infinite, is the text `nan`, `inf` or `-inf`.
    """
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, timedelta):
        return f"{shown(plain(value.total_seconds()))}s"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): _json_value(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(part) for part in value]
    return value


def fault_text(fault: CelFault, expression: str, envelopes: Sequence[Envelope]) -> str:
    """The complaint, the line with a mark under the place, and evidence that was given and could not be read."""
    lines = expression.split("\n")
    text = lines[fault.line - 1] if fault.line <= len(lines) else ""
    start = max(0, fault.column - 100)
    shown_line = seen(text[start : start + 160].replace("\t", " "))
    mark = " " * len(seen(text[start : fault.column - 1].replace("\t", " "))) + "^"
    told_lines = [f"error: {fault.line}:{fault.column}: {seen(fault.message)}", f"  {shown_line}", f"  {mark}"]
    told_lines += [f"  {seen(fault.remedy)}"] if fault.remedy else []
    if not envelopes and "there is no evidence" in fault.message:
        told_lines.append("  Give it with --evidence FILE, or --evidence NAME=FILE.")
    told_lines += [
        f"  {seen(one.source)} gave no evidence: {seen(one.reason or one.status)}"
        for one in envelopes
        if one.kind is None
    ]
    return "\n".join(told_lines) + "\n"
