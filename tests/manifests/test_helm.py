"""helm: one image of a file of values, as a map or as a string."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import ManifestError
from gatekeeper.manifests.yamlnodes import Source
from tests.corpus import CORPUS, corpus_files
from tests.manifests.editing import NAME, NEW, OLD, PINS, edit, impossible, now, refused

MAP = f"image:\n  repository: {NAME}\n  tag: v1 # by hand\n  pullPolicy: Always\n"
WITH_DIGEST = "image:\n  registry: registry.example\n  repository: churn\n  tag: 'v1'\n  digest: \"\" # none\n"


@pytest.mark.parametrize(
    ("row", "old", "new"),
    [
        ({"pin": "tag"}, MAP, MAP.replace("v1", "1.4.2")),
        ({}, MAP, MAP.replace("v1", "1.4.2")),
        ({"add": True}, MAP, MAP.replace("v1 # by hand", f"1.4.2 # by hand\n  digest: {NEW}")),
        ({"pin": "digest", "add": True}, MAP, MAP.replace("v1 # by hand", f'"" # by hand\n  digest: {NEW}')),
        ({}, MAP.replace("v1", f"v1@{OLD}"), MAP.replace("v1", f"1.4.2@{NEW}")),
        ({"pin": "tag"}, MAP.replace("v1", f"v1@{OLD}"), MAP.replace("v1", "1.4.2")),
        ({}, WITH_DIGEST, WITH_DIGEST.replace("v1", "1.4.2").replace('""', f'"{NEW}"')),
        ({"pin": "digest"}, WITH_DIGEST, WITH_DIGEST.replace("v1", "").replace('""', f'"{NEW}"')),
        ({"pin": "tag"}, WITH_DIGEST.replace('""', OLD), WITH_DIGEST.replace("v1", "1.4.2")),
        ({"pin": "tag", "new": f"{NAME}:1.10@{NEW}"}, MAP, MAP.replace("v1", '"1.10"')),
        ({"new": f"{NAME}@{NEW}"}, WITH_DIGEST, WITH_DIGEST.replace("v1", "").replace('""', f'"{NEW}"')),
        (
            {"pin": "tag"},
            f"a: {{b: {{image: {{name: {NAME}, tag: v1}}}}}}\n",
            f"a: {{b: {{image: {{name: {NAME}, tag: 1.4.2}}}}}}\n",
        ),
        ({"pin": "tag"}, f"image: {NAME}\ntag: 1.10\n", f"image: {NAME}\ntag: 1.4.2\n"),
        ({"pin": "tag"}, f"serverImage: {NAME}:v1\n", f"serverImage: {NAME}:1.4.2\n"),
        ({}, f"image: '{NAME}:v1'\r\n", f"image: '{NAME}:1.4.2@{NEW}'\r\n"),
        ({"pin": "tag", "at": ".image"}, "image:\n  tag: v1\n", "image:\n  tag: 1.4.2\n"),
        (
            {"pin": "tag", "at": ".image", "add": True},
            f"image: {{repository: {NAME}}}\n",
            f"image: {{repository: {NAME}, tag: 1.4.2}}\n",
        ),
        ({"pin": "tag", "at": ".x[1]"}, f"x: [{NAME}:v1, {NAME}:v2]\n", f"x: [{NAME}:v1, {NAME}:1.4.2]\n"),
        (
            {"pin": "tag", "at": '."a.b".image'},
            f"a.b:\n  image: {NAME}:v1\na: {{b: {NAME}:v1}}\n",
            f"a.b:\n  image: {NAME}:1.4.2\na: {{b: {NAME}:v1}}\n",
        ),
        (
            {"pin": "tag", "image": "redis"},
            "image: {registry: docker.io, repository: library/redis, tag: v1}\n",
            "image: {registry: docker.io, repository: library/redis, tag: 1.4.2}\n",
        ),
        (
            {"pin": "tag"},
            f"a: &a\n  repository: {NAME}\n  tag: v1\nb: *a\n",
            f"a: &a\n  repository: {NAME}\n  tag: 1.4.2\nb: *a\n",
        ),
        (
            {"pin": "tag", "at": ".b"},
            f"a: &a {{repository: {NAME}, tag: v1}}\nb:\n  <<: *a\n  tag: v2\n",
            f"a: &a {{repository: {NAME}, tag: v1}}\nb:\n  <<: *a\n  tag: 1.4.2\n",
        ),
        (
            {"pin": "tag"},
            f"x: '{{{{ tpl }}}}' # {{{{ y }}}}\n{MAP}",
            f"x: '{{{{ tpl }}}}' # {{{{ y }}}}\n{MAP}".replace("v1", "1.4.2"),
        ),
    ],
)
def test_edits(row: dict[str, Any], old: str, new: str) -> None:
    assert edit("helm", old, **row).text == new


TWO = f"a: {{image: {{repository: {NAME}, tag: v1}}}}\nb: {{image: {NAME}:v1}}\n"


@pytest.mark.parametrize(
    ("row", "text", "said"),
    [
        ({}, "image: {repository: other, tag: v1}\n", f"m: no place is {NAME}; at: chooses one"),
        ({}, TWO, f"m:2:12: 2 places are {NAME} (.a.image, .b.image); at: chooses one"),
        ({}, f"image: {{repository: {NAME}}}\n", "m:1:8: tag: does not stand in this map itself; add: true adds it"),
        (
            {"at": ".b"},
            f"a: &a {{repository: {NAME}, tag: v1}}\nb: {{<<: *a}}\n",
            "tag: does not stand in this map itself",
        ),
        ({"at": ".b", "add": True}, f"a: &a {{repository: {NAME}, tag: v1}}\nb: {{<<: *a}}\n", "merge key"),
        (
            {},
            f"a: &a {{repository: {NAME}, tag: v1}}\nb: {{<<: *a, repository: x}}\n",
            "used in several places by aliases",
        ),
        ({}, f"image: {{repository: {NAME}, tag: '{{{{ .x }}}}'}}\n", "m:1:8: a variable stands here"),
        ({}, f"image: {{repository: {NAME}, tag: a b}}\n", "no tag stands here: 'a b'"),
        ({}, f"image: {{repository: {NAME}, tag: v1, digest: x}}\n", "m:1:8: digest: is none"),
        ({}, f"image: {{repository: {NAME}, tag: v1@{OLD}, digest: {NEW}}}\n", "two digests stand here"),
        ({}, f"---\n# none\n---\n{MAP}", "m:5:3: Helm reads the first document only"),
        ({"at": ".image.tag"}, MAP, f"m:3:8: v1 stands here, not {NAME}"),
        ({"at": ".image"}, "image: {repository: other, tag: v1}\n", f"m:1:8: other stands here, not {NAME}"),
        ({"at": ".image"}, f"image: {{repository: '{NAME}:v0', tag: v1}}\n", "a whole image stands beside tag:"),
        ({"at": ".image"}, "image: {pullPolicy: x}\n", "no image stands here: a map with repository, tag or digest"),
        ({"at": ".image"}, "image: [x]\n", "a list stands here"),
        ({"at": ".image"}, "image:\n", "m:1:7: no image stands here"),
        ({"at": ".imag"}, MAP, "m:1:1: .imag: there is no 'imag' here, only 'image'"),
        ({"at": ".imag", "add": True}, MAP, "m:1:1: .imag: nothing stands there"),
        ({}, "image:\n  repository: {{ .Values.x }}\n", "m:2:15: the file is a template"),
    ],
)
def test_refusals(row: dict[str, Any], text: str, said: str) -> None:
    refused("helm", text, said, **row)


def test_what_cannot_be_asked() -> None:
    impossible("helm", MAP, "this image has no digest:\n  add: true adds one", pin="digest")
    impossible("helm", MAP, "the digest alone is to be written", new=f"{NAME}@{NEW}")
    impossible("helm", MAP, "a file of values is one document", at="[0].image")
    impossible("helm", MAP, "character 1: a step is", at="image")
    impossible("helm", MAP, "cannot follow container: x", container="x")
    impossible("helm", MAP, "cannot follow container: image", container="image")
    impossible("helm", MAP, "cannot follow write: tag", write="tag")


def test_the_file_says_where_dotted_keys_stand_and_none_is_made() -> None:
    refused("helm", f"image.repository: {NAME}\nimage.tag: v1\n", f"no place is {NAME}")


def test_what_a_person_should_know() -> None:
    edited = edit("helm", MAP)
    assert edited.notes == ("m: this image has no digest:, so the tag alone is written",)
    assert (edited.before, edited.after) == (f"{NAME}:v1", f"{NAME}:1.4.2")
    assert edit("helm", WITH_DIGEST).after == f"{NAME}:1.4.2@{NEW}"


def test_the_current_image() -> None:
    assert now("helm", MAP) == f"{NAME}:v1"
    assert now("helm", MAP.replace("v1", f"v1@{OLD}")) == f"{NAME}:v1@{OLD}"
    assert now("helm", WITH_DIGEST.replace('""', OLD)) == f"{NAME}:v1@{OLD}"
    assert now("helm", f"image: {NAME}:v1\n") == f"{NAME}:v1"
    assert now("helm", "image: {tag: v1}\n", at=".image") == f"{NAME}:v1"
    assert now("helm", f"image: {{repository: {NAME}, tag: ''}}\n") is None
    for text in (TWO, "a: 1\n"):
        with pytest.raises(ManifestError, match=r"place"):
            now("helm", text)


tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}", fullmatch=True)
others = st.sampled_from(["pullPolicy: Always", "name2: x", "# why", "resources: {}", "digests: [1]"])


@given(st.data(), tags, st.sampled_from(PINS), st.booleans())
def test_only_the_tag_and_digest_change(data: st.DataObject, tag: str, pin: Any, add: bool) -> None:
    fields = [f"repository: {NAME}", f"tag: '{data.draw(tags)}'{data.draw(st.sampled_from(['', ' # c']))}"]
    has_digest = data.draw(st.booleans())
    fields += [data.draw(st.sampled_from([f"digest: {OLD}", 'digest: ""', "digest:"]))] if has_digest else []
    fields = data.draw(st.permutations([*fields, *data.draw(st.lists(others, unique=True))]))
    newline = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(["other: {image: x}", "image:", *(f"  {field}" for field in fields), "end: 1"])
    if pin == "digest" and not (has_digest or add):
        impossible("helm", text, "no digest:", pin=pin)
        return
    new = edit("helm", text, pin, new=f"{NAME}:{tag}@{NEW}", add=add).text
    before, after = yaml.safe_load(text), yaml.safe_load(new)
    wished = {"tag": tag if pin != "digest" else ""}
    if has_digest or (add and pin != "tag"):
        wished["digest"] = NEW if pin != "tag" else before["image"].get("digest") and ""
    assert after == {**before, "image": {**before["image"], **wished}}
    kept = [line for line in text.split(newline) if "tag:" not in line and "digest:" not in line]
    assert [line for line in new.split(newline) if line in kept] == kept


@pytest.mark.corpus
def test_every_real_image_map_is_edited_exactly() -> None:
    edited, files = 0, set()
    for path in corpus_files("gitops/**/values*.y*ml"):
        for name, place, text in _maps(path.read_bytes()):
            new = edit("helm", text, "tag", image=name, at=place, new=f"{name}:1.10@{NEW}").text
            lines = list(zip(text.split("\n"), new.split("\n"), strict=True))
            changed = [(old.split("tag:")[0], to.split("tag:")[0]) for old, to in lines if old != to]
            assert len(changed) == 1
            assert changed[0][0] == changed[0][1]
            edited += 1
            files.add(path.relative_to(CORPUS))
    assert (edited, len(files)) == (14, 8)


def _maps(data: bytes) -> list[tuple[str, str, str]]:
    """The maps of images in a file: their repository, their place, and the text."""
    try:
        text = data.decode()
        Source(text, "m")
    except (UnicodeDecodeError, ManifestError):
        return []
    return _below(next(yaml.safe_load_all(text), None), "", text)


def _below(value: Any, path: str, text: str) -> list[tuple[str, str, str]]:
    if not isinstance(value, dict):
        return []
    found = [each for key, inner in value.items() for each in _below(inner, f'{path}."{key}"', text)]
    if {"repository", "tag"} <= set(value) and value["tag"]:
        registry = f"{value['registry']}/" if value.get("registry") else ""
        found.append((f"{registry}{value['repository']}", path, text))
    return found
