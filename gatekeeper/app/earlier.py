"""Which earlier decision a rollback goes back to, as the records and the manifests of a tip tell it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Wish
from gatekeeper.model.environment import ArtifactRow, Environment
from gatekeeper.ports import Tip
from gatekeeper.promotion.changes import find_changes, model_uri, wished_image
from gatekeeper.records.history import is_allowed, is_rollback, promotions
from gatekeeper.records.statement import Record

SHORTEST = 8
"""The fewest hex digits that name a decision."""

_SHOWN = 10
_HEX = re.compile(rf"[0-9a-f]{{{SHORTEST},64}}")


class Past(Struct, frozen=True, kw_only=True):
    """One artifact's past: its environment and row, and the tip that holds its manifests and records."""

    environment: Environment
    row: ArtifactRow
    tip: Tip

    def records(self, head: str = "") -> Iterable[Record | None]:
        """The records, newest first; see `promotions`."""
        return promotions(self.tip, self.environment.metadata.name, self.row.name, head)

    def stands(self, record: Record) -> bool:
        """Whether the manifests name what the record decided. Raises ManifestError where that cannot be told."""
        artifact = record.judgement.artifact
        image = wished_image(self.row, artifact)
        if image.tag is None and self.environment.spec.pin == "tag":
            return False  # nothing can name it here any more
        wish = Wish(image=image, pin=self.environment.spec.pin, model_uri=model_uri(artifact))
        return find_changes(self.tip, self.row, wish).held


class Found(Struct, frozen=True, kw_only=True):
    """The record to go back to, and the decision in force, null where the manifests name what nobody decided.

    `done` says that what stands there was rolled back to this already; `passed` are newer decisions that are gone back
    to by name only, because somebody overrode what stood in their way.
    """

    record: Record
    left: str | None
    done: bool = False
    passed: tuple[str, ...] = ()


def find_earlier(past: Past, to: str | None) -> Found:
    """Raises InvalidRequestError where there is no such decision, or none before what stands there."""
    newest = next(iter(past.records()), None)
    left = newest.decision if newest is not None and past.stands(newest) else None
    if to is not None:
        return Found(record=_named(past, to), left=left)
    if newest is not None and left is not None and is_rollback(newest):
        return Found(record=newest, left=left, done=True)
    if (found := _before(past, left)) is not None:
        return found
    name = past.environment.metadata.name
    raise InvalidRequestError(
        f"there is no allowed decision about {past.row.name} in {name} before what stands there", _known(past)
    )


def further_back(past: Past, found: Found) -> Found | None:
    """What comes before a rollback that is done, whose decision counts no more; None where nothing does.

    What somebody overrode stays: it did not count when it was put there.
    """
    return _before(past, found.left) if found.done and is_allowed(found.record) else None


def _before(past: Past, left: str | None) -> Found | None:
    passed: list[str] = []
    for record in _in_order(past.records()):
        if past.stands(record):
            continue
        if is_allowed(record):
            return Found(record=record, left=left, passed=tuple(dict.fromkeys(passed)))
        passed.append(record.decision)
    return None


def _in_order(records: Iterable[Record | None]) -> Iterator[Record]:
    """The records, newest first, without those that a rollback went back over: what it left is not gone back to."""
    back: str | None = None
    for record in records:
        if record is None or back not in (None, record.decision):
            continue
        back = record.decision if is_rollback(record) else None
        yield record


def _named(past: Past, to: str) -> Record:
    """The newest record, one that nobody overrode before others, of the decision that an id or its beginning names."""
    digits = to.removeprefix("sha256:")
    if not _HEX.fullmatch(digits):
        raise InvalidRequestError(f"--to {to[:80]!r} is no decision's id", f"Give {SHORTEST} to 64 of its hex digits.")
    found: dict[str, Record] = {}
    for record in past.records(digits):
        if record is not None and record.decision.removeprefix("sha256:").startswith(digits):
            known = found.setdefault(record.decision, record)
            if is_allowed(record) and not is_allowed(known):
                found[record.decision] = record  # it was no override itself; only a later rollback to it was
    if len(found) == 1:
        return next(iter(found.values()))
    where = f"{past.environment.metadata.name}/{past.row.name}"
    if found:
        raise InvalidRequestError(f"several decisions of {where} begin with {digits}", f"{', '.join(sorted(found))}.")
    raise InvalidRequestError(f"{where} has no decision {digits}", _known(past))


def _known(past: Past) -> str:
    """The decisions that there are, newest first."""
    told: dict[str, str] = {}
    for record in past.records():
        if record is not None and record.decision not in told:
            artifact = record.judgement.artifact
            assert artifact is not None
            told[record.decision] = f"{record.decision[7:23]} ({artifact.tag or artifact.digest}, {record.at})"
        if len(told) > _SHOWN:
            break
    shown = list(told.values())[:_SHOWN]
    more = ", …" if len(told) > _SHOWN else ""
    return f"There is {', '.join(shown)}{more}." if shown else "There is none at all."
