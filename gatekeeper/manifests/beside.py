"""What stands beside an image or a tag in Helm's values, and decides with it which image runs.

Many charts call the digest `sha`, as Grafana's does, and some join `image` and `imageTag`, as Elastic's did. Only the
chart's templates say so; they are not here, so what may win over an edit is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_DIGEST_KEY = re.compile(r"(?:image[_-]?)?(?:sha|sha256|digest)", re.IGNORECASE)
_DIGEST = re.compile(r"(?:sha256:)?[0-9a-fA-F]{64}")
_PARTS = [f"{mark}{part}" for mark in ("", "_", "-") for part in ("tag", "version", "digest", "sha", "sha256")]


def is_digest(key: str, text: str | None) -> bool:
    """Whether a member holds a digest, as its name or its text says; empty, it says that there is none."""
    return bool(text) and (
        _DIGEST_KEY.fullmatch(key) is not None or (key != "tag" and _DIGEST.fullmatch(str(text)) is not None)
    )


def other_digest(texts: Mapping[str, str]) -> str | None:
    """The key of a digest that is not called `digest`, among the members of a map by name."""
    return next((key for key, text in texts.items() if key != "digest" and is_digest(key, text)), None)


def digest_beside(key: str, texts: Mapping[str, str]) -> str | None:
    """The member that holds a digest for the whole image at `key`: `digest`, or `imageDigest` beside `image`."""
    names = {"digest", *(f"{key.lower()}{part}" for part in _PARTS if part.endswith(("digest", "sha", "sha256")))}
    return next((name for name, text in texts.items() if name.lower() in names and _DIGEST.fullmatch(text)), None)


def part_of(key: str, lower: Mapping[str, str]) -> str | None:
    """The member that holds a part of the image at `key`: `tag`, or `imageTag` beside `image`; names in lower case."""
    names = ("tag", *(f"{key.lower()}{part}" for part in _PARTS))
    return next((name for name in names if name != key.lower() and lower.get(name)), None)
