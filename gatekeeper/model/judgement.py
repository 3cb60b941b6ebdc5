"""What a judgement says. The field names are those of the JSON report and of the record, schema v1."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from gatekeeper.model.evidence import Producer
from gatekeeper.model.promoted import ApprovedBy, Override, Requester, RolledBack

Outcome = Literal["pass", "fail", "inconclusive", "missing", "error", "skipped"]
Verdict = Literal["allowed", "denied", "undecided"]
Bound = Literal["bound", "unbound"]
Action = Literal["committed", "proposed", "already", "waiting", "none"]


class Waived(Struct, frozen=True, kw_only=True):
    """The waiver that let a result through."""

    waiver: str
    ticket: str
    reason: str
    requested_by: str
    approved_by: str
    granted: str
    expires: str


class WaiverNote(Struct, frozen=True, kw_only=True):
    """A waiver of this environment that changed nothing, and why: expired, unused, orphaned, not waivable…"""

    waiver: str
    policy: str
    rule: str
    state: str


class Interval(Struct, frozen=True, kw_only=True):
    """An interval around `observed`, as given or computed."""

    lower: float
    upper: float
    confidence: float
    sides: int
    method: str


class Result(Struct, frozen=True, kw_only=True):
    """One rule's result. `margin` is positive on the good side of the limit; a decimal difference of shortest forms."""

    policy: str
    rule: str
    enforcement: str
    severity: str
    result: Outcome
    message: str
    why: str
    remedy: str
    file: str
    line: int
    waived: Waived | None = None
    observed: Any = None
    limit: Any = None
    comparator: str | None = None
    margin: float | int | None = None
    n: int | None = None
    interval: Interval | None = None
    evidence: str | None = None
    path: str | None = None
    effective_on: str | None = None


class JudgedPolicy(Struct, frozen=True, kw_only=True):
    """A policy that was applied, with the parameters in force. `digest` is the sha256 of its file."""

    name: str
    version: str
    digest: str
    enforcement: str
    parameters: dict[str, Any]


class JudgedEvidence(Struct, frozen=True, kw_only=True):
    """Evidence as the judgement used it; where its bytes lay is not part of the judgement."""

    name: str | None
    kind: str | None
    producer: Producer | None
    digest: str | None
    produced_at: str | None
    status: str
    reason: str | None
    subjects: tuple[str, ...]
    bound: Bound
    signed_by: tuple[str, ...] = ()


class JudgedModel(Struct, frozen=True, kw_only=True):
    """The model that the artifact was said to carry."""

    name: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    uri: str | UnsetType = UNSET
    digest: str | UnsetType = UNSET


class JudgedArtifact(Struct, frozen=True, kw_only=True):
    """The artifact that was judged, with what it was said to carry: `about:` and rules compare evidence with it."""

    name: str | None
    image: str
    tag: str | None
    digest: str | None
    model: JudgedModel | UnsetType = UNSET
    commit: str | UnsetType = UNSET
    run: str | UnsetType = UNSET
    datasets: dict[str, str] | UnsetType = UNSET


class Counts(Struct, frozen=True, kw_only=True, rename={"passed": "pass"}):
    """Results by outcome; waived ones are counted once more under `waived`."""

    passed: int = 0
    fail: int = 0
    inconclusive: int = 0
    missing: int = 0
    error: int = 0
    skipped: int = 0
    waived: int = 0


class Judgement(Struct, frozen=True, kw_only=True):
    """All that the verdict follows from, and the verdict. Its canonical bytes' sha256 is the decision's id.

    `trust` is the digest of the trust file, where signatures were asked for or given.
    """

    verdict: Verdict
    environment: str | None
    judged_at: str
    artifact: JudgedArtifact | None
    policies: tuple[JudgedPolicy, ...]
    evidence: tuple[JudgedEvidence, ...]
    results: tuple[Result, ...]
    counts: Counts
    waivers: tuple[WaiverNote, ...] = ()
    trust: str | UnsetType = UNSET


class EngineUsed(Struct, frozen=True, kw_only=True):
    """Which CEL engine judged."""

    name: str
    version: str
    cross_checked: bool = False


class Waiting(Struct, frozen=True, kw_only=True):
    """One thing that a promotion waits for."""

    condition: str
    message: str
    until: str | None = None


class ModelAlias(Struct, frozen=True, kw_only=True):
    """The alias of a registered model, as it stands after a promotion; `moved` says whether it was moved just now."""

    registry: str
    model: str
    alias: str
    version: str
    moved: bool


class Promotion(Struct, frozen=True, kw_only=True):
    """What became of an allowed artifact; in a plan or dry run, what would become of it.

    `left` names others that were to be promoted along with it and could not even be judged.
    """

    action: Action
    commit: str | None = None
    pull_request: str | None = None
    attempts: int = 0
    waiting: tuple[Waiting, ...] = ()
    not_before: str | None = None
    record: str | None = None
    diff: str | None = None
    notes: tuple[str, ...] = ()
    requester: Requester | UnsetType = UNSET
    approvals: tuple[ApprovedBy, ...] | UnsetType = UNSET
    override: Override | UnsetType = UNSET
    rollback: RolledBack | UnsetType = UNSET
    handed: str | UnsetType = UNSET
    alias: ModelAlias | UnsetType = UNSET
    left: tuple[str, ...] | UnsetType = UNSET


class Report(Struct, frozen=True, kw_only=True):
    """A judgement as it is shown. `sources` names each evidence's place, in the judgement's order.

    `written` are the bytes of the record that a promotion wrote.

    `places` are the paths of policies, by name, where the judgement holds only the last part of them.
    """

    decision: str
    judgement: Judgement
    engine: EngineUsed
    sources: tuple[str, ...]
    unused: tuple[str, ...] = ()
    root: str | None = None
    promotion: Promotion | None = None
    places: dict[str, str] = {}
    written: bytes | None = None
