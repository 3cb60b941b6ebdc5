"""Kubernetes, asked through its Python client for one workload, its ReplicaSets and its pods.

The client authenticates in all of kubeconfig's ways, so its own HTTP is used, not our door: with a timeout for each
request, TLS that is verified, answers read as bytes up to a limit, and none of its texts in a message.
"""

from __future__ import annotations

from gatekeeper.connect.kubernetes.workload import fetch

__all__ = ["fetch"]
