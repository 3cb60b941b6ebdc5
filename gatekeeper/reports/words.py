"""What the reports for people say alike: the verdict, the state of each result, the margin, the promotion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from msgspec import UnsetType

from gatekeeper.model.judgement import JudgedEvidence, JudgedPolicy, Promotion, Report, Result, Waiting
from gatekeeper.reports.marks import done, suffix
from gatekeeper.reports.plain import line, number, short, value

_TONES = {"denied": "bad", "undecided": "doubt", "allowed": "good"}
_NOUNS = {
    "pass": "passed",
    "fail": "failed",
    "error": "in error",
    "missing": "missing",
    "inconclusive": "inconclusive",
}


class Group(NamedTuple):
    """One policy's results, in the order of the judgement; `policy` is null for a result of no policy."""

    name: str
    policy: JudgedPolicy | None
    results: tuple[Result, ...]


def verdict(report: Report) -> str:
    """`DENIED`, `UNDECIDED`, `ALLOWED`, and behind it `, WAITING`, `, OVERRIDDEN` or `, ROLLED BACK`."""
    return report.judgement.verdict.upper() + suffix(report)


def tone(report: Report) -> str:
    """`good`, `bad` or `doubt`; what is allowed, but waits, was overridden or rolled back, is in doubt."""
    is_special = report.judgement.verdict == "allowed" and suffix(report)
    return "doubt" if is_special else _TONES[report.judgement.verdict]


def subject(report: Report) -> str:
    """What was judged and for where: `churn 1.4.2 for production`."""
    artifact, environment = report.judgement.artifact, report.judgement.environment
    parts = [line(artifact.name or artifact.image), line(artifact.tag or "")] if artifact else ["the evidence"]
    where = [f"for {line(environment)}"] if environment else []
    return " ".join(part for part in [*parts, *where] if part)


def reference(report: Report) -> str:
    """The artifact's image with tag and digest; empty without an artifact."""
    artifact = report.judgement.artifact
    if artifact is None:
        return ""
    tag = f":{artifact.tag}" if artifact.tag else ""
    return line(f"{artifact.image}{tag}{f'@{artifact.digest}' if artifact.digest else ''}")


def carried(report: Report) -> dict[str, str]:
    """What the artifact was said to carry, by what it is: model, commit, run, data; only what was said."""
    artifact = report.judgement.artifact
    if artifact is None:
        return {}
    model, datasets = artifact.model or None, artifact.datasets or {}
    parts = {
        "model": "" if model is None else _joined(model.name, model.version, model.uri, model.digest),
        "commit": artifact.commit or "",
        "run": artifact.run or "",
        "data": ", ".join(f"{name} {digest}" for name, digest in sorted(datasets.items())),
    }
    return {name: line(text) for name, text in parts.items() if text}


def _joined(*parts: str | UnsetType) -> str:
    return " ".join(part for part in parts if part)


def trust(report: Report) -> str:
    """The digest of the file that said whose signatures count; empty where nothing followed from it."""
    return line(report.judgement.trust or "")


def root(report: Report) -> str:
    """The state in which policies and environment were read: `of commit 9f2c…`; empty where no tree was read."""
    if not report.root:
        return ""
    return "of the working tree" if report.root == "working tree" else f"of commit {line(report.root)}"


def summary(report: Report) -> str:
    """How the rules came out: `2 of 13 enforced rules failed, 1 missing, 1 waived; 3 warnings`."""
    results = report.judgement.results
    enforced = [result for result in results if result.enforcement == "deny"]
    parts = [_outcome(enforced)]
    waived = sum(1 for result in enforced if result.waived)
    if waived:
        parts[0] += f", {waived} waived"
    for enforcement, noun in (("warn", "warning"), ("audit", "audit finding")):
        count = sum(1 for result in results if result.enforcement == enforcement and stands(result))
        if count:
            parts.append(f"{count} {noun}{'' if count == 1 else 's'}")
    return "; ".join(parts)


def _outcome(enforced: list[Result]) -> str:
    if all(result.result == "skipped" for result in enforced):
        return "no enforced rule was left to judge"
    rules = f"{len(enforced)} enforced rule{'' if len(enforced) == 1 else 's'}"
    first, *rest = (
        _tally(result for result in enforced if blocks(result))
        or _tally(result for result in enforced if result.result == "pass")
        or [(0, "passed")]
    )
    return ", ".join([f"{first[0]} of {rules} {first[1]}", *(f"{count} {noun}" for count, noun in rest)])


def _tally(results: Iterable[Result]) -> list[tuple[int, str]]:
    tally: dict[str, int] = {}
    for result in results:
        tally[result.result] = tally.get(result.result, 0) + 1
    return [(tally[key], noun) for key, noun in _NOUNS.items() if key in tally]


def stands(result: Result) -> bool:
    """Whether the result is none of passed and skipped."""
    return result.result not in ("pass", "skipped")


def blocks(result: Result) -> bool:
    """Whether the result stands between the artifact and *allowed*."""
    return stands(result) and result.enforcement == "deny" and result.waived is None


def state(result: Result) -> str:
    """The result and what softens it: `fail, waived until 2026-12-01`, `fail, only warns, denies from 2027-01-15`."""
    if result.waived:
        return f"{result.result}, waived until {line(result.waived.expires)}"
    if not stands(result) or result.enforcement == "deny":
        return result.result
    softer = f"{result.result}, only {'warns' if result.enforcement == 'warn' else 'audited'}"
    return f"{softer}, denies from {line(result.effective_on)}" if result.effective_on else softer


def waived(result: Result) -> str:
    """Who let it through, for what reason and until when; empty when nobody did."""
    if result.waived is None:
        return ""
    by = result.waived
    text = f"{by.reason} ({by.ticket}; asked by {by.requested_by}, approved by {by.approved_by}, {by.granted} to"
    return line(f"{text} {by.expires}; {by.waiver})")


def observed(result: Result) -> str:
    """The observed value for a table; `-` where there is none.

    A fraction is rounded to six digits, but never so far that it would look like a limit that it is not.
    """
    given = result.observed
    if isinstance(given, float) and rounded(given) != rounded(result.limit):
        return rounded(given)
    return _brief(given, result.limit, 24)


def limit(result: Result) -> str:
    """The comparator and the limit: `>= 0.88`; `-` where there is none."""
    if result.limit is None:
        return "-"
    text = _brief(result.limit, result.observed, 200)
    return f"{line(result.comparator, 20)} {text}" if result.comparator else text


def _brief(given: Any, beside: Any, bound: int) -> str:
    """A value for a table; a digest by its first digits, or whole where those of another one beside it are the same."""
    if not (isinstance(given, str) and given.startswith(("sha256:", "md5:"))):
        return value(given, bound)
    brief = short(given)
    is_alike = given != beside and isinstance(beside, str) and beside.startswith(brief)
    return line(given) if is_alike else line(brief, 24)


def margin(result: Result) -> str:
    """The signed distance to the limit, positive on the good side, in four digits; `-` where there is none."""
    if result.margin is None:
        return "-"
    text = rounded(result.margin, 4)
    return f"+{text}" if result.margin > 0 else text


def rounded(given: Any, digits: int = 6) -> str:
    """A fraction in so many digits; whole numbers, and whatever is no number, as they are."""
    if not isinstance(given, float) or given - given != 0 or given == int(given):
        return value(given)
    return number(float(f"{given:.{digits}g}"))


def precision(result: Result) -> str:
    """The sample size and the interval, as far as they are known: `n 5000, 95 % wilson interval 0.832 to 0.852`."""
    parts = [] if result.n is None else [f"n {result.n}"]
    if result.interval:
        given = result.interval
        sides = "" if given.sides == 2 else "one-sided "
        level = number(round(given.confidence * 100, 6))
        method = line(given.method)
        parts.append(f"{level} % {sides}{method} interval {number(given.lower)} to {number(given.upper)}")
    return ", ".join(parts)


def producer(item: JudgedEvidence) -> str:
    """What it is and who made it: `scan by trivy 0.69.1`."""
    by = f"{item.producer.name} {item.producer.version or ''}" if item.producer else "an unknown producer"
    return line(f"{item.kind or 'evidence'} by {by}").strip()


def signed(item: JudgedEvidence) -> str:
    """`signed by ci-2026`, with every key whose signature counts, or `unsigned`."""
    return line(f"signed by {', '.join(item.signed_by)}") if item.signed_by else "unsigned"


def status(item: JudgedEvidence) -> str:
    """`evaluated`, `not evaluated` or `error`, for people."""
    return item.status.replace("_", " ")


def origin(result: Result) -> str:
    """Where the observed value stands: `metrics: values.accuracy`; empty where nothing was read."""
    return line(": ".join(part for part in (result.evidence, result.path) if part))


def place(result: Result) -> str:
    """The rule's own place: `policies/model-quality.yaml:21`."""
    return line(f"{result.file}:{result.line}" if result.line else result.file)


def advice(report: Report) -> str:
    """What to do where no single result stands for the refusal; empty otherwise."""
    if report.judgement.verdict == "allowed" or any(blocks(result) for result in report.judgement.results):
        return ""
    return "Enforce at least one rule that is not skipped: what judges nothing allows nothing."


def places(result: Result) -> list[str]:
    """Where the value and the rule stand, as far as they stand anywhere."""
    return [part for part in (origin(result), place(result)) if part]


def groups(report: Report) -> tuple[Group, ...]:
    """The results by policy: policies in the judgement's order, then results that belong to none."""
    policies = {policy.name: policy for policy in report.judgement.policies}
    found: dict[str, list[Result]] = {name: [] for name in policies}
    for result in report.judgement.results:
        found.setdefault(result.policy, []).append(result)
    return tuple(Group(name, policies.get(name), tuple(results)) for name, results in found.items())


def waits(promotion: Promotion | None) -> list[str]:
    """All that a promotion waits for, one text for each."""
    return [waiting(item) for item in promotion.waiting] if promotion else []


def notes(promotion: Promotion) -> list[str]:
    """What a person should know, but for what is waited for with the same words."""
    return [note for note in promotion.notes if not any(note in item.message for item in promotion.waiting)]


def waiting(item: Waiting) -> str:
    """One thing that is waited for, and until when, where that is known."""
    until = f" (until {line(item.until)})" if item.until else ""
    return f"{line(item.condition)}: {line(item.message)}{until}"


def outcome(promotion: Promotion) -> str:
    """What became, or in a plan would become, of the artifact, in one sentence."""
    if promotion.action == "committed":
        return done(promotion)
    if promotion.action == "proposed":
        address = promotion.pull_request
        return f"proposed in {line(address)}" if address else "would be proposed in a pull request"
    if promotion.action == "already":
        return "already as wished: the branch holds this digest and a valid record of it; nothing is written"
    if promotion.action == "waiting":
        return f"waiting, not before {line(promotion.not_before)}" if promotion.not_before else "waiting"
    return "nothing is written"
