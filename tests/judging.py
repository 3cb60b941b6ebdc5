"""Judging in this process, from policy text and report text, as the command does it from files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gatekeeper.app.evaluate import Judged, Request, evaluate
from gatekeeper.evidence.reading import envelope
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.judgement import Judgement, Result

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
ENGINES = ("cel-cpp", "cel-python")


def policy_text(
    rules: str | Sequence[Mapping[str, Any]], *, evidence: Mapping[str, Any] | None = None, **spec: Any
) -> str:
    """A policy file. `rules` is one CEL condition, or the rules without why and remedy."""
    if isinstance(rules, str):
        rules = [{"id": "it", "require": rules}]
    whole = [{"why": "because", "remedy": "do it", **rule} for rule in rules]
    document = {
        "apiVersion": "gatekeeper/v1",
        "kind": "Policy",
        "metadata": {"name": "p", "version": "1.0.0"},
        "spec": {"evidence": evidence or {"metrics": {"kind": "metrics"}}, "rules": whole, **spec},
    }
    return json.dumps(document)


def report(content: Any, name: str | None = None, producer: str | None = None, source: str = "report") -> Envelope:
    """An envelope around a report: text as it is, anything else as JSON."""
    data = content.encode() if isinstance(content, str) else json.dumps(content).encode()
    return envelope(data, source=source, name=name, producer=producer)


def judge_text(
    policy: str,
    *evidence: Envelope,
    artifact: Artifact | None = None,
    engine: str | None = None,
    cross_check: bool = False,
    now: datetime = NOW,
) -> Judged:
    """The judgement of one policy file on the evidence."""
    names = ENGINES if cross_check else (engine,)
    request = Request(
        artifact=artifact,
        envelopes=evidence,
        now=now,
        engines=tuple(load_engine(name) for name in names),
        policy_files=(("policy.yaml", policy.encode()),),
    )
    return evaluate(None, request)


def judgement(policy: str, *evidence: Envelope, **options: Any) -> Judgement:
    """Only the judgement."""
    return judge_text(policy, *evidence, **options).report.judgement


def result(policy: str, *evidence: Envelope, rule: str = "it", **options: Any) -> Result:
    """The result of one rule."""
    found = {one.rule: one for one in judgement(policy, *evidence, **options).results}
    return found[rule]
