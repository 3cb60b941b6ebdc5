"""What went wrong on the way, in words that hold nothing that was sent or answered."""

from __future__ import annotations

import ssl
from email.utils import parsedate_to_datetime
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected
from time import time

from msgspec import Struct
from urllib3 import exceptions

from gatekeeper.connect.http.settings import Limits

TRUST = "If the server's certificate is of your own CA, name its file: GATEKEEPER_CA_BUNDLE=ca.pem."
EXPECTED = (exceptions.HTTPError, HTTPException, OSError, ValueError)
"""What urllib3, sockets and http.client raise where the other side or the way to it is at fault."""


class Fault(Struct, frozen=True, kw_only=True):
    """A reason, a remedy, and whether asking again may help: at once, or after `wait` seconds."""

    reason: str
    remedy: str = ""
    fleeting: bool = False
    wait: float | None = None


def on_the_way(error: BaseException, limits: Limits) -> Fault:
    """The fault that an error of `EXPECTED` tells of."""
    if isinstance(error, exceptions.ProxyError):
        return _proxy(error, limits)
    if isinstance(error, exceptions.SSLError | ssl.SSLError):
        return _tls(error)
    if isinstance(error, exceptions.ConnectTimeoutError) and not isinstance(error, exceptions.NewConnectionError):
        return Fault(reason=f"no connection within {limits.connect:g} s", fleeting=True)
    if isinstance(error, exceptions.NameResolutionError):
        return Fault(reason="its name cannot be resolved", fleeting=True)
    if isinstance(error, exceptions.ReadTimeoutError | TimeoutError):
        return Fault(reason=f"timed out, silent for {limits.silence:g} s", fleeting=True)
    return _broken(error)


def _broken(error: BaseException) -> Fault:
    cause = _cause(error)
    if isinstance(cause, IncompleteRead) or isinstance(error, exceptions.IncompleteRead):
        return Fault(reason="the answer was cut off", fleeting=True)
    if isinstance(cause, RemoteDisconnected):
        return Fault(reason="the connection was closed without an answer", fleeting=True)
    if isinstance(cause, BadStatusLine):
        return Fault(reason="it does not answer in HTTP", remedy="Check the port, and http or https.")
    if isinstance(cause, OSError):
        return Fault(reason=_system(cause), fleeting=True)
    return Fault(reason="its answer is not valid HTTP")


def _cause(error: BaseException) -> BaseException:
    """The innermost error; urllib3 keeps it as an argument or as the cause."""
    for _ in range(5):
        inner = [part for part in error.args if isinstance(part, BaseException)]
        nearer = inner[0] if inner else error.__cause__
        if nearer is None:
            break
        error = nearer
    return error


def _system(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
        return "the connection was broken"
    # Without a number the text is not the system's, and may be anybody's.
    return "it cannot be reached" if error.errno is None else f"it cannot be reached ({error.strerror})"


def _tls(error: BaseException) -> Fault:
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Fault(reason=f"its certificate is not trusted ({cause.verify_message})", remedy=TRUST)
    if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Fault(reason="the connection was closed within TLS", fleeting=True)
    return Fault(reason="TLS failed", remedy="Check the port, and that the server speaks TLS 1.2 or newer.")


def _proxy(error: exceptions.ProxyError, limits: Limits) -> Fault:
    inner = error.original_error
    remedy = "Check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY."
    if isinstance(inner, OSError) and str(inner).startswith("Tunnel connection failed"):
        return Fault(reason="the proxy refused to connect to it", remedy=remedy)
    told = on_the_way(inner, limits) if not isinstance(inner, exceptions.ProxyError) else Fault(reason="failed")
    return Fault(reason=f"through the proxy: {told.reason}", remedy=told.remedy or remedy, fleeting=told.fleeting)


def in_the_answer(status: int, retry_after: str | None, *, authorised: bool) -> Fault:
    """The fault that a status tells of which was not asked for."""
    fleeting = status in (429, 502, 503, 504)
    wait = seconds_until(retry_after, time()) if fleeting else None
    reason, remedy = _SAID.get(status, ("", ""))
    if status == 401 and authorised:
        reason, remedy = "the credentials were refused", "Check that they are right, and not expired."
    asks = f", it asks to wait {wait:.0f} s" if wait is not None else ""
    return Fault(reason=f"{status}{': ' if reason else ''}{reason}{asks}", remedy=remedy, fleeting=fleeting, wait=wait)


_SAID = {
    400: ("the request was not understood", ""),
    401: ("it asks for credentials, and none were given", "Give them as the documentation of the source says."),
    403: ("access is denied", "Give credentials that may read it."),
    404: ("there is no such thing", ""),
    407: ("the proxy asks for credentials", "Write them into HTTPS_PROXY: http://user:password@host:port."),
    429: ("too many requests", ""),
    500: ("the server failed", ""),
    502: ("the server behind it failed", ""),
    503: ("it is not available now", ""),
    504: ("the server behind it timed out", ""),
}


def seconds_until(text: str | None, now: float) -> float | None:
    """The wait that a `Retry-After` asks for, in seconds, RFC 9110 §10.2.3; None where there is none to be read."""
    text = (text or "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return float(text)
    try:
        return max(parsedate_to_datetime(text[:64]).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
