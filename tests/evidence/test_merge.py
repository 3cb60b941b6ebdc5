"""Several files for one name: counts add, percentiles never, and nothing that is broken disappears in the sum."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.evidence.kinds import known_path
from gatekeeper.evidence.merge import merge
from gatekeeper.model import facts as kinds
from gatekeeper.model.evidence import Envelope, Producer

_numbers = itertools.count()


def envelope(kind: str, facts: Any, **changes: Any) -> Envelope:
    number = next(_numbers)
    said: dict[str, Any] = {
        "name": None,
        "kind": kind,
        "producer": Producer(name="tool", version="1"),
        "source": f"{number}.json",
        "digest": f"sha256:{number:064x}",
        "facts": msgspec.to_builtins(facts),
    }
    return Envelope(**{**said, **changes})


def suite(**outcomes: str) -> kinds.Tests:
    counts = Counter(outcomes.values())
    return kinds.Tests(
        total=len(outcomes),
        ran=len(outcomes) - counts["skipped"],
        passed=counts["passed"],
        failures=counts["failed"],
        errors=counts["error"],
        skipped=counts["skipped"],
        cases=outcomes,
    )


def scan(*severities: str, **changes: Any) -> kinds.Scan:
    counts = kinds.SeverityCounts(**Counter(severities), total=len(severities))
    findings = tuple(
        kinds.Finding(id=f"CVE-{index}", severity=severity, package="p", installed="1")
        for index, severity in enumerate(severities)
    )
    return kinds.Scan(
        **{"counts": counts, "fixable": kinds.SeverityCounts(), "targets": 1, "findings": findings, **changes}
    )


def load(requests: int, failures: int, **changes: Any) -> kinds.Load:
    rate = failures / requests if requests else 1.0
    return kinds.Load(**{"requests": requests, "failures": failures, "error_rate": rate, **changes})


def test_one_file_is_itself() -> None:
    alone = envelope("metrics", kinds.Metrics(values={"a": 1.0}))
    assert merge([alone]) is alone


def test_no_file_at_all_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="nothing to merge"):
        merge([])


def test_tests_add_and_the_worst_outcome_of_a_name_stands() -> None:
    whole = merge([envelope("tests", suite(a="passed", b="failed")), envelope("tests", suite(a="error", c="skipped"))])
    assert whole.facts == {
        "total": 4,
        "ran": 3,
        "passed": 1,
        "failures": 1,
        "errors": 1,
        "skipped": 1,
        "cases": {"a": "error", "b": "failed", "c": "skipped"},
    }


def test_an_outcome_that_nobody_knows_is_the_worst() -> None:
    parts = [envelope("tests", suite(one="passed")), envelope("tests", suite(one="flaky")), envelope("tests", suite())]
    assert merge(parts).facts["cases"] == {"one": "flaky"}


def test_scans_add() -> None:
    one = scan("high", "low", os_end_of_life=False, db_updated_at="2026-11-20T00:00:00Z")
    two = scan("high", os_end_of_life=True, db_updated_at="2026-11-19T00:00:00.5Z")
    whole = merge([envelope("scan", one), envelope("scan", two)])
    assert whole.facts["counts"] == {"critical": 0, "high": 2, "low": 1, "medium": 0, "total": 3, "unknown": 0}
    assert whole.facts["targets"] == 2
    assert whole.facts["os_end_of_life"] is True
    assert whole.facts["db_updated_at"] == "2026-11-19T00:00:00.5Z"
    assert len(whole.facts["findings"]) == 3


def test_what_one_scan_does_not_say_the_whole_does_not_say() -> None:
    said = scan("high", os_end_of_life=False, db_updated_at="2026-11-20T00:00:00Z")
    whole = merge([envelope("scan", said), envelope("scan", scan(findings=msgspec.UNSET))])
    assert not whole.facts.keys() & {"os_end_of_life", "db_updated_at", "findings"}


def test_findings_are_left_out_where_there_are_too_many() -> None:
    half = ["low"] * 2501
    assert "findings" not in merge([envelope("scan", scan(*half)), envelope("scan", scan(*half))]).facts


DATABASE = kinds.ScanDatabase(db_updated_at="2026-11-21T00:00:00Z")


def test_the_age_of_the_database_completes_a_scan_without_standing_for_it() -> None:
    bound = {"subjects": ("sha256:" + "a" * 64,), "produced_at": "2026-11-22T00:00:00Z"}
    database = envelope("scan", DATABASE)
    whole = merge([envelope("scan", scan("high"), **bound), database])
    assert whole.facts["db_updated_at"] == "2026-11-21T00:00:00Z"
    assert (whole.subjects, whole.produced_at, whole.producer) == (*bound.values(), Producer(name="tool", version="1"))


def test_the_age_of_two_databases_is_no_scan() -> None:
    whole = merge([envelope("scan", DATABASE), envelope("scan", DATABASE)])
    assert (whole.status, whole.reason, whole.facts) == ("error", "the age of a database without a scan", {})


def test_lints_add() -> None:
    one = kinds.Lint(counts=kinds.LintCounts(error=1, total=1), suppressed=2, rules={"E1": 1})
    two = kinds.Lint(counts=kinds.LintCounts(error=1, note=1, total=2), rules={"E1": 1, "N1": 1})
    assert merge([envelope("lint", one), envelope("lint", two)]).facts == {
        "counts": {"error": 2, "note": 1, "total": 3, "warning": 0},
        "suppressed": 2,
        "rules": {"E1": 2, "N1": 1},
    }


def test_load_tests_add_without_their_percentiles() -> None:
    latency = kinds.Latency(p95=100.0)
    row = kinds.Endpoint(requests=10, failures=1, error_rate=0.1, latency_ms=latency)
    said = {"latency_ms": latency, "requests_per_second": 5.0, "endpoints": {"GET /": row}}
    one = load(10, 1, **said, duration_seconds=60.0, thresholds=kinds.Thresholds(passed=1, failed=1))
    two = load(30, 9, **said, duration_seconds=90.0)
    assert merge([envelope("load", one), envelope("load", two)]).facts == {
        "requests": 40,
        "failures": 10,
        "error_rate": 0.25,
        "latency_ms": {},
        "endpoints": {"GET /": {"requests": 20, "failures": 2, "error_rate": 0.1, "latency_ms": {}}},
        "duration_seconds": 90.0,
        "thresholds": {"failed": 1, "passed": 1},
    }


def fairness(*attributes: str) -> kinds.Fairness:
    one = kinds.Attribute(n=5, group_count=1, smallest_n=5, groups={"F": kinds.Group(n=5)}, gaps={})
    return kinds.Fairness(attributes=dict.fromkeys(attributes, one))


def test_fairness_joins_where_attributes_differ() -> None:
    whole = merge([envelope("fairness", fairness("gender")), envelope("fairness", fairness("age"))])
    assert list(whole.facts["attributes"]) == ["age", "gender"]
    assert "only" not in whole.facts
    twice = merge([envelope("fairness", fairness("gender")), envelope("fairness", fairness("age", "gender"))])
    assert (twice.status, twice.reason) == ("error", "two files give the groups of 'gender'")


@pytest.mark.parametrize("kind", ["metrics", "command"])
def test_what_does_not_add_is_an_error_that_lists_both(kind: str) -> None:
    whole = merge([envelope(kind, {}, source="a.json"), envelope(kind, {}, source="b.json")])
    assert whole.status == "error"
    assert whole.reason is not None
    assert whole.reason.endswith("'a.json' and 'b.json'")


def test_two_kinds_are_an_error() -> None:
    assert merge([envelope("tests", suite(a="passed")), envelope("scan", scan())]).status == "error"


def test_the_same_bytes_twice_are_an_error() -> None:
    one = envelope("tests", suite(a="passed"), source="a.xml")
    whole = merge(
        [
            one,
            envelope("tests", suite(b="passed")),
            envelope("tests", suite(a="passed"), source="b.xml", digest=one.digest),
        ]
    )
    assert (whole.status, whole.reason, whole.facts) == ("error", "the same bytes twice: 'a.xml' and 'b.xml'", {})


def test_the_digest_is_that_of_the_sorted_digests() -> None:
    parts = [envelope("tests", suite(a="passed")), envelope("tests", suite(b="passed"))]
    text = "".join(f"{digest}\n" for digest in sorted(part.digest or "" for part in parts))
    assert merge(parts).digest == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("times", "produced_at"),
    [
        (["2026-11-23T02:00:00Z", "2026-11-23T01:00:00Z"], "2026-11-23T01:00:00Z"),
        (["2026-11-23T01:00:00Z", "2026-11-23T01:00:00.5Z"], "2026-11-23T01:00:00Z"),
        (["2026-11-23T02:00:00Z", None], None),
    ],
)
def test_the_whole_is_as_old_as_its_oldest_part(times: list[str | None], produced_at: str | None) -> None:
    assert merge([envelope("tests", suite(a="passed"), produced_at=time) for time in times]).produced_at == produced_at


def test_the_whole_is_about_what_every_part_is_about() -> None:
    subjects = [("sha256:b", "sha256:a"), ("sha256:a", "sha256:c"), ("sha256:a",)]
    parts = [envelope("tests", suite(a="passed"), subjects=each) for each in subjects]
    assert merge(parts).subjects == ("sha256:a",)
    assert merge([*parts, envelope("tests", suite(a="passed"))]).subjects == ()


def test_names_producers_and_versions_are_kept_where_they_agree() -> None:
    one = envelope("scan", scan(), name="image", producer=Producer(name="trivy", version="1"))
    two = envelope("scan", scan(), name="image", producer=Producer(name="trivy", version="2"))
    three = envelope("scan", scan(), name="image", producer=Producer(name="grype", version="1"))
    assert (merge([one, two]).name, merge([one, two]).producer) == ("image", Producer(name="trivy"))
    assert merge([one, three]).producer == Producer(name="grype+trivy", version="1")


STATUSES = st.sampled_from(["evaluated", "not_evaluated", "error"])
PARTS = st.lists(
    st.tuples(
        STATUSES,
        st.dictionaries(st.sampled_from("abc"), st.sampled_from(["passed", "failed", "error", "skipped"]), min_size=1),
        st.none() | st.sampled_from(["2026-11-23T01:00:00Z", "2026-11-23T02:00:00Z"]),
        st.frozensets(st.sampled_from(["sha256:a", "sha256:b"])),
    ),
    min_size=2,
    max_size=5,
)


@given(PARTS, st.randoms(use_true_random=False))
def test_the_order_of_files_makes_no_difference_and_nothing_broken_is_lost(parts: Any, shuffler: random.Random) -> None:
    envelopes = [
        envelope(
            "tests",
            suite(**outcomes) if status == "evaluated" else {},
            status=status,
            reason=None if status == "evaluated" else f"reason {index % 2}",
            produced_at=time,
            subjects=tuple(sorted(subjects)),
        )
        for index, (status, outcomes, time, subjects) in enumerate(parts)
    ]
    whole = merge(envelopes)
    shuffled = list(envelopes)
    shuffler.shuffle(shuffled)
    assert merge(shuffled) == whole
    statuses = {part.status for part in envelopes}
    worst = next(status for status in ("error", "not_evaluated", "evaluated") if status in statuses)
    assert whole.status == worst
    if worst == "evaluated":
        assert whole.facts["total"] == sum(part.facts["total"] for part in envelopes)
        assert whole.reason is None
    else:
        assert whole.facts == {}
        assert f" of {len(envelopes)} files: reason " in (whole.reason or "")


SCANS = st.lists(st.lists(st.sampled_from(["critical", "high", "low"]), max_size=4), min_size=2, max_size=4)


@given(SCANS, st.lists(st.tuples(st.integers(1, 100), st.integers(0, 100)), min_size=2, max_size=4))
def test_wholes_have_the_fields_of_their_kind(severities: list[list[str]], loads: list[tuple[int, int]]) -> None:
    scans = merge([envelope("scan", scan(*each)) for each in severities])
    assert scans.facts["counts"]["total"] == sum(map(len, severities)) == len(scans.facts["findings"])
    assert msgspec.convert(scans.facts, kinds.Scan)
    total = merge([envelope("load", load(requests, min(requests, failures))) for requests, failures in loads])
    assert msgspec.convert(total.facts, kinds.Load).error_rate == total.facts["failures"] / total.facts["requests"]
    assert all(known_path("load", (key,)) is None for key in total.facts)
