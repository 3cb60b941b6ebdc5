"""What the forms of a report on cases say alike."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.model.tested import Mismatch
from gatekeeper.reports.plain import line, value


def mismatch_lines(mismatch: Mismatch) -> Iterator[str]:
    """Expected and got, and below it what the judge says of the result."""
    yield f"{line(mismatch.what)}: expected {line(mismatch.expected)}, got {line(mismatch.got)}"
    if mismatch.message and mismatch.message != mismatch.got:
        yield f"  {line(mismatch.message)}"
    if mismatch.observed is not None:
        limit = f"limit {line(mismatch.comparator or '')} {value(mismatch.limit)}"
        margin = "" if mismatch.margin is None else f", margin {value(mismatch.margin)}"
        where = ".".join(part for part in (mismatch.evidence, mismatch.path) if part)
        yield f"  {line(where)} is {value(mismatch.observed)}, {limit}{margin}"
