"""Samples in the OpenMetrics format, every half minute up to a given time; run as a script to print them.

1000 events in every half minute, 15 of them bad; a histogram whose quantiles can be worked out by hand; one whose
slowest tenth lies beyond its last finite bucket; and a service that nobody has scraped for half an hour.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

STEP = 30
DAYS = 3
BUCKETS = {"0.1": 500, "0.25": 900, "0.5": 960, "1.0": 1000, "+Inf": 1000}
CAPPED = {"0.1": 500, "0.25": 900, "+Inf": 1000}


def openmetrics(end: int) -> str:
    """The samples of three days up to `end`, in seconds since 1970."""
    lines = [
        "# TYPE requests counter",
        *_counter("requests_total", 'job="churn",code="200"', 985, end),
        *_counter("requests_total", 'job="churn",code="500"', 15, end),
        *_counter("requests_total", 'job="idle",code="200"', 0, end),
        *_counter("requests_total", 'job="idle",code="500"', 0, end),
        *_counter("requests_total", 'job="gone",code="200"', 985, end - 1800),
        *_counter("requests_total", 'job="gone",code="500"', 15, end - 1800),
        *_histogram("latency_seconds", BUCKETS, end),
        *_histogram("capped_seconds", CAPPED, end),
        *_counter("latency_seconds_bucket", 'job="gone",le="+Inf"', 1000, end - 1800),
        "# TYPE depth gauge",
        *(f'depth{{job="churn"}} {5 if time < end - 1800 else 7} {time}' for time in _times(end)),
        *(f'depth{{job="gone"}} 3 {time}' for time in _times(end - 1800)),
        "# EOF",
    ]
    return "\n".join(lines) + "\n"


def _histogram(name: str, buckets: dict[str, int], end: int) -> Iterator[str]:
    yield f"# TYPE {name} histogram"
    for bound, count in buckets.items():
        yield from _counter(f"{name}_bucket", f'job="churn",le="{bound}"', count, end)


def _counter(name: str, labels: str, growth: int, end: int) -> Iterator[str]:
    for index, time in enumerate(_times(end)):
        yield f"{name}{{{labels}}} {index * growth} {time}"


def _times(end: int) -> range:
    return range(end - DAYS * 86400, end + 1, STEP)


if __name__ == "__main__":
    sys.stdout.write(openmetrics(int(sys.argv[1])))
