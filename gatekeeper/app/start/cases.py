"""The cases of the first policy: every limit from both sides, and the evidence missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gatekeeper.app.start.found import Found, FoundTests
from gatekeeper.app.start.limits import Choice, FirstLimit, beyond
from gatekeeper.app.start.policy import NAME, least_tests
from gatekeeper.app.start.yamltext import head
from gatekeeper.policy.yamlwriting import scalar

FILE = "policies/tests/quality.yaml"

Facts = Mapping[str, str]
"""Evidence by name, as YAML in one line."""


def cases_text(found: Found, choice: Choice) -> str:
    """`policies/tests/quality.yaml`."""
    cases = [_whole(found, choice), _nothing(found, choice)]
    for limit in choice.limits:
        cases += _of_metric(limit)
    if found.tests is not None:
        cases += _of_tests(found.tests)
    if found.metrics is None and found.tests is None:
        cases.append(_case("a check that failed", {"check": _command(1)}, {"check-passed": "fail"}, "denied"))
    return head("policytest", 2) + "---\n".join(cases)


def _case(
    name: str, evidence: Facts, results: Mapping[str, str], verdict: str | None = None, parameters: str = ""
) -> str:
    lines = [
        "apiVersion: gatekeeper/v1",
        "kind: PolicyTest",
        f"metadata: {{name: {scalar(name)}}}",
        "spec:",
        f"  policy: {NAME}",
        *([f"  parameters: {parameters}"] if parameters else []),
        "  evidence:" if evidence else "  evidence: {}",
        *(f"    {key}: {value}" for key, value in evidence.items()),
        "  expect:",
        *([f"    verdict: {verdict}"] if verdict else []),
        "    results:",
        *(f"      {key}: {value}" for key, value in results.items()),
    ]
    return "\n".join(lines) + "\n"


def _values(values: Mapping[str, str]) -> str:
    return f"{{values: {{{', '.join(f'{_key(name)}: {value}' for name, value in values.items())}}}}}"


def _key(name: str) -> str:
    """A key of a flow mapping; always quoted where it is not plainly a word."""
    return scalar(name)


def _suite(ran: int, failures: int = 0, errors: int = 0, skipped: int = 0) -> str:
    counts = f"total: {ran + skipped}, ran: {ran}, passed: {ran - failures - errors}"
    return f"{{{counts}, failures: {failures}, errors: {errors}, skipped: {skipped}}}"


def _command(status: int) -> str:
    return f"{{exit_status: {status}, duration_seconds: 1}}"


def _whole(found: Found, choice: Choice) -> str:
    """All that was observed, with tests that pass."""
    evidence: dict[str, str] = {}
    results: dict[str, str] = {}
    if found.metrics is not None:
        evidence["metrics"] = _values({limit.metric: limit.observed for limit in choice.limits})
        results |= {limit.id: "pass" for limit in choice.limits}
    if found.tests is not None:
        evidence["unit"] = _suite(max(1, found.tests.ran), skipped=found.tests.skipped)
        results["unit-tests"] = "pass"
    if not evidence:
        evidence["check"] = _command(0)
        results["check-passed"] = "pass"
    return _case("what was observed when this gate was made", evidence, results, "allowed")


def _nothing(found: Found, choice: Choice) -> str:
    names = [name for name, there in (("metrics", found.metrics), ("unit", found.tests)) if there is not None]
    results = {f"evidence/{name}": "missing" for name in names or ["check"]}
    results |= {limit.id: "missing" for limit in choice.limits}
    if found.tests is not None:
        results["unit-tests"] = "missing"
    if not names:
        results["check-passed"] = "missing"
    return _case("no evidence at all", {}, results, "undecided")


def _of_metric(limit: FirstLimit) -> Iterator[str]:
    sides = (("floor", limit.least, -1), ("ceiling", limit.most, 1), ("whole", "1" if limit.is_share else None, 1))
    for word, value, sign in sides:
        if value is None:
            continue
        yield _metric_case(limit, f"{limit.id} at its {word}", value, "pass")
        outside = "1.01" if word == "whole" else beyond(value, sign)
        yield _metric_case(limit, f"{limit.id} beyond its {word}", outside, "fail")


def _metric_case(limit: FirstLimit, name: str, value: str, result: str) -> str:
    return _case(name, {"metrics": _values({limit.metric: value})}, {limit.id: result})


def _of_tests(tests: FoundTests) -> Iterator[str]:
    least, skipped = least_tests(tests), tests.skipped
    suites = {
        "enough tests": (_suite(least, skipped=skipped), "pass"),
        "one test too few": (_suite(least - 1, skipped=skipped), "fail"),
        "one test skipped too many": (_suite(least, skipped=skipped + 1), "fail"),
        "a test that failed": (_suite(least, failures=1), "fail"),
        "a test with an error": (_suite(least, errors=1), "fail"),
    }
    for name, (suite, result) in suites.items():
        yield _case(name, {"unit": suite}, {"unit-tests": result})
    more = f"{{min_tests: {least + 1}}}"
    enough = {"unit": _suite(least, skipped=skipped)}
    yield _case("too few where an environment asks for more", enough, {"unit-tests": "fail"}, parameters=more)
