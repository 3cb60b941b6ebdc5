"""What CEL sees of checks of a data set: its schema, its quality."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct

from gatekeeper.model.facts import Real, Whole


class DataCheck(Struct, frozen=True, kw_only=True):
    """One check. `observed` is the number that it looked at, where the report gives one."""

    passed: bool
    observed: Real = UNSET


class Data(Struct, frozen=True, kw_only=True):
    """Checks of a data set. A check that was not run is in `skipped` and counts neither as passed nor as failed."""

    total: Annotated[int, Meta(description="Checks that ran: passed and failed.")]
    passed: int
    failed: int
    failed_share: Annotated[float, Meta(description="`failed` over `total`.")]
    skipped: int = 0
    checks: Annotated[dict[str, DataCheck], Meta(description="Every check that ran, by its name.")]
    rows: Annotated[Whole, Meta(description="Rows that were looked at, where the report says it.")] = UNSET
