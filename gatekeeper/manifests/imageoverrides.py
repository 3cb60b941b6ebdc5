"""Images in the words of `kustomize edit set image`, as Argo CD's Applications have them: `name=newname:tag@digest`.

Without `=` kustomize takes one of tag and digest only (commands/edit/set/setimage.go), so both are written with it.
"""

from __future__ import annotations

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Target, Wish
from gatekeeper.manifests.imagelists import same
from gatekeeper.manifests.images import UnfitError, Written, pinned, refuse_variable
from gatekeeper.model.image import ImageRef, parse_image


def is_override(text: str | None, target: Target) -> bool:
    """Whether that sets the image of the target's repository, by its name in the resources or its new name."""
    name, new = _split(text or "")
    try:
        names = [name, parse_image(new).written] if new else [name]
    except InvalidRequestError:
        names = [name]
    return any(same(each, target.image) for each in names if each)


def override_image(text: str) -> ImageRef | None:
    """The image that is deployed; None without tag and digest. Raises InvalidRequestError where it is no image."""
    name, new = _split(text)
    image = parse_image(new or name)
    return image if image.tag or image.digest else None


def set_override(text: str, target: Target, wish: Wish) -> Written:
    """The text for the wish. Raises UnfitError where a variable or no image stands there."""
    refuse_variable(text)
    name, new = _split(text)
    behind = pinned(target, wish)
    try:
        now = parse_image(new).written if new else name
    except InvalidRequestError as fault:
        raise UnfitError(fault.message) from fault
    deployed = now if same(now, wish.image.written) else wish.image.written
    if not same(name, target.image) and deployed != now:
        raise UnfitError(f"{target.image} is the new name here, and would be gone; write {name} as image:")
    both = behind.text.startswith(":") and "@" in behind.text
    if "=" in text or deployed != name or both:
        return Written(f"{name}={deployed}{behind.text}", behind.notes)
    return Written(f"{name}{behind.text}", behind.notes)


def _split(text: str) -> tuple[str, str]:
    """The name, and what stands behind `=`; without that the name alone of `name:tag@digest`."""
    name, sign, new = text.partition("=")
    if sign:
        return name, new
    try:
        return parse_image(text).written, text
    except InvalidRequestError:
        return text, ""
