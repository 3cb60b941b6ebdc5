"""Several files for one name made one: shards of a test suite, scans of several images, lints of several folders.

Counts add; percentiles and rates per second do not and are left out, error rates come from the sums. The whole is as
old as its oldest part and about a digest only where every part is. Its own digest is that of its parts' digests,
sorted, one a line. The order of the parts makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gatekeeper.evidence.adding import added_load, added_scans, added_tests, by_key
from gatekeeper.evidence.quoting import shown
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.evidence import Envelope, Producer

_Facts = dict[str, Any]


class _UnfitError(Exception):
    """The parts do not make a whole, and why."""


def merge(envelopes: Sequence[Envelope]) -> Envelope:
    """One envelope of all. Where the parts do not make a whole it is an error that says why and lists the files.

    A part that is in error or was not evaluated makes the whole so. Raises ValueError for no envelope at all.
    """
    if not envelopes:
        raise ValueError("there is nothing to merge")
    if len(envelopes) == 1 and not envelopes[0].completes:
        return envelopes[0]
    parts = sorted(envelopes, key=lambda part: (part.digest or "", part.source, part.reason or ""))
    try:
        return _of_usable(parts)
    except _UnfitError as unfit:
        return _frame(parts, status="error", reason=str(unfit))


def _of_usable(parts: list[Envelope]) -> Envelope:
    _check_distinct(parts)
    for status in ("error", "not_evaluated"):
        if broken := [part for part in parts if part.status == status]:
            reason = f"{len(broken)} of {len(parts)} files: {min(part.reason or '' for part in broken)}"
            return _frame(parts, status=status, reason=reason)
    kinds = {part.kind for part in parts}
    way = _WAYS.get(next(iter(kinds)) or "") if len(kinds) == 1 else None
    if way is None:
        raise _UnfitError(f"two files for one name, and evidence of this kind does not add: {_sources(parts)}")
    _check_completing(parts)
    facts = way([part.facts for part in parts])
    return _frame(parts, facts=facts, counts=by_key(part.counts for part in parts))


def _check_distinct(parts: list[Envelope]) -> None:
    # The same bytes under two signatures, or bound twice, are one report: else that would stand for a lost shard.
    by_digest: dict[str, list[Envelope]] = {}
    for part in parts:
        if digest := part.payload or part.digest:
            by_digest.setdefault(digest, []).append(part)
    for twins in by_digest.values():
        if len(twins) > 1:
            raise _UnfitError(f"the same bytes twice: {_sources(twins)}")


def _check_completing(parts: list[Envelope]) -> None:
    # The age of one tool's database, or of another version's, says nothing of this scan's.
    dated = [part.producer for part in parts if part.completes]
    for part in parts:
        for tool in dated:
            if part.producer and tool and not _is_same_tool(part.producer, tool):
                raise _UnfitError(f"a scan and the age of a database of another tool or version: {_sources(parts)}")


def _is_same_tool(first: Producer, second: Producer) -> bool:
    return first.name == second.name and (not first.version or not second.version or first.version == second.version)


def _frame(parts: list[Envelope], **said: Any) -> Envelope:
    digests = [part.digest for part in parts]
    main = [part for part in parts if not part.completes] or parts
    return Envelope(
        name=_common({part.name for part in parts}),
        kind=_common({part.kind for part in parts}),
        producer=_producer(main),
        source=", ".join(sorted(part.source for part in parts)),
        digest=sha256_of("".join(f"{digest}\n" for digest in digests).encode()) if all(digests) else None,
        subjects=tuple(sorted(set[str].intersection(*(set(part.subjects) for part in main)))),
        produced_at=_oldest([part.produced_at for part in main]),
        **said,
    )


def _common(values: set[str | None]) -> str | None:
    return values.pop() if len(values) == 1 else None


def _oldest(times: list[str | None]) -> str | None:
    known = [time for time in times if time]
    # One form, RFC 3339 in UTC: without the final Z the order of the texts is that of the instants.
    return min(known, key=lambda time: time.rstrip("Z")) if len(known) == len(times) else None


def _producer(parts: list[Envelope]) -> Producer | None:
    producers = [part.producer for part in parts if part.producer]
    if len(producers) != len(parts):
        return None
    name = "+".join(sorted({producer.name for producer in producers}))
    return Producer(name=name, version=_common({producer.version for producer in producers}))


def _sources(parts: Iterable[Envelope]) -> str:
    """The files' own names: a judgement holds no path of the machine it was made on."""
    return " and ".join(shown(part.source.replace("\\", "/").rpartition("/")[2]) for part in parts)


def _lints(parts: list[_Facts]) -> _Facts:
    return {
        "counts": by_key(part["counts"] for part in parts),
        "suppressed": sum(part["suppressed"] for part in parts),
        "rules": by_key(part["rules"] for part in parts),
    }


def _scans(parts: list[_Facts]) -> _Facts:
    whole = added_scans(parts)
    if whole is None:
        raise _UnfitError("the age of a database without a scan")
    return whole


def _fairness(parts: list[_Facts]) -> _Facts:
    attributes: _Facts = {}
    for part in parts:
        for name, attribute in part["attributes"].items():
            if name in attributes:
                raise _UnfitError(f"two files give the groups of {shown(name)}")
            attributes[name] = attribute
    return {"attributes": dict(sorted(attributes.items()))}


def _lineages(parts: list[_Facts]) -> _Facts:
    whole: _Facts = {"data": {}, "outputs": {}}
    for part in parts:
        for key in ("commit", "run", "model"):
            _agree(whole, key, part.get(key), f"two files give the {key}")
        for key in ("data", "outputs"):
            for name, digest in part[key].items():
                _agree(whole[key], name, digest, f"two files give the digest of {shown(name)}")
    looked = [part["changed"] for part in parts if "changed" in part]
    changed = {"changed": sorted({name for names in looked for name in names})} if looked else {}
    return {**whole, **{key: dict(sorted(whole[key].items())) for key in ("data", "outputs")}, **changed}


def _agree(known: _Facts, key: str, said: Any, otherwise: str) -> None:
    if said is not None and known.setdefault(key, said) != said:
        raise _UnfitError(f"{otherwise}, and differ")


_WAYS: dict[str, Callable[[list[_Facts]], _Facts]] = {
    "tests": added_tests,
    "scan": _scans,
    "lint": _lints,
    "load": added_load,
    "fairness": _fairness,
    "lineage": _lineages,
}
