"""A tree in memory, for tests that need our files at their places and no disk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


class MemoryTree:
    """A `Tree` over a dictionary of paths; values other than text or bytes are written as JSON, which is YAML too."""

    commit: str | None = None

    def __init__(self, files: Mapping[str, Any]) -> None:
        self.files = {path: _bytes(content) for path, content in files.items()}

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None."""
        return self.files.get(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """Sorted names of the files directly in the folder."""
        start = f"{folder}/"
        below = (path.removeprefix(start) for path in self.files if path.startswith(start))
        return tuple(sorted(name for name in below if "/" not in name))

    def folders(self, folder: str) -> tuple[str, ...]:
        """Sorted names of the folders directly in the folder."""
        start = f"{folder}/"
        below = (path.removeprefix(start) for path in self.files if path.startswith(start))
        return tuple(sorted({name.partition("/")[0] for name in below if "/" in name}))


class MemoryTip(MemoryTree):
    """A `Tip` in memory; it holds everything already."""

    commit = "c" * 40

    def prefetch(self, paths: Iterable[str]) -> None:
        """Nothing to fetch."""


def environment(name: str = "staging", **spec: Any) -> dict[str, Any]:
    """An environment of one artifact, `registry.example/x`, under the policy `p`."""
    usual: dict[str, Any] = {
        "policies": [{"name": "p", "version": "^1"}],
        "image": "registry.example/x",
        "manifests": [{"path": f"environments/{name}/x/kustomization.yaml", "format": "kustomize"}],
    }
    return {
        "apiVersion": "gatekeeper/v1",
        "kind": "Environment",
        "metadata": {"name": name},
        "spec": {**usual, **spec},
    }


def waiver(name: str = "w", **spec: Any) -> dict[str, Any]:
    """A waiver of rule `it` of policy `p` in staging, in force for the days around 2026-11-23."""
    usual: dict[str, Any] = {
        "policy": "p",
        "rule": "it",
        "environments": ["staging"],
        "reason": "known",
        "ticket": "SEC-1",
        "requested_by": "carol",
        "approved_by": "dave",
        "granted": "2026-11-20",
        "expires": "2026-12-01",
    }
    return {
        "apiVersion": "gatekeeper/v1",
        "kind": "Waiver",
        "metadata": {"name": name},
        "spec": {**usual, **spec},
    }


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else json.dumps(content).encode()
