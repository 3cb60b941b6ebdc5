"""Evidence as users name it: `FILE`, a folder, a glob, `producer:path`, `name=path`, `name=producer:path`."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from gatekeeper.connect.report_files import expand, read_report
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.evidence.opened import MAX_BYTES
from gatekeeper.evidence.reading import envelope
from gatekeeper.evidence.registry import PRODUCERS
from gatekeeper.model.evidence import Envelope
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


def collect(specs: Iterable[str], producer: str | None = None) -> tuple[Envelope, ...]:
    """An envelope for every file that the specifications name; a path or glob that finds none is one too.

    `producer` reads all of them, where a specification names no other.
    """
    envelopes: list[Envelope] = []
    seen: set[tuple[str | None, str]] = set()
    for text in specs:
        spec = parse_spec(text, exists=bool(expand(text)))
        if spec.producer is None and producer is not None:
            spec = Spec(path=spec.path, name=spec.name, producer=producer)
        paths = expand(spec.path)
        if not paths:
            envelopes.append(_absent(spec))
        for path in paths:
            if (spec.name, path) not in seen:
                seen.add((spec.name, path))
                envelopes.append(_read(spec, path))
    return tuple(envelopes)


def _read(spec: Spec, path: str) -> Envelope:
    try:
        data = read_report(path, MAX_BYTES)
    except CannotActError as fault:
        return Envelope(
            name=spec.name, kind=None, producer=None, source=path, digest=None, status="error", reason=fault.message
        )
    return envelope(data, source=path, name=spec.name, producer=spec.producer)


def _absent(spec: Spec) -> Envelope:
    is_glob = any(mark in spec.path for mark in "*?[")
    reason = "no file matches the pattern" if is_glob else "there is no such file"
    return Envelope(
        name=spec.name, kind=None, producer=None, source=spec.path, digest=None, status="not_evaluated", reason=reason
    )


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
