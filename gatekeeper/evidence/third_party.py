"""A producer that another distribution brings: held to its word, so that a broken one is an error and never a pass."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import plain
from gatekeeper.evidence.times import utc
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import ALL_KINDS, SUPPLIED, facts_type

MAX_SUBJECTS = 1000
MAX_COUNTS = 100

_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,63}:[\x21-\x7e]{1,500}")
_COUNT = re.compile(r"[a-z][a-z0-9_]{0,63}")

_NEEDED = "it needs NAME, KIND, claims and read"


class ThirdParty:
    """One such producer, by its name. `load` gives its module or object; `distribution` is who brought it.

    What it prints goes to stderr: stdout is the result's.
    """

    def __init__(self, name: str, distribution: str, load: Callable[[], Any]) -> None:
        self.NAME = name
        self._distribution = distribution
        self._load = load

    @property
    def KIND(self) -> str:  # noqa: N802 - the name that every producer gives its kind
        """The kind of its facts. Raises EvidenceError where it cannot be loaded or is no producer."""
        return str(self._module().KIND)

    def claims(self, report: Opened) -> bool:
        """Whether it knows the report as its own."""
        return self._run(self._module().claims, report) is True

    def read(self, report: Opened) -> Reading:
        """Its facts, checked. Raises NotEvaluatedError and EvidenceError, the latter for whatever else goes wrong."""
        module = self._module()
        if self._run(module.claims, report) is not True:
            raise self._fault("does not know this report as its own")
        reading = self._run(module.read, report)
        if type(reading) is not Reading:
            raise self._fault("did not return a Reading")
        if type(reading.facts) is not facts_type(module.KIND):
            raise self._fault(f"did not return facts of kind {module.KIND}")
        return self._checked(reading)

    def _module(self) -> Any:
        module = self._run(self._load)
        if not isinstance(getattr(module, "NAME", None), str) or not isinstance(getattr(module, "KIND", None), str):
            raise self._fault(f"is no producer: {_NEEDED}")
        if not callable(getattr(module, "claims", None)) or not callable(getattr(module, "read", None)):
            raise self._fault(f"is no producer: {_NEEDED}")
        if module.NAME != self.NAME:
            raise self._fault("has another NAME than its entry point")
        if module.KIND not in ALL_KINDS:
            raise self._fault("has a KIND that there is not")
        if module.KIND in SUPPLIED:
            raise self._fault(f"has the KIND {module.KIND}, which no report is believed to be of")
        return module

    def _run(self, call: Callable[..., Any], *arguments: Any) -> Any:
        try:
            with redirect_stdout(sys.stderr):
                return call(*arguments)
        except NotEvaluatedError as fault:
            raise NotEvaluatedError(plain(fault.message), plain(fault.remedy)) from fault
        except EvidenceError as fault:
            raise EvidenceError(plain(fault.message), plain(fault.remedy)) from fault
        except (Exception, SystemExit) as fault:  # whatever strangers' code does, the other evidence is still read
            raise self._fault(f"failed with {plain(type(fault).__name__)}") from fault

    def _fault(self, what: str) -> EvidenceError:
        return EvidenceError(f"the producer {self.NAME!r} of {self._distribution} {what}")

    def _checked(self, reading: Reading) -> Reading:
        """The same in one form. Raises EvidenceError for a time without offset, and what is no digest or count."""
        produced_at = None if reading.produced_at is None else utc(reading.produced_at)
        if reading.produced_at is not None and produced_at is None:
            raise self._fault("gave a time that is not RFC 3339 with offset")
        if not isinstance(reading.version, str | None):
            raise self._fault("gave a version that is not text")
        if not _all(reading.subjects, tuple, MAX_SUBJECTS, _is_subject):
            raise self._fault("gave a subject that is not `algorithm:digest`")
        if not _all(reading.counts, dict, MAX_COUNTS, _is_name) or not all(
            _is_count(count) for count in reading.counts.values()
        ):
            raise self._fault("gave counts that are not whole numbers by name")
        return Reading(
            facts=reading.facts,
            version=plain(reading.version) if reading.version else None,
            subjects=reading.subjects,
            produced_at=produced_at,
            counts=dict(reading.counts),
        )


def _all(values: Any, kind: type, most: int, fits: Callable[[Any], bool]) -> bool:
    return issubclass(type(values), kind) and len(values) <= most and all(fits(value) for value in values)


def _is_subject(value: Any) -> bool:
    return isinstance(value, str) and _SUBJECT.fullmatch(value) is not None


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _COUNT.fullmatch(value) is not None


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63
