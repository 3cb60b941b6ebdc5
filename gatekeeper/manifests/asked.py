"""What a row asks of a format: a key that the format cannot follow is refused, never ignored."""

from __future__ import annotations

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Target
from gatekeeper.manifests.images import refuse_tagged

_USUAL = {"at": None, "container": None, "write": "image", "add": False}


def check_keys(target: Target, format_: str, *known: str) -> None:
    """Raise InvalidRequestError for a key of the row that means nothing in this format, and an image with a tag."""
    refuse_tagged(target)
    for key, usual in _USUAL.items():
        value = getattr(target, key)
        if key not in known and value not in (None, usual):
            asked = "add: true" if key == "add" else f"{key}: {value}"
            others = f"It knows {' and '.join(known)}." if known else "It needs none of them."
            raise InvalidRequestError(f"{target.file}: format {format_} cannot follow {asked}", others)
