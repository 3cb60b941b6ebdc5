"""Repository addresses and ref names: what is refused before git sees it, and what is hidden before a person does."""

from __future__ import annotations

import os
import re

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.digests import is_commit

_SCHEME = re.compile(r"(https?|ssh|git|file|git\+ssh|ssh\+git)://(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_SCP = re.compile(
    r"(?:[A-Za-z0-9_][A-Za-z0-9_.+-]*@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^:].*)"
)
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_REF_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)")
# Of a scheme its last character is enough: to look for its first in a server's long word takes the square of the time.
_SECRET = re.compile(r"(?P<scheme>[A-Za-z0-9+.-]://)[^/\s]*@")
# A password that holds a slash makes no URL, yet people write it; a number before the slash is a port.
_SLASHED = re.compile(r"(?P<scheme>[A-Za-z0-9+.-]://)[^/\s:@\[]*:(?![0-9]{1,5}(?:[/\s'\"]|$))\S*@")
_NAMED = re.compile(
    r"(?P<name>(?:password|passwd|passphrase|secret|token|authorization|api[_-]?key)['\"]?\s*[=:]\s*)"
    r"(?:(?:basic|bearer)\s+)?\S+",
    re.IGNORECASE,
)
_QUERY = re.compile(r"(?P<url>https?://[^\s'\"?]+)\?[^\s'\"]*")
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_MAX_READ = 10_000
_MAX_WORDS = 1500


def check_address(address: str) -> str:
    """`address` itself when it is a path or a git URL. Raises InvalidRequestError for options and remote helpers."""
    if not address or address.startswith("-") or any(ord(mark) < 32 or ord(mark) == 127 for mark in address):
        raise InvalidRequestError(f"{redact(address)!r} is not a repository's path or URL")
    if _HELPER.match(address):
        raise InvalidRequestError(f"{redact(address)!r} names a remote helper, which could run any program")
    url = _SCHEME.fullmatch(address)
    if "://" in address and url is None:
        raise InvalidRequestError(f"{redact(address)!r} has a scheme that is not one of https, http, ssh, git, file")
    if url and url["rest"].rpartition("@")[2].startswith("-"):
        raise InvalidRequestError(f"{redact(address)!r} has a host that begins with a dash")
    return address


def local_folder(address: str) -> str | None:
    """The folder that `address` means, for a path or a `file://` URL of this machine; None for a remote one."""
    if address.lower().startswith("file://"):
        return _file_path(address[7:])
    if os.path.isdir(address):
        return os.path.abspath(address)
    if "://" in address or _SCP.fullmatch(address):
        return None
    return os.path.abspath(address)


def _file_path(rest: str) -> str:
    host, slash, path = rest.partition("/")
    if host not in {"", "localhost"} or not slash:
        raise InvalidRequestError(f"{redact(f'file://{rest}')} does not name a folder of this machine")
    from urllib.parse import unquote  # only where such an address is given

    return f"/{unquote(path)}"


def check_ref(ref: str) -> str:
    """`ref` itself when git could have such a branch, tag or id. Raises InvalidRequestError."""
    bad = not ref or len(ref) > 250 or ref.startswith(("-", "/", ".")) or ref.endswith(("/", ".")) or ref == "@"
    if bad or _REF_FORBIDDEN.search(ref):
        raise InvalidRequestError(f"{ref[:100]!r} is not the name of a branch or tag, nor a commit's id")
    return ref


def is_id(ref: str) -> bool:
    """Whether `ref` could be a commit's id, whole or shortened."""
    return 4 <= len(ref) <= 64 and all(mark in "0123456789abcdef" for mark in ref)


def names_of(ref: str) -> list[str]:
    """The full names under which `ref` may stand: a whole id and `refs/…` are names themselves."""
    whole = ref.startswith("refs/") or is_commit(ref)
    return [ref] if whole else [f"refs/heads/{ref}", f"refs/tags/{ref}"]


def redact(text: str) -> str:
    """`text` without the credentials that a URL in it may hold."""
    return _QUERY.sub(r"\g<url>", _SLASHED.sub(r"\g<scheme>", _SECRET.sub(r"\g<scheme>", text)))


def words(output: bytes) -> str:
    """What git or a server said, fit to be shown: no credentials, no control characters, not too long."""
    text = _ESCAPE.sub("", output.decode("utf-8", "replace").replace("\r", "\n"))
    if len(text) > _MAX_READ:
        text = text[:_MAX_READ].rpartition("\n")[0] or text[:_MAX_READ]
    text = redact("".join(mark for mark in text if mark.isprintable() or mark in "\n\t"))
    lines = [line.strip() for line in _NAMED.sub(r"\g<name>…", text).split("\n") if line.strip()]
    shown = "\n  ".join(line for line in lines if not _is_noise(line)) or "\n  ".join(lines)
    return shown if len(shown) <= _MAX_WORDS else f"{shown[:_MAX_WORDS]}…"


def _is_noise(line: str) -> bool:
    """Advice for people at a prompt, and what git says of the parents of a commit that was fetched without them."""
    return line.startswith("hint:") or re.fullmatch("error: Could not read [0-9a-f]{40,64}", line) is not None
