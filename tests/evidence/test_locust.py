"""Locust's results: percentiles from the histogram, tables as they are, and files that say nothing of the whole."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import locust
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import Load
from tests.evidence.reports import FIXTURES, fixture, opened


def entry(times: dict[str, int], name: str = "/", failures: int = 0, **changes: Any) -> dict[str, Any]:
    count = sum(times.values())
    return {
        "name": name,
        "method": "GET",
        "num_requests": count,
        "num_failures": failures,
        "num_none_requests": 0,
        "response_times": times,
        "total_response_time": sum(float(time) * number for time, number in times.items()),
        "min_response_time": min((float(time) for time in times), default=None),
        "max_response_time": max((float(time) for time in times), default=0),
        "start_time": 1000.0,
        "last_request_timestamp": 1010.0,
        **changes,
    }


def read(document: Any) -> Any:
    return locust.read(opened(document))


HEADER = "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Requests/s,50%,95%,99%"


def table(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join([header, *rows, ""])


ROW = "GET,/,80,4,10,12.5,8.0,10,30,50"
TOTAL = ",Aggregated,80,4,10,12.5,8.0,10,30,50"


def test_a_list_that_locust_wrote() -> None:
    reading = locust.read(fixture("locust/stats.json"))
    facts = reading.facts
    assert list(facts.endpoints) == ["GET /", "GET /broken", "GET /slow"]
    assert facts.requests == sum(endpoint.requests for endpoint in facts.endpoints.values())
    assert facts.failures == facts.endpoints["GET /broken"].requests > 0
    assert facts.endpoints["GET /broken"].error_rate == 1.0
    assert facts.latency_ms.p50 < 30 <= facts.latency_ms.p95
    assert 2.0 < facts.duration_seconds < 4.0
    assert reading.produced_at is not None


def test_a_table_that_locust_wrote() -> None:
    facts = locust.read(fixture("locust/stats.csv")).facts
    assert facts.requests == sum(endpoint.requests for endpoint in facts.endpoints.values())
    assert facts.failures == facts.endpoints["GET /broken"].failures > 0
    assert facts.latency_ms.p50 < 30 <= facts.latency_ms.p95
    assert 1.0 < facts.duration_seconds < 4.0


@pytest.mark.parametrize(
    ("name", "reason"),
    [("stats_history", "the course of a test"), ("failures", "the failures"), ("exceptions", "the exceptions")],
)
def test_locusts_other_tables_are_refused_by_name(name: str, reason: str) -> None:
    found = envelope((FIXTURES / "locust" / f"{name}.csv").read_bytes(), source=name)
    assert found.status == "error"
    assert reason in str(found.reason)


def test_the_whole_is_counted_over_all_endpoints() -> None:
    facts = read([entry({"10": 90}, "/a", 9), entry({"500": 10}, "/b", 1)]).facts
    assert (facts.requests, facts.failures, facts.error_rate) == (100, 10, 0.1)
    assert (facts.latency_ms.p90, facts.latency_ms.p95) == (10.0, 500.0)
    assert (facts.latency_ms.mean, facts.latency_ms.min, facts.latency_ms.max) == (59.0, 10.0, 500.0)
    assert (facts.duration_seconds, facts.requests_per_second) == (10.0, 10.0)
    assert facts.endpoints["GET /a"].latency_ms.p99 == 10.0


def test_the_time_is_that_of_the_last_request() -> None:
    later = entry({"1": 1}, "/b", last_request_timestamp=1763971202.75)
    assert read([entry({"1": 1}), later]).produced_at == "2025-11-24T08:00:02.750000Z"


def test_requests_without_a_time_do_not_count_as_fast() -> None:
    facts = read([entry({"100": 5}, num_requests=15, num_none_requests=10)]).facts
    assert (facts.requests, facts.latency_ms.p50, facts.latency_ms.mean) == (15, 100.0, 100.0)
    untimed = read([entry({}, num_requests=3, num_none_requests=3)]).facts.latency_ms
    assert not isinstance(untimed.p95, float)


@pytest.mark.parametrize("entries", [[], [entry({})], [entry({}, "/a"), entry({}, "/b")]])
def test_no_request_is_not_fast(entries: list[Any]) -> None:
    with pytest.raises(NotEvaluatedError, match="no request was made"):
        read(entries)


@pytest.mark.parametrize(
    "changes",
    [
        {"num_failures": 5},
        {"num_requests": 5},
        {"num_requests": "4"},
        {"num_requests": -4},
        {"num_requests": True},
        {"num_failures": None},
        {"response_times": {"10": 4.5}},
        {"response_times": {"-10": 4}},
        {"response_times": {"ten": 4}},
        {"response_times": {"1e3": 4}},
        {"response_times": {"NaN": 4}},
        {"response_times": [10, 10, 10, 10]},
        {"total_response_time": "40"},
        {"start_time": "yesterday"},
        {"name": 5},
    ],
)
def test_what_does_not_add_up_or_is_no_number_is_refused(changes: dict[str, Any]) -> None:
    read([entry({"10": 4})])
    with pytest.raises(EvidenceError):
        read([entry({"10": 4}, **changes)])


def test_an_endpoint_listed_twice_is_refused() -> None:
    with pytest.raises(EvidenceError, match="twice"):
        read([entry({"1": 1}), entry({"1": 1})])


def test_too_many_endpoints_are_refused() -> None:
    with pytest.raises(EvidenceError, match="more than 5000 endpoints"):
        read([entry({"1": 1}, f"/{number}") for number in range(locust.MAX_ENDPOINTS + 1)])


@pytest.mark.parametrize("document", [[], {}, [1], [{"name": "x"}], {"num_requests": 1}, [entry({}), {}]])
def test_what_is_not_locusts_is_not_claimed(document: Any) -> None:
    assert not locust.claims(opened(document))


TIMES = st.dictionaries(st.integers(0, 100_000), st.integers(1, 50), min_size=1, max_size=20)


@given(st.lists(TIMES, min_size=1, max_size=4))
def test_percentiles_are_the_nearest_rank_of_all_requests(histograms: list[dict[int, int]]) -> None:
    entries = [
        entry({str(time): count for time, count in times.items()}, f"/{index}")
        for index, times in enumerate(histograms)
    ]
    every = sorted(time for times in histograms for time, count in times.items() for _ in range(count))
    latency = read(entries).facts.latency_ms
    for percent in (50, 90, 95, 99):
        assert getattr(latency, f"p{percent}") == every[math.ceil(len(every) * percent / 100) - 1]
    assert (latency.min, latency.max) == (every[0], every[-1])
    assert latency.mean == pytest.approx(sum(every) / len(every))
    assert read(entries[::-1]).facts.latency_ms.p95 == latency.p95


def test_a_table_is_read_as_it_is() -> None:
    facts = read(table(ROW, TOTAL)).facts
    assert (facts.requests, facts.failures, facts.error_rate) == (80, 4, 0.05)
    assert (facts.latency_ms.p50, facts.latency_ms.p95, facts.latency_ms.p99) == (10.0, 30.0, 50.0)
    assert not isinstance(facts.latency_ms.p90, float)
    assert (facts.requests_per_second, facts.duration_seconds) == (8.0, 10.0)
    assert list(facts.endpoints) == ["GET /"]


def test_quoted_tables_of_version_1_and_line_ends_of_both_kinds() -> None:
    def quoted(line: str) -> str:
        return ",".join(f'"{cell}"' for cell in line.split(","))

    old = "\n".join([quoted(HEADER), quoted(ROW), quoted(TOTAL), ""])
    assert locust.claims(opened(old))
    assert read(old) == read(table(ROW, TOTAL))
    assert read("\ufeff" + table(ROW, TOTAL)) == read(table(ROW, TOTAL))


def test_tables_of_version_1_0_name_the_whole_none_and_end_no_last_line() -> None:
    header = '"Type","Name","Request Count","Failure Count","50%","95%","100%"'
    old = "\n".join([header, '"GET","/",8,1,10,30,90', '"None","Aggregated",8,1,10,30,90'])
    facts = read(old).facts
    assert (facts.requests, facts.failures, facts.latency_ms.p95, list(facts.endpoints)) == (8, 1, 30.0, ["GET /"])
    assert read(old[:-1]).facts == facts
    for cut in (old[:-3], old[:-5], old.rpartition("\n")[0]):
        with pytest.raises(EvidenceError):
            read(cut)


def test_a_name_may_hold_commas_quotes_and_line_ends() -> None:
    row = ROW.replace("/,", '"/a,""b""\n::error::",')
    assert list(read(table(row, TOTAL)).facts.endpoints) == ['GET /a,"b"\\n::error::']


def test_an_endpoint_named_like_the_whole_is_an_endpoint() -> None:
    assert "GET Aggregated" in read(table(ROW.replace("/", "Aggregated"), TOTAL)).facts.endpoints


def test_zero_requests_in_a_table_is_not_fast() -> None:
    with pytest.raises(NotEvaluatedError, match="no request was made"):
        read(table(",Aggregated,0,0,0,0,0.0,N/A,N/A,N/A"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (table(ROW), "cut short"),
        (table(TOTAL), "rows are missing"),
        (table(ROW, TOTAL, TOTAL), "two rows Aggregated"),
        (table(ROW, ROW, TOTAL), "listed twice"),
        (table(ROW, TOTAL[:-3]), "more or fewer cells"),
        (table(ROW + ",1", TOTAL), "more or fewer cells"),
        (table(ROW, TOTAL.replace("80,4", '"1,280",4')), "Request Count is not a whole number"),
        (table(ROW, TOTAL.replace("80,4", "80.0,4")), "Request Count is not a whole number"),
        (table(ROW, TOTAL.replace("80,4", "80,-4")), "Failure Count is not a whole number"),
        (table(ROW, TOTAL.replace("80,4", "80,81")), "more failures than requests"),
        (table(ROW, TOTAL.replace("12.5", '"12,5"')), "not a number with a decimal point"),
        (table(ROW, TOTAL.replace("30,50", "nan,50")), "not a number with a decimal point"),
        (table(ROW, TOTAL.replace("30,50", "inf,50")), "not a number with a decimal point"),
        (table(ROW, TOTAL.replace("30,50", "\u0663\u0660,50")), "not a number with a decimal point"),
        (table(ROW, TOTAL, header=HEADER.replace("99%", "95%")), "not the header"),
        (table(ROW, TOTAL, header=HEADER.replace(",", ";")), "not the header"),
        (table('GET,"/,80', TOTAL), "quotes do not match"),
        (table(header='"Method","Name","# requests","# failures"'), "before 1.0"),
        (table(header='"Name","# requests","50%"'), "before 1.0"),
    ],
)
def test_damaged_and_foreign_tables_are_refused(text: str, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason):
        read(text)


@pytest.mark.parametrize("text", ["Type,Name\n", "a,b,c\n", "Type;Name;Request Count;Failure Count\n", "x"])
def test_other_tables_are_not_claimed(text: str) -> None:
    assert not locust.claims(opened(text))


COUNTS = st.lists(st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=8)


@given(COUNTS, st.integers(0, 8))
def test_a_table_that_lost_a_row_never_passes_for_whole(counts: list[tuple[int, int]], lost: int) -> None:
    rows = [f"GET,/{index},{requests},{failures},1,1,1,1,1,1" for index, (requests, failures) in enumerate(counts)]
    requests, failures = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    total = f",Aggregated,{requests},{failures},1,1,1,1,1,1"
    if requests:
        facts = read(table(*rows, total)).facts
        assert isinstance(facts, Load)
        assert (facts.requests, facts.failures) == (requests, failures)
    if lost < len(rows) and counts[lost][0]:
        with pytest.raises(EvidenceError, match="rows are missing"):
            read(table(*rows[:lost], *rows[lost + 1 :], total))


@pytest.mark.parametrize("cut", range(len(table(ROW, TOTAL)) - 1))
def test_a_table_cut_anywhere_is_refused(cut: int) -> None:
    with pytest.raises(EvidenceError):
        locust.read(open_report(table(ROW, TOTAL)[: cut + 1].encode()))
