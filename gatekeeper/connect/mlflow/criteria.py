"""Which run is meant: by its id, or by criteria that exactly one finished run of an experiment meets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from gatekeeper.connect.mlflow.store import Store
from gatekeeper.errors import InvalidRequestError, NotEvaluatedError

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}", re.ASCII)
MAX_SHOWN = 3
_USAGE = "Write `mlflow:RUN_ID`, or `mlflow:experiment=NAME,tags.KEY=VALUE,params.KEY=VALUE,name=RUN_NAME`."
_KEYS = ("tags.", "params.")


class RunWanted(Struct, frozen=True, kw_only=True):
    """One run: by `run_id`, or by an `experiment` and what a run of it must have."""

    run_id: str | None = None
    experiment: str = ""
    name: str | None = None
    having: tuple[tuple[str, str], ...] = ()


def parse_run(locator: str) -> RunWanted:
    """A locator taken apart; values may be percent-encoded. Raises InvalidRequestError for another form."""
    if RUN_ID.fullmatch(locator):
        return RunWanted(run_id=locator)
    pairs = [_pair(part, locator) for part in locator.split(",")]
    given = dict(pairs)
    if len(given) < len(pairs):
        raise InvalidRequestError(f"mlflow:{locator} gives one key twice", _USAGE)
    if "experiment" not in given:
        raise InvalidRequestError(f"mlflow:{locator} is no run's id and names no experiment", _USAGE)
    experiment, name = given.pop("experiment"), given.pop("name", None)
    if unknown := [key for key in given if not key.startswith(_KEYS)]:
        raise InvalidRequestError(f"mlflow:{locator}: no run is selected by {unknown[0]!r}", _USAGE)
    return RunWanted(experiment=experiment, name=name, having=tuple(sorted(given.items())))


def _pair(part: str, locator: str) -> tuple[str, str]:
    key, equals, value = part.partition("=")
    if not equals or not key or not value or key in _KEYS:
        raise InvalidRequestError(f"mlflow:{locator} is no run's id and no list of criteria", _USAGE)
    return unquote(key), unquote(value)


def select(store: Store, wanted: RunWanted) -> str:
    """The id of the one FINISHED run that meets the criteria. Raises NotEvaluatedError for none and for several."""
    finished: list[str] = []
    others: dict[str, int] = {}
    for run in _meeting(store, wanted):
        status = str(run["info"].get("status"))
        if status == "FINISHED":
            finished.append(str(run["info"]["run_id"]))
        else:
            others[status] = others.get(status, 0) + 1
        if len(finished) > MAX_SHOWN:
            break
    if len(finished) == 1:
        return finished[0]
    raise NotEvaluatedError(_several(finished) if finished else _none(others))


def _meeting(store: Store, wanted: RunWanted) -> Iterator[dict[str, Any]]:
    """Runs that meet every criterion, checked here too, whatever the store has already left out."""
    for run in store.runs(wanted.experiment):
        if run["info"].get("lifecycle_stage") == "active" and _meets(run, wanted):
            yield run


def _meets(run: dict[str, Any], wanted: RunWanted) -> bool:
    held = {f"{part}.{item['key']}": item["value"] for part in ("tags", "params") for item in run["data"].get(part, ())}
    named = run["info"].get("run_name") or held.get("tags.mlflow.runName")
    return (wanted.name is None or named == wanted.name) and all(held.get(key) == value for key, value in wanted.having)


def _several(finished: list[str]) -> str:
    shown = ", ".join(sorted(one for one in finished if RUN_ID.fullmatch(one))[:MAX_SHOWN])
    return f"several finished runs meet the criteria: {shown}{', …' if len(finished) > MAX_SHOWN else ''}"


def _none(others: dict[str, int]) -> str:
    known = {
        status: count for status, count in others.items() if status in ("RUNNING", "SCHEDULED", "FAILED", "KILLED")
    }
    if not others:
        return "no run meets the criteria"
    told = ", ".join(f"{count} {status}" for status, count in sorted(known.items())) or "others of no known status"
    return f"no finished run meets the criteria, only {told}"
