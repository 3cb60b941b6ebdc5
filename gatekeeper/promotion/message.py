"""The commit message of a promotion: a subject, prose, and trailers as git-interpret-trailers(1) reads them.

A convenience beside the record, which is what counts. No text of a report gets in, and none of the rest can begin a
line of its own.
"""

from __future__ import annotations

import re

from gatekeeper.evidence.fields import seen
from gatekeeper.model.image import ImageRef
from gatekeeper.model.judgement import JudgedEvidence, Judgement, Result
from gatekeeper.promotion.changes import Change

_BREAKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_MAX = 200


def commit_message(judgement: Judgement, decision: str, environment: str, artifact: str, change: Change) -> str:
    """The whole message, for one artifact of one environment; `change` is its first manifest's."""
    subject = f"{environment}/{artifact}: {' → '.join(_versions(change.before, change.after))}"
    parts = [_free(subject), _prose(judgement), "\n".join(_trailers(judgement, decision, environment, artifact))]
    return "\n\n".join(parts) + "\n"


def _versions(before: str, after: str) -> tuple[str, str]:
    """The tags; digests where those say nothing."""
    tags = _tag(before), _tag(after)
    if tags[0] and tags[1] and tags[0] != tags[1]:
        return tags
    return _short(before, tags[0]), _short(after, tags[1])


def _tag(image: str) -> str:
    name = image.partition("@")[0]
    return name.rpartition("/")[2].partition(":")[2]


def _short(image: str, tag: str) -> str:
    digest = image.partition("@")[2].removeprefix("sha256:")[:12]
    return " ".join([*([tag] if tag else []), *([f"sha256:{digest}"] if digest else [])]) or "none"


def _prose(judgement: Judgement) -> str:
    enforced = [result.result for result in judgement.results if result.enforcement == "deny"]
    rules = f"{enforced.count('pass')} of {len(enforced)} enforced rules passed"
    lines = [f"Judged at {judgement.judged_at}: {judgement.verdict}; {rules}."]
    waived = [result for result in judgement.results if result.waived]
    if waived:
        lines.append(f"Waived: {'; '.join(map(_waived, waived))}.")
    lines += map(_evidence, judgement.evidence)
    return "\n".join(_line(line) for line in lines)


def _evidence(evidence: JudgedEvidence) -> str:
    signers = f", signed by {', '.join(evidence.signed_by)}" if evidence.signed_by else ""
    named = f"{evidence.name or 'unnamed'} ({_free(evidence.kind or 'unknown')})"
    return f"Evidence: {named}, {evidence.digest or 'no digest'}{signers}."


def _waived(result: Result) -> str:
    assert result.waived is not None
    return f"{result.policy}/{_free(result.rule)} by {result.waived.waiver} until {result.waived.expires}"


def _trailers(judgement: Judgement, decision: str, environment: str, artifact: str) -> list[str]:
    judged = judgement.artifact
    image = ImageRef(repository="", written=judged.image, tag=judged.tag, digest=judged.digest) if judged else ""
    pairs = [
        ("Decision", decision),
        ("Environment", environment),
        ("Artifact", f"{artifact} {image}"),
        *(("Policy", f"{policy.name}@{policy.version} {policy.digest}") for policy in judgement.policies),
        *(
            ("Waiver", f"{result.waived.waiver} {result.policy}/{_free(result.rule)} {_free(result.waived.ticket)}")
            for result in judgement.results
            if result.waived
        ),
    ]
    return [f"Gatekeeper-{name}: {_line(value)}" for name, value in pairs]


def _line(text: str) -> str:
    """On one line, whole: a digest or a signer that is cut off would be one that nobody can look up."""
    return seen(_BREAKS.sub(" ", text)).strip()


def _free(text: str) -> str:
    """Text that somebody wrote as they liked, on one line and not too long."""
    shown = _line(text)
    return shown if len(shown) <= _MAX else f"{shown[:_MAX]}…"
