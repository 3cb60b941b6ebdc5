"""`oci`: what a registry answered, believed only where every byte has the digest that names it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.oci import Recorded, claims, encode, read
from gatekeeper.evidence.ocimanifest import parse_config, parse_manifest
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope, Opened
from tests.corpus import ROOT
from tests.evidence.reports import opened
from tests.servers import registry as images

FIXTURES = ROOT / "tests" / "fixtures" / "oci"
MANIFEST = "sha256:0160b64742cbca8a651223924c384b3547a307fe1f4ed25a38b21578223afab6"
NAME = "registry.example/ml/churn"


def fixture(name: str) -> Envelope:
    return envelope((FIXTURES / name).read_bytes(), source=name)


def recorded(*contents: bytes, digest: str = "", tag: str = "1", **changes: Any) -> bytes:
    """A record of the first content as what was asked for."""
    whole = Recorded(
        reference=f"{NAME}{f':{tag}' if tag else ''}@{digest or images.digest_of(contents[0])}",
        asked_at="2026-11-25T10:00:00Z",
        contents={images.digest_of(content): content.decode() for content in contents},
        tag_digest=images.digest_of(contents[0]) if tag else None,
    )
    return json.dumps({**json.loads(encode(whole)), **changes}).encode()


def said(data: bytes) -> Envelope:
    return envelope(data, source="image.json")


CONFIG = images.config({"a": "b"})
IMAGE = images.manifest(CONFIG)


# Real files


def test_a_record_of_a_real_registry() -> None:
    found = fixture("recorded.json")
    assert (found.status, found.kind, found.reason) == ("evaluated", "image", None)
    assert found.producer is not None
    assert found.producer.name == "oci"
    assert found.subjects == (MANIFEST,)
    assert found.counts == {"attestations": 0, "platforms": 1}
    assert found.facts == {
        "name": NAME,
        "tag": "1.4.2",
        "tag_digest": MANIFEST,
        "digest": MANIFEST,
        "media_type": images.MANIFEST,
        "platforms": {"linux/amd64": MANIFEST},
        "config_digest": "sha256:7ec98e651247dde6cecd7fd740d37b5c10eff25251ffb468e888e5937d085cec",
        "labels": {
            "ml.gatekeeper.model.name": "churn",
            "org.opencontainers.image.revision": "9f2c6ab5a1d84e0f9d3b7c6e5a4f3b2c1d0e9f8a",
        },
        "differing": [],
        "annotations": {"org.opencontainers.image.title": "churn"},
        "created": "2026-11-20T10:00:00Z",
        "size": 515 + 106,
        "attestations": 0,
    }


def test_the_environment_of_an_image_is_no_fact() -> None:
    assert "planted-in-the-image" in (FIXTURES / "recorded.json").read_text()
    assert "planted-in-the-image" not in repr(fixture("recorded.json"))


@pytest.mark.parametrize(
    ("name", "media_type", "digest"),
    [
        ("skopeo-raw.json", images.MANIFEST, MANIFEST),
        (
            "skopeo-raw-docker.json",
            images.DOCKER_MANIFEST,
            "sha256:c149c647b5c65538fce83a056ed900f6c88393116a516253cdfc0cf4627c996c",
        ),
    ],
)
def test_a_manifest_as_skopeo_prints_it(name: str, media_type: str, digest: str) -> None:
    found = fixture(name)
    assert (found.status, found.subjects) == ("evaluated", (digest,))
    assert (found.facts["media_type"], found.facts["digest"]) == (media_type, digest)
    assert found.produced_at is None
    assert not {"labels", "platforms", "name", "tag", "created"} & set(found.facts)


# The record


def test_what_is_encoded_is_read() -> None:
    found = said(recorded(IMAGE, CONFIG))
    assert (found.status, found.produced_at) == ("evaluated", "2026-11-25T10:00:00Z")
    assert found.facts["labels"] == {"a": "b"}


def test_a_tag_is_a_fact_only_where_it_names_the_digest() -> None:
    assert said(recorded(IMAGE, CONFIG)).facts["tag"] == "1"
    moved = said(recorded(IMAGE, CONFIG, tag_digest=MANIFEST)).facts
    assert ("tag" in moved, moved["tag_digest"]) == (False, MANIFEST)
    gone = said(recorded(IMAGE, CONFIG, tag_digest=None)).facts
    assert not {"tag", "tag_digest"} & set(gone)
    never = said(recorded(IMAGE, CONFIG, tag="")).facts
    assert not {"tag", "tag_digest"} & set(never)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"schema": "gatekeeper.oci/v2"}, "gatekeeper.oci/v1 only"),
        ({"reference": "churn"}, "lacks its digest"),
        ({"reference": f"{NAME}:1"}, "lacks its digest"),
        ({"reference": f"{NAME}@{MANIFEST}"}, "lacks the content"),
        ({"reference": "Not An Image"}, "as gatekeeper writes it"),
        ({"reference": 7}, "as gatekeeper writes it"),
        ({"asked_at": "yesterday"}, "its time"),
        ({"asked_at": None}, "as gatekeeper writes it"),
        ({"contents": {}}, "lacks the content"),
        ({"contents": {MANIFEST: IMAGE.decode()}}, "it was changed"),
        ({"contents": {"md5:1": ""}}, "as gatekeeper writes it"),
        ({"contents": []}, "as gatekeeper writes it"),
        ({"media_type": images.INDEX}, "another type"),
        ({"tag_digest": "1"}, "as gatekeeper writes it"),
        ({"more": 1}, "as gatekeeper writes it"),
    ],
)
def test_a_record_that_is_not_ours_is_refused(changes: dict[str, Any], says: str) -> None:
    found = said(recorded(IMAGE, CONFIG, **changes))
    assert (found.status, found.facts) == ("error", {})
    assert found.reason is not None
    assert says in found.reason


@given(st.data())
def test_no_changed_byte_of_the_contents_is_believed(data: st.DataObject) -> None:
    document = json.loads(recorded(IMAGE, CONFIG))
    digest = data.draw(st.sampled_from(sorted(document["contents"])))
    text = document["contents"][digest]
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_characters=text[place], exclude_categories=["Cs"]))
    document["contents"][digest] = text[:place] + other + text[place + 1 :]
    assert said(json.dumps(document).encode()).status == "error"


def test_the_configuration_must_be_there() -> None:
    found = said(recorded(IMAGE))
    assert found.status == "error"
    assert f"lacks the content of {images.digest_of(CONFIG)}" in (found.reason or "")


# Indexes


def index_of(*children: bytes, names: tuple[str, ...] = ("amd64", "arm64"), **changes: Any) -> bytes:
    listed = [
        images.described(child, images.MANIFEST, **images.platform(name))
        for child, name in zip(children, names, strict=False)
    ]
    return images.index(*listed, **changes)


def test_labels_are_what_the_platforms_have_alike() -> None:
    configs = [images.config({"same": "1", "other": "a"}), images.config({"same": "1", "other": "b"})]
    children = [images.manifest(config) for config in configs]
    found = said(recorded(index_of(*children), *configs, *children))
    assert found.facts["labels"] == {"same": "1"}
    assert found.facts["differing"] == ["other"]
    assert found.facts["platforms"] == {
        "linux/amd64": images.digest_of(children[0]),
        "linux/arm64": images.digest_of(children[1]),
    }


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"), max_size=3),
        min_size=1,
        max_size=4,
    )
)
def test_a_label_is_agreed_upon_or_differs(labels: list[dict[str, str]]) -> None:
    configs = [images.config({**each, "n": str(number)}) for number, each in enumerate(labels)]
    children = [images.manifest(config) for config in configs]
    listed = index_of(*children, names=tuple(f"a{number}" for number in range(len(labels))))
    facts = said(recorded(listed, *configs, *children)).facts
    named = {name for each in labels for name in each} | {"n"}
    assert set(facts["labels"]) | set(facts["differing"]) == named
    assert not set(facts["labels"]) & set(facts["differing"])
    for name, value in facts["labels"].items():
        assert all({**each, "n": str(number)}.get(name) == value for number, each in enumerate(labels))


def test_an_index_of_one_platform_is_about_both() -> None:
    listed = index_of(IMAGE)
    found = said(recorded(listed, IMAGE, CONFIG))
    assert set(found.subjects) == {images.digest_of(listed), images.digest_of(IMAGE)}
    assert found.facts["digest"] == images.digest_of(listed)
    assert (found.facts["labels"], found.facts["size"]) == ({"a": "b"}, len(CONFIG) + len(b"layer"))


def test_a_bare_index_is_about_its_one_platform_too() -> None:
    listed = index_of(IMAGE)
    found = said(listed)
    assert set(found.subjects) == {images.digest_of(listed), images.digest_of(IMAGE)}
    assert found.facts["platforms"] == {"linux/amd64": images.digest_of(IMAGE)}
    assert "labels" not in found.facts


def test_an_attestation_must_be_marked_both_ways() -> None:
    """Else what runs somewhere could be hidden from those who count the platforms."""
    marked = images.described(b"1", images.MANIFEST, **images.ATTESTS)
    assert said(images.index(marked)).facts["attestations"] == 1
    runs = images.described(b"1", images.MANIFEST, **{**images.ATTESTS, **images.platform("amd64")})
    facts = said(images.index(runs)).facts
    assert (facts["attestations"], list(facts["platforms"])) == (0, ["linux/amd64"])


def test_a_platform_may_stand_in_the_configuration_alone() -> None:
    listed = images.index(images.described(IMAGE, images.MANIFEST))
    assert said(recorded(listed, IMAGE, CONFIG)).facts["platforms"] == {"linux/amd64": images.digest_of(IMAGE)}
    assert "without its platform" in (said(listed).reason or "")


def test_windows_is_told_apart_by_its_version() -> None:
    windows = {"os": "windows", "architecture": "amd64"}
    listed = images.index(
        *(
            images.described(version.encode(), images.MANIFEST, platform={**windows, "os.version": version})
            for version in ("10.0.17763", "10.0.20348")
        )
    )
    assert set(said(listed).facts["platforms"]) == {"windows(10.0.17763)/amd64", "windows(10.0.20348)/amd64"}


def test_an_empty_index_names_no_platform() -> None:
    facts = said(images.index()).facts
    assert (facts["platforms"], "labels" in facts) == ({}, False)


def child(**changes: Any) -> dict[str, Any]:
    return {**images.described(b"1", images.MANIFEST, **images.platform("amd64")), **changes}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (images.index(child(), child()), "the platform linux/amd64 twice"),
        (images.index(child(mediaType=images.INDEX)), "no image manifest"),
        (images.index(child(mediaType="")), "no image manifest"),
        (images.index(child(digest="sha512:" + "0" * 128)), "not sha256"),
        (images.index(child(digest=MANIFEST.upper())), "not sha256"),
        (images.index(child(size=-1)), "whole number"),
        (images.index(child(size="7")), "whole number"),
        (images.index(child(size=True)), "whole number"),
        (images.index(child(platform=[])), "not an object"),
        (images.index(child(platform={"os": "linux", "architecture": "a/b"})), "no platform has"),
        (images.index(child(platform={"os": "linux"})), "no platform has"),
        (images.index("x"), "not an object"),  # type: ignore[arg-type]
        (images.index(child(), config={}), "as a manifest and as an index"),
        (images.index(child(), layers=[]), "as a manifest and as an index"),
        (images.index(child(), annotations={"a": 1}), "not a string"),
        (images.index(*[child()] * 1001), "more than 1000"),
        (images.index(child(), mediaType="application/vnd.example"), "known type"),
        (images.index(child(), schemaVersion=3), "known type"),
        (images.manifest(CONFIG, manifests=[]), "as a manifest and as an index"),
        (images.manifest(CONFIG, config=None), "not an object"),
        (images.manifest(CONFIG, layers={}), "not a list"),
        (images.manifest(CONFIG, layers=["x"]), "not an object"),
        (images.manifest(CONFIG, schemaVersion=1), "schema 1"),
        (b'{"schemaVersion": 1, "fsLayers": [], "history": [], "signatures": []}', "schema 1"),
    ],
)
def test_a_manifest_that_is_refused(document: bytes, says: str) -> None:
    found = said(document)
    assert found.producer is not None
    assert (found.producer.name, found.status) == ("oci", "error")
    assert says in (found.reason or "")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (b"[]", "not an object"),
        (b"{}", "names no operating system"),
        (images.config(os=7), "not a string"),
        (images.config(config={"Labels": {"a": 1}}), "not a string"),
        (images.config(config={"Labels": []}), "not an object"),
        (images.config(config=7), "not an object"),
        (b'{"os": "linux", "os": "windows"}', "twice"),
    ],
)
def test_a_configuration_that_is_refused(config: bytes, says: str) -> None:
    found = said(recorded(images.manifest(config), config))
    assert found.status == "error"
    assert says in (found.reason or ""), found.reason


def test_what_a_configuration_may_lack() -> None:
    config = parse_config(
        b'{"os": "linux", "architecture": "amd64", "config": null, "created": "0001-01-01T00:00:00Z"}'
    )
    assert (config.labels, config.created, config.platform) == ({}, None, "linux/amd64")


# Whose it is


@pytest.mark.parametrize(
    "document",
    [
        {"schemaVersion": "2", "manifests": []},
        {"schemaVersion": 2},
        {"schemaVersion": 36, "panels": []},
        {"schema": "gatekeeper.command/v1"},
        {"schema": 7},
        {"SchemaVersion": 2, "Results": []},
        [],
    ],
)
def test_other_documents_are_not_claimed(document: Any) -> None:
    assert not claims(opened(document))
    with pytest.raises(EvidenceError):
        read(opened(document))


def test_a_manifest_inside_another_document_has_no_digest() -> None:
    document = json.loads(IMAGE)
    with pytest.raises(EvidenceError, match="lost the bytes"):
        read(Opened(form="json", json=document))


@pytest.mark.corpus
def test_no_file_of_another_tool_is_claimed(corpus: Path) -> None:
    seen = 0
    for path in sorted(corpus.rglob("*.json")):
        if path.stat().st_size > 2_000_000:
            continue
        try:
            report = opened(path.read_text(encoding="utf-8"))
        except (EvidenceError, UnicodeDecodeError):
            continue
        seen += 1
        assert not claims(report), path
    assert seen > 100


# Hostile bytes


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_hostile_bytes_are_facts_or_a_refusal(data: bytes) -> None:
    for parse in (parse_manifest, parse_config):
        try:
            parse(data)
        except EvidenceError:
            continue
    found = envelope(data, source="x", producer="oci")
    assert found.status == "error" or found.facts


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**65) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("schemaVersion", "mediaType", "config", "layers", "manifests", "annotations")


@given(st.sampled_from([json.loads(IMAGE), json.loads(index_of(IMAGE))]), st.sampled_from(KEYS), JSON)
def test_any_value_at_any_place_is_facts_or_a_refusal_of_ours(document: dict[str, Any], key: str, value: Any) -> None:
    text = json.dumps({**document, key: value}).encode()
    with contextlib.suppress(EvidenceError):
        parse_manifest(text)


@given(st.integers(0, 400))
def test_a_record_cut_short_is_refused(end: int) -> None:
    data = (FIXTURES / "recorded.json").read_bytes()
    assert envelope(data[: min(end * 4, len(data) - 3)], source="x", producer="oci").status == "error"
