"""Container registries, asked by the OCI distribution protocol for manifests and configurations; nothing is pushed."""

from __future__ import annotations

from gatekeeper.connect.oci.images import fetch, resolve

__all__ = ["fetch", "resolve"]
