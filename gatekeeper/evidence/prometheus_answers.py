"""Answers of Prometheus's query API, taken apart: what is no plain answer with plain numbers is refused.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/. Numbers are strings there, "NaN" and "+Inf" too.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, real

MOST_SERIES = 10_000
MOST_SAMPLES = 100_000
"""Samples of one series; Prometheus itself answers at most 11,000."""
LOOK_BACK = 300
"""Seconds for which Prometheus takes a sample for current; one older than that is stale."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_ERRORS = frozenset(
    {
        "timeout",
        "canceled",
        "execution",
        "bad_data",
        "internal",
        "unavailable",
        "not_found",
        "not_acceptable",
        "too_many_requests",
    }
)


class Sample(Struct, frozen=True):
    """One number, and when it was (seconds since 1970)."""

    time: float
    value: float


class Line(Struct, frozen=True):
    """One series of an answer."""

    labels: dict[str, str]
    samples: tuple[Sample, ...]


class Answer(Struct, frozen=True):
    """A successful answer: `form` is its `resultType`; `infos` are Prometheus's remarks, counted."""

    form: str
    lines: tuple[Line, ...]
    infos: int


def opened(answer: Any, name: str) -> Answer:
    """The answer to the question `name`. Raises EvidenceError for an error, for warnings and for broken answers."""
    whole = mapping(answer, f"the answer to {name}")
    _check_status(whole, name)
    if whole.get("warnings") or whole.get("isPartial"):  # the latter is VictoriaMetrics' word
        raise EvidenceError(f"Prometheus warns about its answer to {name}, which may be partial")
    data = mapping(whole.get("data"), f"the answer to {name}: data")
    form, result = data.get("resultType"), data.get("result")
    if form not in ("vector", "matrix", "scalar") or not isinstance(result, list):
        raise EvidenceError(f"the answer to {name} is neither a vector, a matrix nor a scalar")
    if len(result) > MOST_SERIES:
        raise EvidenceError(f"the answer to {name} has more than {MOST_SERIES} series")
    lines = (
        (Line({}, (_sample(result, name),)),) if form == "scalar" else tuple(_line(row, form, name) for row in result)
    )
    return Answer(form, lines, _infos(whole, name))


def _check_status(whole: dict[str, Any], name: str) -> None:
    status = whole.get("status")
    if status == "error":
        kind = whole.get("errorType")
        said = kind if isinstance(kind, str) and kind in _ERRORS else "an unknown error"
        raise EvidenceError(f"Prometheus did not answer {name}: {said}", "See what it says to that query.")
    if status != "success":
        raise EvidenceError(f"the answer to {name} is not one of Prometheus: its status is neither success nor error")


def _infos(whole: dict[str, Any], name: str) -> int:
    infos = whole.get("infos")
    if infos is not None and not isinstance(infos, list):
        raise EvidenceError(f"the answer to {name}: infos is not a list")
    return len(infos or ())


def _line(row: Any, form: str, name: str) -> Line:
    row = mapping(row, f"the answer to {name}: a series")
    labels = mapping(row.get("metric"), f"the answer to {name}: the labels of a series")
    if any(not isinstance(text, str) for text in labels.values()):
        raise EvidenceError(f"the answer to {name}: a label is not a string")
    if "histogram" in row or "histograms" in row:
        raise EvidenceError(f"the answer to {name} is a native histogram, not a number", "Ask for a number of it.")
    pairs = [row.get("value")] if form == "vector" else row.get("values")
    if not isinstance(pairs, list):
        raise EvidenceError(f"the answer to {name}: a series has no values")
    if len(pairs) > MOST_SAMPLES:
        raise EvidenceError(f"the answer to {name} has more than {MOST_SAMPLES} samples in a series")
    return Line(labels, tuple(_sample(pair, name) for pair in pairs))


def _sample(pair: Any, name: str) -> Sample:
    if not isinstance(pair, list) or len(pair) != 2:
        raise EvidenceError(f"the answer to {name}: a sample is not a time with a number")
    return Sample(real(pair[0], f"the answer to {name}: a sample's time"), _number(pair[1], name))


def _number(text: Any, name: str) -> float:
    """A number; NaN as NaN, which is judged where it is used. Raises EvidenceError for infinities and other text."""
    if text == "NaN":
        return float("nan")
    if not isinstance(text, str) or len(text) > 40 or not _NUMBER.fullmatch(text):
        raise EvidenceError(f"the answer to {name}: a sample is no finite number")
    value = float(text)
    if value - value != 0.0:
        raise EvidenceError(f"the answer to {name}: a sample is no finite number")
    return value


def one(answer: Answer, name: str, time: int) -> float:
    """The one number of an answer at `time`. Raises NotEvaluatedError where there is none, or it is NaN or stale."""
    if answer.form == "matrix":
        raise EvidenceError(f"the answer to {name} is a range, where one number was asked for")
    sample = only_line(answer, name).samples[0]
    check_time(sample, name, time)
    return number(sample, name)


def only_line(answer: Answer, name: str) -> Line:
    """The one series of an answer. Raises NotEvaluatedError where there is none, EvidenceError where there are more."""
    if len(answer.lines) > 1:
        message = f"the answer to {name} has {len(answer.lines)} series, where one was asked for"
        raise EvidenceError(message, "Aggregate, such as by `sum(…)`.")
    if not answer.lines or not answer.lines[0].samples:
        remedy = "If its series appear with the first event only, add `or vector(0)`." if "errors" in name else ""
        raise NotEvaluatedError(f"the answer to {name} is empty: no data is not 0", remedy)
    return answer.lines[0]


def check_time(sample: Sample, name: str, time: int) -> None:
    """Raises NotEvaluatedError for a stale sample, EvidenceError for one that is ahead of its question."""
    if sample.time < time - LOOK_BACK:
        raise NotEvaluatedError(f"the answer to {name} is stale: its sample is older than {LOOK_BACK} seconds")
    if sample.time > time + LOOK_BACK:
        raise EvidenceError(f"the answer to {name} lies in the future of its question")


def number(sample: Sample, name: str) -> float:
    """The sample's number. Raises NotEvaluatedError where it is NaN: nothing could be computed."""
    if sample.value != sample.value:
        raise NotEvaluatedError(f"the answer to {name} is NaN: there was nothing to compute it from")
    return sample.value
