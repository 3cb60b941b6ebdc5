"""regex: the text that the one named group of a regular expression finds, in a file of any kind.

Nothing here knows what the file means: the one change is that of the group's text, and the same expression finds the
new one at the same place. The name of the group says what it holds.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec.structs import replace

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.manifests import slots
from gatekeeper.manifests.asked import check_keys
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.images import UnfitError
from gatekeeper.manifests.linear import Match, matches
from gatekeeper.manifests.pattern import Pattern, PatternError
from gatekeeper.manifests.places import MAX_AT
from gatekeeper.manifests.yamlnodes import MAX_TEXT, position
from gatekeeper.model.image import ImageRef

_GROUPS = {"image": "image", "name": "name", "tag": "tag", "digest": "digest", "uri": "model-uri"}
# What ends no string, begins no comment and is no variable in any of the files that such a place may be in.
_HARMLESS = re.compile(r"[A-Za-z0-9._~:/@%+=,?-]+")
_HINT = r"Such as: at: 'image\s*=\s*\"(?P<image>[^\"]+)\"'"


class _Found(NamedTuple):
    pattern: Pattern
    match: Match
    target: Target


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the text of the named group: image, name, tag, digest or uri.

    Raises InvalidRequestError for an expression that cannot be used or a combination that cannot be, ManifestError
    where it does not fit exactly once, something else stands there, or it would not find the new text again.
    """
    found = _find(text, target)
    standing = text[found.match.group_start : found.match.group_end]
    try:
        written = slots.fill(standing, found.target, wish)
    except UnfitError as fault:
        raise _refusal(text, found, str(fault)) from fault
    if not _HARMLESS.fullmatch(written.text):
        raise InvalidRequestError(f"{target.file}: this cannot stand in a file of unknown kind: {written.text[:120]!r}")
    new = text[: found.match.group_start] + written.text + text[found.match.group_end :]
    _prove(text, new, found, written.text)
    return Edited(new, slots.shown(standing, found.target), slots.shown(written.text, found.target), written.notes)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that the group holds, with the target's repository where it holds a tag or digest alone.

    Raises ManifestError where the expression does not fit exactly once, or something else stands there.
    """
    found = _find(text, target)
    try:
        return slots.current(text[found.match.group_start : found.match.group_end], found.target)
    except UnfitError as fault:
        raise _refusal(text, found, str(fault)) from fault


def part(target: Target) -> str:
    """What the group holds, as `write` names it. Raises InvalidRequestError for an expression that cannot be used."""
    return _GROUPS[_pattern(target).group]


def _find(text: str, target: Target) -> _Found:
    check_keys(target, "regex", "at", "write")
    pattern = _pattern(target)
    write = _GROUPS[pattern.group]
    if target.write not in {None, write}:
        raise InvalidRequestError(f"{target.file}: the group is called {pattern.group}, but write is {target.write}")
    fitting = _matches(pattern, text, target)
    if len(fitting) != 1:
        places = " and ".join(position(text, match.start)[1:] for match in fitting)
        where = f"at {places}, and must once" if fitting else "nowhere"
        raise ManifestError(f"{target.file}: the expression fits {where}")
    found = _Found(pattern, fitting[0], replace(target, write=write))
    if found.match.group_start < 0:
        raise _refusal(text, found, f"the expression fits here without its group {pattern.group}")
    return found


def _pattern(target: Target) -> Pattern:
    if not target.at:
        raise InvalidRequestError(f"{target.file}: at: is required in this format: a regular expression", _HINT)
    if len(target.at) > MAX_AT:
        raise InvalidRequestError(f"{target.file}: at: is longer than {MAX_AT} characters")
    try:
        pattern = Pattern(target.at)
    except PatternError as fault:
        raise InvalidRequestError(f"{target.file}: at: {target.at!r}, {fault}", _HINT) from fault
    if pattern.group not in _GROUPS:
        names = ", ".join(_GROUPS)
        raise InvalidRequestError(f"{target.file}: at: the group is called {pattern.group}, not one of {names}", _HINT)
    return pattern


def _matches(pattern: Pattern, text: str, target: Target) -> list[Match]:
    if len(text) > MAX_TEXT:
        raise ManifestError(f"{target.file}: the file is larger than {MAX_TEXT} characters")
    try:
        return matches(pattern, text, 2)
    except PatternError as fault:
        raise ManifestError(f"{target.file}: at: {fault}") from fault


def _refusal(text: str, found: _Found, message: str) -> ManifestError:
    at = max(found.match.group_start, found.match.start)
    return ManifestError(f"{found.target.file}{position(text, at)}: {message}")


def _prove(text: str, new: str, found: _Found, value: str) -> None:
    again = _matches(found.pattern, new, found.target)
    wished = (found.match.start, found.match.group_start, found.match.group_start + len(value))
    if [(match.start, match.group_start, match.group_end) for match in again] != [wished]:
        raise _refusal(text, found, "the expression would not find the new text here, and nowhere else")
