"""A forge's own words and addresses, made fit to be shown: anybody may have written them."""

from __future__ import annotations

import re

import msgspec

_MAX = 400
MAX_TITLE = 250
"""Characters of a title; the least that a forge takes is 255."""
_CUT = "\n\n… (cut)"
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&*+,;=%-]{1,1900}")
_USERINFO = re.compile(r"://[^/\s]*@")
_CREDENTIAL = re.compile(
    r"\b(?:gh[pousr]_|github_pat_|glpat-|glcbt-|gldt-)[A-Za-z0-9_.-]+|\b(?:bearer|token|basic)\s+\S{16,}", re.IGNORECASE
)


def cleaned(text: str, secret: str = "") -> str:
    """One line without control characters, credentials and `secret`, not too long."""
    if secret:
        text = text.replace(secret, "…")
    text = _CREDENTIAL.sub("…", _USERINFO.sub("://", text))
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in text[: 10 * _MAX]).split())
    return line if len(line) <= _MAX else f"{line[:_MAX]}…"


def told(body: bytes, secret: str = "") -> str:
    """What an error says in the forms of GitHub, GitLab and Gitea; empty where it says nothing in them."""
    try:
        document = msgspec.json.decode(body[:100_000])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return cleaned("; ".join(dict.fromkeys(_parts(document, 0))), secret)


def cut(text: str, most: int, marker: str = "") -> str:
    """`text`, or as much of it as fits, still with the marker that stood in it."""
    if len(text) <= most:
        return text
    end = (_CUT if most > 1000 else "…") + (f"\n{marker}" if marker else "")
    return text[: most - len(end)] + end


def address(url: str | None, otherwise: str) -> str:
    """`url` where a browser would open it and no Markdown could be broken by it, else the other."""
    return url if url and _ADDRESS.fullmatch(url) and not _USERINFO.search(url) else otherwise


def _parts(document: object, depth: int) -> list[str]:
    """The texts under `message`, `error` and `errors`, also in lists and by field, as GitLab tells them."""
    if isinstance(document, str):
        return [document] if document.strip() else []
    if depth > 3:
        return []
    if isinstance(document, list):
        return [text for part in document[:10] for text in _parts(part, depth + 1)]
    if not isinstance(document, dict):
        return []
    known = [document[key] for key in ("message", "error", "error_description", "errors") if key in document]
    parts = known if known or depth == 0 else list(document.values())[:10]
    return [text for part in parts for text in _parts(part, depth + 1)]
