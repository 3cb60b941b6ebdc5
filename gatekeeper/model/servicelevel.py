"""The ServiceLevel file: what a Prometheus server is asked, and what its answers are held against."""

import re
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from gatekeeper.model.policy import Strict
from gatekeeper.model.scalars import Duration, Identifier, Name, Text

PLACEHOLDER = re.compile(r"\$window(?![A-Za-z0-9_])")
"""What stands for a window's length in a query."""

Query = Annotated[
    str, Meta(min_length=1, max_length=4000, description="A PromQL expression that gives one series or a scalar.")
]
WindowQuery = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=4000,
        description="A PromQL expression that gives one series; `$window` in it stands for a window's length.",
    ),
]
Variable = Annotated[
    str,
    Meta(
        pattern=r"^PROMETHEUS_[A-Z0-9_]{1,80}$(?!\n)",
        description="The name of an environment variable; only those that begin with `PROMETHEUS_` are read.",
    ),
]
Server = Annotated[
    str,
    Meta(
        pattern=r"^https?://",
        max_length=1000,
        description="`https://host[:port][/prefix]`, without user, password or query.",
    ),
]
Quantile = Literal["p50", "p90", "p95", "p99"]


class Histogram(Strict, frozen=True):
    """A classic histogram of response times, its name without `_bucket`."""

    metric: Annotated[str, Meta(pattern=r"^[A-Za-z_:][A-Za-z0-9_:]{0,199}$(?!\n)")]
    unit: Literal["seconds", "milliseconds"]
    window: Duration
    selector: Annotated[str, Meta(max_length=2000, description='Label matchers, such as `job="churn"`.')] = ""
    quantiles: Annotated[tuple[Quantile, ...], Meta(min_length=1, max_length=4)] = ("p50", "p90", "p95", "p99")


class RangeQuery(Strict, frozen=True):
    """A query over a time that ends now; `take` makes one number of it."""

    query: Query
    over: Duration
    step: Duration
    take: Literal["last", "avg", "min", "max"]


class ServiceLevelSpec(Strict, frozen=True):
    """Where to ask, and the objective: `errors` with `total`, or `error_ratio`, over each of `windows`."""

    server: Server | UnsetType = UNSET
    user: Annotated[
        str | UnsetType, Meta(description="For basic authentication; the password is what `token_env` holds.")
    ] = UNSET
    token_env: Variable | UnsetType = UNSET
    objective: (
        Annotated[float, Meta(gt=0, lt=1, description="The share of good events that is promised.")] | UnsetType
    ) = UNSET
    windows: Annotated[tuple[Duration, ...], Meta(max_length=20)] = ()
    budget_window: Duration | UnsetType = UNSET
    errors: WindowQuery | UnsetType = UNSET
    total: WindowQuery | UnsetType = UNSET
    error_ratio: WindowQuery | UnsetType = UNSET
    latency: Histogram | UnsetType = UNSET
    values: Annotated[dict[Identifier, Query], Meta(max_length=100)] = {}
    ranges: Annotated[dict[Identifier, RangeQuery], Meta(max_length=100)] = {}
    stale_after: Annotated[Duration, Meta(description="How old the newest sample may be.")] = "5m"
    accept_infos: Annotated[
        bool, Meta(description="Whether to accept what Prometheus remarks on a query; its warnings never are.")
    ] = False


class ServiceLevelMetadata(Strict, frozen=True):
    """The name of the service level."""

    name: Name
    title: Text | UnsetType = UNSET
    owners: tuple[Text, ...] = ()
    labels: dict[str, str] = {}


class ServiceLevel(Strict, frozen=True):
    """`kind: ServiceLevel`, any file; given as `--evidence prometheus:FILE`."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["ServiceLevel"]
    metadata: ServiceLevelMetadata
    spec: ServiceLevelSpec
