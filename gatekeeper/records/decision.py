"""The id of a decision, apart from the record that keeps it: a judgement needs no more."""

from __future__ import annotations

from typing import Any

import msgspec

from gatekeeper.model.digests import sha256_of
from gatekeeper.model.judgement import Judgement
from gatekeeper.records.canonical import canonical


def decision_id(judgement: Judgement) -> str:
    """`sha256:…` of the judgement's canonical bytes. Raises NotCanonicalError."""
    return identify(msgspec.to_builtins(judgement))


def identify(judgement: dict[str, Any]) -> str:
    """The id of a judgement given as plain values. Raises NotCanonicalError."""
    return sha256_of(canonical(judgement))
