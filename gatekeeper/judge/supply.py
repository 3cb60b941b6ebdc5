"""Which evidence serves which requirement, and whether it may be used.

- Named evidence serves the requirement of its name; evidence without a name serves every requirement that it fits
  by kind and producer.
- Several files feed one name only for kinds that add; elsewhere two are an error that lists both.
- Absent, not evaluated or stale is `missing`; unreadable, wrong kind, producer, signature or subject, or unbound where
  `about:` asks, is `error`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, structs

from gatekeeper.model.evidence import Envelope
from gatekeeper.model.instants import format_instant, parse_duration, parse_instant
from gatekeeper.model.policy import Requirement

if TYPE_CHECKING:
    from gatekeeper.model.artifact import Artifact
    from gatekeeper.policy.trust import Signers

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of the judging clock a report's own time may be before it is not believed."""


class Supplied(Struct, frozen=True, kw_only=True):
    """What a requirement got. `state` is `ok`, `missing`, `error`, or `absent` (optional and not given).

    `remedy` where there is a better one than to produce it again. `masked` are the paths of facts that a record did not
    keep, and that are missing for this.
    """

    state: str
    reason: str = ""
    envelope: Envelope | None = None
    parts: tuple[Envelope, ...] = ()
    bound: bool = False
    remedy: str = ""
    masked: tuple[tuple[str, ...], ...] = ()


UNBOUND = (
    "Bind it where it is made: `gatekeeper evidence bind FILE --about artifact=NAME@sha256:…`, or model, commit, …"
)


def supply(
    name: str,
    requirement: Requirement,
    envelopes: Sequence[Envelope],
    artifact: Artifact | None,
    now: datetime,
    signers: Signers | None = None,
    environment: str | None = None,
) -> Supplied:
    """What the envelopes give for one requirement. `signers` says which keys can stand for a name of `signed_by`."""
    parts = tuple(envelope for envelope in envelopes if serves(envelope, name, requirement))
    if not parts:
        state = "absent" if requirement.optional else "missing"
        return Supplied(state=state, reason=f"no {requirement.kind} evidence was given for {name!r}")
    whole = _whole(parts)
    if requirement.signed_by and whole.status != "error" and (said := tuple(filter(_says_something, parts))):
        from gatekeeper.judge.signed import unsigned, what_to_do  # few ask for signatures

        # Before all else that it says: of what is not signed nothing can be believed.
        if told := unsigned(said, requirement, signers, environment):
            return Supplied(state="error", reason=told, envelope=whole, parts=parts, remedy=what_to_do(signers))
    state, reason = _usable(whole, parts, requirement, artifact, now)
    bound = state == "ok" and requirement.about is not UNSET
    remedy = UNBOUND if reason.startswith("unbound") else ""
    given = Supplied(state=state, reason=reason, envelope=whole, parts=parts, bound=bound, remedy=remedy)
    if state != "ok" or all(part.recorded is None for part in parts):
        return given
    return _as_kept(given)


def _as_kept(given: Supplied) -> Supplied:
    """Without the facts that were not kept of any of its parts."""
    from gatekeeper.evidence.recorded import masked_of, without  # most evidence was not judged before

    assert given.envelope is not None
    masked = masked_of(given.parts)
    facts = given.envelope.facts
    for path in masked:
        facts = without(facts, path)
    return structs.replace(given, envelope=structs.replace(given.envelope, facts=facts), masked=masked)


def serves(envelope: Envelope, name: str, requirement: Requirement) -> bool:
    """Whether an envelope is meant for, or fits, the requirement."""
    if envelope.name is not None:
        return envelope.name == name
    if envelope.kind != requirement.kind:
        return False
    return not requirement.producers or _producer(envelope) in requirement.producers


def known_subjects(artifact: Artifact | None, about: str) -> frozenset[str]:
    """The digests or ids that evidence about this side of the artifact must carry; empty where it was not given."""
    if artifact is None:
        return frozenset()
    given: Mapping[str, Iterable[str | None]] = {
        "artifact": (artifact.digest,),
        "model": (None if artifact.model is None or artifact.model.digest is UNSET else artifact.model.digest,),
        "commit": (artifact.commit, f"gitCommit:{artifact.commit}" if artifact.commit else None),
        "run": (artifact.run,),
        "dataset": artifact.datasets.values(),
    }
    return frozenset(subject for subject in given[about] if subject)


def _says_something(part: Envelope) -> bool:
    """Not so for a file that is not there and a source out of reach: what there are no bytes of nobody can sign."""
    return part.digest is not None or part.status != "not_evaluated"


def _whole(parts: tuple[Envelope, ...]) -> Envelope:
    if len(parts) == 1 and not parts[0].completes:
        return parts[0]
    from gatekeeper.evidence.merge import merge  # most judgements have one file per name

    return merge(parts)


def _usable(
    whole: Envelope, parts: tuple[Envelope, ...], requirement: Requirement, artifact: Artifact | None, now: datetime
) -> tuple[str, str]:
    if whole.status == "error":
        return "error", whole.reason or "unreadable"
    if whole.kind != requirement.kind and (whole.kind is not None or whole.status == "evaluated"):
        return "error", f"this is {whole.kind} evidence; {requirement.kind} is asked for"
    if requirement.producers and any(_producer(part) not in requirement.producers for part in parts):
        asked = " or ".join(requirement.producers)
        return "error", f"written by {', '.join(sorted({_producer(part) for part in parts}))}; {asked} is asked for"
    if whole.status == "not_evaluated":
        return "missing", whole.reason or "nothing was evaluated"
    shards = sum(not part.completes for part in parts)
    if requirement.expect is not UNSET and shards != requirement.expect:
        state = "error" if shards > requirement.expect else "missing"
        return state, f"{shards} of {requirement.expect} reports are there"
    if requirement.max_age is not UNSET and (stale := _stale(whole, requirement.max_age, now)) is not None:
        return stale
    return _about(whole, requirement, artifact)


def _stale(whole: Envelope, max_age: str, now: datetime) -> tuple[str, str] | None:
    if whole.produced_at is None:
        return "missing", f"the report gives no time of its own, so it cannot be shown to be younger than {max_age}"
    produced = parse_instant(whole.produced_at)
    if produced > now + CLOCK_SKEW:
        return "error", f"produced at {format_instant(produced)}, after the time of this judgement"
    if now - produced > parse_duration(max_age):
        return "missing", f"stale: produced at {format_instant(produced)}, more than {max_age} ago"
    return None


def _about(whole: Envelope, requirement: Requirement, artifact: Artifact | None) -> tuple[str, str]:
    if requirement.about is UNSET:
        return "ok", ""
    about = requirement.about
    wanted = known_subjects(artifact, about)
    if not wanted:
        return "missing", f"it must be about this {about}, and no {_wanted_thing(about)} was given"
    if not whole.subjects:
        return "error", f"unbound: the report does not say which {about} it is about"
    if wanted.isdisjoint(whole.subjects):
        return "error", f"about {', '.join(whole.subjects)}, not about this {about} ({', '.join(sorted(wanted))})"
    return "ok", ""


def _wanted_thing(about: str) -> str:
    return {"artifact": "artifact digest", "model": "model digest", "dataset": "dataset digest"}.get(about, about)


def _producer(envelope: Envelope) -> str:
    return envelope.producer.name if envelope.producer else "unknown"
