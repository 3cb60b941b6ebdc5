"""Evidence kept and read back, as another process would much later."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.model.evidence import Envelope, Recorded
from gatekeeper.model.judgement import Judgement
from gatekeeper.policy.trust import Ring
from gatekeeper.records.facts import facts_path, read_facts
from gatekeeper.records.keeping import facts_to_keep
from gatekeeper.records.masking import Known

EARLIER = Recorded(environment="staging", decision="sha256:" + "d" * 64)


def kept_again(
    judgement: Judgement, envelopes: Sequence[Envelope], ring: Ring | None = None, known: Known | None = None
) -> tuple[Envelope, ...]:
    """What is left of the evidence after it was kept with the judgement and read back."""
    keys = {} if ring is None else {key.name: key.public.fingerprint for key in ring.keys}
    kept = facts_to_keep(judgement, envelopes, keys, known or Known())
    assert None not in kept.digests
    sources = {one.digest: f"from staging: reports/{one.source}" for one in envelopes}
    found: dict[str, Envelope] = {}
    for judged, digest in zip(judgement.evidence, kept.digests, strict=True):
        assert digest is not None
        source = sources[judged.digest]
        found[digest] = read_facts(kept.files[facts_path(digest)], digest, source, EARLIER)
    return tuple(found.values())
