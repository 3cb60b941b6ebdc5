"""The Policy file: what evidence is needed, its parameters, variables and rules."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from gatekeeper.model.promoted import Level
from gatekeeper.model.scalars import Cel, Duration, Identifier, Instant, Limit, Name, Signer, Text, Version

Severity = Literal["info", "low", "medium", "high", "critical"]
Enforcement = Literal["deny", "warn", "audit"]
About = Literal["artifact", "model", "commit", "run", "dataset"]
Kind = Literal[
    "metrics",
    "fairness",
    "tests",
    "lint",
    "scan",
    "load",
    "command",
    "data",
    "slo",
    "rollout",
    "lineage",
    "model",
    "image",
    "attestation",
    "approval",
]
FairnessDefinition = Literal[
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equal_opportunity_difference",
    "equalized_odds_difference",
    "predictive_parity_difference",
]
ParameterValue = float | int | str | bool


class Strict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of everything read from a file of ours: unknown keys are refused."""


class Parameter(Strict, frozen=True):
    """A typed value that an environment may set; without `default` it must."""

    type: Literal["number", "integer", "string", "boolean", "duration"]
    default: ParameterValue | UnsetType = UNSET
    minimum: float | int | UnsetType = UNSET
    maximum: float | int | UnsetType = UNSET
    choices: tuple[str | int | float, ...] | UnsetType = UNSET
    stricter: Literal["higher", "lower"] | UnsetType = UNSET
    description: str = ""


class Requirement(Strict, frozen=True):
    """One named piece of evidence that a policy reads."""

    kind: Kind
    producers: tuple[Name, ...] = ()
    about: About | UnsetType = UNSET
    signed_by: tuple[Signer, ...] = ()
    max_age: Duration | UnsetType = UNSET
    expect: Annotated[int, Meta(ge=1, le=10000)] | UnsetType = UNSET
    optional: bool = False
    description: str = ""


class MetricRule(Strict, frozen=True, rename={"in_": "in"}):
    """One metric against limits; `in` may be left out where the policy has one `metrics` evidence."""

    name: Text
    in_: Identifier | UnsetType = UNSET
    min: Limit | UnsetType = UNSET
    max: Limit | UnsetType = UNSET
    equals: Limit | UnsetType = UNSET
    better: Literal["higher", "lower"] | UnsetType = UNSET
    ask: Literal["estimate"] = "estimate"
    min_n: Limit | UnsetType = UNSET


class FairnessRule(Strict, frozen=True, rename={"in_": "in"}):
    """A gap or ratio between groups; `by` may be left out where the evidence has one attribute.

    A group below `min_group_n` makes the rule inconclusive; one group alone, or a model that selects nobody, fails it.
    """

    definition: FairnessDefinition
    by: Text | UnsetType = UNSET
    in_: Identifier | UnsetType = UNSET
    max: Limit | UnsetType = UNSET
    min: Limit | UnsetType = UNSET
    min_group_n: Limit = 30
    reference: Text | UnsetType = UNSET
    ask: Literal["estimate"] = "estimate"
    selection_floor: Limit | UnsetType = UNSET


class ScanLimits(Strict, frozen=True):
    """Most findings allowed, by severity."""

    critical: Limit | UnsetType = UNSET
    high: Limit | UnsetType = UNSET
    medium: Limit | UnsetType = UNSET
    low: Limit | UnsetType = UNSET
    unknown: Limit | UnsetType = UNSET
    total: Limit | UnsetType = UNSET


class ScanRule(Strict, frozen=True, rename={"in_": "in"}):
    """Findings of a scanner against limits; there is no ignore list: that is what waivers are for."""

    max: ScanLimits
    in_: Identifier | UnsetType = UNSET
    fixable_only: bool = False
    max_db_age: Duration | UnsetType = UNSET


class TestsRule(Strict, frozen=True, rename={"in_": "in"}):
    """A test suite's counts; failures and errors are 0 at most unless said otherwise, and one test must have run."""

    __test__ = False

    in_: Identifier | UnsetType = UNSET
    max_failures: Limit = 0
    max_errors: Limit = 0
    max_skipped: Limit | UnsetType = UNSET
    min_tests: Limit = 1
    must_pass: tuple[Text, ...] = ()


class LintLimits(Strict, frozen=True):
    """Most findings allowed, by level."""

    error: Limit | UnsetType = UNSET
    warning: Limit | UnsetType = UNSET
    note: Limit | UnsetType = UNSET
    total: Limit | UnsetType = UNSET


class LintRule(Strict, frozen=True, rename={"in_": "in"}):
    """A linter's findings against limits."""

    max: LintLimits
    in_: Identifier | UnsetType = UNSET


class LatencyRule(Strict, frozen=True, rename={"in_": "in"}):
    """A load test: percentiles in milliseconds, beside the error rate and volume that make them mean something."""

    in_: Identifier | UnsetType = UNSET
    p50_ms: Limit | UnsetType = UNSET
    p95_ms: Limit | UnsetType = UNSET
    p99_ms: Limit | UnsetType = UNSET
    max_error_rate: Limit | UnsetType = UNSET
    min_requests: Limit | UnsetType = UNSET
    min_rps: Limit | UnsetType = UNSET
    min_duration: Duration | UnsetType = UNSET
    endpoint: Text | UnsetType = UNSET


class CommandRule(Strict, frozen=True, rename={"in_": "in"}):
    """A tool's exit status, for tools without a report."""

    in_: Identifier | UnsetType = UNSET
    exit_status: Limit = 0
    max_duration: Duration | UnsetType = UNSET


class DataRule(Strict, frozen=True, rename={"in_": "in"}):
    """Checks of a data set; none may fail unless said otherwise, and one must have run."""

    in_: Identifier | UnsetType = UNSET
    max_failed: Limit | UnsetType = UNSET
    max_failed_share: Limit | UnsetType = UNSET
    min_checks: Limit = 1
    must_pass: tuple[Text, ...] = ()


class LineageRule(Strict, frozen=True, rename={"in_": "in"}):
    """What the evidence says it was made from must be what the artifact carries."""

    same: Annotated[tuple[Literal["commit", "data", "model", "run"], ...], Meta(min_length=1, max_length=4)]
    in_: Identifier | UnsetType = UNSET


class SloRule(Strict, frozen=True, rename={"in_": "in"}):
    """Error budget: both windows of a pair must burn faster than `max_burn_rate` for the rule to fail."""

    in_: Identifier | UnsetType = UNSET
    max_burn_rate: Limit | UnsetType = UNSET
    windows: Annotated[
        tuple[Annotated[tuple[Duration, ...], Meta(min_length=1, max_length=2)], ...], Meta(max_length=20)
    ] = ()
    min_events: Limit | UnsetType = UNSET
    min_budget_left: Limit | UnsetType = UNSET


class RolloutRule(Strict, frozen=True, rename={"in_": "in"}):
    """A roll-out in the cluster. `same_digest`: a container of it runs the artifact's digest in every pod."""

    in_: Identifier | UnsetType = UNSET
    complete: bool = True
    min_available: Limit | UnsetType = UNSET
    same_digest: bool = False
    container: Text | UnsetType = UNSET
    max_restarts: Limit | UnsetType = UNSET


class ApprovalRule(Strict, frozen=True, rename={"in_": "in", "from_": "from"}):
    """How many different people must have approved, who, and how it is vouched for; never by who asks."""

    count: Limit
    from_: Annotated[tuple[Name, ...], Meta(min_length=1)] = ()
    level: Level = "asserted"
    in_: Identifier | UnsetType = UNSET


class Rule(Strict, frozen=True):
    """One condition with its reason and remedy: `require`, or exactly one shorthand."""

    id: Name
    why: Text
    remedy: Text
    severity: Severity = "medium"
    when: Cel | UnsetType = UNSET
    message: Cel | UnsetType = UNSET
    optional: bool = False
    waivable: bool = True
    effective_on: Instant | UnsetType = UNSET
    require: Cel | UnsetType = UNSET
    metric: MetricRule | UnsetType = UNSET
    fairness: FairnessRule | UnsetType = UNSET
    scan: ScanRule | UnsetType = UNSET
    tests: TestsRule | UnsetType = UNSET
    lint: LintRule | UnsetType = UNSET
    latency: LatencyRule | UnsetType = UNSET
    command: CommandRule | UnsetType = UNSET
    data: DataRule | UnsetType = UNSET
    lineage: LineageRule | UnsetType = UNSET
    slo: SloRule | UnsetType = UNSET
    rollout: RolloutRule | UnsetType = UNSET
    approval: ApprovalRule | UnsetType = UNSET


SHORTHANDS = (
    "metric",
    "fairness",
    "scan",
    "tests",
    "lint",
    "latency",
    "command",
    "data",
    "lineage",
    "slo",
    "rollout",
    "approval",
)


class PolicyMetadata(Strict, frozen=True):
    """Who a policy is."""

    name: Name
    version: Version
    title: str = ""
    owners: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    labels: dict[str, str] = {}


class PolicySpec(Strict, frozen=True):
    """What a policy asks."""

    rules: Annotated[tuple[Rule, ...], Meta(min_length=1, max_length=1000)]
    parameters: dict[Identifier, Parameter] = {}
    evidence: dict[Identifier, Requirement] = {}
    variables: dict[Identifier, Cel] = {}


class Policy(Strict, frozen=True):
    """`kind: Policy`, one per file; its digest is the sha256 of the file's bytes."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["Policy"]
    metadata: PolicyMetadata
    spec: PolicySpec
