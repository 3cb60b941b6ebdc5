"""Locust's `_stats.csv`: one row for each endpoint, and the row `Aggregated` for the whole."""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET, UnsetType

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import plain
from gatekeeper.model.evidence import Reading
from gatekeeper.model.facts import Endpoint, Latency, Load

MAX_ENDPOINTS = 5000

_STATS = ("Type", "Name", "Request Count", "Failure Count")
_OTHERS = (
    (("Timestamp", "User Count"), "this is `_stats_history.csv`, the course of a test"),
    (("Method", "Name", "Error"), "this is `_failures.csv`, the failures of a test"),
    (("Count", "Message", "Traceback"), "this is `_exceptions.csv`, the exceptions of a test"),
    (("Method", "Name", "# requests"), "this is a table of Locust before 1.0"),
    (("Type", "Name", "# requests"), "this is a table of Locust before 1.0"),
    (("Name", "# requests"), "this is a table of Locust before 1.0"),
)
_LATENCY = {
    "mean": ("Average Response Time",),
    "min": ("Min Response Time",),
    "max": ("Max Response Time",),
    "p50": ("50%", "Median Response Time"),
    "p90": ("90%",),
    "p95": ("95%",),
    "p99": ("99%",),
}
_UNUSED = "100%"
_TOTAL_TYPES = ("", "None")
_NUMBER = re.compile(r"\d{1,18}(\.\d{1,20})?([eE][+-]?\d{1,3})?", re.ASCII)
_COUNT = re.compile(r"\d{1,18}", re.ASCII)

_Row = dict[str, str]


def claims(text: str) -> bool:
    """Whether the first line is the header of one of Locust's tables."""
    header = [cell.strip('"') for cell in text.partition("\n")[0].rstrip("\r").split(",")]
    return _begins(header, _STATS) or any(_begins(header, start) for start, _ in _OTHERS)


def _begins(header: list[str], start: tuple[str, ...]) -> bool:
    return tuple(header[: len(start)]) == start


def read(text: str) -> Reading:
    """The facts. Raises EvidenceError for Locust's other tables, for numbers in a local spelling, and for a table
    that was cut short; NotEvaluatedError where no request was made."""
    aggregated, endpoints = _rows(text)
    requests, failures = _count(aggregated, "Request Count"), _count(aggregated, "Failure Count")
    if requests != sum(endpoint.requests for endpoint in endpoints.values()):
        raise EvidenceError("the endpoints do not add up to the row Aggregated: rows are missing")
    if failures > requests:
        raise EvidenceError("the row Aggregated has more failures than requests")
    if not requests:
        raise NotEvaluatedError("no request was made")
    rate = _number(aggregated, "Requests/s")
    return Reading(
        facts=Load(
            requests=requests,
            failures=failures,
            error_rate=failures / requests,
            latency_ms=_latency(aggregated),
            requests_per_second=rate if rate else UNSET,
            # Locust's rate is the count over the time from the first to the last request.
            duration_seconds=requests / rate if rate else UNSET,
            endpoints=dict(sorted(endpoints.items())),
        ),
        counts={"requests": requests, "failures": failures, "endpoints": len(endpoints)},
    )


def _rows(text: str) -> tuple[_Row, dict[str, Endpoint]]:
    aggregated: _Row | None = None
    endpoints: dict[str, Endpoint] = {}
    for row in _table(text):
        if row["Name"] == "Aggregated" and row["Type"] in _TOTAL_TYPES:
            if aggregated is not None:
                raise EvidenceError("there are two rows Aggregated")
            aggregated = row
            continue
        name = plain(f"{row['Type']} {row['Name']}".strip())
        if name in endpoints or len(endpoints) >= MAX_ENDPOINTS:
            raise EvidenceError(f"an endpoint is listed twice, or there are more than {MAX_ENDPOINTS}")
        endpoints[name] = _endpoint(row)
    if aggregated is None:
        raise EvidenceError("there is no row Aggregated: the table was cut short")
    return aggregated, endpoints


def _table(text: str) -> list[_Row]:
    import csv  # only where a table is read
    import io

    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as fault:
        raise EvidenceError("the table's quotes do not match") from fault
    header = rows[0] if rows else []
    for start, what in _OTHERS:
        if _begins(header, start):
            raise EvidenceError(what, "Give `_stats.csv`, or the file that `--json-file` writes.")
    if not _begins(header, _STATS) or len(set(header)) != len(header):
        raise EvidenceError("the first line is not the header of Locust's `_stats.csv`")
    if any(len(row) != len(header) for row in rows):
        raise EvidenceError("a row has more or fewer cells than the header")
    if not text.endswith("\n") and header[-1] != _UNUSED:
        # A number that lost its last digits is still a number. The first versions end no line there, but this column.
        raise EvidenceError("the last line is not ended: the table was cut short")
    return [dict(zip(header, row, strict=True)) for row in rows[1:]]


def _endpoint(row: _Row) -> Endpoint:
    requests, failures = _count(row, "Request Count"), _count(row, "Failure Count")
    return Endpoint(
        requests=requests,
        failures=failures,
        error_rate=failures / requests if requests else UNSET,
        latency_ms=_latency(row) if requests else Latency(),
    )


def _latency(row: _Row) -> Latency:
    values: dict[str, Any] = {}
    for name, columns in _LATENCY.items():
        given = (_number(row, column) for column in columns if column in row)
        values[name] = next((value for value in given if value is not UNSET), UNSET)
    return Latency(**values)


def _count(row: _Row, column: str) -> int:
    if not _COUNT.fullmatch(row[column]):
        raise EvidenceError(f"a cell of {column} is not a whole number")
    return int(row[column])


def _number(row: _Row, column: str) -> float | UnsetType:
    cell = row.get(column, "")
    if cell in ("", "N/A"):
        return UNSET
    if not _NUMBER.fullmatch(cell):
        raise EvidenceError(f"a cell of {column} is not a number with a decimal point")
    return float(cell)
