"""yaml-path: the scalar at a place, and nothing else, in files written in every way."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import GatekeeperError, ManifestError
from gatekeeper.manifests import format_of
from gatekeeper.manifests.edited import Target, Wish
from gatekeeper.manifests.scalars import places, text_of
from gatekeeper.manifests.yamlnodes import Source
from gatekeeper.model.image import parse_image
from tests.corpus import CORPUS, corpus_files
from tests.manifests.editing import NAME, NEW, OLD, PINS, URI, edit, impossible, now, refused


@pytest.mark.parametrize(
    ("row", "old", "new"),
    [
        ({"pin": "tag"}, f"x: 1\na: {NAME}:1.0 # {NAME}:1.0\n", f"x: 1\na: {NAME}:1.4.2 # {NAME}:1.0\n"),
        ({"pin": "digest"}, f"a: '{NAME}:1.0'\r\n", f"a: '{NAME}@{NEW}'\r\n"),
        ({}, f"a: {NAME}:1.0@{OLD}", f"a: {NAME}:1.4.2@{NEW}"),
        ({"image": "redis", "pin": "tag"}, "a: docker.io/library/redis:6\n", "a: docker.io/library/redis:1.4.2\n"),
        ({"add": True, "pin": "tag"}, "a:\n", f"a: {NAME}:1.4.2\n"),
        ({"write": "name"}, f"a: {NAME}\n", f"a: {NAME}\n"),
        ({"write": "name"}, "a: other.example/x\n", f"a: {NAME}\n"),
        ({"write": "name", "image": "redis"}, "a: docker.io/redis\n", "a: docker.io/redis\n"),
        ({"write": "tag"}, "a: 1.10 # c\n", "a: 1.4.2 # c\n"),
        ({"write": "tag", "new": f"{NAME}:1.10@{NEW}"}, "a: 1.10 # c\n", 'a: "1.10" # c\n'),
        ({"write": "tag"}, 'a: ""\n', 'a: "1.4.2"\n'),
        ({"write": "tag"}, "a: ~\n", "a: 1.4.2\n"),
        ({"write": "tag"}, f"a: 1.0@{OLD}\n", f"a: 1.4.2@{NEW}\n"),
        ({"write": "tag", "pin": "tag"}, f"a: 1.0@{OLD}\n", "a: 1.4.2\n"),
        ({"write": "digest"}, f"a: {OLD}\n", f"a: {NEW}\n"),
        ({"write": "digest"}, "a: ''\n", f"a: '{NEW}'\n"),
        ({"write": "model-uri"}, "a: gs://other/place\n", f"a: {URI}\n"),
        (
            {"at": '.x["a.b"=c].d', "write": "tag"},
            'x: [{d: v1}, {"a.b": c, d: v2}]\n',
            'x: [{d: v1}, {"a.b": c, d: 1.4.2}]\n',
        ),
        ({"at": "[b=2].a", "write": "tag"}, "a: v1\n---\na: v2\nb: 2\n", "a: v1\n---\na: 1.4.2\nb: 2\n"),
        (
            {"at": ".c.d", "write": "tag", "add": True},
            "c:\n  b: 1 # why\nd: 2\n",
            "c:\n  b: 1 # why\n  d: 1.4.2\nd: 2\n",
        ),
        ({"at": ".c.d", "write": "tag", "add": True}, "c: {b: 1, e: [2]}\n", "c: {b: 1, d: 1.4.2, e: [2]}\n"),
        ({"at": ".d", "write": "tag", "add": True}, "c: 1\r\nb: {}", "c: 1\r\nd: 1.4.2\r\nb: {}"),
        ({"at": ".d", "write": "tag", "add": True}, "c: 1\nd: v1\n", "c: 1\nd: 1.4.2\n"),
    ],
)
def test_edits(row: dict[str, Any], old: str, new: str) -> None:
    assert edit("yaml-path", old, **{"at": ".a", **row}).text == new


@pytest.mark.parametrize(
    ("row", "text", "said"),
    [
        ({}, "a: other/x:1\n", f"m:1:4: other/x stands here, not {NAME}"),
        ({}, f"a: {NAME.upper()}:1\n", "m:1:4: 'REGISTRY.EXAMPLE/CHURN:1' is not an image reference"),
        ({}, "a: registry.example/сhurn:1\n", "a letter outside ASCII"),
        ({}, f"a: {NAME}:1.0+b7\n", "is not an image reference"),
        ({}, f'a: "{NAME}:1\\n"\n', "is not an image reference"),
        ({}, f"a: |\n  {NAME}:1\n", "is not an image reference"),
        ({}, f"a: {NAME}:${{TAG:-1}}\n", "m:1:4: a variable stands here (${…)"),
        ({}, f"a: '{NAME}:{{{{ x }}}}'\n", "m:1:4: a variable stands here ({{…)"),
        ({}, "a:\n", "m:1:3: no image stands here"),
        ({}, "a: [x]\n", "m:1:4: a mapping or list stands here"),
        ({}, "b: 1\n", "m:1:1: .a: there is no 'a' here, only 'b'"),
        ({}, "", "m: .a: the file is empty"),
        ({}, f"a: {NAME}:1\n---\na: {NAME}:1\n", "m:3:1: .a: several documents have this place"),
        ({}, f"b: &b {{a: {NAME}:1}}\nc: {{<<: *b}}\n", "m:1:1: .a: there is no 'a' here"),
        ({"at": ".c.a"}, f"b: &b {{a: {NAME}:1}}\nc: {{<<: *b}}\n", "what a merge key (<<) brings is not edited"),
        ({"at": ".b.a"}, f"b: &b {{a: {NAME}:1}}\nc: {{<<: *b}}\n", 'by aliases (.b.a, .c."<<".a)'),
        ({"write": "name"}, "a:\n", "no name stands here"),
        ({"write": "name"}, f"a: {NAME}:1\n", "a whole image stands here"),
        ({"write": "tag"}, "a: a b\n", "m:1:4: no tag stands here: 'a b'"),
        ({"write": "tag"}, f"a: {NAME}:1\n", "no tag stands here"),
        ({"write": "digest"}, "a: sha256:abc\n", "no digest stands here"),
        ({"write": "model-uri"}, "a: word\n", "neither a URI nor a path"),
        ({"write": "model-uri"}, "a: ''\n", "no URI stands here"),
        ({"write": "tag", "add": True}, "b: [1]\n", "m:1:1: no member here is written on one line"),
        ({"write": "tag", "add": True, "at": ".b.a"}, "b: &b {c: 1}\nd: *b\n", "used in several places"),
        ({"write": "tag", "add": True, "at": ".b.a"}, "b: [1]\n", "no mapping to look for 'a' in"),
        ({}, "a: 1\na: 2\n", "the key 'a' stands twice"),
        ({}, "a: \x00\n", "not YAML"),
    ],
)
def test_refusals(row: dict[str, Any], text: str, said: str) -> None:
    refused("yaml-path", text, said, **{"at": ".a", **row})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"at": None}, "at: is required"),
        ({"at": "a"}, "character 1"),
        ({"image": f"{NAME}:1"}, "image: is a repository, without tag and digest"),
        ({"image": f"{NAME}@{OLD}", "write": "name"}, "image: is a repository, without tag and digest"),
        ({"container": "x"}, "container: means nothing"),
        ({"write": "tag", "pin": "digest"}, "pin is digest, and a place for a tag cannot hold one"),
        ({"write": "digest", "pin": "tag"}, "pin is tag, and a digest is to be written"),
        ({"write": "tag", "new": f"{NAME}@{NEW}"}, "a tag is to be written, but the artifact has none"),
        ({"pin": "tag", "new": f"{NAME}@{NEW}"}, "pin is tag, but the artifact has none"),
        ({"pin": "digest", "new": f"{NAME}:1"}, "the artifact has no digest"),
    ],
)
def test_what_cannot_be_asked(row: dict[str, Any], said: str) -> None:
    standing = {"tag": "v1", "digest": OLD}.get(str(row.get("write")), f"{NAME}:1")
    impossible("yaml-path", f"a: {standing}\n", said, **{"at": ".a", **row})


def test_a_model_without_a_uri_cannot_be_written() -> None:
    target = Target(file="m", image=NAME, at=".a", write="model-uri")
    for uri in (None, "", "a\nb", "s3://{{ x }}", "s3://${X}", " s3://x", "s3://" + "x" * 2000):
        with pytest.raises(GatekeeperError, match=r"^m: (a|the) model's URI"):
            format_of("yaml-path").edit("a: s3://y\n", target, Wish(image=parse_image(NAME), pin="tag", model_uri=uri))


def test_what_a_person_should_know() -> None:
    assert "the tag alone is written" in edit("yaml-path", "a: v1\n", at=".a", write="tag").notes[0]
    assert edit("yaml-path", f"a: v1@{OLD}\n", at=".a", write="tag").notes == ()
    edited = edit("yaml-path", f"a: {NAME}:1\n", at=".a", new=f"{NAME}@{NEW}")
    assert (edited.before, edited.after) == (f"{NAME}:1", f"{NAME}@{NEW}")
    assert "the digest alone was written" in edited.notes[0]


def test_the_current_image() -> None:
    assert now("yaml-path", f"a: {NAME}:1@{OLD}\n", at=".a") == f"{NAME}:1@{OLD}"
    assert now("yaml-path", "a: 1.10\n", at=".a", write="tag") == f"{NAME}:1.10"
    assert now("yaml-path", f"a: {OLD}\n", at=".a", write="digest") == f"{NAME}@{OLD}"
    for text, row in [("a:\n", {}), ("a: s3://x\n", {"write": "model-uri"}), ("b: 1\n", {"add": True})]:
        assert now("yaml-path", text, at=".a", **row) is None
    for text in ("a: other:1\n", "a: {b: 1}\n", "b: 1\n"):
        with pytest.raises(ManifestError, match=r"^m:1:"):
            now("yaml-path", text, at=".a")


keys = st.from_regex(r"[a-z]{1,6}", fullmatch=True) | st.sampled_from(["a.b", 'q"', "é", "image", "1", "true", "a b"])
atoms = st.sampled_from(["x", "1.10", "'on'", '"q"', "~", "v: w".replace(": ", ":"), "é", "'{{ x }}'", "a#b"])
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}", fullmatch=True)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, str]:
    """A file with one image somewhere, written in some way, and the place of it."""
    quote = draw(st.sampled_from(["", "'", '"']))
    front = draw(st.sampled_from(["", "", "&here ", "!!str "]))
    lines = [f"{front}{quote}{NAME}:{draw(tags)}{quote}{draw(st.sampled_from(['', '  # why', ' # {{ x }}']))}"]
    place = ""
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()) and place:
            before = [f"- {draw(atoms)}" for _ in range(draw(st.integers(0, 2)))]
            lines = [*before, f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]
            place = f"[{len(before)}]{place}"
        else:
            names = draw(st.lists(keys, min_size=1, max_size=4, unique=True))
            own = draw(st.sampled_from(names))
            written = []
            for name in names:
                quoted = f'"{name}"'.replace('q""', 'q\\""')
                written += [f"{quoted}: {draw(atoms)}"] if name != own else []
                if name == own:
                    inner = lines if len(lines) == 1 and place == "" else [f"  {line}" for line in lines]
                    written += [f"{quoted}: {inner[0]}"] if inner is lines else [f"{quoted}:", *inner]
            lines = written
            place = f'."{own}"'.replace('q""', 'q\\""') + place
    if not place.startswith("."):
        place = f".{place}"
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = draw(st.sampled_from(["", "\ufeff", "# first\n---\n"])) + "\n".join(lines)
    return text.replace("\n", newline) + draw(st.sampled_from(["", newline, f"{newline}# end"])), place


@given(documents(), tags, st.sampled_from(PINS))
def test_only_the_scalar_changes(made: tuple[str, str], tag: str, pin: Any) -> None:
    text, place = made
    edited = edit("yaml-path", text, pin, at=place, new=f"{NAME}:{tag}@{NEW}").text
    written = f"{NAME}{'' if pin == 'digest' else ':' + tag}{'' if pin == 'tag' else '@' + NEW}"
    head, _, tail = text.partition(NAME)
    assert edited.startswith(head + written)
    assert tail.endswith(edited[len(head + written) :])
    read = [list(yaml.load_all(each, Loader=yaml.CBaseLoader)) for each in (text, edited)]
    assert str(read[1]) == str(read[0]).replace(str(now("yaml-path", text, at=place)), written)


_PIECES = ["#", " # c", "\n", "\r\n", "\t", "  ", ": ", "- ", "? ", '"', "'", "&a ", "*a", "!!str ", "|", "{", "}", "["]
_MORE = ["]", ",", "---\n", "...\n", "<<: *a", "\u2028", "\x85", "\ufeff", "\r", "{{", "${x}", "%YAML 1.1\n", "!x "]


@given(documents(), st.data(), st.sampled_from(PINS))
def test_whatever_the_file_it_is_edited_there_or_refused(made: tuple[str, str], data: st.DataObject, pin: Any) -> None:
    text, place = made
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        end = min(len(text), at + data.draw(st.integers(0, 8)))
        text = data.draw(st.sampled_from([text[:at] + piece + text[end:] for piece in ["", *_PIECES, *_MORE]]))
    try:
        edited = edit("yaml-path", text, pin, at=place).text
    except ManifestError:
        return
    before, after = (list(yaml.compose_all(each, Loader=yaml.CSafeLoader)) for each in (text, edited))
    assert len(_scalars(before)) == len(_scalars(after))
    assert sum(old != new for old, new in zip(_scalars(before), _scalars(after), strict=True)) <= 1


def _scalars(documents: list[Any]) -> list[tuple[str, str]]:
    source, found = list(reversed(documents)), []
    while source:
        node = source.pop()
        if isinstance(node, yaml.ScalarNode):
            found.append((node.tag, node.value))
        elif isinstance(node, yaml.MappingNode):
            source += [inner for pair in reversed(node.value) for inner in reversed(pair)]
        else:
            source += reversed(node.value)
    return found


_REASON = re.compile(r"m:\d+:\d+: (?:this is used in several places by aliases|no tag stands here: 'v1\\n)")
_REFUSED_OF_CORPUS = {
    "anchors-image.yaml": 2,
    "anchors-inline.yaml": 3,
    "newline-injection.yaml": 1,
    "values-anchors.yaml": 3,
}


@pytest.mark.corpus
def test_every_real_image_is_edited_exactly_or_refused_for_a_reason() -> None:
    said: list[str] = []
    edited, files, refusals = 0, set(), dict.fromkeys(_REFUSED_OF_CORPUS, 0)
    for path in [
        file for folder in ("gitops", "gitops-derived", "gitops-own") for file in corpus_files(f"{folder}/**/*")
    ]:
        for place, node_start, node_end, text, row in _images(path.read_bytes()):
            try:
                new = edit("yaml-path", text, "tag", at=place, new=f"{NAME}:1.10@{NEW}", **row).text
            except ManifestError as fault:
                said.append(fault.message)
                refusals[path.name] += 1
                continue
            assert new.startswith(text[:node_start])
            assert new.endswith(text[node_end:])
            edited += 1
            files.add(path)
    assert [each for each in said if not _REASON.match(each)] == []
    assert refusals == _REFUSED_OF_CORPUS
    assert len([file for file in files if file.is_relative_to(CORPUS / "gitops")]) >= 163
    assert edited >= 420


def _images(data: bytes) -> list[tuple[str, int, int, str, dict[str, Any]]]:
    """Every scalar that looks like an image or a tag: its place, its span, the text and what the row says."""
    try:
        text = data.decode()
        source = Source(text, "m")
    except (UnicodeDecodeError, ManifestError):
        return []
    found = []
    for place in places(source):
        said, key = text_of(place.node), place.path[-1] if place.path else ""
        if said is None or key not in {"image", "newTag", "tag"}:
            continue
        row: dict[str, Any] = {"write": "tag"}
        if key == "image":
            try:
                row = {"image": parse_image(said).written}
            except GatekeeperError:
                continue
        found.append((f"[{place.document}]{place}", source.start(place.node), source.end(place.node), text, row))
    return found
