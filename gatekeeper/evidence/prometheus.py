"""Prometheus: what a service level asked and was answered, or one recorded answer of the query API.

The first is the record that `connect.prometheus` makes: `{"schema": "gatekeeper.prometheus/v1", "asked": …,
"answers": {name: answer}}`. The second is what `/api/v1/query` and `/api/v1/query_range` answer, versions 2 and 3.
Burn rates: Google's SRE Workbook, chapter 5.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, ValidationError, convert

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import prometheus_answers as answers
from gatekeeper.evidence.fields import instant, mapping
from gatekeeper.evidence.prometheus_asked import BUCKETS, FRESH, Asked, Question, Record
from gatekeeper.evidence.prometheus_latency import latency
from gatekeeper.evidence.prometheus_plain import read_plain
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Latency
from gatekeeper.model.facts_operation import Slo, SloWindow
from gatekeeper.model.instants import parse_duration

NAME = "prometheus"
KIND = "slo"

_ROUNDING = 1e-9
_COVERED = 0.9
_WHY_NONE = (
    "Look whether Prometheus still scrapes it. Series that appear with the first event only need `or vector(0)`, those "
    "that are scraped rarely a longer `stale_after`."
)


def claims(report: Opened) -> bool:
    """Records of ours of any version, and answers of the API, errors too."""
    document = report.json
    if not isinstance(document, dict):
        return False
    schema = document.get("schema")
    return (isinstance(schema, str) and schema.startswith("gatekeeper.prometheus/")) or _is_answer(document)


def _is_answer(document: dict[str, Any]) -> bool:
    data = document.get("data")
    return document.get("status") in ("success", "error") and (
        (isinstance(data, dict) and "resultType" in data) or "errorType" in document
    )


def read(report: Opened) -> Reading:
    """The service level. Raises NotEvaluatedError where an answer is empty, NaN or stale, or where nothing happened;
    EvidenceError for errors, warnings, several series where one is needed, and numbers that contradict each other."""
    document = mapping(report.json, "the report")
    if "schema" not in document:
        return read_plain(document)
    record = _record(document)
    asked = record.asked
    _check_complete(record)
    opened = {name: answers.opened(record.answers[name], name) for name in asked.questions}
    infos = sum(answer.infos for answer in opened.values())
    if infos and not asked.accept_infos:
        raise EvidenceError("Prometheus remarks on a query (`infos`)", "Mend the query, or set `accept_infos: true`.")
    _check_fresh(asked, opened)
    return Reading(
        facts=_slo(asked, opened), produced_at=instant(asked.time), counts={"answers": len(opened), "infos": infos}
    )


def _record(document: dict[str, Any]) -> Record:
    try:
        return convert(document, Record, strict=True)
    except ValidationError as fault:
        raise EvidenceError("this is no record of version 1 of Prometheus's answers") from fault


def _check_complete(record: Record) -> None:
    """Every question has its answer, and every number that was promised has its question."""
    asked = record.asked
    questions = asked.questions.keys()
    if questions != record.answers.keys():
        raise EvidenceError("the record's answers are not those to its questions")
    rates = {name.partition("/")[0] for name in questions} & {"errors", "total", "error_ratio"}
    needed = {f"{rate}/{window}" for rate in rates for window in asked.windows}
    needed |= {f"latency/{quantile}" for quantile in asked.quantiles} | ({BUCKETS} if asked.quantiles else set())
    needed |= {f"{FRESH}{name}" for name in (*rates, *(["latency"] if asked.quantiles else []))}
    others = {name for name in questions if name.startswith("values/")}
    fits = (
        questions == needed | others
        and questions
        and rates in (set(), {"errors", "total"}, {"error_ratio"})
        and bool(rates) == bool(asked.windows) == (asked.objective is not None)
        and (asked.budget_window is None or asked.budget_window in asked.windows)
        and all(_seconds(window) == length for window, length in asked.windows.items())
        and bool(asked.quantiles) == (asked.unit is not None)
    )
    if not fits:
        raise EvidenceError("the record's questions are not those of a service level")


def _seconds(window: str) -> float:
    try:
        return parse_duration(window).total_seconds()
    except ValueError as fault:
        raise EvidenceError("the record has a window that is no duration") from fault


def _check_fresh(asked: Asked, opened: dict[str, answers.Answer]) -> None:
    """What is computed over an hour says nothing of what was last scraped half an hour ago."""
    for name in (name for name in opened if name.startswith(FRESH)):
        samples = [line.samples[0] for line in opened[name].lines if line.samples]
        for sample in samples:
            answers.check_time(sample, name, asked.time)
        if not samples:
            message = f"there was no sample for {name.removeprefix(FRESH)} in the last {asked.stale_after} seconds"
            raise NotEvaluatedError(message, _WHY_NONE)


def _slo(asked: Asked, opened: dict[str, answers.Answer]) -> Slo:
    windows = {text: _window(asked, opened, text) for text in asked.windows}
    if windows and all(window.error_rate is UNSET for window in windows.values()):
        raise NotEvaluatedError("there was no event in any window")
    longest = windows[max(asked.windows, key=asked.windows.__getitem__)] if windows else SloWindow()
    spent = windows[asked.budget_window].burn_rate if asked.budget_window else UNSET
    return Slo(
        objective=UNSET if asked.objective is None else asked.objective,
        windows=windows,
        budget_window=asked.budget_window or UNSET,
        budget_left=_left(spent) if isinstance(spent, float) else UNSET,
        events=longest.events,
        error_rate=longest.error_rate,
        latency_ms=latency(asked, opened) if asked.quantiles else Latency(),
        values={name[7:]: _value(asked, opened, name) for name in asked.questions if name.startswith("values/")},
    )


def _window(asked: Asked, opened: dict[str, answers.Answer], text: str) -> SloWindow:
    """One window; where it has no event there is no rate, and no rate is not 0."""
    if f"error_ratio/{text}" in opened:
        rate = _number(asked, opened, f"error_ratio/{text}")
        return SloWindow(error_rate=_share(rate, text), burn_rate=_burn(_share(rate, text), asked))
    errors, events = _number(asked, opened, f"errors/{text}"), _number(asked, opened, f"total/{text}")
    if errors < 0 or events < 0:
        raise EvidenceError(f"a count is negative in the window {text}")
    if errors and not events:
        raise EvidenceError(f"there are errors and no events in the window {text}")
    if not events:
        return SloWindow(events=events, errors=errors)
    rate = _share(errors / events, text)
    return SloWindow(events=events, errors=errors, error_rate=rate, burn_rate=_burn(rate, asked))


def _number(asked: Asked, opened: dict[str, answers.Answer], name: str) -> float:
    return answers.one(opened[name], name, asked.time)


def _share(rate: float, text: str) -> float:
    if not 0 <= rate <= 1 + _ROUNDING:
        message = f"the share of errors is not between 0 and 1 in the window {text}"
        raise EvidenceError(message, "Let both queries count the same events.")
    return min(rate, 1.0)


def _burn(rate: float, asked: Asked) -> float:
    """The rate over the share that may fail, on exact fractions: 0.0144 at an objective of 0.999 burns at 14.4."""
    from fractions import Fraction

    assert asked.objective is not None
    return float(Fraction(repr(rate)) / (1 - Fraction(repr(asked.objective))))


def _left(burn: float) -> float:
    from fractions import Fraction

    return float(1 - Fraction(repr(burn)))


def _value(asked: Asked, opened: dict[str, answers.Answer], name: str) -> float:
    question = asked.questions[name]
    if question.take is None:
        return _number(asked, opened, name)
    return _over_range(question, opened[name], name, asked.time)


def _over_range(question: Question, answer: answers.Answer, name: str, time: int) -> float:
    """One number of a range. Raises NotEvaluatedError where more than a tenth of its points are missing."""
    if answer.form != "matrix" or question.over is None or question.step is None:
        raise EvidenceError(f"the answer to {name} is no range")
    samples = answers.only_line(answer, name).samples
    _check_span(samples, name, time - question.over, time)
    points = question.over // question.step + 1
    if len(samples) < _COVERED * points:
        share = 100 * len(samples) // points
        raise NotEvaluatedError(f"the answer to {name} is partial: it has {share} % of the points of its range")
    numbers = [answers.number(sample, name) for sample in samples]
    if question.take == "avg":
        from math import fsum

        return fsum(numbers) / len(numbers)
    return {"last": numbers[-1], "min": min(numbers), "max": max(numbers)}[question.take or ""]


def _check_span(samples: tuple[answers.Sample, ...], name: str, start: int, end: int) -> None:
    times = [sample.time for sample in samples]
    if times != sorted(set(times)) or times[0] < start - 1:
        raise EvidenceError(f"the answer to {name} does not lie in the range that was asked for")
    answers.check_time(samples[-1], name, end)
