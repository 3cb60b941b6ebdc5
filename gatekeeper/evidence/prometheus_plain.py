"""One recorded answer of the query API, with nothing said about what was asked: named numbers and no more."""

from __future__ import annotations

from math import fsum
from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import instant, plain
from gatekeeper.evidence.prometheus_answers import Answer, Line, Sample, number, only_line, opened
from gatekeeper.model.evidence import Reading
from gatekeeper.model.facts_operation import Slo

_NAME = "the query"


def read_plain(document: dict[str, Any]) -> Reading:
    """The answer's numbers as `values`: `value`, or one for each series by its labels; of a range `last`, `avg`, `min`
    and `max`. As old as its oldest number. Raises NotEvaluatedError where it is empty or a number is NaN."""
    answer = opened(document, _NAME)
    if answer.infos:
        raise EvidenceError("Prometheus remarks on the query (`infos`)", "Mend the query.")
    if not answer.lines:
        raise NotEvaluatedError(f"the answer to {_NAME} is empty: no data is not 0")
    values, oldest = _of_range(answer) if answer.form == "matrix" else _of_instant(answer)
    return Reading(facts=Slo(values=values), produced_at=instant(oldest), counts={"series": len(answer.lines)})


def _of_range(answer: Answer) -> tuple[dict[str, float], float]:
    samples: tuple[Sample, ...] = only_line(answer, _NAME).samples
    times = [sample.time for sample in samples]
    if times != sorted(set(times)):
        raise EvidenceError("the samples of the range are not in the order of time")
    numbers = [number(sample, _NAME) for sample in samples]
    taken = {"last": numbers[-1], "avg": fsum(numbers) / len(numbers), "min": min(numbers), "max": max(numbers)}
    return taken, samples[-1].time


def _of_instant(answer: Answer) -> tuple[dict[str, float], float]:
    single = len(answer.lines) == 1
    values: dict[str, float] = {}
    for line in answer.lines:
        name = "value" if single else _named(line)
        if name in values:
            raise EvidenceError("two series of the answer have the same labels")
        values[name] = number(line.samples[0], _NAME)
    return values, min(line.samples[0].time for line in answer.lines)


def _named(line: Line) -> str:
    """A series as PromQL writes it: `up{job="churn"}`, labels in the order of their names."""
    labels = sorted((key, text) for key, text in line.labels.items() if key != "__name__")
    inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    whole = line.labels.get("__name__", "") + (f"{{{inner}}}" if inner or "__name__" not in line.labels else "")
    if plain(whole) != whole:
        raise EvidenceError("the labels of a series are too long, or hold what cannot be seen")
    return whole


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
