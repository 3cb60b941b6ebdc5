"""The Python client of Kubernetes, with the credentials of kubeconfig or of the pod that this runs in."""

from __future__ import annotations

import os
from typing import Any

from gatekeeper.errors import CannotActError, EvidenceError


def library() -> Any:
    """The client's module. Raises CannotActError where it is not installed."""
    try:
        import kubernetes.client  # an extra, and half a second of imports
    except ImportError as fault:
        remedy = "Install it: pip install 'ml-gatekeeper[kubernetes]'."
        raise CannotActError("asking Kubernetes needs its Python client, which is not installed", remedy) from fault
    return kubernetes.client


def client(context: str | None) -> Any:
    """A client by kubeconfig; without one, by what the cluster gives those that run in it."""
    clients = library()
    import kubernetes.config

    config: Any = kubernetes.config
    settings = clients.Configuration()
    settings.retries = False
    inside = context is None and not _has_kubeconfig() and "KUBERNETES_SERVICE_HOST" in os.environ
    try:
        if inside:
            config.load_incluster_config(client_configuration=settings)
        else:
            config.load_kube_config(context=context, client_configuration=settings, persist_config=False)
    except Exception:  # noqa: BLE001 - it runs the programs that kubeconfig names, and raises whatever they lead to
        if inside:
            raise CannotActError("this pod was given no credentials for its cluster") from None
        if not _has_kubeconfig():
            message = "there is no kubeconfig, and this does not run in a cluster"
            raise CannotActError(
                message, "Name one in KUBECONFIG, or give what `kubectl get -o json` prints."
            ) from None
        raise CannotActError("kubeconfig cannot be used", "Try `kubectl --context … get pods` with the same.") from None
    _check_connection(settings)
    return clients.ApiClient(settings)


def _has_kubeconfig() -> bool:
    paths = os.environ.get("KUBECONFIG") or os.path.expanduser("~/.kube/config")
    return any(os.path.exists(os.path.expanduser(path)) for path in paths.split(os.pathsep) if path)


def _check_connection(settings: Any) -> None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(settings.host)
    except ValueError as fault:
        raise CannotActError("kubeconfig names no address of a cluster") from fault
    if parts.scheme == "https" and not settings.verify_ssl:
        raise EvidenceError("kubeconfig says insecure-skip-tls-verify: anybody could answer", "Give the cluster's CA.")
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise EvidenceError("the cluster's address is not https: anybody could answer", "Use its https address.")
