"""An artifact promoted to staging in memory, with its facts kept, to be handed over to production."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from gatekeeper.app.evaluate import Judged, Request, evaluate
from gatekeeper.app.handed import Handed, hand_over
from gatekeeper.app.keeping import kept_of
from gatekeeper.app.look import Look
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact, ModelIdentity
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.promoted import Promoted
from gatekeeper.records.place import record_path
from gatekeeper.records.statement import context, record_bytes
from tests.trees import MemoryTip, environment

DIGEST, MODEL, DATA = ("sha256:" + letter * 64 for letter in "abd")
COMMIT = "c" * 40
ARTIFACT = Artifact(
    name=None,
    image="registry.example/x",
    tag="1.4.2",
    digest=DIGEST,
    model=ModelIdentity(name="churn", version="7", digest=MODEL),
    commit=COMMIT,
    run="mlflow:12",
    datasets={"test": DATA},
)
STAGED = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 12, tzinfo=UTC)
ENGINES = (load_engine(None),)


class MemoryRepository:
    """A branch and its evidence branch in memory; it is only read."""

    name = "gitops"

    def __init__(self, files: Mapping[str, Any], evidence: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.evidence = dict(evidence)

    def tip(self) -> MemoryTip:
        """What the branch holds."""
        return MemoryTip(self.files)

    def kept(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Those of the paths that are there."""
        return {path: self.evidence[path] for path in paths if path in self.evidence}


def project(policy: Mapping[str, Any], production: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A tree whose staging is judged by `policy`, and production by that or another one of the name `q`."""
    use = [{"name": "q" if production else "p", "version": "^1"}]
    files = {
        "policies/p.yaml": policy,
        "environments/staging.yaml": environment("staging"),
        "environments/production.yaml": environment("production", image="mirror.example/prod/x", policies=use),
        **more,
    }
    return files | ({"policies/q.yaml": production} if production else {})


def request(env: str, now: datetime, *envelopes: Envelope, artifact: Artifact | None = None) -> Request:
    """What is asked for in an environment."""
    return Request(artifact=artifact, envelopes=envelopes, now=now, engines=ENGINES, environment=env)


def staged(
    files: Mapping[str, Any], *envelopes: Envelope, artifact: Artifact = ARTIFACT, **promoted: Any
) -> MemoryRepository:
    """The repository after staging was judged: the record and the facts are in it, whatever the verdict."""
    judged = evaluate(MemoryTip(files), request("staging", STAGED, *envelopes, artifact=artifact))
    return with_record(files, judged, **promoted)


def with_record(
    files: Mapping[str, Any], judged: Judged, evidence: Mapping[str, bytes] | None = None, **promoted: Any
) -> MemoryRepository:
    """The repository with the record of a judgement."""
    report = judged.report
    judgement = report.judgement
    kept = kept_of(judged)
    promotion = Promoted(**({"at": judgement.judged_at} | promoted))
    beside = context(report.engine, "1.0", report.root, report.sources, kept.digests)
    assert judgement.environment is not None
    path = record_path(judgement.environment, "x", promotion.at, report.decision)
    record = record_bytes(judgement, beside, promotion)
    return MemoryRepository({**files, path: record}, {**(evidence or {}), **kept.files})


def handed_over(repository: MemoryRepository, *given: Envelope, **options: Any) -> Handed:
    """What is handed over from staging to production."""
    asked = request("production", LATER, *given, artifact=options.pop("artifact", None))
    found, decision = hand_over(look_at(repository), asked, options.pop("origin", "staging"), **options)
    assert found.artifact is not None
    return Handed(artifact=found.artifact, envelopes=found.envelopes, decision=decision)


def look_at(repository: MemoryRepository) -> Look:
    """The repository as one attempt sees it."""

    def nowhere(repo: str | None, branch: str) -> Any:
        raise AssertionError((repo, branch))

    return Look(repository, "main", nowhere)  # type: ignore[arg-type]


def judged_later(repository: MemoryRepository, *given: Envelope, now: datetime = LATER) -> Judged:
    """Production's judgement of what is handed over."""
    asked, decision = hand_over(look_at(repository), request("production", now, *given), "staging")
    return replace(evaluate(repository.tip(), asked), handed=decision)
