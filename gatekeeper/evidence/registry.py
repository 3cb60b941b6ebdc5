"""The producers, by the names that users write: `producer:path`. A new one is one file and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec import Struct

from gatekeeper.model.evidence import Opened

if TYPE_CHECKING:
    from gatekeeper.ports import ProducerReader


class Entry(Struct, frozen=True):
    """What is known of a producer without loading it: the kind of its facts and what its reports look like.

    A report is shown to the producer only when its form is one of `forms` and, where `marks` are given, one of them is
    among the report's marks (see `Opened`). `live` says that what stands after `producer:` may name a
    living system; `also` are further kinds of which its reports may be.
    """

    kind: str
    forms: tuple[str, ...]
    marks: frozenset[str] = frozenset()
    live: bool = False
    also: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind that the producer's reports can be."""
        return (self.kind, *self.also)

    def may_claim(self, report: Opened) -> bool:
        """Whether the report is worth showing to the producer."""
        return report.form in self.forms and (not self.marks or not self.marks.isdisjoint(report.marks))


def _entry(kind: str, forms: str, *marks: str, live: bool = False, also: str = "") -> Entry:
    return Entry(kind, tuple(forms.split()), frozenset(marks), live, tuple(also.split()))


FALLBACK = "json"
"""The producer that takes a document which no other claims and which is not known to be another tool's."""

PRODUCERS: dict[str, Entry] = {
    "bandit": _entry("lint", "json", "generated_at"),
    "command": _entry("command", "json", "schema"),
    "data": _entry("data", "json", "checks"),
    "dvc": _entry("lineage", "text", "schema", "outs", "md5", "deps", "frozen", "wdir", "desc", "meta", also="metrics"),
    "fairness": _entry("fairness", "json", "groups"),
    "in-toto": _entry("attestation", "json", "predicateType", also="scan tests"),
    "flake8": _entry("lint", "text", "path:row:column"),
    "grype": _entry("scan", "json", "matches"),
    "json": _entry("metrics", "json"),
    "junit": _entry("tests", "xml", "testsuites", "testsuite"),
    "k6": _entry("load", "json", "metrics", "results"),
    "kubernetes": _entry("rollout", "json", "schema", "kind", live=True),
    "locust": _entry("load", "json text", "num_requests", "Type", "Timestamp", "Method", "Name", "Count"),
    "mlflow": _entry("metrics", "json", "run", "error_code", live=True),
    "mlflow-lineage": _entry("lineage", "json", "run", live=True),
    "mlflow-model": _entry("model", "json", "model_version", live=True),
    "oci": _entry("image", "json", "schema", "schemaVersion", live=True),
    "prometheus": _entry("slo", "json", "schema", "status", live=True),
    "pip-audit": _entry("scan", "json", "fixes", "vulns", "skip_reason"),
    "ruff": _entry("lint", "json", "noqa_row"),
    "sarif": _entry("lint", "json", "runs"),
    "snyk": _entry("scan", "json", "ok"),
    "trivy": _entry("scan", "json", "SchemaVersion", "Target", "ClusterName", "VulnerabilityDB"),
}
"""By name, which is also the module's in `gatekeeper.evidence`, with `_` for `-`."""


_admitted: dict[str, ProducerReader] = {}


def admit(producer: ProducerReader) -> None:
    """Let a third-party producer be named. It claims no report by itself, and never takes the place of one of ours."""
    _admitted[producer.NAME] = producer


def is_known(name: str) -> bool:
    """Whether a producer of that name is ours or was admitted."""
    return name in PRODUCERS or name in _admitted


def kinds_of(name: str) -> tuple[str, ...]:
    """Every kind that the producer's reports can be; the first is the usual one. Raises what a third party's raises."""
    return PRODUCERS[name].kinds if name in PRODUCERS else (_admitted[name].KIND,)


def reader(name: str) -> ProducerReader:
    """The producer, loaded when it is first needed. Raises KeyError for a name that is not known."""
    from importlib import import_module

    if name not in PRODUCERS:
        return _admitted[name]
    return cast("ProducerReader", import_module(f"gatekeeper.evidence.{name.replace('-', '_')}"))


def is_live(producer: str | None, place: str) -> bool:
    """Whether `producer:place` asks a living system, as all do but those for a recorded answer, `….json`."""
    entry = PRODUCERS.get(producer or "")
    return entry is not None and entry.live and not place.endswith(".json")
