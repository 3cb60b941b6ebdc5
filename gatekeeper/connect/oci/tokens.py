"""Challenges of a registry, and tokens from whom it sends for them, as the CNCF distribution project specifies them."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from gatekeeper.connect.oci.credentials import Credentials
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.ports import Answered, Door

Challenge = dict[str, str]
"""The parameters of one challenge, by lower-case name."""

_MAX_HEADER = 8192
_SCHEME = re.compile(r"\s*,?\s*([A-Za-z][A-Za-z0-9-]*)(?:\s+(?=[A-Za-z_-]+\s*=)|\s*(?=,|$))")
_PARAMETER = re.compile(r'\s*,?\s*([A-Za-z_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))')
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")


class _Given(msgspec.Struct, frozen=True, kw_only=True):
    token: str | None = None
    access_token: str | None = None


def challenges(header: str) -> dict[str, Challenge]:
    """The challenges of a `WWW-Authenticate` header, RFC 9110 §11.6.1, by lower-case scheme; what is none is left."""
    found: dict[str, Challenge] = {}
    header = header[:_MAX_HEADER]
    at = 0
    while scheme := _SCHEME.match(header, at):
        parameters = found.setdefault(scheme[1].lower(), {})
        at = scheme.end()
        while parameter := _PARAMETER.match(header, at):
            name, quoted, bare = parameter.groups()
            parameters.setdefault(name.lower(), bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
            at = parameter.end()
    return found


def token(door: Door, challenge: Challenge, scope: str, found: Credentials | None) -> str:
    """A token to read with. Raises CannotActError where none is given; the scope is ours, never the challenge's."""
    realm = challenge["realm"]
    asked = {"service": challenge.get("service", ""), "scope": scope}
    try:
        return _token_in(_asked(door, realm, asked, found).body)
    except InvalidRequestError:
        raise CannotActError("the registry sends for tokens to a place that is not asked") from None


def may_send_for_tokens(registry: str, realm: str) -> bool:
    """Whether a registry may name this realm: no http where it speaks https, and this machine only on this machine."""
    try:
        here, there = urlsplit(registry), urlsplit(realm)
        host = there.hostname or ""
    except ValueError:
        return False
    if there.scheme not in ("https", here.scheme) or not host:
        return False
    return not _is_local(host) or _is_local(here.hostname or "")


def _is_local(host: str) -> bool:
    return host.rstrip(".") == "localhost" or host.startswith(("127.", "::1", "0."))


def _asked(door: Door, realm: str, asked: dict[str, str], found: Credentials | None) -> Answered:
    if found is not None and found.identity_token:
        form = {"grant_type": "refresh_token", "client_id": "gatekeeper", "refresh_token": found.identity_token}
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return door.post(realm, urlencode({**form, **asked}).encode(), headers=kind)
    glue = "&" if "?" in realm else "?"
    return door.get(f"{realm}{glue}{urlencode(asked, quote_via=quote)}", headers=_basic(found))


def _basic(found: Credentials | None) -> dict[str, str]:
    if found is None or found.user is None:
        return {}
    pair = base64.b64encode(f"{found.user}:{found.password}".encode()).decode("ascii")
    return {"authorization": f"Basic {pair}"}


def _token_in(body: bytes) -> str:
    given = None
    try:
        answer = msgspec.json.decode(body, type=_Given)
        given = answer.token or answer.access_token
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        given = None  # said below, outside of the handler: the error may repeat what was answered
    if given is None or not _TOKEN.fullmatch(given):
        raise CannotActError("the registry's token service gave no token")
    return given
