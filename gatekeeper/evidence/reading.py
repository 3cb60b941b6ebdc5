"""From the bytes of one report to its envelope: opened, its producer found by content, read, checked to be plain."""

from __future__ import annotations

import gc
from math import isfinite
from typing import Any

import msgspec

from gatekeeper.errors import EvidenceError, GatekeeperError, InvalidRequestError, NotEvaluatedError
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.registry import FALLBACK, PRODUCERS, is_known, kinds_of, reader
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.evidence import Envelope, Opened, Producer, Reading, Sealed, Status
from gatekeeper.model.facts import facts_type

MAX_DEPTH = 200

_File = dict[str, Any]  # what every envelope tells of its file: `name`, `source` and `digest`


def envelope(
    data: bytes, *, source: str, name: str | None = None, producer: str | None = None, unsealed: bool = False
) -> Envelope:
    """What the report says, or why it says nothing. `producer` names the reader; without it the content decides.

    Never raises for what stands in `data`: that becomes the status and reason. Raises InvalidRequestError for a
    producer that does not exist. A DSSE envelope stays sealed; `unsealed` says that `data` is the payload of one, which
    is a Statement and nothing else.
    """
    if producer is not None and not is_known(producer):
        raise InvalidRequestError(f"there is no producer {producer!r}", f"There are {', '.join(sorted(PRODUCERS))}.")
    file = {"name": name, "source": source, "digest": sha256_of(data)}
    collecting = gc.isenabled()
    gc.disable()  # a document is nothing but containers: looking for cycles in it would double the time of reading it
    try:
        return _envelope(data, file, producer, unsealed=unsealed)
    finally:
        if collecting:
            gc.enable()


def _envelope(data: bytes, file: _File, producer: str | None, *, unsealed: bool) -> Envelope:
    chosen = producer
    try:
        report = open_report(data)
        if not unsealed and (sealed := _sealed(report)) is not None:
            return _unopened(sealed, file, producer)
        if unsealed or "predicateType" in report.marks:
            chosen, reading = _of_statement(report, producer, unsealed=unsealed)
        else:
            chosen = producer or detect(report)
            reading = reader(chosen).read(report)
        del report
        facts = plain_facts(reading)
    except NotEvaluatedError as fault:
        return _refused("not_evaluated", fault, file, chosen)
    except EvidenceError as fault:
        return _refused("error", _of_lines(fault, data), file, chosen)
    except Exception:  # noqa: BLE001 - a reader that trips over a report must not take the other evidence with it
        misfit = EvidenceError("the report does not have the form that its producer writes")
        return _refused("error", misfit, file, chosen)
    return Envelope(
        **file,
        kind=_kind(chosen, reading),
        producer=Producer(name=chosen, version=reading.version),
        subjects=tuple(sorted(set(reading.subjects))),
        produced_at=reading.produced_at,
        counts=reading.counts,
        facts=facts,
        payload=reading.report,
    )


def _of_lines(fault: EvidenceError, data: bytes) -> EvidenceError:
    """A better word for a bundle of envelopes, one a line: it is broken as a document, and whole as a bundle."""
    if not fault.message.startswith("not JSON") or b"}\n{" not in data.replace(b"\r\n", b"\n"):
        return fault
    if not any(mark in data for mark in (b'"payloadType"', b'"predicateType"')):
        return fault
    return EvidenceError("several attestations, one a line", "Give each as a file of its own.")


def _sealed(report: Opened) -> Sealed | None:
    if report.marks.isdisjoint(("payloadType", "dsseEnvelope")):
        return None
    from gatekeeper.evidence.sealed import is_sealed, take_apart  # most evidence is not signed

    return take_apart(report) if is_sealed(report) else None


def _unopened(sealed: Sealed, file: _File, producer: str | None) -> Envelope:
    """In error until its signatures were looked at: what forgets to do that has no evidence."""
    return Envelope(
        **file,
        kind=None,
        producer=Producer(name=producer) if producer else None,
        status="error",
        reason="signed evidence whose signatures were not looked at",
        sealed=sealed,
    )


def _of_statement(report: Opened, producer: str | None, *, unsealed: bool) -> tuple[str, Reading]:
    from gatekeeper.evidence import in_toto
    from gatekeeper.evidence.bound import read_bound

    if in_toto.claims(report):
        return read_bound(report, producer, claimer)
    if unsealed:
        raise EvidenceError("what was signed is no in-toto Statement")
    chosen = producer or detect(report)
    return chosen, reader(chosen).read(report)


def detect(report: Opened) -> str:
    """The one producer that claims the report. Raises EvidenceError where several do, or none."""
    if found := claimer(report):
        return found
    from gatekeeper.evidence.foreign import foreign  # needed only where no producer knows the report

    if tool := foreign(report):
        raise EvidenceError(f"this looks like {tool}, which this version does not read")
    if reader(FALLBACK).claims(report):
        return FALLBACK
    if report.json == []:
        raise EvidenceError("an empty list could be any tool's", _say_which("ruff"))
    raise EvidenceError(f"no producer knows this report; there are {', '.join(sorted(PRODUCERS))}", _say_which("junit"))


def claimer(report: Opened) -> str | None:
    """The one producer that knows the report as its own, None where none does. Raises EvidenceError where several."""
    shown_to = (name for name, entry in PRODUCERS.items() if name != FALLBACK and entry.may_claim(report))
    claimers = [name for name in shown_to if reader(name).claims(report)]
    if len(claimers) > 1:
        raise EvidenceError(f"several producers claim this report: {', '.join(claimers)}", _say_which(claimers[0]))
    return claimers[0] if claimers else None


def _say_which(example: str) -> str:
    return f"Name its producer: `producer:path`, such as `{example}:path`."


def _kind(producer: str, reading: Reading) -> str:
    """The kind of what was read; its type tells, where the producer's reports are of several."""
    kinds = kinds_of(producer)
    return kinds[0] if len(kinds) == 1 else next(kind for kind in kinds if facts_type(kind) is type(reading.facts))


def plain_facts(reading: Reading) -> dict[str, Any]:
    """The facts as plain JSON values, of the types that their kind declares. Raises EvidenceError for others."""
    kind = type(reading.facts)
    typed = msgspec.convert(msgspec.to_builtins(reading.facts), kind)
    facts: dict[str, Any] = msgspec.to_builtins(typed)
    return {key: plain(value, 1) for key, value in facts.items()}


def plain(value: Any, depth: int = 0) -> Any:
    """`value` with tuples as lists. Raises EvidenceError for what JSON cannot hold or two readers could read apart."""
    if isinstance(value, str):
        if not value.isascii() or "\x00" in value:
            _check_text(value)
        return value
    if isinstance(value, dict):
        _check_depth(depth)
        return {plain(key): plain(member, depth + 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        _check_depth(depth)
        return [plain(member, depth + 1) for member in value]
    if isinstance(value, float) and not isfinite(value):
        raise EvidenceError("a number in the report is not finite")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise EvidenceError("a whole number in the report does not fit in 64 bits")
    return value


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise EvidenceError("the report holds U+0000")
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise EvidenceError("the report holds half of a surrogate pair") from fault


def _check_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise EvidenceError(f"the facts are nested deeper than {MAX_DEPTH}")


def _only_kind(producer: str) -> str | None:
    """The kind of all that the producer reads; None where it may have been of several, and nobody can tell which."""
    try:
        kinds = kinds_of(producer)
    except EvidenceError:  # a third party's producer that cannot be loaded, as the reason says
        return None
    return kinds[0] if len(kinds) == 1 else None


def _refused(status: Status, fault: GatekeeperError, file: _File, producer: str | None) -> Envelope:
    return Envelope(
        **file,
        kind=_only_kind(producer) if producer else None,
        producer=Producer(name=producer) if producer else None,
        status=status,
        reason=f"{fault.message}. {fault.remedy}" if fault.remedy else fault.message,
    )
