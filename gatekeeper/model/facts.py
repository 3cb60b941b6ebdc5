"""What CEL sees of each kind of evidence. A field that is UNSET is absent: a rule that reads it is `missing`."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

Whole = int | UnsetType
Real = float | UnsetType


class Metrics(Struct, frozen=True, kw_only=True):
    """Named numbers. Nested names are joined with dots: `values['test.accuracy']`."""

    values: Annotated[dict[str, float], Meta(description="The estimates, by metric name.")]
    n: Annotated[dict[str, int], Meta(description="Sample sizes, where the report gives `{value, n}`.")] = {}
    lower: Annotated[dict[str, float], Meta(description="Lower interval bounds, where given.")] = {}
    upper: Annotated[dict[str, float], Meta(description="Upper interval bounds, where given.")] = {}
    level: Annotated[dict[str, float], Meta(description="Confidence levels of the given bounds, in (0, 1).")] = {}
    se: Annotated[dict[str, float], Meta(description="Standard errors, where given.")] = {}
    params: Annotated[dict[str, str] | UnsetType, Meta(description="The run's parameters, as text.")] = UNSET
    tags: Annotated[dict[str, str] | UnsetType, Meta(description="The run's tags, as text.")] = UNSET
    datasets: Annotated[dict[str, str] | UnsetType, Meta(description="Digests of the run's data sets, by name.")] = (
        UNSET
    )


class Group(Struct, frozen=True, kw_only=True):
    """One group's size, counts and rates. A rate is absent where its denominator is 0 or was not given."""

    n: int
    selected: Whole = UNSET
    positives: Whole = UNSET
    true_positives: Whole = UNSET
    false_positives: Whole = UNSET
    selection_rate: Real = UNSET
    true_positive_rate: Real = UNSET
    false_positive_rate: Real = UNSET
    precision: Real = UNSET


class Attribute(Struct, frozen=True, kw_only=True):
    """The groups of one sensitive attribute, and what separates them."""

    n: int
    group_count: int
    smallest_n: int
    groups: dict[str, Group]
    gaps: Annotated[
        dict[str, float],
        Meta(
            description="By fairness definition: largest minus smallest, or smallest over largest. Absent where "
            "undefined for any group, with one group alone, or when nobody is selected."
        ),
    ]
    lowest_selection_rate: Real = UNSET
    highest_selection_rate: Real = UNSET


class Fairness(Struct, frozen=True, kw_only=True):
    """Group counts or rates by sensitive attribute."""

    attributes: dict[str, Attribute]
    only: Annotated[
        Attribute | UnsetType,
        Meta(description="The attribute, where there is exactly one; what `fairness` without `by` reads."),
    ] = UNSET


class Tests(Struct, frozen=True, kw_only=True):
    """A test suite, counted from its cases. `total` counts every case; `ran` those not skipped."""

    __test__ = False

    total: int
    ran: int
    passed: int
    failures: int
    errors: int
    skipped: int
    cases: Annotated[
        dict[str, str],
        Meta(
            description="`classname::name` (or `name`) to passed, failed, error or skipped; "
            "the worst where a name repeats."
        ),
    ]


class SeverityCounts(Struct, frozen=True, kw_only=True):
    """Findings by severity; `total` is their sum."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    unknown: int = 0
    total: int = 0


class Finding(Struct, frozen=True, kw_only=True):
    """One vulnerability in one package of one target."""

    id: str
    severity: str
    package: str
    installed: str
    fixed: str | UnsetType = UNSET


class Scan(Struct, frozen=True, kw_only=True):
    """A vulnerability scan. A finding counts once per id, package, installed version and target."""

    counts: SeverityCounts
    fixable: Annotated[
        SeverityCounts | UnsetType,
        Meta(description="Those for which a fixed version is known; absent where the report does not say of any."),
    ] = UNSET
    targets: Annotated[int, Meta(description="Parts of the artifact that were looked at.")]
    os_end_of_life: bool | UnsetType = UNSET
    db_updated_at: Annotated[
        str | UnsetType, Meta(description="RFC 3339; when the vulnerability database was made.")
    ] = UNSET
    findings: Annotated[
        tuple[Finding, ...] | UnsetType,
        Meta(description="Absent when there are more than 5000, so that a rule over them cannot overlook one."),
    ] = UNSET


class ScanDatabase(Struct, frozen=True, kw_only=True):
    """The age of a scanner's database, from a file of its own: what it says joins the scan of the same name."""

    db_updated_at: str


class LintCounts(Struct, frozen=True, kw_only=True):
    """Findings by SARIF level; `total` is their sum."""

    error: int = 0
    warning: int = 0
    note: int = 0
    total: int = 0


class Lint(Struct, frozen=True, kw_only=True):
    """A linter's findings that count: kind `fail`, not suppressed."""

    counts: LintCounts
    suppressed: int = 0
    rules: Annotated[dict[str, int], Meta(description="Findings by rule id.")] = {}


class Latency(Struct, frozen=True, kw_only=True):
    """Response times in milliseconds. A percentile that the report does not give is absent."""

    mean: Real = UNSET
    min: Real = UNSET
    max: Real = UNSET
    p50: Real = UNSET
    p90: Real = UNSET
    p95: Real = UNSET
    p99: Real = UNSET


class Endpoint(Struct, frozen=True, kw_only=True):
    """One endpoint of a load test."""

    requests: int
    failures: int
    error_rate: Real = UNSET
    latency_ms: Latency = Latency()


class Thresholds(Struct, frozen=True, kw_only=True):
    """The load tool's own thresholds."""

    passed: int = 0
    failed: int = 0


class Load(Struct, frozen=True, kw_only=True):
    """A load test as a whole; `error_rate` is failures over requests."""

    requests: int
    failures: int
    error_rate: float
    latency_ms: Latency = Latency()
    requests_per_second: Real = UNSET
    duration_seconds: Real = UNSET
    endpoints: dict[str, Endpoint] = {}
    thresholds: Thresholds | UnsetType = UNSET
    checks: Annotated[Thresholds | UnsetType, Meta(description="The script's own checks, by outcome.")] = UNSET


class Command(Struct, frozen=True, kw_only=True):
    """A recorded run of a tool."""

    exit_status: int
    duration_seconds: float
    output_digest: str


Facts = Metrics | Fairness | Tests | Scan | Lint | Load | Command

KINDS: dict[str, type[Struct]] = {
    "metrics": Metrics,
    "fairness": Fairness,
    "tests": Tests,
    "scan": Scan,
    "lint": Lint,
    "load": Load,
    "command": Command,
}
"""The kinds that most judgements read, each with the type of its facts."""

LATER = {
    "data": ("data", "Data"),
    "slo": ("operation", "Slo"),
    "rollout": ("operation", "Rollout"),
    "lineage": ("origin", "Lineage"),
    "model": ("origin", "Model"),
    "image": ("origin", "Image"),
    "attestation": ("origin", "Attestation"),
    "approval": ("people", "Approval"),
}
"""The further kinds: the module `model.facts_…` and the type in it, loaded where such evidence is declared or read."""

ALL_KINDS = (*KINDS, *LATER)

SUPPLIED = frozenset({"approval"})
"""The kinds that judging itself supplies, from the tree that it judges by: no report is believed to be of one."""

ADDING = frozenset({"tests", "scan", "lint", "load"})
"""The kinds of which several files may feed one name: counts add, percentiles never."""


def facts_type(kind: str) -> type[Struct]:
    """The type of a kind's facts. Raises KeyError for a kind that there is not."""
    if kind in KINDS:
        return KINDS[kind]
    from importlib import import_module

    module, name = LATER[kind]
    found: type[Struct] = getattr(import_module(f"gatekeeper.model.facts_{module}"), name)
    return found
