"""Git as the store of policies, manifests and records: commits read as trees, branches written by compare-and-swap."""

from __future__ import annotations

from gatekeeper.connect.git.opening import open_commit
from gatekeeper.connect.git.repository import GitRepository

__all__ = ["GitRepository", "open_commit"]
