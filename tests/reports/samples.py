"""Reports of every sort, built by hand: what the renderers are shown in tests."""

from __future__ import annotations

from typing import Any

from gatekeeper.model.evidence import Producer
from gatekeeper.model.judgement import (
    Counts,
    EngineUsed,
    Interval,
    JudgedArtifact,
    JudgedEvidence,
    JudgedModel,
    JudgedPolicy,
    Judgement,
    Promotion,
    Report,
    Result,
    Verdict,
    Waiting,
    Waived,
    WaiverNote,
)

DIGEST = "sha256:" + "5f2d" * 16
NOW = "2026-11-23T07:00:00Z"
COUNTED = ("fail", "inconclusive", "missing", "error", "skipped")


def result(rule: str, outcome: Any = "pass", **more: Any) -> Result:
    """One result; what is not said is that of a rule of `model-quality` that passed."""
    given: dict[str, Any] = {
        "policy": "model-quality",
        "enforcement": "deny",
        "severity": "medium",
        "message": f"{rule} is as it should be",
        "why": "Below this the retention campaign loses money.",
        "remedy": "Retrain on newer data, or lower the floor by a reviewed change of this file.",
        "file": "policies/model-quality.yaml",
        "line": 21,
    }
    return Result(rule=rule, result=outcome, **(given | more))


ACCURACY = result(
    "accuracy",
    "fail",
    severity="high",
    message="accuracy 0.842 is below 0.88",
    observed=0.842,
    limit=0.88,
    comparator=">=",
    margin=-0.038,
    n=5000,
    interval=Interval(lower=0.832, upper=0.852, confidence=0.95, sides=2, method="wilson"),
    evidence="metrics",
    path="values.accuracy",
)
GOOD_ACCURACY = result(
    "accuracy",
    severity="high",
    message="accuracy 0.9614 is at least 0.88",
    observed=0.9614,
    limit=0.88,
    comparator=">=",
    margin=0.0814,
    n=5000,
    evidence="metrics",
    path="values.accuracy",
)
F1 = result(
    "f1",
    message="f1 0.861 is at least 0.8",
    observed=0.861,
    limit=0.8,
    comparator=">=",
    margin=0.061,
    evidence="metrics",
    path="values.f1",
    line=28,
)
COLLAPSED = result("not-collapsed", observed=True, evidence="metrics", path="values.positive_rate", line=35)
SANDBOX = result("sandbox-only", "skipped", message="when: environment.name == 'sandbox'", line=42)
FAIR = result(
    "gender-parity",
    policy="fairness",
    severity="high",
    message="demographic parity difference 0.041 by gender is at most 0.1",
    observed=0.041,
    limit=0.1,
    comparator="<=",
    margin=0.059,
    n=5000,
    evidence="groups",
    path="attributes.gender.gaps.demographic_parity_difference",
    why="The campaign must not pass over one group.",
    remedy="Reweigh the training data by group.",
    file="policies/fairness.yaml",
    line=17,
)
CRITICAL = result(
    "no-fixable-critical",
    "fail",
    policy="supply-chain",
    severity="critical",
    message="2 fixable critical findings, at most 0",
    observed=2,
    limit=0,
    comparator="<=",
    margin=-2,
    evidence="image",
    path="fixable.critical",
    why="A fix exists, so an attacker knows the hole too.",
    remedy="Rebuild the image on a patched base.",
    file="policies/supply-chain.yaml",
    line=14,
)
LATENCY = result(
    "p95",
    "fail",
    policy="service-latency",
    enforcement="warn",
    message="p95 612.5 ms is above 500 ms",
    observed=612.5,
    limit=500,
    comparator="<=",
    margin=-112.5,
    evidence="load",
    path="latency_ms.p95",
    why="Callers give up after half a second.",
    remedy="Profile the service, or give it more replicas.",
    file="policies/service-latency.yaml",
    line=12,
    effective_on="2027-01-15",
)
WAIVED = Waived(
    waiver="openssl-until-rebuild",
    ticket="SEC-311",
    reason="The base image is rebuilt next week; the service does not parse certificates.",
    requested_by="carol",
    approved_by="dave",
    granted="2026-11-20",
    expires="2026-12-01",
)


def judgement(verdict: Verdict, *results: Result, **more: Any) -> Judgement:
    """A judgement of these results for production."""
    tally = {name: sum(1 for item in results if item.result == name) for name in COUNTED}
    passed = sum(1 for item in results if item.result == "pass")
    waived = sum(1 for item in results if item.waived)
    given: dict[str, Any] = {
        "environment": "production",
        "judged_at": NOW,
        "artifact": JudgedArtifact(name="churn", image="registry.example/churn-model", tag="1.4.2", digest=DIGEST),
        "policies": tuple(policy(name) for name in dict.fromkeys(item.policy for item in results)),
        "evidence": (METRICS, IMAGE),
        "counts": Counts(passed=passed, waived=waived, **tally),
    }
    return Judgement(verdict=verdict, results=results, **(given | more))


def policy(name: str) -> JudgedPolicy:
    """A policy in force."""
    enforcement = "warn" if name == "style" else "deny"
    parameters = {"min_accuracy": 0.88, "label": "churned", "strict": True} if name == "model-quality" else {}
    return JudgedPolicy(
        name=name, version="2.1.0", digest="sha256:" + "a1" * 32, enforcement=enforcement, parameters=parameters
    )


METRICS = JudgedEvidence(
    name="metrics",
    kind="metrics",
    producer=Producer(name="json"),
    digest="sha256:" + "0c" * 32,
    produced_at=None,
    status="evaluated",
    reason=None,
    subjects=(),
    bound="unbound",
)
IMAGE = JudgedEvidence(
    name="image",
    kind="scan",
    producer=Producer(name="trivy", version="0.69.1"),
    digest="sha256:" + "9e" * 32,
    produced_at="2026-11-23T06:12:44Z",
    status="evaluated",
    reason=None,
    subjects=(DIGEST,),
    bound="bound",
    signed_by=("ci-2026",),
)
EMPTY = JudgedEvidence(
    name="unit",
    kind="tests",
    producer=Producer(name="junit"),
    digest="sha256:" + "77" * 32,
    produced_at=None,
    status="not_evaluated",
    reason="the suite holds no test case",
    subjects=(),
    bound="unbound",
)
UNKNOWN = JudgedEvidence(
    name=None,
    kind=None,
    producer=None,
    digest=None,
    produced_at=None,
    status="error",
    reason="no producer knows this form of report",
    subjects=(),
    bound="unbound",
)


def report(judged: Judgement, **more: Any) -> Report:
    """A report of this judgement, of evidence that lay in `reports/`."""
    given: dict[str, Any] = {
        "decision": "sha256:" + "d4" * 32,
        "engine": EngineUsed(name="cel-cpp", version="0.1.3"),
        "root": "3f1c0a9d7b5e42869c0d1e2f3a4b5c6d7e8f9a0b",
        "sources": tuple(f"reports/{item.name or 'upload.bin'}.json" for item in judged.evidence),
    }
    return Report(judgement=judged, **(given | more))


ALLOWED = report(judgement("allowed", GOOD_ACCURACY, F1, COLLAPSED, SANDBOX, FAIR))
DENIED = report(
    judgement(
        "denied",
        ACCURACY,
        F1,
        COLLAPSED,
        FAIR,
        CRITICAL,
        LATENCY,
        waivers=(
            WaiverNote(
                waiver="old-openssl",
                policy="supply-chain",
                rule="no-fixable-critical",
                state="expired on 2026-10-01",
            ),
        ),
    ),
    unused=("reports/leftover.json",),
)
MISSING = result(
    "auc",
    "missing",
    message="evidence.metrics.values.auc is not there",
    evidence="metrics",
    path="values.auc",
    line=33,
)
TESTS = result(
    "evidence/unit",
    "missing",
    policy="code-health",
    severity="high",
    message="unit evaluated nothing: the suite holds no test case",
    evidence="unit",
    why="The policy needs this evidence.",
    remedy="Run the tests and hand over their report.",
    file="policies/code-health.yaml",
    line=9,
)
BROKEN = result(
    "lint",
    "error",
    policy="code-health",
    message="the engines disagree: cel-cpp says true, cel-python says false",
    why="Lint findings hide bugs.",
    remedy="Fix the findings.",
    file="policies/code-health.yaml",
    line=22,
)
UNDECIDED = report(
    judgement("undecided", F1, MISSING, TESTS, BROKEN, evidence=(METRICS, EMPTY, UNKNOWN)),
    engine=EngineUsed(name="cel-cpp", version="0.1.3", cross_checked=True),
    root="working tree",
)
LET_THROUGH = report(
    judgement(
        "allowed",
        GOOD_ACCURACY,
        result(
            "no-fixable-critical",
            "fail",
            waived=WAIVED,
            policy=CRITICAL.policy,
            severity="critical",
            message=CRITICAL.message,
            observed=2,
            limit=0,
            comparator="<=",
            margin=-2,
            evidence="image",
            path="fixable.critical",
            why=CRITICAL.why,
            remedy=CRITICAL.remedy,
            file=CRITICAL.file,
            line=14,
        ),
    )
)
DIFF = """\
--- a/environments/production/churn/kustomization.yaml
+++ b/environments/production/churn/kustomization.yaml
@@ -4,4 +4,4 @@
 images:
   - name: registry.example/churn-model
-    newTag: 1.4.1
+    newTag: 1.4.2
"""
WAITING = report(
    judgement("allowed", GOOD_ACCURACY, FAIR),
    promotion=Promotion(
        action="waiting",
        not_before="2026-11-24T09:00:00Z",
        waiting=(
            Waiting(
                condition="after",
                message="staging has held this digest for 3h of 24h",
                until="2026-11-24T09:00:00Z",
            ),
            Waiting(condition="approval", message="1 of 2 approvals: bob is missing"),
        ),
    ),
)
PROMOTED = report(
    judgement("allowed", GOOD_ACCURACY, FAIR),
    promotion=Promotion(
        action="committed",
        commit="9f2c4b7d1e0a86355f1be7c2f3d4a5968b7c6d5e",
        attempts=2,
        record="decisions/production/churn/20261123T070000Z-d4d4d4d4d4d4d4d4.json",
        notes=("kustomization.yaml: the digest stands beside the tag",),
    ),
)
PLANNED = report(
    judgement("allowed", GOOD_ACCURACY, FAIR), promotion=Promotion(action="committed", attempts=0, diff=DIFF)
)
BARE = report(
    judgement("undecided", environment=None, artifact=None, policies=(), evidence=()),
    root=None,
)

SAMPLES: dict[str, Report] = {
    "allowed": ALLOWED,
    "denied": DENIED,
    "undecided": UNDECIDED,
    "waived": LET_THROUGH,
    "waiting": WAITING,
    "promoted": PROMOTED,
    "planned": PLANNED,
    "bare": BARE,
}


def filled(text: str) -> Report:
    """A report that says `text` wherever a report can hold words of others."""
    waived = Waived(
        waiver=text,
        ticket=text,
        reason=text,
        requested_by=text,
        approved_by=text,
        granted=text,
        expires=text,
    )
    words: dict[str, Any] = {
        "policy": text,
        "severity": text,
        "message": text,
        "why": text,
        "remedy": text,
        "file": text,
        "observed": text,
        "limit": text,
        "comparator": text,
        "interval": Interval(lower=0.1, upper=0.2, confidence=0.9, sides=1, method=text),
        "evidence": text,
        "path": text,
        "effective_on": text,
    }
    evidence = JudgedEvidence(
        name=text,
        kind=text,
        producer=Producer(name=text, version=text),
        digest=text,
        produced_at=text,
        status="error",
        reason=text,
        subjects=(text,),
        bound="unbound",
        signed_by=(text,),
    )
    judged = Judgement(
        verdict="denied",
        environment=text,
        judged_at=text,
        artifact=JudgedArtifact(
            name=text,
            image=text,
            tag=text,
            digest=text,
            model=JudgedModel(name=text, version=text, uri=text, digest=text),
            commit=text,
            run=text,
            datasets={text: text},
        ),
        policies=(JudgedPolicy(name=text, version=text, digest=text, enforcement="deny", parameters={text: text}),),
        evidence=(evidence,),
        results=(
            result(text, "fail", **words),
            result(f"{text} 2", "error", **words | {"enforcement": "warn"}),
            result(f"{text} 3", "fail", **words, waived=waived),
            result(f"{text} 4", "skipped", **words),
            result(f"{text} 5", "pass", **words | {"observed": [text, {text: text}]}),
        ),
        counts=Counts(passed=1, fail=2, error=1, skipped=1, waived=1),
        waivers=(WaiverNote(waiver=text, policy=text, rule=text, state=text),),
    )
    return Report(
        decision=text,
        judgement=judged,
        engine=EngineUsed(name=text, version=text),
        sources=(text,),
        unused=(text,),
        root=text,
        promotion=Promotion(
            action="waiting",
            commit=text,
            pull_request=text,
            not_before=text,
            waiting=(Waiting(condition=text, message=text, until=text),),
            record=text,
            diff=f"+{text}",
            notes=(f"{text}!",),
        ),
    )


HOSTILE = (
    "::error::pwned",
    "x\r\n::set-output name=verdict::allowed",
    "  ::add-mask::x",
    "##[command]rm ##vso[task.setvariable]x ##teamcity[message]",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!-- -->",
    "]]><x/>&lt;&#x41;&amp;",
    "\x1b[2J\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\x9b31m",
    "\u202egnp.exe\u2066\u200b\u2028\u2029\x85",
    "nul\x00 vertical\x0b form\x0c delete\x7f",
    "a | b `code` ``two`` \\| **bold** _it_ ~~no~~",
    "[link](javascript:alert(1)) ![image](https://evil.example/x.png) [ref]: https://evil.example",
    "https://evil.example www.evil.example ftp://evil.example mailto:a@evil.example a@evil.example",
    "@everyone #1 GH-1 owner/name#2 !3 $4 ~label :octocat: &epic",
    "javascript:alert(1)",
    "- list\n# heading\n1. one\n> quote\n    code\n---\n| a | b |\n|---|---|",
    "```\nfence\n```",
    "[[ATTACHMENT|/etc/passwd]]",
    "{0} %s %0A $(id) `id` ${x}",
    "%0A::error::x%0D,title=y",
    "security",
    "x` ",
    "lone \udc80 surrogate and \ufffe noncharacter",
    "é ü 漢字 🙂",
    "/etc/passwd",
    "x" * 5000,
)
"""Texts that some reader of reports is known to act on."""
