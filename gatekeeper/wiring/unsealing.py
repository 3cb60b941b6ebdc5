"""Evidence opened outside a judgement: to be shown, or tried."""

from __future__ import annotations

from datetime import datetime

from gatekeeper.model.evidence import Envelope
from gatekeeper.wiring.project import current_folder, find_base
from gatekeeper.wiring.request import trust_file


def unsealed(envelopes: tuple[Envelope, ...], trust: str | None, now: datetime) -> tuple[Envelope, ...]:
    """The envelopes with their signatures verified by the trust file that is given, else by the project's.

    Raises InvalidFileError or InvalidRequestError for a trust file that cannot be used.
    """
    if trust is None and all(envelope.sealed is None for envelope in envelopes):
        return envelopes
    from gatekeeper.policy.trust import load_trust  # few reports are signed
    from gatekeeper.records.unseal import unseal

    given = trust_file(trust, find_base(current_folder()))
    ring = None if given is None else load_trust(given[1], given[0])
    return tuple(unseal(envelope, ring, now) for envelope in envelopes)
