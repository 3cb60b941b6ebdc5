"""The first policy."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gatekeeper.app.start.found import Found, FoundTests
from gatekeeper.app.start.limits import Choice, FirstLimit
from gatekeeper.app.start.yamltext import comment, head
from gatekeeper.policy.yamlwriting import scalar

NAME = "quality"
FILE = "policies/quality.yaml"


def policy_text(found: Found, choice: Choice, margin: Decimal) -> str:
    """`policies/quality.yaml`: a rule for each chosen metric, one for the tests, or one for a command."""
    parameters = [line for limit in choice.limits for line in _parameters(limit, margin)]
    if found.tests is not None:
        parameters += _test_parameters(found.tests)
    rules = [line for limit in choice.limits for line in _rule(limit)]
    rules += _test_rule() if found.tests is not None else []
    rules += _command_rule() if found.metrics is None and found.tests is None else []
    return "\n".join(
        [
            head("policy", 1) + "apiVersion: gatekeeper/v1",
            "kind: Policy",
            "metadata:",
            f"  name: {NAME}",
            "  version: 1.0.0",
            "  title: What a release must reach",
            "  # owners: [your-team]",
            "spec:",
            *(["  parameters:", *parameters] if parameters else []),
            "  evidence:",
            *_evidence(found),
            "  rules:",
            *_unjudged(choice),
            *rules,
            "",
        ]
    )


def _parameters(limit: FirstLimit, margin: Decimal) -> Iterator[str]:
    for bound, value, stricter in (("min", limit.least, "higher"), ("max", limit.most, "lower")):
        if value is None:
            continue
        side = "less" if bound == "min" else "plus"
        yield f"    # Observed {limit.observed}, {side} {margin.normalize():f} %. Set it to what the release needs."
        yield f"    {limit.parameter(bound)}:"
        yield "      type: number"
        yield f"      default: {value}"
        if limit.is_share:
            yield "      minimum: 0"
            yield "      maximum: 1"
        yield f"      stricter: {stricter}"
        word = "Least" if bound == "min" else "Largest"
        yield f"      description: {scalar(f'{word} value of {limit.metric} that is good enough.')}"


def _test_parameters(tests: FoundTests) -> list[str]:
    return [
        f"    # Observed {tests.ran} that ran, less a tenth: a suite that shrinks unseen is noticed.",
        "    min_tests:",
        "      type: integer",
        f"      default: {least_tests(tests)}",
        "      minimum: 1",
        "      stricter: higher",
        "      description: Fewest tests that must have run.",
        f"    # Observed {tests.skipped}.",
        "    max_skipped:",
        "      type: integer",
        f"      default: {tests.skipped}",
        "      minimum: 0",
        "      stricter: lower",
        "      description: Most tests that may be skipped.",
    ]


def least_tests(tests: FoundTests) -> int:
    """Nine tenths of those that ran, and one at least."""
    return max(1, tests.ran * 9 // 10)


def _evidence(found: Found) -> Iterator[str]:
    if found.metrics is not None:
        yield "    metrics: {kind: metrics}"
    if found.tests is not None:
        yield "    unit: {kind: tests}"
    if found.metrics is None and found.tests is None:
        yield "    check: {kind: command}"


def _unjudged(choice: Choice) -> Iterator[str]:
    if choice.unjudged:
        yield f"    # No rule yet for {_names(choice.unjudged)}: the name does not tell which side is better."
    if choice.misnamed:
        yield f"    # No rule for {_names(choice.misnamed)}: not in the range that its name says."
        yield "    # Write shares from 0 to 1, and not in per cent."


def _names(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return ", ".join(comment(name) for name in names[:20]) + more


def _rule(limit: FirstLimit) -> Iterator[str]:
    keys = [f"name: {scalar(limit.metric)}", "in: metrics"]
    keys += [f"min: params.{limit.parameter('min')}"] if limit.least is not None else []
    keys += [f"max: params.{limit.parameter('max')}"] if limit.most is not None else []
    if limit.is_share:
        yield "    # `max: 1` refuses a share that is written in percent, which would clear any floor."
        keys.append("max: 1")
    side = "worse" if limit.least is None or limit.most is None else "further off"
    yield f"    - id: {limit.id}"
    yield f"      why: {scalar(f'A release must not be {side} than what was measured when this gate was made.')}"
    yield "      remedy: Find out what changed and train again, or change the limit by a reviewed change of this file."
    yield "      severity: high"
    yield f"      metric: {{{', '.join(keys)}}}"
    yield ""


def _test_rule() -> list[str]:
    return [
        "    - id: unit-tests",
        "      why: A failing test is a known fault, and a report of no tests proves nothing.",
        "      remedy: Fix what fails; if too few ran, see what the run selected.",
        "      severity: high",
        "      tests: {in: unit, min_tests: params.min_tests, max_skipped: params.max_skipped}",
        "",
    ]


def _command_rule() -> list[str]:
    return [
        "    - id: check-passed",
        "      why: What the check refuses must not be released.",
        "      remedy: Run the check by hand, read what it says, and repair that.",
        "      severity: high",
        "      command: {in: check, exit_status: 0}",
        "",
    ]
