"""Where MLflow keeps its runs: `MLFLOW_TRACKING_URI`, as MLflow reads it, or one of its two defaults here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from gatekeeper.connect.mlflow.store import Store
from gatekeeper.errors import InvalidRequestError

if TYPE_CHECKING:
    from gatekeeper.ports import Door

URI = "MLFLOW_TRACKING_URI"


def open_store(door: Door, environ: Mapping[str, str] = os.environ, *, registry: bool = False) -> Store:
    """The store that the environment names. Raises InvalidRequestError where it names none that can be read."""
    uri = (environ.get("MLFLOW_REGISTRY_URI") if registry else "") or environ.get(URI) or _default()
    scheme = urlsplit(uri).scheme
    if scheme in ("http", "https"):
        from gatekeeper.connect.mlflow.rest import RestStore

        return RestStore(door, uri, credentials(environ))
    if scheme == "sqlite":
        from gatekeeper.connect.mlflow.sqlite import SqliteStore

        return SqliteStore(_sqlite_path(uri))
    if scheme in ("", "file"):
        from gatekeeper.connect.mlflow.files import FileStore

        return FileStore(unquote(urlsplit(uri).path) if scheme else uri)
    raise InvalidRequestError(f"{URI} is a {scheme} URI", "http, https, sqlite, file and a folder's path are read.")


def _default() -> str:
    """What MLflow takes where nothing is set: a database or a folder, here. Both at once could mean either."""
    found = [
        uri for place, uri in (("mlflow.db", "sqlite:///mlflow.db"), ("mlruns", "mlruns")) if os.path.exists(place)
    ]
    if len(found) == 1:
        return found[0]
    problem = "mlflow.db and mlruns are both here" if found else "there is no mlflow.db and no mlruns here"
    raise InvalidRequestError(f"{URI} is not set, and {problem}", f"Set {URI}.")


def _sqlite_path(uri: str) -> str:
    """`sqlite:///relative.db` and `sqlite:////absolute.db`, as SQLAlchemy writes them."""
    path = uri.removeprefix("sqlite:///")
    if path == uri or not path:
        raise InvalidRequestError(
            f"{URI} names no database file", "Write sqlite:///relative.db or sqlite:////absolute.db."
        )
    return path.partition("?")[0]


def credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """The header that MLflow's own variables ask for."""
    if token := environ.get("MLFLOW_TRACKING_TOKEN"):
        return {"Authorization": f"Bearer {token}"}
    user, password = environ.get("MLFLOW_TRACKING_USERNAME"), environ.get("MLFLOW_TRACKING_PASSWORD")
    if not user or not password:
        return {}
    from base64 import b64encode

    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}
