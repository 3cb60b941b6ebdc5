"""`dvc.lock` and `*.dvc`: the digests of what stages took and made, as DVC recorded them when they ran."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, seen, sequence
from gatekeeper.evidence.quoting import shown
from gatekeeper.model.digests import is_md5
from gatekeeper.model.evidence import Reading
from gatekeeper.model.facts_origin import Lineage

MAX_NAME = 1000

_OTHER = re.compile(r"[\x21-\x7e]{1,200}")
_WRITTEN_BY_OTHERS = ("etag", "checksum")


class _Tally(Struct):
    """Digests by path: of what stages took, and of what they made."""

    taken: dict[str, str] = {}
    made: dict[str, str] = {}


def read_lock(document: dict[str, Any]) -> Reading:
    """What went into the pipeline from outside, and all that its stages made.

    Raises NotEvaluatedError where no stage has run; EvidenceError for other schemas, entries without a digest, and
    stages that did not run on the same files.
    """
    if document.get("schema") not in ("2.0", 2.0):
        raise EvidenceError("schema is not 2.0: this is `dvc.yaml`, or a lock of another version")
    stages = mapping(document.get("stages") or {}, "stages")
    if not stages:
        raise NotEvaluatedError("the lock holds no stage: nothing was run")
    tally = _Tally()
    for name, stage in stages.items():
        _add_stage(tally, mapping(stage, f"stages.{shown(name)}"), f"stages.{shown(name)}")
    return _reading(_from_outside(tally), tally.made, stages=len(stages))


def read_stage_file(document: dict[str, Any]) -> Reading:
    """The data that a `*.dvc` file stands for; of a file with a command, as versions before 1.0 wrote, its stage."""
    tally = _Tally()
    if document.get("cmd") is None:
        _add(tally.made, document.get("outs"), "outs")
        return _reading(tally.made, {}, stages=0)
    _add_stage(tally, document, "the stage")
    return _reading(_from_outside(tally), tally.made, stages=1)


def _add_stage(tally: _Tally, stage: dict[str, Any], place: str) -> None:
    _add(tally.taken, stage.get("deps"), f"{place}.deps", again=True)
    _add(tally.made, stage.get("outs"), f"{place}.outs")


def _add(digests: dict[str, str], entries: Any, place: str, *, again: bool = False) -> None:
    for index, entry in enumerate(sequence(entries, place)):
        where = f"{place}[{index}]"
        path, digest = _digest(mapping(entry, where), where)
        if path in digests and not again:
            raise EvidenceError(f"{shown(path)} is made twice")
        _check_same(path, digests.get(path, digest), digest)
        digests[path] = digest


def _digest(entry: dict[str, Any], place: str) -> tuple[str, str]:
    path = entry.get("path")
    if not isinstance(path, str) or not path or len(path) > MAX_NAME:
        raise EvidenceError(f"{place} has no path")
    found = entry.get("md5")
    if isinstance(found, str) and is_md5(f"md5:{found}"):
        # Before version 3, which names the hash, line ends were made Unix's before a text was hashed.
        return seen(path), f"{'md5' if entry.get('hash') == 'md5' else 'md5-dos2unix'}:{found}"
    for name in _WRITTEN_BY_OTHERS:
        found = entry.get(name)
        if isinstance(found, str) and _OTHER.fullmatch(found):
            return seen(path), f"{name}:{found}"
    raise EvidenceError(f"{place} has no digest: nothing says what {shown(path)} was")


def _check_same(path: str, first: str, second: str) -> None:
    if first != second and first.partition(":")[0] == second.partition(":")[0]:
        raise EvidenceError(
            f"{shown(path)} has two digests: the stages did not run on the same files", "Run `dvc repro`, and commit."
        )


def _from_outside(tally: _Tally) -> dict[str, str]:
    """What no stage made, alone or inside a folder."""
    outside: dict[str, str] = {}
    for path, digest in tally.taken.items():
        if path in tally.made:
            _check_same(path, tally.made[path], digest)
        elif not any(above in tally.made for above in _folders(path)):
            outside[path] = digest
    return outside


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, min(len(parts), 100))]


def _reading(data: dict[str, str], outputs: dict[str, str], *, stages: int) -> Reading:
    if not data and not outputs:
        raise NotEvaluatedError("no digest is recorded")
    return Reading(
        facts=Lineage(data=dict(sorted(data.items())), outputs=dict(sorted(outputs.items()))),
        counts={"stages": stages, "data": len(data), "outputs": len(outputs)},
    )
