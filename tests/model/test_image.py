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
        ("[::1]/x", "[::1]/x", None, None),
        ("192.0.2.1/x", "192.0.2.1/x", None, None),
        ("192.0.2.1:80/x:y", "192.0.2.1:80/x", "y", None),
        ("docker.io/library/redis@" + DIGEST, "docker.io/library/redis", None, DIGEST),
        ("index.docker.io/bitnami/redis:1", "docker.io/bitnami/redis", "1", None),
        ("index.docker.io/library/redis", "docker.io/library/redis", None, None),
        ("registry-1.docker.io/library/redis", "registry-1.docker.io/library/redis", None, None),
        ("docker.io:443/redis", "docker.io:443/redis", None, None),
        ("docker.io", "docker.io/library/docker.io", None, None),
        ("localhost", "docker.io/library/localhost", None, None),
        ("localhost:1", "docker.io/library/localhost", "1", None),
        ("localhost.example/a", "localhost.example/a", None, None),
        ("local/a", "docker.io/local/a", None, None),
        ("a.b.c", "docker.io/library/a.b.c", None, None),
        ("a/b.c/d", "docker.io/a/b.c/d", None, None),
        ("a---b/c", "docker.io/a---b/c", None, None),
        ("xn--80ak6aa92e.example/x", "xn--80ak6aa92e.example/x", None, None),
        ("x:UPPER.lower-1_0", "docker.io/library/x", "UPPER.lower-1_0", None),
        ("x:" + "t" * 128, "docker.io/library/x", "t" * 128, None),
        ("docker.io/" + "a" * 64, "docker.io/library/" + "a" * 64, None, None),
        ("0/1:2", "docker.io/0/1", "2", None),
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
        "a_b.example/x",  # a registry's host has no underscore
        "a__b:5000/x",
        "registry.example./x",
        "-registry.example/x",
        "registry-.example/x",
        "registry.example:/x",
        "registry.example:port/x",
        "registry.example:123456/x",
        "user@registry.example/x",
        "user:word@registry.example/x",
        "[::1]",
        "[::1]x/y",
        "[]/x",
        "[:]/x",
        "[fe80::1%25eth0]/x",
        "[::ffff:192.0.2.1]/x",
        "[::1/x",
        "LOCALHOST/x",
        "Docker.io/redis",
        "docker.io/Redis",
        "a.-b",
        "a_-b",
        "a--/b",
        "a/.b",
        "a/b.",
        "./a",
        "a:1@",
        "a@@" + DIGEST,
        "a@" + DIGEST + "@" + DIGEST,
        "a@SHA256:" + "0" * 64,
        "a@sha256:" + "g" * 64,
        "a@sha256 :" + "0" * 64,
        "a@md5:" + "0" * 32,
        "a:1\t",
        "a:1 ",
        "a :1",
        "a: 1",
        "a:1\u00a0",
        "a:1\u2028",
        "a\x00:1",
        "ａ:1",  # full-width
        "a\u0301/b",
        "registry。example/x",
        "registry.example\\x",
        "registry.example/x?y=1",
        "registry.example/x#y",
        "registry.example/%78",
        "${IMAGE}",
        "{{ image }}",
        "oci://registry.example/x:1",
        "docker-pullable://redis",
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
