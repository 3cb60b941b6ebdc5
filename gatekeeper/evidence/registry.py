"""The producers, by the names that users write: `producer:path`. A new one is one file and one line here."""

from __future__ import annotations

from gatekeeper.ports import ProducerReader

PRODUCERS: dict[str, ProducerReader] = {}
