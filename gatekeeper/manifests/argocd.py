"""argocd: what an Application sets on its sources: Helm parameters and values, kustomize images, the revision.

Sources: Argo CD's API types v1alpha1 (3.1). Helm types a parameter's value as `--set` does, unless `forceString` says
otherwise.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests import slots
from gatekeeper.manifests.asked import check_keys
from gatekeeper.manifests.beside import digest_beside, other_digest
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.imageoverrides import is_override, override_image, set_override
from gatekeeper.manifests.images import UnfitError, same_image
from gatekeeper.manifests.scalars import Path, Place, replace, shown, text_of
from gatekeeper.manifests.valuemaps import Held, set_values, values_image, values_matching
from gatekeeper.manifests.walk import Spot, group_kind, objects
from gatekeeper.manifests.yamlnodes import MAX_DEPTH, Source, meaning
from gatekeeper.model.image import ImageRef, parse_image

_GROUP = "argoproj.io"
_REVISION = "targetRevision"
_SOURCES = (("spec", "source"), ("spec", "sources", "[]"), ("spec", "sourceHydrator", "drySource"))
_PARTS = {"tag": "tag", "version": "tag", "digest": "digest", "repository": "name", "name": "name"}
_TYPED = re.compile(r"[-+]?[0-9]+|true|false|null", re.IGNORECASE)


class _Slot(NamedTuple):
    """A scalar, and what is written there: `write` of a row, or `override` for kustomize's form."""

    spot: Spot
    write: str
    name: str
    forced: bool = True


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the parameter or revision that `at` names; without one, the only place that holds the target's image.

    Raises InvalidRequestError for a combination that cannot be, ManifestError with the place where not exactly one
    place fits, or where it cannot be changed alone.
    """
    source = _opened(text, target)
    one = _only(source, target)
    if one is None:
        source.refuse(_nothing(target))
    if isinstance(one, Held):
        return set_values(one, target, wish)
    try:
        return _set(source, one, target, wish)
    except UnfitError as fault:
        source.refuse(str(fault), one.spot.node)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that stands there; None where there is none. Raises ManifestError where that cannot be told."""
    source = _opened(text, target)
    one = _only(source, target)
    if one is None or isinstance(one, Held):
        return None if one is None else values_image(one, target)
    standing = text_of(one.spot.node)
    try:
        if one.write == "override":
            return override_image(standing or "")
        image = slots.current(standing, _as(target, one.write))
        digest = _digest_beside(one)
        return image if image is None or digest is None else parse_image(f"{image}@{text_of(digest.node)}")
    except (UnfitError, InvalidRequestError) as fault:
        source.refuse(str(fault), one.spot.node)


def _opened(text: str, target: Target) -> Source:
    check_keys(target, "argocd", "at", "write")
    source = Source(text, target.file)
    meaning(source)
    for spot in objects(source):
        if group_kind(spot) == (_GROUP, "ApplicationSet"):
            source.refuse("an ApplicationSet is a template of Applications; edit what its generators read", spot.node)
    return source


def _only(source: Source, target: Target) -> _Slot | Held | None:
    roots = [
        spot
        for each in objects(source)
        if group_kind(each) == (_GROUP, "Application")
        for path in _SOURCES
        for spot in each.effective(*path)
    ]
    if not roots:
        source.refuse("no object here is an Application of Argo CD with a source")
    found = _named(roots, target) if target.at else _holding(source, roots, target)
    by_node = {id(each.node if isinstance(each, Held) else each.spot.node): each for each in found}
    if len(by_node) > 1:
        several = list(by_node.values())
        some = ", ".join(shown(each.at[0].path if isinstance(each, Held) else each.spot.path) for each in several[:5])
        second = several[1]
        node = second.node if isinstance(second, Held) else second.spot.node
        source.refuse(f"{len(by_node)} places fit ({some}); name a parameter by at:, or use format yaml-path", node)
    one = next(iter(by_node.values()), None)
    if isinstance(one, Held):
        _refuse_overridden(one)
    return one


def _named(roots: list[Spot], target: Target) -> list[_Slot]:
    """The revision, or the Helm parameter of that name."""
    if target.at == _REVISION:
        if target.write is None:
            raise InvalidRequestError(f"{target.file}: at: {_REVISION} needs write: tag")
        return [_Slot(spot, target.write, _REVISION) for root in roots for spot in root.effective(_REVISION)]
    return [
        _slot(parameter, target.write or _part(str(target.at)), str(target.at))
        for root in roots
        for parameter in root.effective("helm", "parameters", "[]")
        if parameter.text("name") == target.at
    ]


def _part(name: str) -> str:
    return _PARTS.get(name.rpartition(".")[2], "image")


def _slot(parameter: Spot, write: str, name: str) -> _Slot:
    value = next(parameter.get("value"), None)
    if value is None:
        parameter.source.refuse(f"the parameter {name} has no value; write one first", parameter.node)
    return _Slot(value, write, name, parameter.text("forceString") == "true")


def _holding(source: Source, roots: list[Spot], target: Target) -> list[_Slot | Held]:
    if target.write not in (None, "image"):
        raise InvalidRequestError(f"{target.file}: write: {target.write} needs at:, the name of a parameter")
    found: list[_Slot | Held] = []
    for root in roots:
        _refuse_text(root, target)
        found += _parameters(root, target)
        images = root.effective("kustomize", "images", "[]")
        found += [_Slot(spot, "override", "kustomize") for spot in images if is_override(text_of(spot.node), target)]
    values = [spot.place for root in roots for spot in root.effective("helm", "valuesObject")]
    return [*found, *values_matching(source, target, values)]


def _parameters(root: Spot, target: Target) -> list[_Slot]:
    """A whole image, or the tag beside a parameter that is the repository alone (`image.repository`, `image.tag`)."""
    by_name = {spot.text("name"): spot for spot in root.effective("helm", "parameters", "[]")}
    found = []
    for name, spot in by_name.items():
        if same_image(spot.text("value"), target):
            tag = _tag_beside(name, spot, by_name)
            found.append(_slot(by_name[tag], "tag", tag) if tag else _slot(spot, "image", name))
    return found


def _tag_beside(name: str, spot: Spot, by_name: dict[str, Spot]) -> str | None:
    """The parameter for the tag, `image.tag` or `imageTag`, where this one is a repository alone."""
    prefix, dot, last = name.rpartition(".")
    image = parse_image(spot.text("value"))
    is_name = _PARTS.get(last) == "name"
    names = (f"{prefix}{dot}tag", f"{name}Tag") if is_name or not (image.tag or image.digest) else ()
    found = next((each for each in names if each in by_name), None)
    if is_name and found is None:
        spot.source.refuse(f"{name} is a repository alone; write the parameter {prefix}{dot}tag first", spot.node)
    return found


def _refuse_text(root: Spot, target: Target) -> None:
    """`helm.values` is YAML inside of text, and its bytes cannot be proven; valuesObject is the same as a map."""
    for spot in root.walk("helm", "values"):
        if target.image in (text_of(spot.node) or ""):
            root.source.refuse(f"helm.values names {target.image} inside of text; write it as valuesObject", spot.node)


def _set(source: Source, one: _Slot, target: Target, wish: Wish) -> Edited:
    standing = text_of(one.spot.node)
    if one.write == "override":
        written = set_override(standing or "", target, wish)
        return Edited(replace(source, [(one.spot.place, written.text)]), standing or "", written.text, written.notes)
    row, digest = _as(target, one.write), _digest_beside(one)
    written = slots.fill(standing, row, wish)
    if not one.forced and _TYPED.fullmatch(written.text):
        raise UnfitError(f"Helm takes the value {written.text} for another type; set forceString: true beside it")
    wished, after, notes = [(one.spot.place, written.text)], slots.shown(written.text, row), written.notes
    before = slots.shown(standing, row)
    if digest is not None:
        wished, after, notes = _with_digest(digest, wished, after, wish)
        before = f"{before}@{text_of(digest.node)}"
    return Edited(replace(source, wished), before, after, notes)


def _with_digest(
    digest: Spot, wished: list[tuple[Place, str]], after: str, wish: Wish
) -> tuple[list[tuple[Place, str]], str, tuple[str, ...]]:
    """A digest wins over a tag, so both are set, or neither."""
    if wish.pin == "tag":
        raise UnfitError("a parameter for the digest stands beside this tag and wins over it; take it away")
    new = str(wish.image.digest)
    return [*wished, (digest.place, new)], f"{after}@{new}", ()


def _digest_beside(one: _Slot) -> Spot | None:
    """The value of the parameter for the digest that belongs to one for a tag, where it says something.

    Raises UnfitError where several do, one that is not called `digest`, or one for a whole image.
    """
    if one.write not in {"tag", "image"} or one.name == _REVISION:
        return None
    root = Spot(one.spot.source, one.spot.source.documents[one.spot.document], one.spot.document)
    prefix, dot, last = one.name.rpartition(".")
    found = {each.text("name"): each for each in root.at(one.spot.path[:-2]).items() if each.text("value")}
    near = {name.removeprefix(f"{prefix}{dot}"): each for name, each in found.items() if name.startswith(prefix + dot)}
    texts = {name: each.text("value") for name, each in near.items()}
    whole = one.write == "image"
    other = digest_beside(last, texts) if whole else other_digest(texts)
    if other:
        raise UnfitError(
            f"the parameter {prefix}{dot}{other} may win over this {one.write}; take it away, or use yaml-path"
        )
    if whole:
        return None
    if sum(each.text("name") == f"{prefix}{dot}digest" for each in root.at(one.spot.path[:-2]).items()) > 1:
        raise UnfitError(f"{prefix}{dot}digest stands twice, and the last one wins")
    return next(near["digest"].get("value")) if "digest" in near else None


def _refuse_overridden(one: Held) -> None:
    """Parameters win over valuesObject."""
    names: dict[tuple[int, Path], set[str]] = {}
    for each in one.at:
        start = each.path.index("valuesObject")
        name = ".".join(str(step) for step in each.path[start + 1 :])
        names.setdefault((each.document, each.path[:start]), set()).add(name)
    for (document, way), known in names.items():
        helm = Spot(one.source, one.source.documents[document], document).at(way)
        for parameter in helm.walk("parameters", "[]"):
            steps = parameter.text("name").split(".", MAX_DEPTH)[:MAX_DEPTH]
            if any(name in known for name in accumulate(steps, "{}.{}".format)):
                one.source.refuse(f"the parameter {'.'.join(steps)[:120]} wins over this; at: sets it", one.node)


def _as(target: Target, write: str) -> Target:
    return Target(file=target.file, image=target.image, at=target.at, write=write)


def _nothing(target: Target) -> str:
    if target.at:
        return f"no source has a Helm parameter or field {target.at}"
    return f"no parameter, values or kustomize image is {target.image}; at: names a parameter"
