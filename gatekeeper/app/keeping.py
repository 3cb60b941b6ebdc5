"""The facts that a promotion keeps, from the judgement that allowed it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.app.evaluate import Judged
from gatekeeper.model.judgement import JudgedPolicy
from gatekeeper.model.policy import Policy
from gatekeeper.records.keeping import Kept, facts_to_keep
from gatekeeper.records.masking import Known

SMALLEST = 30
"""The size below which a group is not told where no rule says otherwise: the default of `min_group_n`."""

_PARAMETER = re.compile(r"\s*params\.([A-Za-z_][A-Za-z0-9_]*)\s*")


def kept_of(judged: Judged) -> Kept:
    """What is kept of a judgement's evidence. Raises CannotActError, naming the evidence, where it cannot be."""
    keys = {} if judged.ring is None else {key.name: key.public.fingerprint for key in judged.ring.keys}
    return facts_to_keep(judged.report.judgement, judged.envelopes, keys, _known(judged))


def _known(judged: Judged) -> Known:
    sizes = [size for applied in judged.report.judgement.policies for size in _sizes(judged, applied)]
    return Known(
        minimum=max(1, min(sizes, default=SMALLEST)),
        public=tuple(document.tree.text for document in judged.policies),
    )


def _sizes(judged: Judged, applied: JudgedPolicy) -> Iterator[int]:
    for document in judged.policies:
        if (document.policy.metadata.name, document.digest) == (applied.name, applied.digest):
            yield from _asked(document.policy, applied)


def _asked(policy: Policy, applied: JudgedPolicy) -> Iterator[int]:
    """The sizes that its fairness rules ask for; one that is computed counts as the default."""
    for rule in policy.spec.rules:
        if rule.fairness is UNSET:
            continue
        limit = rule.fairness.min_group_n
        if isinstance(limit, str):
            named = _PARAMETER.fullmatch(limit)
            limit = applied.parameters.get(named[1], SMALLEST) if named else SMALLEST
        yield int(limit) if isinstance(limit, int | float) else SMALLEST
