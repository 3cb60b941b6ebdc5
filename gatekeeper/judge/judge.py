"""The judgement: every rule of every policy on the evidence, waivers beside it, and the verdict that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Struct, UnsetType

from gatekeeper.judge.cel import Engine
from gatekeeper.judge.names import artifact_data
from gatekeeper.judge.prepared import ReadyPolicy, ReadyRule
from gatekeeper.judge.rule import Found, judge_rule, tell
from gatekeeper.judge.running import Run
from gatekeeper.judge.supply import Supplied, supply
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.instants import format_instant
from gatekeeper.model.judgement import (
    JudgedArtifact,
    JudgedEvidence,
    JudgedModel,
    JudgedPolicy,
    Judgement,
    Result,
)
from gatekeeper.model.verdict import counts, verdict

if TYPE_CHECKING:
    from gatekeeper.judge.waiving import Bench
    from gatekeeper.model.artifact import Artifact
    from gatekeeper.policy.trust import Signers

_REMEDY = {
    "missing": "Produce this evidence and give it with --evidence.",
    "error": "Produce it again with the right tool, for this artifact, and give it whole.",
}


class Case(Struct, frozen=True, kw_only=True):
    """What is judged: the artifact, the environment's name, all evidence that was given, and the one clock.

    `signers` says whose keys count, `trust` is the digest of the file that says so. `further` are results that follow
    from no policy, and that nothing waives.
    """

    artifact: Artifact | None
    environment: str | None
    envelopes: tuple[Envelope, ...]
    now: datetime
    signers: Signers | None = None
    trust: str | None = None
    further: tuple[Result, ...] = ()


def judge(
    policies: Sequence[ReadyPolicy], engines: Sequence[Engine], case: Case, bench: Bench | None = None
) -> Judgement:
    """The judgement of one case. Waivers count only where a `bench` of them is given."""
    results: list[Result] = []
    used: dict[tuple[str, str | None, str], JudgedEvidence] = {}
    for policy in policies:
        supplied = supply_all(policy, case)
        run = Run(engines, data_of(policy, supplied, case), policy.variables)
        results += _evidence_results(policy, supplied)
        for rule in policy.rules:
            found = tell(rule, run, judge_rule(rule, run, supplied))
            results.append(_rule_result(policy, rule, found, case.now))
        if bench is not None:
            results = bench.apply(results, policy, run, supplied)
        _note_used(supplied, used, case)
    results += [*_given_results(case.envelopes), *case.further]
    return Judgement(
        verdict=verdict(results),
        environment=case.environment,
        judged_at=format_instant(case.now),
        artifact=_judged_artifact(case.artifact),
        policies=tuple(_judged_policy(policy) for policy in policies),
        evidence=tuple(used[key] for key in sorted(used, key=_order)),
        results=tuple(results),
        counts=counts(results),
        waivers=() if bench is None else bench.notes(),
        trust=_trust(policies, case, waivers=bench is not None and bench.trusts),
    )


def _trust(policies: Sequence[ReadyPolicy], case: Case, *, waivers: bool) -> str | UnsetType:
    """The trust file's digest, where anything follows from it: whose signature, approval or waiver counts."""
    asked = any(
        requirement.signed_by or requirement.kind == "approval"
        for policy in policies
        for requirement, _ in policy.requirements.values()
    )
    given = any(envelope.signed_by or envelope.unverified for envelope in case.envelopes)
    return case.trust if case.trust is not None and (asked or given or waivers) else UNSET


def supply_all(policy: ReadyPolicy, case: Case) -> dict[str, Supplied]:
    """What the evidence gives for each requirement of a policy."""
    return {
        name: supply(name, requirement, case.envelopes, case.artifact, case.now, case.signers, case.environment)
        for name, (requirement, _) in policy.requirements.items()
    }


def data_of(policy: ReadyPolicy, supplied: Mapping[str, Supplied], case: Case) -> dict[str, Any]:
    """What CEL sees: usable facts by name, parameters, the artifact, the environment and the clock."""
    facts = {name: one.envelope.facts for name, one in supplied.items() if one.state == "ok" and one.envelope}
    data: dict[str, Any] = {"params": policy.params, "evidence": facts, "now": case.now}
    if case.artifact is not None:
        data["artifact"] = artifact_data(case.artifact)
    if case.environment is not None:
        data["environment"] = {"name": case.environment}
    return data


def _evidence_results(policy: ReadyPolicy, supplied: Mapping[str, Supplied]) -> list[Result]:
    """A result of its own for each required evidence that is not there, and for any that is broken."""
    return [
        Result(
            policy=policy.policy.metadata.name,
            rule=f"evidence/{name}",
            enforcement=policy.enforcement,
            severity="high",
            result="missing" if one.state == "missing" else "error",
            message=one.reason,
            why=f"The policy needs {policy.requirements[name][0].kind} evidence named {name!r}.",
            remedy=one.remedy or _REMEDY[one.state],
            file=policy.file,
            line=policy.requirements[name][1],
            evidence=name,
        )
        for name, one in supplied.items()
        if one.state in ("missing", "error")
    ]


def _given_results(envelopes: Sequence[Envelope]) -> list[Result]:
    """A result for each report that was given, has no name, and is not there or cannot be read at all.

    Whoever gives evidence means it to count; one that nobody can even tell the kind of must not vanish.
    """
    return [
        Result(
            policy="given-evidence",
            rule=_file_name(envelope.source),
            enforcement="deny",
            severity="high",
            result="missing" if envelope.status == "not_evaluated" else "error",
            message=envelope.reason or "it cannot be read",
            why="Evidence that was given must be there and be readable.",
            remedy="Give the right path, or leave this one out.",
            file=_file_name(envelope.source),
            line=1,
        )
        for envelope in sorted(envelopes, key=lambda one: (_file_name(one.source), one.digest or ""))
        if envelope.name is None and envelope.kind is None
    ]


def _file_name(source: str) -> str:
    """The last part of a path, printable: no absolute path gets into a judgement."""
    last = source.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return ascii(last)[1:-1][:100] or "evidence"


def _rule_result(policy: ReadyPolicy, ready: ReadyRule, found: Found, now: datetime) -> Result:
    rule, seen = ready.rule, found.seen
    pending, enforcement = enforcement_of(policy, ready, now)
    return Result(
        policy=policy.policy.metadata.name,
        rule=rule.id,
        enforcement=enforcement,
        severity=rule.severity,
        result=found.outcome,
        message=found.message,
        why=rule.why,
        remedy=rule.remedy,
        file=policy.file,
        line=ready.line,
        observed=None if seen is None else seen.value,
        limit=None if seen is None else seen.limit,
        comparator=None if seen is None else seen.comparator,
        margin=None if seen is None else seen.margin,
        n=None if seen is None else seen.n,
        interval=None if seen is None else seen.interval,
        evidence=_evidence_of(ready),
        path=_below_evidence(found.path),
        effective_on=str(rule.effective_on) if pending and policy.enforcement == "deny" else None,
    )


def enforcement_of(policy: ReadyPolicy, ready: ReadyRule, now: datetime) -> tuple[bool, str]:
    """Whether the rule's day has not come, and its enforcement now: until that day it only warns."""
    pending = ready.effective_on is not None and now < ready.effective_on
    return pending, "warn" if pending and policy.enforcement == "deny" else policy.enforcement


def _evidence_of(ready: ReadyRule) -> str | None:
    return ready.condition.evidence or next(iter(ready.pass_if.evidence), None)


def _below_evidence(path: str | None) -> str | None:
    """`evidence.metrics.values.accuracy` is shown as `values.accuracy`, beside the evidence's name."""
    if path is None or not path.startswith("evidence."):
        return path
    return path.split(".", 2)[2] if path.count(".") >= 2 else path


def _note_used(
    supplied: Mapping[str, Supplied], used: dict[tuple[str, str | None, str], JudgedEvidence], case: Case
) -> None:
    for name, one in supplied.items():
        for part in one.parts:
            key = (name, part.digest, part.source if part.digest is None else "")
            bound = one.bound or (key in used and used[key].bound == "bound")
            used[key] = JudgedEvidence(
                name=name,
                kind=part.kind,
                producer=part.producer,
                digest=part.digest,
                produced_at=part.produced_at,
                status=part.status,
                reason=part.reason,
                subjects=part.subjects,
                bound="bound" if bound or _names_artifact(part, case.artifact) else "unbound",
                signed_by=part.signed_by,
            )


def _names_artifact(part: Envelope, artifact: Artifact | None) -> bool:
    return artifact is not None and artifact.digest is not None and artifact.digest in part.subjects


def _order(key: tuple[str, str | None, str]) -> tuple[str, str, str]:
    return key[0], key[1] or "", key[2]


def _judged_artifact(artifact: Artifact | None) -> JudgedArtifact | None:
    if artifact is None:
        return None
    model = artifact.model
    return JudgedArtifact(
        name=artifact.name,
        image=artifact.image,
        tag=artifact.tag,
        digest=artifact.digest,
        model=UNSET
        if model is None
        else JudgedModel(name=model.name, version=model.version, uri=model.uri, digest=model.digest),
        commit=artifact.commit or UNSET,
        run=artifact.run or UNSET,
        datasets=dict(artifact.datasets) or UNSET,
    )


def _judged_policy(policy: ReadyPolicy) -> JudgedPolicy:
    return JudgedPolicy(
        name=policy.policy.metadata.name,
        version=policy.policy.metadata.version,
        digest=policy.digest,
        enforcement=policy.enforcement,
        parameters={name: setting.value for name, setting in policy.settings.items()},
    )
