"""`signed_by`: every name needs a key of its own among those that signed, and every file must have them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatekeeper.model.evidence import Envelope
from gatekeeper.model.policy import Requirement

if TYPE_CHECKING:
    from gatekeeper.policy.trust import Signers


def what_to_do(signers: Signers | None) -> str:
    """What to do about evidence that is not signed as asked."""
    if signers is None:
        return (
            "Write trust.yaml at the top of the tree that holds the policies, or name a file by --trust;"
            " `gatekeeper keygen` prints an entry for it."
        )
    return "Sign it by a key that trust.yaml has for this: `gatekeeper evidence bind FILE --sign-key KEY`."


def unsigned(
    parts: Sequence[Envelope], requirement: Requirement, signers: Signers | None, environment: str | None
) -> str:
    """Why the files are not signed as the requirement asks; empty where they are."""
    asked = requirement.signed_by
    if signers is None:
        return f"signed by {_listed(asked)} is asked for, and no trust.yaml says whose keys count"
    for part in parts:
        if told := _lacking(part, asked, signers, environment):
            return told
    return ""


def _lacking(part: Envelope, asked: Sequence[str], signers: Signers, environment: str | None) -> str:
    from gatekeeper.policy.trust import unmet

    if not part.signed_by:
        why = part.unverified or "unsigned"
        return f"{why}; signed by {_listed(asked)} is asked for"
    producers = frozenset({part.producer.name}) if part.producer else frozenset[str]()
    candidates = {name: signers.keys_of(name, environment, producers) for name in asked}
    lacking = unmet(asked, candidates, part.signed_by)
    if not lacking:
        return ""
    told = f"signed by {_listed(part.signed_by)}; a key more is asked for, of {_listed(lacking)}"
    return f"{told} ({part.unverified})" if part.unverified else told


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
