"""Checks of the data before anything is trained on it, in the form that gatekeeper's `data` producer reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from churn.data import SHA256

COLUMNS = 21
CODES = {"area_code_408", "area_code_415", "area_code_510"}
PLAUSIBLE = {"total_day_minutes": (0, 1440), "total_night_minutes": (0, 1440), "account_length": (1, 1000)}
"""Least and most of what a day and a customer's time with the company can be."""

Check = tuple[str, bool, float]


def report(frame: pd.DataFrame, now: datetime | None = None) -> dict[str, Any]:
    """Every check by name, with the number that it looked at; about the file that the rows are from."""
    return {
        "checks": [{"name": name, "passed": passed, "observed": seen} for name, passed, seen in checks(frame)],
        "rows": len(frame),
        "produced_at": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "subjects": [f"sha256:{SHA256}"],
    }


def checks(frame: pd.DataFrame) -> Iterator[Check]:
    """What must be so of these rows whatever the model."""
    yield "has its columns", len(frame.columns) == COLUMNS, float(len(frame.columns))
    yield none_of("rows that stand twice", frame.drop(columns="rownames").duplicated().sum())
    yield none_of("missing values", frame.isna().sum().sum())
    yield none_of("area codes that do not exist", (~frame["area_code"].isin(CODES)).sum())
    yield none_of("answers that are neither yes nor no", (~frame["churn"].isin(["yes", "no"])).sum())
    for name, (low, high) in PLAUSIBLE.items():
        yield none_of(f"{name} out of range", (~frame[name].between(low, high)).sum())
    share = float((frame["churn"] == "yes").mean())
    yield "share of leavers is between 0.05 and 0.5", 0.05 <= share <= 0.5, share


def none_of(what: str, found: int) -> Check:
    """A count of what should not be there."""
    return f"no {what}", int(found) == 0, float(found)
