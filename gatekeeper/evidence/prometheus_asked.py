"""What a Prometheus server is asked for a service level, and the form in which question and answers are kept."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from gatekeeper.model.servicelevel import PLACEHOLDER, Histogram, Quantile, ServiceLevelSpec

SCHEMA = "gatekeeper.prometheus/v1"

FRESH = "fresh/"
"""Begins the names of the questions whether there was a sample of late."""
BUCKETS = "latency/buckets"
QUANTILES = {"p50": "0.5", "p90": "0.9", "p95": "0.95", "p99": "0.99"}


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One query: at one time, or with `over` and `step` (seconds) over a range, of which `take` makes a number."""

    query: str
    over: Annotated[int, Meta(ge=1)] | None = None
    step: Annotated[int, Meta(ge=1)] | None = None
    take: Literal["last", "avg", "min", "max"] | None = None


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that was asked, at one time. `windows` are in seconds by their text."""

    time: Annotated[int, Meta(ge=0, le=253402300799, description="Seconds since 1970.")]
    objective: Annotated[float, Meta(gt=0, lt=1)] | None
    windows: dict[str, Annotated[int, Meta(ge=1)]]
    budget_window: str | None
    quantiles: tuple[Quantile, ...]
    unit: Literal["seconds", "milliseconds"] | None
    stale_after: Annotated[int, Meta(ge=0)]
    accept_infos: bool
    questions: dict[str, Question]


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"schema_": "schema"}):
    """Questions with their answers, each as the API gave it, by the same names."""

    schema_: Literal["gatekeeper.prometheus/v1"]
    asked: Asked
    answers: dict[str, Any]


def ask(spec: ServiceLevelSpec, time: int) -> Asked:
    """The questions that a service level asks at `time`, in seconds since 1970."""
    budget = spec.budget_window if isinstance(spec.budget_window, str) else None
    latency = spec.latency if isinstance(spec.latency, Histogram) else None
    windows = {text: _seconds(text) for text in (*spec.windows, *([budget] if budget else []))}
    return Asked(
        time=time,
        objective=spec.objective if isinstance(spec.objective, float) else None,
        windows=windows,
        budget_window=budget,
        quantiles=latency.quantiles if latency else (),
        unit=latency.unit if latency else None,
        stale_after=_seconds(spec.stale_after),
        accept_infos=spec.accept_infos,
        questions={**_rates(spec, windows), **_latency(spec), **_values(spec)},
    )


def _seconds(duration: str) -> int:
    from gatekeeper.model.instants import parse_duration

    return int(parse_duration(duration).total_seconds())


def _rates(spec: ServiceLevelSpec, windows: dict[str, int]) -> dict[str, Question]:
    """Each rate over each window; and once over the time in which there must have been a sample."""
    named = {"errors": spec.errors, "total": spec.total, "error_ratio": spec.error_ratio}
    queries = {name: query for name, query in named.items() if isinstance(query, str)}
    asked = {f"{name}/{window}": _over(query, window) for name, query in queries.items() for window in windows}
    return {**asked, **{f"{FRESH}{name}": _over(query, spec.stale_after) for name, query in queries.items()}}


def _over(query: str, window: str) -> Question:
    return Question(query=PLACEHOLDER.sub(window, query))


def _latency(spec: ServiceLevelSpec) -> dict[str, Question]:
    """The quantiles, and the buckets that they come from: a quantile beyond the last of those is only a lower bound."""
    asked = spec.latency
    if not isinstance(asked, Histogram):
        return {}
    buckets = _buckets(asked, asked.window)
    shares = {f"latency/{name}": QUANTILES[name] for name in asked.quantiles}
    quantiles = {key: Question(query=f"histogram_quantile({share}, {buckets})") for key, share in shares.items()}
    fresh = Question(query=_buckets(asked, spec.stale_after))
    return {**quantiles, BUCKETS: Question(query=buckets), f"{FRESH}latency": fresh}


def _buckets(asked: Histogram, window: str) -> str:
    return f"sum by (le) (increase({asked.metric}_bucket{{{asked.selector}}}[{window}]))"


def _values(spec: ServiceLevelSpec) -> dict[str, Question]:
    values = {f"values/{name}": Question(query=query) for name, query in spec.values.items()}
    ranges = {
        f"values/{name}": Question(
            query=asked.query, over=_seconds(asked.over), step=_seconds(asked.step), take=asked.take
        )
        for name, asked in spec.ranges.items()
    }
    return {**values, **ranges}
