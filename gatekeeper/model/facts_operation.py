"""What CEL sees of a service in operation: its objectives, and how far a roll-out has come."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from gatekeeper.model.facts import Latency, Real, Whole


class SloWindow(Struct, frozen=True, kw_only=True):
    """One look-back window of an objective. Absent numbers had no sample in the window: no data is not zero errors."""

    events: Annotated[Real, Meta(description="Requests or other events in the window.")] = UNSET
    errors: Real = UNSET
    error_rate: Annotated[Real, Meta(description="Bad events over all events, 0 to 1.")] = UNSET
    burn_rate: Annotated[
        Real, Meta(description="`error_rate` over the share of errors that the objective allows; 1 spends it exactly.")
    ] = UNSET


class Slo(Struct, frozen=True, kw_only=True):
    """A service level: error rates and burn rates by window, latencies, and what is left of the error budget."""

    objective: Annotated[Real, Meta(description="The share of good events that is promised, in (0, 1).")] = UNSET
    windows: Annotated[dict[str, SloWindow], Meta(description="By length, such as `windows['1h']`.")] = {}
    budget_window: Annotated[str | UnsetType, Meta(description="The time over which the budget is counted.")] = UNSET
    budget_left: Annotated[
        Real, Meta(description="The share of the error budget that is left; negative when overspent.")
    ] = UNSET
    events: Annotated[Real, Meta(description="Events in the longest window.")] = UNSET
    error_rate: Annotated[Real, Meta(description="Bad events over all events in the longest window.")] = UNSET
    latency_ms: Latency = Latency()
    values: Annotated[dict[str, float], Meta(description="Further numbers that were asked for, by name.")] = {}


class Running(Struct, frozen=True, kw_only=True):
    """One container of the pods: its image as written, and the digests that really run, over all pods."""

    image: str
    digests: Annotated[
        tuple[str, ...], Meta(description="Over all pods; `unknown` stands for a container that has not told its own.")
    ] = ()
    restarts: int = 0


class Rollout(Struct, frozen=True, kw_only=True):
    """How far a roll-out has come, by the rules of `kubectl rollout status`."""

    workload: Annotated[str, Meta(description="Its kind, such as Deployment.")]
    complete: bool
    failed: Annotated[bool, Meta(description="The controller has given up, such as past its progress deadline.")]
    reason: Annotated[str | UnsetType, Meta(description="What is missing to be complete, in one word.")] = UNSET
    generation: int
    observed_generation: Whole = UNSET
    desired: int
    updated: int = 0
    ready: int = 0
    available: int = 0
    restarts: Annotated[Whole, Meta(description="Of all containers of its pods, where those were read.")] = UNSET
    containers: Annotated[
        dict[str, Running] | UnsetType, Meta(description="By container name, where the pods were read.")
    ] = UNSET
