"""What a promotion waits for."""

from __future__ import annotations

from collections.abc import Callable

from gatekeeper.model.environment import After
from gatekeeper.model.judgement import Waiting


def find_waiting(
    after: tuple[After, ...], artifact: str, digest: str, was_promoted: Callable[[str, str, str], bool]
) -> tuple[Waiting, ...]:
    """The environments in which this digest must have been first and was not.

    `was_promoted(environment, artifact, digest)` tells whether an allowed record says so.
    """
    return tuple(
        Waiting(
            condition="after",
            message=f"{artifact} at {digest} has not been promoted to {before.environment} by an allowed decision",
        )
        for before in after
        if not was_promoted(before.environment, artifact, digest)
    )
