"""Registries: a real one for what is usual, a small false one for what a real one never does."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.connect.http import HttpDoor
from gatekeeper.connect.http.settings import Limits
from gatekeeper.connect.oci import fetch, resolve
from gatekeeper.connect.oci.credentials import Credentials, credentials_for
from gatekeeper.connect.oci.keychain import ask_helper
from gatekeeper.connect.oci.tokens import challenges, may_send_for_tokens
from gatekeeper.errors import CannotActError, EvidenceError, GatekeeperError, InvalidRequestError, NotEvaluatedError
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.image import parse_image
from gatekeeper.ports import Answered
from tests.servers import registry as images
from tests.servers.http_server import Asked, Authority, HttpServer, Proxy, reply
from tests.servers.registry import PASSWORD, USER, RunningRegistry, registry, secured_registry

__all__ = ["registry", "secured_registry"]

real = pytest.mark.xdist_group("docker-registry")
SECRET = "s3cr3t-t0k3n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without credentials."""
    home = tmp_path / "home"
    (home / ".docker").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    return home


def door(**environment: str) -> HttpDoor:
    """A door that does not pause."""
    return HttpDoor(Limits(total=30), environment=environment, sleep=lambda _: None)


def asked(locator: str) -> Envelope:
    """The envelope that a live reference gives."""
    fetched = fetch(locator, door())
    assert SECRET.encode() not in fetched.data
    return envelope(fetched.data, source=fetched.source, producer="oci")


def refusal(act: Callable[[], object], kind: type[GatekeeperError] = CannotActError) -> str:
    """The text of the error that `act` ends in; no secret is in it or behind it."""
    with pytest.raises(kind) as caught:
        act()
    shown = "".join(traceback.format_exception(caught.value))
    for secret in (SECRET, PASSWORD, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()):
        assert secret not in shown
    return str(caught.value)


def login(home: Path, host: str, pair: str = f"{USER}:{PASSWORD}", **more: Any) -> None:
    """What `docker login` leaves."""
    entry = {"auth": base64.b64encode(pair.encode()).decode()} if pair else {}
    (home / ".docker" / "config.json").write_text(json.dumps({"auths": {host: {**entry, **more}}}))


def helper(home: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    """A credential helper on the PATH."""
    program = home / f"docker-credential-{name}"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}{os.pathsep}{os.environ['PATH']}")


# A real registry


@real
def test_a_tag_is_resolved_and_both_are_kept(registry: RunningRegistry) -> None:
    digest = registry.push("ml/churn", "1.4.2", {"org.opencontainers.image.revision": "9f2c"})
    found = asked(f"{registry.host}/ml/churn:1.4.2")
    assert (found.status, found.kind, found.reason) == ("evaluated", "image", None)
    assert found.subjects == (digest,)
    assert found.source == f"oci:{registry.host}/ml/churn:1.4.2@{digest}"
    assert found.produced_at is not None
    assert found.facts["name"] == f"{registry.host}/ml/churn"
    assert (found.facts["tag"], found.facts["tag_digest"], found.facts["digest"]) == ("1.4.2", digest, digest)
    assert found.facts["platforms"] == {"linux/amd64": digest}
    assert found.facts["labels"] == {"org.opencontainers.image.revision": "9f2c"}
    assert found.facts["created"] == "2026-11-20T10:00:00Z"
    assert found.facts["size"] == len(images.config({"org.opencontainers.image.revision": "9f2c"})) + len(b"layer")


@real
def test_by_digest_no_tag_is_said(registry: RunningRegistry) -> None:
    digest = registry.push("ml/by-digest", "1")
    found = asked(f"{registry.host}/ml/by-digest@{digest}")
    assert found.facts["digest"] == digest
    assert "tag" not in found.facts


@real
def test_where_a_tag_moved_the_digest_wins_and_it_shows(registry: RunningRegistry) -> None:
    old = registry.push("ml/moved", "1", {"build": "old"})
    new = registry.push("ml/moved", "1", {"build": "new"})
    found = asked(f"{registry.host}/ml/moved:1@{old}")
    assert (found.facts["digest"], found.facts["tag_digest"]) == (old, new)
    assert "tag" not in found.facts
    assert found.facts["labels"] == {"build": "old"}
    assert resolve(parse_image(f"{registry.host}/ml/moved:1"), door()) == new


@real
def test_a_deleted_tag_is_not_evaluated(registry: RunningRegistry) -> None:
    digest = registry.push("ml/deleted", "1")
    registry.delete("ml/deleted", digest)
    for locator in ("ml/deleted:1", f"ml/deleted@{digest}", "ml/never:1"):
        assert "not in its registry" in refusal(
            lambda at=locator: fetch(f"{registry.host}/{at}", door()), NotEvaluatedError
        )
    assert resolve(parse_image(f"{registry.host}/ml/deleted:1"), door()) is None


@real
def test_an_index_of_platforms(registry: RunningRegistry) -> None:
    name = "ml/multi"
    configs = [
        images.config({"same": "yes", "built": "a"}),
        images.config({"same": "yes", "built": "b", "only": "here"}, architecture="arm64", variant="v8"),
    ]
    for blob in (*configs, b"layer"):
        registry.push_blob(name, blob)
    children = [images.manifest(configuration) for configuration in configs]
    provenance = images.manifest(configs[0], annotations={"a": "b"})
    digests = [registry.push_manifest(name, images.digest_of(child), child) for child in (*children, provenance)]
    listed = images.index(
        images.described(children[0], images.MANIFEST, **images.platform("amd64")),
        images.described(children[1], images.MANIFEST, **images.platform("arm64", "v8")),
        images.described(provenance, images.MANIFEST, **images.ATTESTS),
        annotations={"org.opencontainers.image.title": "churn"},
    )
    whole = registry.push_manifest(name, "1", listed, images.INDEX)
    found = asked(f"{registry.host}/{name}:1")
    assert found.facts["platforms"] == {"linux/amd64": digests[0], "linux/arm64/v8": digests[1]}
    assert found.facts["labels"] == {"same": "yes"}
    assert found.facts["differing"] == ["built", "only"]
    assert found.facts["annotations"] == {"org.opencontainers.image.title": "churn"}
    assert found.counts == {"attestations": 1, "platforms": 2}
    assert found.subjects == (whole,), "no platform stands for the whole"
    assert "size" not in found.facts


@real
def test_an_index_of_one_platform_is_about_both_digests(registry: RunningRegistry) -> None:
    one = registry.push("ml/single", "one", {"a": "b"})
    child = images.manifest(images.config({"a": "b"}))
    listed = images.index(images.described(child, images.MANIFEST, **images.platform("amd64")))
    whole = registry.push_manifest("ml/single", "1", listed, images.INDEX)
    found = asked(f"{registry.host}/ml/single:1")
    assert set(found.subjects) == {one, whole}
    assert found.facts["labels"] == {"a": "b"}
    assert found.facts["digest"] == whole


@real
def test_docker_media_types_are_read(registry: RunningRegistry) -> None:
    configuration = images.config({"a": "b"})
    registry.push_blob("ml/docker", configuration)
    registry.push_blob("ml/docker", b"layer")
    docker = "application/vnd.docker.container.image.v1+json"
    child = images.manifest(
        configuration, mediaType=images.DOCKER_MANIFEST, config=images.described(configuration, docker)
    )
    registry.push_manifest("ml/docker", "1", child, images.DOCKER_MANIFEST)
    listed = images.index(
        images.described(child, images.DOCKER_MANIFEST, **images.platform("amd64")), mediaType=images.DOCKER_LIST
    )
    registry.push_manifest("ml/docker", "list", listed, images.DOCKER_LIST)
    for tag in ("1", "list"):
        assert asked(f"{registry.host}/ml/docker:{tag}").facts["labels"] == {"a": "b"}


@real
def test_what_umoci_builds_and_skopeo_pushes_is_read_as_skopeo_sees_it(
    registry: RunningRegistry, tmp_path: Path
) -> None:
    layout = tmp_path / "layout"
    for command in (
        ["umoci", "init", "--layout", layout],
        ["umoci", "new", "--image", f"{layout}:v1"],
        ["umoci", "config", "--image", f"{layout}:v1", "--config.label", "org.opencontainers.image.revision=9f2c"],
        [
            "skopeo",
            "copy",
            "--insecure-policy",
            "--dest-tls-verify=false",
            f"oci:{layout}:v1",
            f"docker://{registry.host}/ml/umoci:v1",
        ],
    ):
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
    inspect = ["skopeo", "inspect", "--tls-verify=false", f"docker://{registry.host}/ml/umoci:v1"]
    seen = json.loads(subprocess.run(inspect, check=True, capture_output=True).stdout)
    raw = subprocess.run([*inspect, "--raw"], check=True, capture_output=True).stdout
    found = asked(f"{registry.host}/ml/umoci:v1")
    assert found.facts["digest"] == seen["Digest"]
    assert found.facts["labels"] == seen["Labels"]
    assert found.facts["platforms"] == {f"{seen['Os']}/{seen['Architecture']}": seen["Digest"]}
    bare = envelope(raw, source="raw.json")
    assert bare.producer is not None
    assert (bare.producer.name, bare.status, bare.subjects) == ("oci", "evaluated", (seen["Digest"],))
    assert "labels" not in bare.facts


@real
def test_a_password_is_taken_from_where_docker_login_left_it(secured_registry: RunningRegistry, home: Path) -> None:
    digest = secured_registry.push("ml/private", "1")
    locator = f"{secured_registry.host}/ml/private:1"
    assert "401: it asks for credentials" in refusal(lambda: fetch(locator, door()))
    login(home, secured_registry.host)
    assert asked(locator).facts["digest"] == digest
    login(home, secured_registry.host, f"{USER}:{SECRET}")
    text = refusal(lambda: fetch(locator, door()))
    assert "401: the credentials of ~/.docker/config.json were refused" in text
    assert "docker login" in text


@real
def test_a_helper_gives_the_password(
    secured_registry: RunningRegistry, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = secured_registry.push("ml/helped", "1")
    given = json.dumps({"ServerURL": "x", "Username": USER, "Secret": PASSWORD})
    helper(home, monkeypatch, "test", f"read server; test \"$server\" = '{secured_registry.host}' && echo '{given}'")
    config = {"auths": {secured_registry.host: {}}, "credHelpers": {secured_registry.host: "test"}}
    (home / ".docker" / "config.json").write_text(json.dumps(config))
    assert asked(f"{secured_registry.host}/ml/helped:1").facts["digest"] == digest


# A false registry


class FalseRegistry:
    """A registry by hand: `contents` by path; every answer can be changed."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.host = f"localhost:{server.port}"
        self.server.answers("/v2/", reply(200))

    def serve(self, tag: str, data: bytes, media_type: str = images.MANIFEST, **headers: str) -> str:
        """Serve a manifest by tag and by digest."""
        for name in (tag, images.digest_of(data)):
            self.server.answers(f"/v2/m/manifests/{name}", reply(200, data, content_type=media_type, **headers))
        return images.digest_of(data)

    def blob(self, digest: str, data: bytes) -> None:
        """Serve a blob under a digest, its own or not."""
        self.server.answers(f"/v2/m/blobs/{digest}", reply(200, data))


@pytest.fixture
def false() -> Iterator[FalseRegistry]:
    """A registry that may lie."""
    with HttpServer() as server:
        yield FalseRegistry(server)


CONFIG = images.config({"a": "b"})
IMAGE = images.manifest(CONFIG)


def test_other_bytes_than_the_digest_are_refused(false: FalseRegistry) -> None:
    digest = images.digest_of(IMAGE)
    other = images.manifest(images.config())
    false.server.answers(f"/v2/m/manifests/{digest}", reply(200, other, content_type=images.MANIFEST))
    assert "other bytes" in refusal(lambda: fetch(f"{false.host}/m@{digest}", door()), EvidenceError)


def test_a_digest_that_the_registry_only_claims_is_refused(false: FalseRegistry) -> None:
    false.serve("1", IMAGE, docker_content_digest="sha256:" + "0" * 64)
    assert "other bytes" in refusal(lambda: fetch(f"{false.host}/m:1", door()), EvidenceError)
    assert "other bytes" in refusal(lambda: resolve(parse_image(f"{false.host}/m:1"), door()), EvidenceError)


def test_another_configuration_than_the_manifest_names_is_refused(false: FalseRegistry) -> None:
    false.serve("1", IMAGE)
    false.blob(images.digest_of(CONFIG), images.config({"a": "forged"}))
    assert "other bytes" in refusal(lambda: fetch(f"{false.host}/m:1", door()), EvidenceError)


def test_a_configuration_that_is_gone_is_refused(false: FalseRegistry) -> None:
    false.serve("1", IMAGE)
    assert "which the manifest names" in refusal(lambda: fetch(f"{false.host}/m:1", door()), EvidenceError)


def test_a_wrong_size_is_refused(false: FalseRegistry) -> None:
    wrong = images.manifest(CONFIG, config={**images.described(CONFIG, images.CONFIG), "size": 7})
    false.serve("1", wrong)
    false.blob(images.digest_of(CONFIG), CONFIG)
    assert "another size" in refusal(lambda: fetch(f"{false.host}/m:1", door()), EvidenceError)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"<!doctype html><title>Log in</title>", "text/html"),
        (b"<html>", images.MANIFEST),
        (b"", images.MANIFEST),
        (b"{}", images.MANIFEST),
        (b"[]", "application/json"),
        (b'{"errors": []}', "application/json"),
        (b'{"schemaVersion": 1, "fsLayers": []}', "application/vnd.docker.distribution.manifest.v1+prettyjws"),
        (IMAGE, images.INDEX),
        (images.manifest(CONFIG, manifests=[]), images.MANIFEST),
        (images.manifest(CONFIG, mediaType=images.INDEX, manifests=[]), images.INDEX),
        (images.index(), images.MANIFEST),
    ],
)
def test_what_is_no_manifest_has_no_digest_to_promote(false: FalseRegistry, data: bytes, media_type: str) -> None:
    false.serve("1", data, media_type)
    refusal(lambda: resolve(parse_image(f"{false.host}/m:1"), door()), EvidenceError)
    refusal(lambda: fetch(f"{false.host}/m:1", door()), EvidenceError)


def test_an_image_without_configuration_has_no_labels(false: FalseRegistry) -> None:
    empty = b"{}"
    artifact = images.manifest(empty, config=images.described(empty, "application/vnd.oci.empty.v1+json"))
    false.serve("1", artifact)
    found = asked(f"{false.host}/m:1")
    assert found.status == "evaluated"
    assert not {"labels", "platforms", "size", "created"} & set(found.facts)


def test_an_index_too_wide_is_read_without_its_configurations(false: FalseRegistry) -> None:
    children = [
        images.described(b"%d" % number, images.MANIFEST, **images.platform("amd64", f"v{number}"))
        for number in range(33)
    ]
    false.serve("1", images.index(*children), images.INDEX)
    found = asked(f"{false.host}/m:1")
    assert len(found.facts["platforms"]) == 33
    assert "labels" not in found.facts
    assert len(false.server.asked) == 1


def test_too_many_requests_are_told(false: FalseRegistry) -> None:
    false.server.answers("/v2/m/manifests/1", reply(429, b"toomanyrequests", retry_after="3600"))
    assert "429: too many requests" in refusal(lambda: fetch(f"{false.host}/m:1", door()))


def test_a_registry_that_is_gone_is_told(false: FalseRegistry) -> None:
    with HttpServer() as gone:
        host = f"localhost:{gone.port}"
    assert "connection refused" in refusal(lambda: fetch(f"{host}/m:1", door()))


@pytest.mark.parametrize("locator", ["churn", "Churn:1", "https://registry.example/churn:1", "a:1@sha256:12", ""])
def test_a_locator_that_names_no_image(locator: str) -> None:
    refusal(lambda: fetch(locator, door()), InvalidRequestError)


class Shelf:
    """A door onto manifests and blobs in memory."""

    def __init__(self, *contents: bytes, tag: bytes) -> None:
        self._contents = {images.digest_of(content): content for content in (*contents, tag)}
        self._contents["1"] = tag
        self.urls: list[str] = []

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, accept: tuple[int, ...] = (200,)) -> Answered:  # noqa: ARG002
        """What lies there, else 404."""
        self.urls.append(url)
        content = self._contents.get(url.rpartition("/")[2])
        if content is None:
            return Answered(status=404, headers={}, body=b"")
        return Answered(status=200, headers={"content-type": "application/json"}, body=content)

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Answered:  # noqa: ARG002
        """Never asked for."""
        raise AssertionError(url)


@pytest.mark.parametrize(
    ("locator", "url"),
    [
        ("registry.example/m:1", "https://registry.example/v2/m/manifests/1"),
        ("registry.example:5000/team/m:1", "https://registry.example:5000/v2/team/m/manifests/1"),
        ("python:1", "https://registry-1.docker.io/v2/library/python/manifests/1"),
        ("index.docker.io/team/m:1", "https://registry-1.docker.io/v2/team/m/manifests/1"),
        ("localhost:5000/m:1", "http://localhost:5000/v2/m/manifests/1"),
        ("127.0.0.1:5000/m:1", "http://127.0.0.1:5000/v2/m/manifests/1"),
        ("[::1]:5000/m:1", "http://[::1]:5000/v2/m/manifests/1"),
        ("localhost.evil.example/m:1", "https://localhost.evil.example/v2/m/manifests/1"),
        ("127.0.0.1.evil.example/m:1", "https://127.0.0.1.evil.example/v2/m/manifests/1"),
        ("registry.lan:5000/m:1", "http://registry.lan:5000/v2/m/manifests/1"),
        ("registry.lan/m:1", "https://registry.lan/v2/m/manifests/1"),
        ("other.lan:5000/m:1", "https://other.lan:5000/v2/m/manifests/1"),
    ],
)
def test_where_a_registry_is_asked(locator: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TLS only on this machine, and where this very host and port are allowed: passwords go there."""
    monkeypatch.setenv("GATEKEEPER_ALLOW_HTTP", "registry.lan:5000,other.lan")
    shelf = Shelf(CONFIG, tag=IMAGE)
    fetch(locator, shelf)
    assert shelf.urls[0] == url


SCALARS = st.none() | st.booleans() | st.integers(-1, 3) | st.text(max_size=4)
CHANGES = st.dictionaries(
    st.sampled_from(["schemaVersion", "mediaType", "config", "layers", "manifests", "annotations", "os", "variant"]),
    SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2),
    max_size=2,
)


@given(CHANGES, CHANGES, CHANGES, st.lists(st.sampled_from(["amd64", "arm64", ""]), max_size=3), st.booleans())
def test_whatever_a_registry_holds_is_refused_or_can_be_read_again(
    one: dict[str, Any], two: dict[str, Any], three: dict[str, Any], platforms: list[str], marked: bool
) -> None:
    configuration = images.config({"a": "b"}, **one)
    image = images.manifest(configuration, **two)
    children = [images.described(image, images.MANIFEST, **images.platform(name)) for name in platforms]
    if marked:
        children.append(images.described(image, images.MANIFEST, **images.ATTESTS))
    for whole in (image, images.index(*children, **three)):
        shelf = Shelf(configuration, image, tag=whole)
        try:
            fetched = fetch("localhost:5000/m:1", shelf)
        except GatekeeperError:
            continue
        found = envelope(fetched.data, source=fetched.source, producer="oci")
        assert found.status == "evaluated" or found.reason
        if found.status == "evaluated":
            assert found.facts["digest"] == images.digest_of(whole) == resolve(parse_image("localhost:5000/m:1"), shelf)


# Tokens


def token_service(false: FalseRegistry, challenge: str, given: bytes = b'{"token": "s3cr3t-t0k3n"}') -> None:
    """Ask for a bearer token at every manifest and blob, and give one at /token."""
    false.blob(images.digest_of(CONFIG), CONFIG)

    def manifest(question: Asked) -> bytes:
        if question.headers.get("authorization") != f"Bearer {SECRET}":
            return reply(401, b"{}", www_authenticate=challenge)
        return reply(200, IMAGE, content_type=images.MANIFEST)

    false.server.routes["/v2/m/manifests/1"] = manifest
    false.server.answers("/token", reply(200, given))


def bearer(false: FalseRegistry, realm: str = "") -> str:
    return f'Bearer realm="{realm or f"{false.server.url}/token"}",service="the registry",scope="repository:m:push,*"'


def test_an_anonymous_token_is_asked_for_with_our_own_scope(false: FalseRegistry) -> None:
    token_service(false, bearer(false))
    assert asked(f"{false.host}/m:1").facts["labels"] == {"a": "b"}
    (question,) = [question for question in false.server.asked if question.path.startswith("/token")]
    assert question.path == "/token?service=the%20registry&scope=repository%3Am%3Apull"
    assert "authorization" not in question.headers
    blobs = [question for question in false.server.asked if "/blobs/" in question.path]
    assert [question.headers["authorization"] for question in blobs] == [f"Bearer {SECRET}"], "asked for once"


def test_a_password_goes_to_the_token_service_alone(false: FalseRegistry, home: Path) -> None:
    login(home, false.host)
    token_service(false, bearer(false))
    asked(f"{false.host}/m:1")
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    carried = [question.path.partition("?")[0] for question in false.server.asked if pair in str(question.headers)]
    assert carried == ["/token"]


def test_an_identity_token_is_exchanged_by_post(false: FalseRegistry, home: Path) -> None:
    login(home, false.host, "", identitytoken="identity-" + SECRET)
    token_service(false, bearer(false), b'{"access_token": "s3cr3t-t0k3n", "expires_in": 300}')
    asked(f"{false.host}/m:1")
    (question,) = [question for question in false.server.asked if question.method == "POST"]
    assert b"grant_type=refresh_token" in question.body
    assert f"refresh_token=identity-{SECRET}".encode() in question.body
    assert b"scope=repository%3Am%3Apull" in question.body


def test_a_registry_token_is_used_as_it_is(false: FalseRegistry, home: Path) -> None:
    login(home, false.host, "", registrytoken=SECRET)
    token_service(false, bearer(false))
    asked(f"{false.host}/m:1")
    assert not [question for question in false.server.asked if "/token" in question.path]


def test_a_token_that_is_refused_is_told(false: FalseRegistry, home: Path) -> None:
    login(home, false.host)
    token_service(false, bearer(false), b'{"token": "another"}')
    assert "credentials of ~/.docker/config.json were refused" in refusal(lambda: fetch(f"{false.host}/m:1", door()))
    assert len(false.server.asked) == 3, "a refusal is not argued with"


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"{}",
        b'{"token": ""}',
        b'{"token": 7}',
        b'{"token": "s3cr3t-t0k3n\\n"}',
        b"s3cr3t-t0k3n",
        b'["s3cr3t-t0k3n"]',
    ],
)
def test_a_token_that_is_none_is_told(false: FalseRegistry, given: bytes) -> None:
    token_service(false, bearer(false), given)
    assert "gave no token" in refusal(lambda: fetch(f"{false.host}/m:1", door()))


@pytest.mark.parametrize(
    "realm",
    ["", "/token", "file:///etc/passwd", "http://registry.example/token", "https://me:x@localhost/", "http://["],
)
def test_a_realm_that_is_not_asked(false: FalseRegistry, home: Path, realm: str) -> None:
    login(home, false.host)
    token_service(false, f'Bearer realm="{realm}"')
    assert "a place that is not asked" in refusal(lambda: fetch(f"{false.host}/m:1", door()))


@pytest.mark.parametrize(
    ("registry", "realm", "may"),
    [
        ("https://registry.example", "https://auth.example/token", True),
        ("https://registry.example", "http://auth.example/token", False),
        ("https://registry.example", "https://localhost/token", False),
        ("https://registry.example", "https://LOCALHOST./token", False),
        ("https://registry.example", "https://127.0.0.1:8443?x", False),
        ("https://registry.example", "https://[::1]/token", False),
        ("http://localhost:5000", "http://localhost:5001/token", True),
        ("http://localhost:5000", "https://auth.example/token", True),
        ("https://registry.example", "", False),
        ("https://registry.example", "https://", False),
        ("https://registry.example", "https://[::1", False),
    ],
)
def test_where_a_registry_may_send_for_tokens(registry: str, realm: str, may: bool) -> None:
    assert may_send_for_tokens(registry, realm) is may


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (
            'Bearer realm="https://a/t",service="b",scope="c,d"',
            {"bearer": {"realm": "https://a/t", "service": "b", "scope": "c,d"}},
        ),
        ('Basic realm="x"', {"basic": {"realm": "x"}}),
        ("Basic", {"basic": {}}),
        (
            'Basic realm="x", Bearer realm="y", service=z',
            {"basic": {"realm": "x"}, "bearer": {"realm": "y", "service": "z"}},
        ),
        ('bearer REALM = "a \\"b\\""', {"bearer": {"realm": 'a "b"'}}),
        ("", {}),
        ("=", {}),
    ],
)
def test_challenges_are_read(header: str, found: dict[str, dict[str, str]]) -> None:
    assert challenges(header) == found


@given(st.text(max_size=200) | st.text(alphabet='BbaseicrTok n=,"\\ ', max_size=200))
def test_no_challenge_breaks_the_reader(header: str) -> None:
    for parameters in challenges(header).values():
        assert all(isinstance(value, str) for value in parameters.values())


def test_over_tls_through_a_proxy_with_token_and_storage_elsewhere(
    home: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    authority = Authority(tmp_path_factory.mktemp("ca"))
    names = ("registry.example", "auth.example", "storage.example")
    login(home, "registry.example")
    with HttpServer(authority.server(tmp_path, *names)) as server, Proxy(server.port) as proxy:
        false = FalseRegistry(server)
        token_service(false, 'Bearer realm="https://auth.example/token",service="registry.example"')
        elsewhere = "https://storage.example/blob?signature=x"
        server.answers(f"/v2/m/blobs/{images.digest_of(CONFIG)}", reply(307, location=elsewhere))
        server.answers("/blob", reply(200, CONFIG))
        environment = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}", "GATEKEEPER_CA_BUNDLE": str(authority.file)}
        fetched = fetch("registry.example/m:1", door(**environment))
    found = envelope(fetched.data, source=fetched.source, producer="oci")
    assert found.facts["name"] == "registry.example/m"
    assert found.facts["labels"] == {"a": "b"}
    by_host = {name: [question for question in server.asked if question.headers["host"] == name] for name in names}
    assert all("Basic" in question.headers["authorization"] for question in by_host["auth.example"])
    assert not any("Basic" in str(question.headers) for question in by_host["registry.example"])
    assert [question.path for question in by_host["storage.example"]] == ["/blob?signature=x"]
    assert "authorization" not in by_host["storage.example"][0].headers


def test_a_registry_elsewhere_cannot_send_to_this_machine(
    home: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    authority = Authority(tmp_path_factory.mktemp("ca"))
    login(home, "registry.example")
    with (
        HttpServer(authority.server(tmp_path, "registry.example")) as server,
        Proxy(server.port) as proxy,
        HttpServer(authority.server(tmp_path, "localhost")) as inside,
    ):
        token_service(FalseRegistry(server), f'Bearer realm="{inside.url}/token"')
        inside.answers("/token", reply(200, b'{"token": "s3cr3t-t0k3n"}'))
        environment = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}", "GATEKEEPER_CA_BUNDLE": str(authority.file)}
        text = refusal(lambda: fetch("registry.example/m:1", door(**environment)))
    assert "a place that is not asked" in text
    assert (inside.connections, len(server.asked)) == (0, 1)


# Where credentials lie


def written(folder: Path, document: Any) -> dict[str, str]:
    """An environment whose docker configuration is this document."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(document if isinstance(document, str) else json.dumps(document))
    return {"HOME": str(folder / "nowhere"), "DOCKER_CONFIG": str(folder)}


def auth(user: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{SECRET}".encode()).decode()}


@pytest.mark.parametrize(
    ("key", "repository"),
    [
        ("registry.example", "registry.example/team/churn"),
        ("https://registry.example", "registry.example/churn"),
        ("https://registry.example/v2/", "registry.example/churn"),
        ("Registry.Example:5000", "registry.example:5000/churn"),
        ("https://index.docker.io/v1/", "docker.io/library/python"),
        ("docker.io", "docker.io/team/churn"),
        ("registry.example/team", "registry.example/team/churn"),
    ],
)
def test_a_login_is_found_however_it_is_keyed(key: str, repository: str, tmp_path: Path) -> None:
    found = credentials_for(repository, written(tmp_path / "d", {"auths": {key: auth("me")}}))
    assert found is not None
    assert (found.user, found.password, found.source) == ("me", SECRET, "$DOCKER_CONFIG/config.json")
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("key", "repository"),
    [
        ("registry.example", "registry.example.evil.example/churn"),
        ("registry.example", "evil.example/registry.example"),
        ("registry.example:5000", "registry.example/churn"),
        ("registry.example/team", "registry.example/teams/churn"),
        ("example", "registry.example/churn"),
    ],
)
def test_a_login_is_given_to_nobody_else(key: str, repository: str, tmp_path: Path) -> None:
    assert credentials_for(repository, written(tmp_path / "d", {"auths": {key: auth("me")}})) is None


def test_the_most_specific_login_and_the_first_file_count(tmp_path: Path) -> None:
    environment = written(tmp_path / "d", {"auths": {"r.example": auth("host"), "r.example/team": auth("team")}})
    user = lambda name: (found := credentials_for(name, environment)) and found.user  # noqa: E731
    assert user("r.example/team/churn") == "team"
    assert user("r.example/other/churn") == "host"
    podman = tmp_path / "run" / "containers"
    podman.mkdir(parents=True)
    (podman / "auth.json").write_text(json.dumps({"auths": {"r.example": auth("podman")}}))
    environment["XDG_RUNTIME_DIR"] = str(tmp_path / "run")
    assert user("r.example/team/churn") == "podman"


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        '{"auths": []}',
        '{"auths": {"r.example": {"auth": 7}}}',
        "\x00",
        '{"auths": {"r.example": {"auth": "!s3cr3t-t0k3n"}}}',
        json.dumps({"auths": {"r.example": {"auth": base64.b64encode(SECRET.encode()).decode()}}}),
    ],
)
def test_a_file_of_logins_that_is_broken_is_told(document: str, tmp_path: Path) -> None:
    environment = written(tmp_path / "d", document)
    assert "$DOCKER_CONFIG/config.json" in refusal(lambda: credentials_for("r.example/churn", environment))


def test_no_file_and_an_empty_one_hold_no_login(tmp_path: Path) -> None:
    assert credentials_for("r.example/churn", {"HOME": str(tmp_path)}) is None
    assert credentials_for("r.example/churn", written(tmp_path / "d", "")) is None
    assert credentials_for("r.example/churn", written(tmp_path / "d", {"auths": {"r.example": None}})) is None


# Helpers


def test_a_helper_that_has_none_leaves_it_at_that(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(home, monkeypatch, "none", "echo 'credentials not found in native keychain'; exit 1")
    assert ask_helper("none", "r.example") is None


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (f"echo {SECRET}; echo {SECRET} >&2; exit 3", "failed with exit status 3"),
        (f"echo {SECRET}", "did not answer"),
        ("echo '[]'", "did not answer"),
        ('echo \'{"Username": 7, "Secret": "s3cr3t-t0k3n"}\'', "did not answer"),
        ("head -c 100000 /dev/zero", "did not answer"),
        ("exec sleep 60", "took longer than 0.5 s"),
        ("sleep 60 & sleep 60", "took longer than 0.5 s"),
    ],
)
def test_a_helper_that_fails_is_told_without_its_output(
    script: str, says: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(home, monkeypatch, "bad", script)
    seconds = 0.5 if "sleep" in script else 30.0
    assert says in refusal(lambda: ask_helper("bad", "r.example", seconds))


def test_a_helper_that_takes_too_long_ends_with_all_it_started(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    reading = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    try:
        helper(home, monkeypatch, "slow", f"exec 3> {held}; sleep 60 & sleep 60")
        refusal(lambda: ask_helper("slow", "r.example", 0.5))
        ready, _, _ = select.select([reading], [], [], 20)
        assert ready, "the end of the pipe is there when nobody holds it any more"
        assert os.read(reading, 1) == b""
    finally:
        os.close(reading)


@pytest.mark.parametrize("name", ["missing", "../../bin/sh", "a b", "", f"{SECRET}\n"])
def test_a_helper_that_is_not_there_is_told(name: str) -> None:
    assert "not installed" in refusal(lambda: ask_helper(name, "r.example"))


def test_a_helper_may_give_an_identity_token(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = json.dumps({"Username": "<token>", "Secret": SECRET})
    helper(home, monkeypatch, "store", f"read server; echo \"$server\" > {tmp_path}/server; echo '{given}'")
    found = credentials_for("docker.io/library/python", written(tmp_path / "d", {"credsStore": "store"}))
    assert found == Credentials(source="docker-credential-store", identity_token=SECRET)
    assert (tmp_path / "server").read_text() == "https://index.docker.io/v1/\n"
