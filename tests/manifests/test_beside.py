"""What stands beside an edited place and would win over it: the old image would go on running, and all look well."""

from __future__ import annotations

from typing import Any

import pytest

from tests.manifests.editing import NEW, OLD, PINS, edit, impossible, now, refused
from tests.manifests.wishes import NAME

HEX = "c" * 64
HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n"


def parameters(*pairs: tuple[str, str]) -> str:
    """An Application with these Helm parameters."""
    lines = "".join(f"      - name: {name}\n        value: {value}\n" for name, value in pairs)
    return f"{HEAD}      parameters:\n{lines}"


@pytest.mark.parametrize("key", ["sha", "SHA256", "imageDigest", "image_sha", "hash"])
@pytest.mark.parametrize("pin", ["tag", "tag+digest"])
def test_a_digest_by_another_name_in_a_map_of_values(key: str, pin: Any) -> None:
    text = f"image:\n  repository: {NAME}\n  tag: v1\n  {key}: {HEX}\n"
    refused("helm", text, f"m:2:3: {key}: stands in this map and may win", pin=pin)
    merged = f"x: &x {{{key}: {OLD}}}\nimage:\n  <<: *x\n  repository: {NAME}\n  tag: v1\n"
    refused("helm", merged, f"{key}: stands in this map", pin=pin)
    empty = text.replace(HEX, '""')
    assert edit("helm", empty, "tag").text == empty.replace("v1", "1.4.2")


@pytest.mark.parametrize(("own", "merged", "pin"), [("tag: v1", "digest", "tag"), (f"digest: {OLD}", "tag", "digest")])
def test_what_a_merge_key_brings_is_not_taken_for_gone(own: str, merged: str, pin: Any) -> None:
    """The pin takes it away, and it does not stand in the map itself: the old digest would win over the new tag."""
    text = (
        f"x: &x {{{merged}: {OLD if merged == 'digest' else 'v1'}}}\nimage:\n  <<: *x\n  repository: {NAME}\n  {own}\n"
    )
    refused("helm", text, f"m:3:3: {merged}: does not stand in this map itself", pin=pin)
    refused("helm", text, "an entry with a merge key (<<) cannot be edited safely", pin=pin, add=True)
    empty = text.replace(f"{merged}: {OLD if merged == 'digest' else 'v1'}", f"{merged}: ''")
    assert edit("helm", empty, pin).text.startswith(f"x: &x {{{merged}: ''}}")


@pytest.mark.parametrize("key", ["name", "image"])
def test_a_digest_makes_a_map_of_an_image_as_a_tag_does(key: str) -> None:
    """Else the text alone would be set, and the digest beside it stay and win; or it be that of any image."""
    text = f"x:\n  {key}: {NAME}\n  digest: {OLD}\n"
    assert edit("helm", text, "digest").text == text.replace(OLD, NEW)
    refused("helm", text, "m:2:3: tag: does not stand in this map itself", pin="tag")
    other = text.replace(NAME, "registry.example/other")
    refused("helm", other, "m:2:3: registry.example/other stands here", pin="digest", at=".x")


@pytest.mark.parametrize("part", ["imageTag", "image_tag", "imageVersion", "imageDigest", "imageSha256"])
def test_a_part_of_the_image_apart_from_it(part: str) -> None:
    text = f"image: {NAME}\n{part}: v1\n"
    refused("helm", text, f"m:1:8: {part.lower()}: stands beside this name, and charts join them")
    assert edit("helm", text.replace(NAME, f"{NAME}:v0")).text.splitlines()[0].endswith(f":1.4.2@{NEW}")
    assert edit("helm", text.replace("v1", "''")).text.endswith(f"{part}: ''\n")


@pytest.mark.parametrize("key", ["digest", "imageDigest", "image_sha", "imageSha256"])
@pytest.mark.parametrize("pin", PINS)
def test_a_digest_beside_a_whole_image(key: str, pin: Any) -> None:
    text = f"x:\n  image: {NAME}:v1\n  {key}: {OLD}\n"
    refused("helm", text, f"m:2:10: {key.lower()}: stands beside this image and may win over it", pin=pin)
    refused("helm", text, f"{key.lower()}: stands beside this image", pin=pin, at=".x.image")
    assert edit("helm", text.replace(OLD, "''"), pin).text.endswith(f"{key}: ''\n")


def test_the_map_is_meant_where_the_text_in_it_is_named() -> None:
    refused("helm", f"x: {{image: {NAME}, tag: v1}}\n", "tag: stands beside this name", at=".x.image")
    assert "1.4.2" in edit("helm", f"x: {{image: {NAME}, imagePullPolicy: Always}}\n", at=".x.image").text


def test_a_digest_by_another_name_among_parameters() -> None:
    text = parameters(("image.repository", NAME), ("image.tag", "x1"), ("image.sha", HEX))
    refused("argocd", text, "m:10:16: the parameter image.sha may win over this tag")
    refused("argocd", text, "the parameter image.sha may win", at="image.tag")
    other = text.replace("image.sha", "model.sha")
    assert edit("argocd", other, "tag").text == other.replace("x1", "1.4.2")


def test_a_digest_among_parameters_that_stands_twice() -> None:
    text = parameters(("image.repository", NAME), ("image.tag", "x1"), ("image.digest", OLD), ("image.digest", NEW))
    refused("argocd", text, "image.digest stands twice, and the last one wins")


@pytest.mark.parametrize("pin", PINS)
@pytest.mark.parametrize("key", ["digest", "imageDigest"])
def test_a_digest_beside_a_whole_image_elsewhere(key: str, pin: Any) -> None:
    text = parameters(("image", f"{NAME}:v1"), (key, OLD))
    refused("argocd", text, f"m:8:16: the parameter {key} may win over this image", pin=pin)
    refused("argocd", text, f"the parameter {key} may win over this image", pin=pin, at="image")
    assert edit("argocd", text.replace(OLD, "x"), pin).text.endswith(f"{key}\n        value: x\n")
    marked = f'x:\n  image: {NAME}:v1 # {{"$imagepolicy": "a:b"}}\n  {key}: {OLD}\n'
    refused("flux", marked, "a digest stands beside a marked image and wins over it", pin=pin, at="a:b")
    assert edit("flux", marked.replace(OLD, "x"), pin, at="a:b").text.endswith(f"{key}: x\n")


def test_what_stood_before_is_told_with_its_digest() -> None:
    text = parameters(("image.repository", NAME), ("image.tag", "x1"), ("image.digest", OLD))
    assert edit("argocd", text).before == f"{NAME}:x1@{OLD}"


@pytest.mark.parametrize("tag", ["tag", "imageTag"])
def test_the_tag_beside_a_name_without_one_is_its_tag(tag: str) -> None:
    text = parameters(("image", NAME), (tag, "x1"))
    assert edit("argocd", text, "tag").text == text.replace("x1", "1.4.2")
    assert now("argocd", text) == f"{NAME}:x1"


def test_a_repository_alone_among_parameters() -> None:
    text = parameters(("image.repository", NAME))
    refused("argocd", text, "m:7:9: image.repository is a repository alone; write the parameter image.tag first")


@pytest.mark.parametrize("tag", ["TRUE", "Null", "False"])
def test_helm_takes_words_for_other_types_in_any_case(tag: str) -> None:
    text = parameters(("image.tag", "x1"))
    refused("argocd", text, "set forceString: true beside it", pin="tag", new=f"{NAME}:{tag}@{NEW}", at="image.tag")


@pytest.mark.parametrize("name", ["web.image.tag", "web.image.digest", "web.image", "web.image.repository"])
def test_parameters_win_over_values(name: str) -> None:
    values = f"      valuesObject:\n        web:\n          image: {{repository: {NAME}, tag: x1}}\n"
    text = f"{HEAD}{values}      parameters: [{{name: {name}, value: x}}]\n"
    refused("argocd", text, f"m:8:18: the parameter {name} wins over this; at: sets it")
    other = text.replace(f"name: {name}", "name: web.imageTag")
    assert edit("argocd", other, "tag").text == other.replace("x1", "1.4.2")


@pytest.mark.parametrize("key", ["digest", "sha", "imageDigest"])
def test_a_digest_beside_a_marked_tag(key: str) -> None:
    text = f'image:\n  tag: v1 # {{"$imagepolicy": "a:b:tag"}}\n  {key}: {OLD}\n'
    refused("flux", text, "m:3:", at="a:b")
    marked = text.replace(OLD, f'{OLD} # {{"$imagepolicy": "a:b:digest"}}')
    assert edit("flux", marked, at="a:b").text == marked.replace("v1", "1.4.2").replace(OLD, NEW)


def test_kustomize_takes_a_name_with_a_tag_for_another_name() -> None:
    refused("kustomize", f"images:\n- name: {NAME}:v1\n  newTag: v2\n", "no entry of images: is named")
    text = f"images:\n- name: {NAME}\n  newName: {NAME}:v1\n  newTag: v2\n"
    assert edit("kustomize", text, "tag").text == f"images:\n- name: {NAME}\n  newName: {NAME}\n  newTag: 1.4.2\n"


@pytest.mark.parametrize("image", [f"{NAME}:v1", f"{NAME}@{OLD}", "localhost:5000", "PLACE_HOLDER:x"])
@pytest.mark.parametrize("format_", ["kustomize", "kubernetes", "helm", "flux", "argocd", "kserve", "compose", "regex"])
def test_the_image_of_a_row_is_a_repository(format_: str, image: str) -> None:
    row = {"at": "(?P<tag>x)"} if format_ == "regex" else {}
    impossible(format_, "", "is a repository, without tag and digest", image=image, **row)


@pytest.mark.parametrize("write", ["image", "name", "tag", "digest", "model-uri"])
@pytest.mark.parametrize("format_", ["yaml-path", "json-path", "toml-path"])
def test_the_image_of_a_row_is_a_repository_whatever_the_place_holds(format_: str, write: str) -> None:
    text = "" if format_ == "toml-path" else "{}"
    impossible(format_, text, "is a repository, without tag", image=f"{NAME}:v1", at=".x", write=write)


def test_kustomize_takes_any_text_for_a_name() -> None:
    text = "images:\n- name: PLACE_HOLDER\n  newTag: v2\n"
    new = edit("kustomize", text, "tag", image="PLACE_HOLDER").text
    assert new == f"images:\n- name: PLACE_HOLDER\n  newName: {NAME}\n  newTag: 1.4.2\n"


@pytest.mark.parametrize(
    ("format_", "head", "holder", "images"),
    [
        (
            "flux",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n",
            "spec",
            f"[{{name: {NAME}, newTag: v1}}]",
        ),
        ("argocd", HEAD.replace("    helm:\n", ""), "    kustomize", f"['{NAME}:v1']"),
    ],
)
def test_a_list_that_is_overridden_where_it_is_merged_has_no_effect(
    format_: str, head: str, holder: str, images: str
) -> None:
    text = f"{head}{holder}: {{<<: {{images: {images}}}, images: {images.replace(NAME, 'other')}}}\n"
    assert now(format_, text) is None
    refused(format_, text, NAME)
    assert now(format_, text.replace(f", images: {images.replace(NAME, 'other')}", "")) == f"{NAME}:v1"
