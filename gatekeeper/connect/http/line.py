"""Connections that end when a question's time is over, whatever the other side still drips into them."""

from __future__ import annotations

import contextlib
import socket
import ssl
from contextvars import ContextVar
from threading import Timer
from time import monotonic
from types import TracebackType
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import make_headers, parse_url

from gatekeeper.errors import InvalidRequestError


class Watch:
    """The time for one question. When it is over, `is_over` is true and every connection held is shut. A context."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._end = monotonic() + seconds
        self._lines: list[socket.socket] = []
        self._timer = Timer(seconds, self._expire)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        """Seconds that are left; a little more than none, since sockets take 0 for something else."""
        return max(self._end - monotonic(), 0.001)

    def hold(self, connection: Any) -> None:
        """Shut this socket, too, at the end. The second handle lives on where TLS or a reply takes the first away."""
        line = socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        self._lines.append(line)
        if self.is_over:
            _shut(line)

    def __enter__(self) -> Watch:
        self._token = _watching.set(self)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _watching.reset(self._token)
        for line in self._lines:
            line.close()

    def _expire(self) -> None:
        self.is_over = True
        for line in list(self._lines):
            _shut(line)


_watching: ContextVar[Watch] = ContextVar("watching")


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


class _Watched:
    """What both kinds of connection do: they are held by the watch of the question that they carry."""

    sock: socket.socket | None

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        _watching.get().hold(made)
        return made

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is not None:  # a connection that is used again, under another watch
            _watching.get().hold(self.sock)
        super().request(*arguments, **options)  # type: ignore[misc]


class _Line(_Watched, HTTPConnection):
    pass


class _TlsLine(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Line


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsLine


def connections(ca: str | None, proxy: str | None) -> urllib3.PoolManager:
    """Kept connections, straight or through the proxy; certificates are always verified. Raises InvalidRequestError."""
    context = tls(ca)
    manager = _through(proxy, context) if proxy else urllib3.PoolManager(ssl_context=context)
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
    return manager


def tls(ca: str | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, with the given file or folder of authorities or the system's. Raises InvalidRequestError."""
    where = {} if ca is None else {"capath" if _is_folder(ca) else "cafile": ca}
    try:
        context = ssl.create_default_context(**where)  # type: ignore[arg-type]
    except (OSError, ValueError) as fault:
        raise InvalidRequestError("the CA bundle cannot be read", "Give certificates in PEM.") from fault
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_folder(path: str) -> bool:
    from os.path import isdir

    return isdir(path)


def _through(proxy: str, context: ssl.SSLContext) -> urllib3.PoolManager:
    try:
        parts = parse_url(proxy)
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.host:
        raise InvalidRequestError(
            "the proxy that HTTPS_PROXY or HTTP_PROXY names cannot be used", "Write it as http://host:port."
        )
    headers = make_headers(proxy_basic_auth=_decoded(parts.auth)) if parts.auth else None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return urllib3.ProxyManager(
        f"{parts.scheme}://{parts.host}:{port}", proxy_headers=headers, ssl_context=context, proxy_ssl_context=context
    )


def _decoded(userinfo: str) -> str:
    from urllib.parse import unquote

    return unquote(userinfo)
