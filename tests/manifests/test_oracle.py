"""What is edited, judged by another parser than the editors use: YAML's in pure Python, by path."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.manifests import format_of
from gatekeeper.manifests.edited import Target, Wish
from gatekeeper.model.image import parse_image
from tests.corpus import corpus_files
from tests.manifests.kubernetes_yaml import damaged
from tests.manifests.wishes import IMAGE, NAME, NEW, PINS

TEXTS = {
    "helm": "# c\na: 1\nimage:\n  registry: registry.example\n  repository: churn # c\n  tag: 'v1'\n"
    '  digest: ""\nb: [x]\n',
    "kustomize": "resources: [a]\nimages:\n- name: other\n  newTag: v1\n"
    f"- name: {NAME}\n  newTag: v1 # c\n\npatches: []\n",
    "compose": f"x-i: &i {NAME}:v1\nservices:\n  a: {{image: *i}}\n  b:\n    image: other:v1\n    tty:\n",
    "argocd": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      parameters:\n"
    f"      - {{name: image, value: {NAME}}}\n      - name: tag\n        value: v1 # c\n"
    "      values: |\n        x: 1\n",
    "flux": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n"
    f"    image: {{repository: {NAME}, tag: v1}} # c\n  x: >-\n    y\n",
}
WRITE = {"image": "image", "tag": "tag", "newTag": "tag"}
Flat = dict[tuple[Any, ...], tuple[str, Any]]


def flat(text: str) -> Flat:
    """Every value of every document by its path."""
    found: Flat = {}
    for number, root in enumerate(yaml.compose_all(text, Loader=yaml.SafeLoader)):
        _flatten(root, (number,), found)
    return found


def _flatten(node: Any, path: tuple[Any, ...], found: Flat) -> None:
    if isinstance(node, yaml.MappingNode):
        found[path] = ("map", None)
        for key, value in node.value:
            _flatten(value, (*path, str(key.value)), found)
    elif isinstance(node, yaml.SequenceNode):
        found[path] = ("seq", len(node.value))
        for index, value in enumerate(node.value):
            _flatten(value, (*path, index), found)
    elif node is not None:
        found[path] = (node.tag, node.value)


def differences(old: Flat, new: Flat) -> list[tuple[Any, ...]]:
    """The paths at which the two do not say the same."""
    return [path for path in {**old, **new} if old.get(path) != new.get(path)]


def changed(old: str, new: str) -> tuple[str, str]:
    """The part in which two texts differ, without what they have in common before and behind it."""
    start = next((n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return old[start : len(old) - end], new[start : len(new) - end]


@pytest.mark.parametrize("format_", TEXTS)
@given(data=st.data(), pin=st.sampled_from(PINS))
def test_damaged_text_is_refused_or_changes_in_what_is_wished(format_: str, data: st.DataObject, pin: Any) -> None:
    text = damaged(TEXTS[format_], data)
    target, wish = Target(file="m", image=NAME), Wish(image=IMAGE, pin=pin)
    try:
        edited = format_of(format_).edit(text, target, wish)
    except (ManifestError, InvalidRequestError):
        return
    assert format_of(format_).edit(edited.text, target, wish).text == edited.text
    now = format_of(format_).current(edited.text, target)
    assert now is not None
    assert str(now).partition(":")[2] == edited.after.partition(":")[2]
    try:
        old = flat(text)
    except (yaml.YAMLError, ValueError):
        return  # the two parsers do not agree that this is YAML
    new = flat(edited.text)
    for path in differences(old, new):
        if path not in new:
            assert path[-1] in {"newTag", "digest"}
        elif new[path] != ("seq", old[path][1] if path in old else None):
            tag, value = new[path]
            assert tag.endswith(":str")
            assert value == "" or value.endswith(("1.4.2", NEW)), path


@pytest.mark.corpus
@pytest.mark.parametrize(("folders", "counted"), [(("gitops",), (162, 9)), (("gitops-derived", "gitops-own"), (56, 7))])
def test_an_image_of_every_real_file_is_set_alone_or_refused(
    folders: tuple[str, ...], counted: tuple[int, int]
) -> None:
    counts: Counter[str] = Counter()
    for path in [file for folder in folders for file in corpus_files(f"{folder}/**/*.y*ml")]:
        try:
            text = path.read_bytes().decode()
            old = flat(text)
        except (yaml.YAMLError, ValueError):
            continue
        found = [place for place, (_, value) in old.items() if place[-1] in WRITE and value and isinstance(value, str)]
        counts.update(_set(text, old, place, WRITE[place[-1]]) for place in found[:1])
    assert (counts["exact"], counts["refused"]) == counted


def _set(text: str, old: Flat, place: tuple[Any, ...], write: str) -> str:
    value = old[place][1]
    try:
        name = parse_image(value).written if write == "image" else NAME
    except InvalidRequestError:
        name = NAME
    steps = (f"[{step}]" if isinstance(step, int) else '."' + step.replace('"', '\\"') + '"' for step in place[1:])
    target = Target(file="m", image=name, at=f"[{place[0]}]" + "".join(steps), write=write)
    wish = Wish(image=parse_image(f"{name}:v9.9.9@{NEW}"), pin="tag")
    try:
        new = format_of("yaml-path").edit(text, target, wish).text
    except ManifestError:
        return "refused"
    assert differences(old, flat(new)) == [place]
    before, after = changed(text, new)
    assert "\n" not in before + after
    assert len(before) <= len(value) + 2
    return "exact"
