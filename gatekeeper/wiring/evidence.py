"""Evidence as users name it: `FILE`, a folder, a glob, `producer:path`, `name=path`, `name=producer:path`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from gatekeeper.connect.report_files import expand, read_file
from gatekeeper.errors import (
    CannotActError,
    EvidenceError,
    GatekeeperError,
    InvalidRequestError,
    NotEvaluatedError,
)
from gatekeeper.evidence.opened import MAX_BYTES
from gatekeeper.evidence.reading import envelope
from gatekeeper.evidence.registry import PRODUCERS, is_live
from gatekeeper.model.evidence import Envelope, Producer, Status
from gatekeeper.policy.celtext import is_identifier
from gatekeeper.policy.near import near

UNBUILT = ("wandb",)
"""Sources of the contract that this version does not read."""


class Spec(Struct, frozen=True, kw_only=True):
    """One `--evidence`, taken apart."""

    path: str
    name: str | None = None
    producer: str | None = None


def parse_spec(text: str, *, exists: bool) -> Spec:
    """The parts of a specification. `exists` says that the whole text is a path on disk, which then wins.

    Raises InvalidRequestError for a producer that there is not.
    """
    if exists:
        return Spec(path=text)
    name, equals, rest = text.partition("=")
    if not equals or not is_identifier(name):
        name, rest = "", text
    producer, colon, path = rest.partition(":")
    if not colon or not _is_word(producer) or rest.startswith(("./", "/")):
        return Spec(path=_given(rest, text), name=name or None)
    return Spec(path=_given(path, text), name=name or None, producer=known_producer(producer))


def collect(
    specs: Iterable[str], producer: str | None = None, tell: Callable[[str], None] = lambda _: None
) -> tuple[Envelope, ...]:
    """An envelope for every file that the specifications name; a path or glob that finds none is one too.

    `producer` reads all of them, where a specification names no other; `tell` hears what is read.
    """
    envelopes: list[Envelope] = []
    default = None if producer is None else known_producer(producer)
    for spec, path, fault in _files([_spec(text, default) for text in specs]):
        if fault is None and is_live(spec.producer, path):
            tell(f"asking {spec.producer} for {path}")
            envelopes.append(_ask(spec, path))
            continue
        tell(f"reading {path}")
        envelopes.append(_read(spec, path) if fault is None else _without_content(spec, path, *fault))
    return tuple(envelopes)


def answer(text: str) -> bytes:
    """What the living system that a specification names answers, in the form that its producer reads from a file.

    Raises InvalidRequestError where it names none, and what `ports.Source.fetch` raises.
    """
    from gatekeeper.wiring.sources import fetch  # most evidence is files

    spec = parse_spec(text, exists=False)
    if spec.producer is None or not is_live(spec.producer, spec.path):
        living = ", ".join(name for name, entry in sorted(PRODUCERS.items()) if entry.live)
        raise InvalidRequestError(f"{text!r} names no living system", f"Write PRODUCER:NAME; there are {living}.")
    return fetch(spec.producer, spec.path).data


def _spec(text: str, producer: str | None) -> Spec:
    spec = parse_spec(text, exists=os.path.lexists(text))
    if spec.producer is not None or producer is None:
        return spec
    return Spec(path=spec.path, name=spec.name, producer=producer)


Fault = tuple[Status, str]


def _files(specs: Iterable[Spec]) -> Iterator[tuple[Spec, str, Fault | None]]:
    """Each file once for each name and producer; what was given with one of them is not met again in its folder.

    A specification that names no file gives its own path with a fault, so that nothing that was given can vanish.
    """
    found = [(spec, *expanded) for spec in specs for expanded in _expanded(spec)]
    files = [(spec, path) for spec, path, fault in found if fault is None and not is_live(spec.producer, path)]
    named = {(spec.producer, _place(path)) for spec, path in files if spec.name is not None}
    told = {place for _, place in named} | {_place(path) for spec, path in files if spec.producer is not None}
    seen: set[tuple[str | None, str | None, str]] = set()
    for spec, path, fault in found:
        place = f"{spec.producer}:{path}" if is_live(spec.producer, path) else _place(path)
        again = place in told if spec.producer is None else (spec.producer, place) in named
        key = spec.name, spec.producer, place
        if fault is None and ((spec.name is None and again) or key in seen):
            continue
        seen.add(key)
        yield spec, path, fault


def _expanded(spec: Spec) -> list[tuple[str, Fault | None]]:
    if is_live(spec.producer, spec.path):
        return [(spec.path, None)]
    try:
        paths = expand(spec.path)
    except CannotActError as fault:
        return [(spec.path, ("error", fault.message))]
    if paths:
        return [(path, None) for path in paths]
    is_glob = any(mark in spec.path for mark in "*?[")
    return [(spec.path, ("not_evaluated", "no file matches the pattern" if is_glob else "there is no such file"))]


def _place(path: str) -> str:
    """One text for a file, however its folder is written."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _read(spec: Spec, path: str) -> Envelope:
    try:
        data = read_file(path, MAX_BYTES)
    except CannotActError as fault:
        return _without_content(spec, path, "error", fault.message)
    return envelope(data, source=_told(path), name=spec.name, producer=spec.producer)


def _ask(spec: Spec, locator: str) -> Envelope:
    """What a living system answers, read as the record of its answer would be; its silence is a reason, never empty."""
    from gatekeeper.wiring.sources import fetch  # most evidence is files

    assert spec.producer is not None
    try:
        fetched = fetch(spec.producer, locator)
    except EvidenceError as fault:
        return _unanswered(spec, locator, "error", fault)
    except (NotEvaluatedError, CannotActError) as fault:
        return _unanswered(spec, locator, "not_evaluated", fault)
    return envelope(fetched.data, source=_told(fetched.source), name=spec.name, producer=spec.producer)


def _unanswered(spec: Spec, locator: str, status: Status, fault: GatekeeperError) -> Envelope:
    reason = f"{fault.message}. {fault.remedy}" if fault.remedy else fault.message
    return _without_content(spec, f"{spec.producer}:{locator}", status, reason)


def _without_content(spec: Spec, path: str, status: Status, reason: str) -> Envelope:
    known = spec.producer if spec.producer in PRODUCERS else None
    return Envelope(
        name=spec.name,
        kind=PRODUCERS[known].kind if known and is_live(known, path) else None,
        producer=Producer(name=known) if known and is_live(known, path) else None,
        source=_told(path),
        digest=None,
        status=status,
        reason=_told(reason),
    )


def _told(path: str) -> str:
    """A path as text that every report can hold: bytes that are no UTF-8 are written as escapes."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _given(path: str, text: str) -> str:
    if not path:
        raise InvalidRequestError(f"{text!r} names no path")
    return path


def known_producer(producer: str) -> str:
    """The name of a producer, ours or an installed one. Raises InvalidRequestError where there is none of that name."""
    if producer in PRODUCERS:
        return producer
    if producer in UNBUILT:
        raise InvalidRequestError(f"producer {producer!r} is not built in this version of gatekeeper")
    from gatekeeper.wiring.plugins import admitted, names  # nobody pays for third parties without naming one

    if admitted(producer):
        return producer
    there = sorted({*PRODUCERS, *names()})
    hint = near(producer, there) or f"There are {', '.join(there)}."
    raise InvalidRequestError(f"there is no producer {producer!r}", hint)


def _is_word(text: str) -> bool:
    """Whether the text can be a producer's name; one letter is a Windows drive."""
    return len(text) > 1 and text.replace("-", "").replace("_", "").isalnum()
