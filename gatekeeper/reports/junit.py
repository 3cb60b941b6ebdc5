"""`--format junit`: JUnit XML as Jenkins and GitLab read it; names are stable, so that a CI system can follow a rule.

Rules:
1. One suite per policy, one case per rule: classname `gatekeeper.<environment>.<policy>`, name the rule's id.
2. An enforced `fail` is a failure; `missing`, `inconclusive` and `error` are errors; waived and skipped are skipped.
3. A rule that only warns or is audited never fails: what it found stands in the case's `system-out`.
4. A promotion is a case of its own, as are an override, a rollback and each thing that is waited for: they never fail,
   and are skipped as long as nothing is done.
5. No value stands in a name: GitLab drops duplicate names, Jenkins tells cases apart by them.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.model.judgement import Promotion, Report, Result
from gatekeeper.reports import words
from gatekeeper.reports.junittext import attributes, text
from gatekeeper.reports.marks import marks
from gatekeeper.reports.plain import line, value

_DONE = ("committed", "proposed", "already")


def render(report: Report) -> str:
    """The report as JUnit XML."""
    advice = words.advice(report)
    acts = _acts(report.promotion)
    totals = _counts(report.judgement.results, 1 if advice else 0)
    totals["tests"] = str(int(totals["tests"]) + len(acts))
    del totals["skipped"]  # the schema of Jenkins has it on a suite only
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {attributes(name=_prefix(report), **totals)}>"]
    for group in words.groups(report):
        lines += _suite(report, group)
    lines += _verdict(report, advice) if advice else ()
    lines += _promotion(report, acts) if acts else ()
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _prefix(report: Report) -> str:
    environment = report.judgement.environment
    return f"gatekeeper.{environment}" if environment else "gatekeeper"


def _suite(report: Report, group: words.Group) -> Iterator[str]:
    name = f"{_prefix(report)}.{group.name or 'gatekeeper'}"
    yield f"  <testsuite {attributes(name=name, **_counts(group.results), timestamp=_stamp(report))}>"
    for result in group.results:
        yield from _case(name, result)
    yield "  </testsuite>"


def _verdict(report: Report, advice: str) -> Iterator[str]:
    """A case of its own where no rule stands for the verdict, lest an empty suite look like success."""
    name = _prefix(report)
    yield f"  <testsuite {attributes(name=name, **_counts((), 1), timestamp=_stamp(report))}>"
    yield f"    <testcase {attributes(classname=name, name='verdict', time='0')}>"
    told = f"{words.verdict(report)}: {words.summary(report)}"
    yield f"      <error {attributes(message=told, type='undecided')}>{text(advice)}</error>"
    yield "    </testcase>"
    yield "  </testsuite>"


def _promotion(report: Report, acts: dict[str, tuple[str, bool]]) -> Iterator[str]:
    name, skipped = _prefix(report), sum(1 for _, done in acts.values() if not done)
    counts = {**_counts(()), "tests": str(len(acts)), "skipped": str(skipped)}
    yield f"  <testsuite {attributes(name=name, **counts, timestamp=_stamp(report))}>"
    for act, (told, done) in acts.items():
        yield f"    <testcase {attributes(classname=name, name=act, time='0')}>"
        yield f"      <system-out>{text(told)}</system-out>" if done else f"      <skipped {attributes(message=told)}/>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _acts(promotion: Promotion | None) -> dict[str, tuple[str, bool]]:
    """By case name: what is told of the promotion, and whether it was made; of a waiting one, each condition too."""
    if promotion is None:
        return {}
    acts = {"promotion": (words.outcome(promotion), promotion.action in _DONE)}
    acts |= {mark.lower(): (f"{mark} {told}", True) for mark, told in marks(promotion)}
    for item in promotion.waiting:
        name = f"promotion/{item.condition}"
        same = sum(1 for known in acts if known == name or known.startswith(f"{name} "))
        acts[f"{name} {same + 1}" if same else name] = (words.waiting(item), False)
    return acts


def _stamp(report: Report) -> str:
    return report.judgement.judged_at.removesuffix("Z")  # the schemas of Ant and Jenkins know no zone here


def _case(classname: str, result: Result) -> Iterator[str]:
    place = {"file": result.file} if result.file else {}
    head = attributes(classname=classname, name=result.rule, time="0", **place)
    element = _element(result)
    if result.result == "pass":
        yield f"    <testcase {head}/>"
        return
    yield f"    <testcase {head}>"
    if element == "skipped":
        yield f"      <skipped {attributes(message=_reason(result))}/>"
    elif element:
        kind = attributes(message=result.message, type=result.result)
        yield f"      <{element} {kind}>{text(_body(result))}</{element}>"
    if element in ("", "skipped") and words.stands(result):
        yield f"      <system-out>{text(_body(result))}</system-out>"
    yield "    </testcase>"


def _element(result: Result) -> str:
    if result.result == "skipped" or result.waived:
        return "skipped"
    if not words.blocks(result):
        return ""
    return "failure" if result.result == "fail" else "error"


def _reason(result: Result) -> str:
    return f"{words.state(result)}: {words.waived(result)}" if result.waived else result.message


def _body(result: Result) -> str:
    figures = f"value {value(result.observed)}, limit {words.limit(result)}, margin {words.margin(result)}"
    precision = words.precision(result)
    rows = [
        f"{words.state(result)}: {line(result.message)}",
        figures + (f" ({precision})" if precision else "") if result.observed is not None else "",
        f"why: {line(result.why)}",
        f"remedy: {line(result.remedy)}",
        f"see: {', '.join([*words.places(result), f'severity {line(result.severity)}'])}",
    ]
    return "\n".join(row for row in rows if row)


def _counts(results: tuple[Result, ...], more_errors: int = 0) -> dict[str, str]:
    elements = [_element(result) for result in results]
    return {
        "tests": str(len(results) + more_errors),
        "failures": str(elements.count("failure")),
        "errors": str(elements.count("error") + more_errors),
        "skipped": str(elements.count("skipped")),
        "time": "0",
    }
