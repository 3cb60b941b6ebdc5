"""An answer's body, counted while it is read and while it is unpacked."""

from __future__ import annotations

import zlib

from urllib3.response import BaseHTTPResponse

from gatekeeper.errors import CannotActError

_PIECE = 64 * 1024


def read_body(response: BaseHTTPResponse, most: int) -> bytes:
    """The whole body, unpacked. Raises CannotActError where it is larger than `most` or packed in another way."""
    _check_framing(response.headers.get("content-length"), response.headers.get("transfer-encoding"))
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return _plain(response, most)
    if encoding in ("gzip", "x-gzip"):
        return _unpacked(response, most)
    raise CannotActError("the answer is packed in a way that was not asked for")


def _check_framing(length: str | None, transfer: str | None) -> None:
    """Refuse what would be taken for "until the connection ends", where a cut goes unseen: no number, no known way."""
    if length is not None and (len(length) > 20 or not length.isascii() or not length.isdecimal()):
        raise CannotActError("the answer's length is not a number")
    if transfer is not None and transfer.strip().lower() != "chunked":
        raise CannotActError("the answer is transferred in a way that is not known")


def _plain(response: BaseHTTPResponse, most: int) -> bytes:
    body = bytearray()
    while piece := response.read(_PIECE, decode_content=False):
        body += piece
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _unpacked(response: BaseHTTPResponse, most: int) -> bytes:
    body, member = bytearray(), _member()
    pending, started = b"", False
    while piece := pending or response.read(_PIECE, decode_content=False):
        started = True
        if member.eof:
            member = _member()
        try:
            body += member.decompress(piece, most + 1 - len(body))
        except zlib.error as fault:
            raise CannotActError("the answer is not the gzip that it claims to be") from fault
        if len(body) > most:
            raise _too_large(most)
        pending = member.unused_data or member.unconsumed_tail
    if started and not member.eof:
        raise CannotActError("the answer was cut off within its gzip")
    return bytes(body)


def _member() -> zlib._Decompress:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _too_large(most: int) -> CannotActError:
    return CannotActError(f"the answer is larger than {most // (1024 * 1024)} MiB")
