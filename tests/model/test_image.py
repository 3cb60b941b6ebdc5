"""Image references: one grammar, one normal form, no look-alikes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.image import parse_image, same_repository

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("redis", "docker.io/library/redis", None, None),
        ("redis:7.2-alpine", "docker.io/library/redis", "7.2-alpine", None),
        ("docker.io/redis", "docker.io/library/redis", None, None),
        ("index.docker.io/redis", "docker.io/library/redis", None, None),
        ("library/redis", "docker.io/library/redis", None, None),
        ("bitnami/redis", "docker.io/bitnami/redis", None, None),
        ("localhost/a", "localhost/a", None, None),
        ("localhost:5000/a/b:1", "localhost:5000/a/b", "1", None),
        ("host:5000", "docker.io/library/host", "5000", None),
        ("registry.example/churn-model:1.4.2@" + DIGEST, "registry.example/churn-model", "1.4.2", DIGEST),
        ("registry.example/a__b/c-d.e_f@" + DIGEST, "registry.example/a__b/c-d.e_f", None, DIGEST),
        ("[2001:db8::1]:5000/x:_T.a-g", "[2001:db8::1]:5000/x", "_T.a-g", None),
    ],
)
def test_references(text: str, repository: str, tag: str | None, digest: str | None) -> None:
    image = parse_image(text)
    assert (image.repository, image.tag, image.digest) == (repository, tag, digest)
    assert str(image) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " redis",
        "redis\n",
        "redis:",
        "redis@",
        "redis:1:2",
        "Redis",
        "registry.example/Churn",
        "Registry.example/churn",
        "registry.example/churn\u200b",
        "registry.exаmple/churn",  # a Cyrillic letter
        "registry.example//churn",
        "/churn",
        "churn/",
        "a..b",
        "a/-b",
        "a/_b",
        "a___b",
        "https://registry.example/churn",
        "churn:" + "x" * 129,
        "churn:.1",
        "churn:-1",
        "churn:１",  # a full-width digit
        "churn@sha256:" + "a" * 63,
        "churn@sha256:" + "A" * 64,
        "churn@sha512:" + "a" * 128,
        "churn@" + DIGEST + ":1",
        "a" * 64,
        "x/" + "a" * 300,
        "a" * 2000,
        "-x",
        "../x",
        "x;y",
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        parse_image(text)


@given(st.text(max_size=60))
def test_what_is_taken_prints_as_it_was_written(text: str) -> None:
    try:
        image = parse_image(text)
    except InvalidRequestError:
        return
    assert str(image) == text
    assert parse_image(image.repository).repository == image.repository


def test_one_repository_under_two_names() -> None:
    assert same_repository("redis", "docker.io/library/redis")
    assert not same_repository("redis", "registry.example/redis")
