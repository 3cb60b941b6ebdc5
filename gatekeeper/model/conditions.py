"""What an environment asks for before a promotion: time windows, freezes, approvals, and soak elsewhere."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from gatekeeper.model.policy import Strict
from gatekeeper.model.promoted import Level as Level
from gatekeeper.model.scalars import Duration, Instant, Name, Text

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[
    str,
    Meta(
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$(?!\n)",
        description="Hours and minutes on the clock of the time zone, `09:00`; `24:00` is the end of the day.",
    ),
]


class After(Strict, frozen=True):
    """An environment in which the same digest must have been promoted before, and have stayed for `soak`."""

    environment: Name
    soak: Duration | UnsetType = UNSET


class AllowedWindow(Strict, frozen=True, rename={"from_": "from"}):
    """Times of the week in which promotions may be made; one that ends at or before its start ends on the next day."""

    from_: ClockTime
    to: ClockTime
    days: Annotated[tuple[Day, ...], Meta(min_length=1, max_length=7)] = (
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    )


class Freeze(Strict, frozen=True, rename={"from_": "from"}):
    """A time in which nothing is promoted. A bare date is the whole day in the windows' time zone, also as `to`."""

    from_: Instant
    to: Instant
    why: Text


class Windows(Strict, frozen=True):
    """When promotions may be made: in one of `allow` (always, where there is none) and in no freeze."""

    timezone: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_+/-]{0,99}$(?!\n)")]
    allow: Annotated[tuple[AllowedWindow, ...], Meta(min_length=1, max_length=50)] = ()
    freeze: Annotated[tuple[Freeze, ...], Meta(max_length=1000)] = ()


class Approvals(Strict, frozen=True, rename={"from_": "from"}):
    """How many people must approve, which, and how. Without `from`, those who have the role `approve` here."""

    count: Annotated[int, Meta(ge=1, le=20)]
    from_: Annotated[tuple[Name, ...], Meta(min_length=1)] = ()
    level: Level = "asserted"
