"""Evidence as users name it: `FILE`, a folder, a glob, `producer:path`, `name=path`, `name=producer:path`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from gatekeeper.connect.report_files import expand, read_file
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.evidence.opened import MAX_BYTES
from gatekeeper.evidence.reading import envelope
from gatekeeper.evidence.registry import PRODUCERS
from gatekeeper.model.evidence import Envelope, Status
from gatekeeper.policy.celtext import is_identifier
from gatekeeper.policy.near import near

UNBUILT = ("mlflow", "mlflow-model", "dvc", "wandb", "prometheus", "kubernetes", "oci", "snyk", "grype")
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
    return Spec(path=_given(path, text), name=name or None, producer=_known(producer))


def collect(
    specs: Iterable[str], producer: str | None = None, tell: Callable[[str], None] = lambda _: None
) -> tuple[Envelope, ...]:
    """An envelope for every file that the specifications name; a path or glob that finds none is one too.

    `producer` reads all of them, where a specification names no other; `tell` hears what is read.
    """
    envelopes: list[Envelope] = []
    seen: set[tuple[str | None, str]] = set()
    for text in specs:
        spec = parse_spec(text, exists=os.path.lexists(text))
        if spec.producer is None and producer is not None:
            spec = Spec(path=spec.path, name=spec.name, producer=producer)
        tell(f"reading {spec.path}")
        envelopes += _all(spec, seen)
    return tuple(envelopes)


def _all(spec: Spec, seen: set[tuple[str | None, str]]) -> Iterator[Envelope]:
    """The envelopes of what one specification names; at least one, so that nothing that was given can vanish.

    A file that was already given under the same name, if only by another way of writing its path, is not read again.
    """
    try:
        paths = expand(spec.path)
    except CannotActError as fault:
        yield _without_content(spec, spec.path, "error", fault.message)
        return
    if not paths:
        is_glob = any(mark in spec.path for mark in "*?[")
        reason = "no file matches the pattern" if is_glob else "there is no such file"
        yield _without_content(spec, spec.path, "not_evaluated", reason)
    for path in paths:
        key = (spec.name, os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)))
        if key not in seen:
            seen.add(key)
            yield _read(spec, path)


def _read(spec: Spec, path: str) -> Envelope:
    try:
        data = read_file(path, MAX_BYTES)
    except CannotActError as fault:
        return _without_content(spec, path, "error", fault.message)
    return envelope(data, source=_told(path), name=spec.name, producer=spec.producer)


def _without_content(spec: Spec, path: str, status: Status, reason: str) -> Envelope:
    return Envelope(
        name=spec.name, kind=None, producer=None, source=_told(path), digest=None, status=status, reason=_told(reason)
    )


def _told(path: str) -> str:
    """A path as text that every report can hold: bytes that are no UTF-8 are written as escapes."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _given(path: str, text: str) -> str:
    if not path:
        raise InvalidRequestError(f"{text!r} names no path")
    return path


def _known(producer: str) -> str:
    if producer in PRODUCERS:
        return producer
    if producer in UNBUILT:
        raise InvalidRequestError(f"producer {producer!r} is not built in this version of gatekeeper")
    hint = near(producer, PRODUCERS) or f"There are {', '.join(sorted(PRODUCERS))}."
    raise InvalidRequestError(f"there is no producer {producer!r}", hint)


def _is_word(text: str) -> bool:
    """Whether the text can be a producer's name; one letter is a Windows drive."""
    return len(text) > 1 and text.replace("-", "").replace("_", "").isalnum()
