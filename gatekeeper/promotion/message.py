"""The commit message of a promotion: a subject, prose, and trailers as git-interpret-trailers(1) reads them.

A convenience beside the record, which is what counts. No text of a report gets in, and none of the rest can begin a
line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import UNSET

from gatekeeper.evidence.fields import seen
from gatekeeper.model.image import ImageRef
from gatekeeper.model.judgement import JudgedEvidence, Judgement, Result
from gatekeeper.model.promoted import Promoted
from gatekeeper.policy.placeholders import PLACEHOLDERS
from gatekeeper.promotion.changes import Change

_BREAKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_MAX = 200
_MARK = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")


class Part(NamedTuple):
    """One artifact of the commit: its decision, its first manifest's change, and what the record says beside."""

    judgement: Judgement
    decision: str
    environment: str
    artifact: str
    change: Change
    promoted: Promoted | None = None


def commit_message(parts: Sequence[Part], template: str | None = None) -> str:
    """The whole message, for one or several artifacts of one environment; `template` is the head for one alone."""
    own = template is not None and len(parts) == 1
    texts = [_filled(template, parts[0]) if own and template else _free(_subject(parts))]
    texts += ["\n".join(_prose(part, named=len(parts) > 1)) for part in parts]
    trailers = [trailer for part in parts for trailer in _trailers(part)]
    return "\n\n".join([*texts, "\n".join(trailers)]) + "\n"


def _filled(template: str, part: Part) -> str:
    """The environment's own head, whose values can begin no line of their own."""
    old, new = _versions(part.change.before, part.change.after)
    who = None if part.promoted is None else part.promoted.requester
    values = {
        "environment": part.environment,
        "artifact": part.artifact,
        "old": old,
        "new": new,
        "verdict": part.judgement.verdict,
        "decision": part.decision,
        "requester": "unknown" if who is None else who.name or who.login,
    }
    lines = (_MARK.sub(lambda found: _free(values[found[1]]), line) for line in template.strip().splitlines())
    return "\n".join(_line(line) for line in lines)


def subject(part: Part) -> str:
    """The first line of a commit of this artifact alone."""
    return _free(_subject([part]))


def _subject(parts: Sequence[Part]) -> str:
    if len(parts) == 1:
        return f"{parts[0].environment}/{parts[0].artifact}: {_step(parts[0])}"
    return f"{parts[0].environment}: {', '.join(f'{part.artifact} {_step(part)}' for part in parts)}"


def _step(part: Part) -> str:
    step = " → ".join(_versions(part.change.before, part.change.after))
    if part.promoted is None:
        return step
    marks = [word for word in ("rollback", "override") if getattr(part.promoted, word) is not UNSET]
    return f"{step} ({', '.join(marks)})" if marks else step


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


def _prose(part: Part, *, named: bool) -> Iterator[str]:
    judgement = part.judgement
    enforced = [result.result for result in judgement.results if result.enforcement == "deny"]
    rules = f"{enforced.count('pass')} of {len(enforced)} enforced rules passed"
    head = f"{part.artifact}: judged" if named else "Judged"
    yield _line(f"{head} at {judgement.judged_at}: {judgement.verdict}; {rules}.")
    waived = [result for result in judgement.results if result.waived]
    if waived:
        yield _line(f"Waived: {'; '.join(map(_waived, waived))}.")
    yield from map(_line, _beside(part.promoted))
    yield from (_line(_evidence(evidence)) for evidence in judgement.evidence)


def _beside(promoted: Promoted | None) -> Iterator[str]:
    if promoted is None:
        return
    if promoted.rollback is not UNSET:
        yield f"Rolled back: {_free(promoted.rollback.reason)}."
    if promoted.override is not UNSET:
        forced = promoted.override
        yield f"OVERRIDE by {_free(forced.by)} of {_free(', '.join(forced.over))}: {_free(forced.reason)}."
    if promoted.requester is not None:
        who = promoted.requester
        yield f"Requested by {_free(who.name or who.login)}."


def _evidence(evidence: JudgedEvidence) -> str:
    signers = f", signed by {', '.join(evidence.signed_by)}" if evidence.signed_by else ""
    named = f"{evidence.name or 'unnamed'} ({_free(evidence.kind or 'unknown')})"
    return f"Evidence: {named}, {evidence.digest or 'no digest'}{signers}."


def _waived(result: Result) -> str:
    assert result.waived is not None
    return f"{result.policy}/{_free(result.rule)} by {result.waived.waiver} until {result.waived.expires}"


def _trailers(part: Part) -> list[str]:
    judgement, judged = part.judgement, part.judgement.artifact
    image = ImageRef(repository="", written=judged.image, tag=judged.tag, digest=judged.digest) if judged else ""
    pairs = [
        ("Decision", part.decision),
        ("Environment", part.environment),
        ("Artifact", f"{part.artifact} {image}"),
        *(("Policy", f"{policy.name}@{policy.version} {policy.digest}") for policy in judgement.policies),
        *(
            ("Waiver", f"{result.waived.waiver} {result.policy}/{_free(result.rule)} {_free(result.waived.ticket)}")
            for result in judgement.results
            if result.waived
        ),
        *_trailers_beside(part.promoted),
    ]
    return [f"Gatekeeper-{name}: {_line(value)}" for name, value in pairs]


def _trailers_beside(promoted: Promoted | None) -> Iterator[tuple[str, str]]:
    if promoted is None:
        return
    for approval in promoted.approvals:
        yield "Approved-By", f"{_free(approval.by)} ({approval.level})"
    if promoted.override is not UNSET:
        yield "Override", f"{_free(promoted.override.by)} {_free(promoted.override.ticket)}"
    if promoted.rollback is not UNSET:
        yield "Rollback", promoted.rollback.left or "none"


def _line(text: str) -> str:
    """On one line, whole: a digest or a signer that is cut off would be one that nobody can look up."""
    return seen(_BREAKS.sub(" ", text)).strip()


def _free(text: str) -> str:
    """Text that somebody wrote as they liked, on one line and not too long."""
    shown = _line(text)
    return shown if len(shown) <= _MAX else f"{shown[:_MAX]}…"
