"""The HTTP door against a real server that behaves as badly as servers can."""

from __future__ import annotations

import gzip
import itertools
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.connect.http import HttpDoor
from gatekeeper.connect.http.address import address_of, is_loopback, redirected
from gatekeeper.connect.http.faults import seconds_until
from gatekeeper.connect.http.settings import Limits, Settings
from gatekeeper.errors import CannotActError, GatekeeperError, InvalidRequestError
from gatekeeper.ports import Answered
from tests.servers.http_server import Asked, Authority, HttpServer, Proxy, reply

SECRET = "s3cr3t-t0k3n"


class Slept(list[float]):
    """Hands out pauses without pausing; jitter is always its most."""

    def door(self, limits: Limits | None = None, **environment: str) -> HttpDoor:
        """A door that pauses here."""
        return HttpDoor(limits, environment=environment, sleep=self.append, jitter=lambda _, most: most)


@pytest.fixture
def slept() -> Slept:
    """What the door would have waited."""
    return Slept()


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A plain server of this machine."""
    with HttpServer() as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A CA that no system knows."""
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def secure(authority: Authority, tmp_path: Path) -> Iterator[HttpServer]:
    """A server with TLS, certified for localhost and registry.example."""
    with HttpServer(authority.server(tmp_path, "localhost", "registry.example")) as running:
        yield running


def refusal(act: Callable[[], object], kind: type[GatekeeperError] = CannotActError) -> str:
    """The text of the error that `act` ends in, which must hold no secret, in whatever way it is looked at."""
    with pytest.raises(kind) as caught:
        act()
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert SECRET not in repr(caught.value)
    return str(caught.value)


# What is asked


def test_an_answer_comes_with_status_headers_and_body(server: HttpServer, slept: Slept) -> None:
    server.answers("/a", reply(200, b"body", X_Kind="one"))
    answer = slept.door().get(f"{server.url}/a?b=c#fragment", headers={"Accept": "x/y"})
    assert (answer.status, answer.headers["x-kind"], answer.body) == (200, "one", b"body")
    assert server.asked[0].path == "/a?b=c"
    assert server.asked[0].headers["accept"] == "x/y"
    assert server.asked[0].headers["user-agent"].startswith("gatekeeper/")


def test_a_connection_is_used_again(server: HttpServer, slept: Slept) -> None:
    server.answers("/a", reply(200, b"body"))
    door = slept.door()
    assert [door.get(f"{server.url}/a").body for _ in range(5)] == [b"body"] * 5
    assert server.connections == 1


def test_a_status_counts_only_where_it_is_accepted(server: HttpServer, slept: Slept) -> None:
    server.answers("/a", reply(404, b"no"))
    assert slept.door().get(f"{server.url}/a", accept=(200, 404)).body == b"no"
    assert refusal(lambda: slept.door().get(f"{server.url}/a")) == (
        f"localhost:{server.port}/a: 404: there is no such thing"
    )


def test_a_post_is_sent_once(server: HttpServer, slept: Slept) -> None:
    server.answers("/q", reply(200, b"answer"))
    assert slept.door().post(f"{server.url}/q", b"question", headers={"Content-Type": "a/b"}).body == b"answer"
    assert server.asked[0].body == b"question"
    for status in (503, 429, 302):
        server.asked.clear()
        server.answers("/q", reply(status, b"", location="/other"))
        refusal(lambda: slept.door().post(f"{server.url}/q", b"question"))
        assert len(server.asked) == 1
    assert not slept


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"http://user:{SECRET}@localhost/", "holds a user or password"),
        (f"https://{SECRET}@registry.example/", "holds a user or password"),
        ("http://registry.example/", "this machine only"),
        ("http://169.254.169.254/latest", "this machine only"),
        ("http://127.0.0.1.example/", "this machine only"),
        ("http://2130706433/", "this machine only"),
        (f"ftp://registry.example/{SECRET}", "is none"),
        ("file:///etc/passwd", "is none"),
        ("registry.example/v2", "is none"),
        ("https://", "is none"),
        ("https://h:99999/", "is none"),
        ("https://h:0/", "is none"),
        ("https://h\\@evil.example/", "backslash"),
        ("https://h/a\r\nX: y", "control character"),
        ("https://h/a b", "space"),
        ("https://bücher.example/", "outside ASCII"),
        ("https://h/" + "a" * 9000, "longer"),
        ("", "is none"),
    ],
)
def test_a_url_that_is_not_asked(url: str, says: str, slept: Slept) -> None:
    assert says in refusal(lambda: slept.door().get(url), InvalidRequestError)


@given(st.text(max_size=60) | st.text(alphabet="htps:/@.[]%#?\\a1 ", max_size=40).map("http".__add__))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = address_of(text, ())
    except InvalidRequestError:
        return
    assert address.scheme == "https" or is_loopback(address.host)
    assert "@" not in address.place
    assert address_of(address.url, ()) == address, "what is sent means the same when it is read again"


def test_plain_http_goes_to_the_hosts_that_are_allowed() -> None:
    settings = Settings({"GATEKEEPER_ALLOW_HTTP": "prometheus.monitoring:9090, Mlflow.example"})
    assert address_of("http://prometheus.monitoring:9090/api", settings.plain_hosts).port == 9090
    assert address_of("http://mlflow.example:5000/", settings.plain_hosts).port == 5000
    with pytest.raises(InvalidRequestError):
        address_of("http://prometheus.monitoring/", settings.plain_hosts)
    with pytest.raises(InvalidRequestError):
        address_of("http://other.example/", settings.plain_hosts)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {SECRET}\n"},
        {"Authorization": f"Bearer {SECRET}\r\nX-Other: y"},
        {"X": f"{SECRET}\x00"},
        {"X": f"{SECRET}é"},
        {f"X\n{SECRET}": "y"},
        {"": SECRET},
    ],
)
def test_a_header_that_is_not_sent(headers: dict[str, str], server: HttpServer, slept: Slept) -> None:
    assert "line break" in refusal(lambda: slept.door().get(server.url, headers=headers), InvalidRequestError)
    assert not server.asked


# What comes back


def test_a_body_may_be_as_large_as_allowed_and_no_larger(server: HttpServer, slept: Slept) -> None:
    most = 1024 * 1024
    server.answers("/fits", reply(200, b"x" * most))
    server.answers("/more", reply(200, b"x" * (most + 1)))
    door = slept.door(Limits(body=most))
    assert len(door.get(f"{server.url}/fits").body) == most
    assert "larger than 1 MiB" in refusal(lambda: door.get(f"{server.url}/more"))


def test_an_endless_body_is_left(server: HttpServer, slept: Slept) -> None:
    def endless(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        yield from itertools.repeat(b"x" * 65536)

    server.routes["/"] = endless
    assert "larger than 1 MiB" in refusal(lambda: slept.door(Limits(body=1024 * 1024)).get(f"{server.url}/"))


def test_a_packed_body_is_unpacked_and_bounded_as_unpacked(server: HttpServer, slept: Slept) -> None:
    server.answers("/small", reply(200, gzip.compress(b"one") + gzip.compress(b"two"), content_encoding="gzip"))
    server.answers("/empty", reply(200, b"", content_encoding="gzip"))
    server.answers("/bomb", reply(200, gzip.compress(bytes(64 * 1024 * 1024)), content_encoding="gzip"))
    door = slept.door()
    assert door.get(f"{server.url}/small").body == b"onetwo"
    assert door.get(f"{server.url}/empty").body == b""
    assert "larger than 32 MiB" in refusal(lambda: door.get(f"{server.url}/bomb"))


@pytest.mark.parametrize(
    ("body", "encoding", "says"),
    [
        (gzip.compress(b"one")[:-6], "gzip", "cut off within its gzip"),
        (b"no gzip", "gzip", "not the gzip"),
        (gzip.compress(b"one") + b"rest", "gzip", "not the gzip"),
        (b"x", "br", "packed in a way"),
        (gzip.compress(gzip.compress(b"one")), "gzip, gzip", "packed in a way"),
    ],
    # What gzip packs holds the time, and no two processes would agree on the names.
    ids=["cut-off", "not-gzip", "more-after-it", "br", "gzip-twice"],
)
def test_a_body_that_cannot_be_unpacked(body: bytes, encoding: str, says: str, server: HttpServer) -> None:
    server.answers("/", reply(200, body, content_encoding=encoding))
    assert says in refusal(lambda: Slept().door().get(f"{server.url}/"))


def _once(*pieces: bytes) -> Callable[[Asked], Iterator[bytes]]:
    return lambda _: iter(pieces)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (_once(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"), "cut off"),
        (_once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive!\r\n"), "cut off"),
        (_once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nfive!\r\n"), "cut off"),
        (_once(b"SSH-2.0-OpenSSH_9.2\r\n"), "does not answer in HTTP"),
        (_once(b"\x15\x03\x01\x00\x02\x02\x16"), "does not answer in HTTP"),
        (_once(b"HTTP/1.1 999999 OK\r\n\r\n"), "does not answer in HTTP"),
        (_once(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "not valid HTTP"),
        (_once(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"), "not valid HTTP"),
        (_once(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nfive!"), "not valid HTTP"),
        (_once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), "in a way that is not known"),
        (_once(), "closed without an answer"),
    ],
)
def test_an_answer_that_is_broken(answer: Any, says: str, server: HttpServer) -> None:
    server.routes["/"] = answer
    assert says in refusal(lambda: Slept().door().get(f"{server.url}/"))


def test_what_follows_an_answer_is_not_taken_for_the_next(server: HttpServer, slept: Slept) -> None:
    server.answers("/one", reply(200, b"one") + reply(200, b"forged"))
    server.answers("/two", reply(200, b"two"))
    door = slept.door()
    assert door.get(f"{server.url}/one").body == b"one"
    assert door.get(f"{server.url}/two").body == b"two"


def _dripping(start: bytes, piece: bytes) -> Callable[[HttpServer], Callable[[Asked], Iterator[bytes]]]:
    def answer(server: HttpServer) -> Callable[[Asked], Iterator[bytes]]:
        def drip(_: Asked) -> Iterator[bytes]:
            yield start
            for _ in range(500):  # an end, so that a door that waits fails the test and does not hang it
                if server.ended.wait(0.02):
                    return
                yield piece

        return drip

    return answer


@pytest.mark.parametrize(
    "drip",
    [
        _dripping(b"HTTP/1.1 200 OK\r\n", b"X"),
        _dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        _dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        _dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        _dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
        _dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["headers", "length", "until-closed", "chunk-size", "trailers", "continue"],
)
def test_a_drip_ends_with_the_time_for_it(drip: Any, server: HttpServer, slept: Slept) -> None:
    server.routes["/"] = drip(server)
    door = slept.door(Limits(total=0.3))
    assert "timed out after 0.3 s" in refusal(lambda: door.get(f"{server.url}/"))
    assert len(server.asked) == 1, "when the time is over nothing is asked again"


def test_a_drip_on_a_connection_used_again_ends_too(server: HttpServer, slept: Slept) -> None:
    server.answers("/whole", reply(200, b"whole"))
    server.routes["/drip"] = _dripping(b"HTTP/1.1 200 OK\r\n", b"X")(server)
    door = slept.door(Limits(total=0.4))
    assert door.get(f"{server.url}/whole").body == b"whole"
    assert "timed out after 0.4 s" in refusal(lambda: door.get(f"{server.url}/drip"))
    assert server.connections == 1


def test_a_drip_within_tls_ends_too(secure: HttpServer, authority: Authority, slept: Slept) -> None:
    secure.routes["/"] = _dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x")(secure)
    door = slept.door(Limits(total=0.5), GATEKEEPER_CA_BUNDLE=str(authority.file))
    assert "timed out after 0.5 s" in refusal(lambda: door.get(f"{secure.url}/"))


def test_silence_is_left_before_the_time_is_over(server: HttpServer, slept: Slept) -> None:
    def silent(_: Asked) -> Iterator[bytes]:
        server.ended.wait()
        yield b""

    server.routes["/"] = silent
    door = slept.door(Limits(silence=0.1, attempts=2))
    assert "timed out, silent for 0.1 s" in refusal(lambda: door.get(f"{server.url}/"))
    assert len(server.asked) == 2


# Asking again


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_fault_is_asked_about_again(status: int, server: HttpServer, slept: Slept) -> None:
    server.answers("/", reply(status), reply(status), reply(200, b"at last"))
    assert slept.door().get(f"{server.url}/").body == b"at last"
    assert slept == [1.0, 2.0], "exponential, and the jitter reaches down to nothing"


def test_a_fault_that_stays_is_told(server: HttpServer, slept: Slept) -> None:
    server.answers("/", reply(503, SECRET.encode()))
    assert "503: it is not available now" in refusal(lambda: slept.door().get(f"{server.url}/"))
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 500, 501, 204, 206, 304])
def test_any_other_status_is_told_at_once(status: int, server: HttpServer, slept: Slept) -> None:
    server.answers("/", reply(status, SECRET.encode(), www_authenticate=SECRET))
    assert f"{status}" in refusal(lambda: slept.door().get(f"{server.url}/?token={SECRET}"))
    assert (len(server.asked), slept) == (1, [])


def test_credentials_that_are_refused_are_told_from_none(server: HttpServer, slept: Slept) -> None:
    server.answers("/", reply(401))
    headers = {"Authorization": f"Bearer {SECRET}"}
    assert "401: it asks for credentials" in refusal(lambda: slept.door().get(server.url))
    assert "401: the credentials were refused" in refusal(lambda: slept.door().get(server.url, headers=headers))


def test_retry_after_is_honoured_within_bounds(server: HttpServer, slept: Slept) -> None:
    server.answers("/soon", reply(429, retry_after="7"), reply(200, b"now"))
    assert slept.door().get(f"{server.url}/soon").body == b"now"
    assert slept == [8.0]
    slept.clear()
    server.answers("/late", reply(429, retry_after="3600"))
    assert "429: too many requests, it asks to wait 3600 s" in refusal(lambda: slept.door().get(f"{server.url}/late"))
    assert not slept


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-1", None),
        ("1e9", None),
        ("9" * 400, None),
        ("", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 32 Foo 99999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert seconds_until(text, 10.0) == seconds


@given(st.text(max_size=80))
def test_no_retry_after_breaks_the_reader(text: str) -> None:
    wait = seconds_until(text, 0.0)
    assert wait is None or wait >= 0


def test_a_closed_port_is_refused_and_tried_again(server: HttpServer, slept: Slept) -> None:
    with HttpServer() as other:
        url = other.url
    assert refusal(lambda: slept.door().get(f"{url}/a?key={SECRET}")).endswith("/a: connection refused")
    assert len(slept) == 2


# Being led elsewhere


def test_a_redirect_is_followed_with_credentials_on_the_same_server(server: HttpServer, slept: Slept) -> None:
    server.answers("/a", reply(307, location="b?c=d"))
    server.answers("/b", reply(200, b"there"))
    assert slept.door().get(f"{server.url}/a", headers={"Authorization": SECRET}).body == b"there"
    assert server.asked[1].path == "/b?c=d"
    assert server.asked[1].headers["authorization"] == SECRET


def test_credentials_do_not_follow_to_another_server(server: HttpServer, slept: Slept) -> None:
    with HttpServer() as other:
        other.answers("/blob", reply(200, b"there"))
        secrets = {"Authorization": SECRET, "Cookie": SECRET, "X-Api-Key": SECRET, "PRIVATE-TOKEN": SECRET}
        for place in (f"http://localhost:{other.port}", f"http://127.0.0.1:{other.port}"):
            server.answers("/a", reply(302, location=f"{place}/blob?signature=x"))
            answer = slept.door().get(f"{server.url}/a", headers={**secrets, "Accept": "x/y"})
            assert answer.body == b"there"
        assert all(asked.headers["accept"] == "x/y" for asked in other.asked)
        assert SECRET not in str(other.asked)
        assert SECRET in str(server.asked)


def test_redirects_end(server: HttpServer, slept: Slept) -> None:
    server.answers("/loop", reply(302, location="/loop"))
    assert "more than 5 redirects" in refusal(lambda: slept.door().get(f"{server.url}/loop"))
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("here", "location", "says"),
    [
        ("https://registry.example/a", "http://registry.example/a", "not followed"),
        ("https://localhost/a", "http://localhost/a", "from https to http"),
        ("https://registry.example/a", "https://localhost/a", "to this machine"),
        ("https://registry.example/a", "//127.0.0.1/a", "to this machine"),
        ("https://registry.example/a", "https://[::1]/a", "to this machine"),
        ("https://registry.example/a", f"https://user:{SECRET}@registry.example/", "not followed"),
        ("https://registry.example/a", "file:///etc/passwd", "not followed"),
        ("https://registry.example/a", "https://[::1/", "not followed"),
        ("https://registry.example/a", f"https://x/{SECRET}\x7f", "not followed"),
        ("http://localhost/a", "http://169.254.169.254/", "not followed"),
    ],
)
def test_a_redirect_that_is_not_followed(here: str, location: str, says: str) -> None:
    assert says in refusal(lambda: redirected(address_of(here, ()), location, ()))


@given(st.text(max_size=60))
def test_any_location_is_followed_to_an_address_or_refused(location: str) -> None:
    try:
        there = redirected(address_of("https://registry.example/a", ()), location, ())
    except CannotActError:
        return
    assert there.scheme == "https"
    assert not there.is_local


# TLS


def test_an_unknown_ca_is_refused_and_a_named_one_believed(
    secure: HttpServer, authority: Authority, slept: Slept
) -> None:
    secure.answers("/", reply(200, b"secure"))
    text = refusal(lambda: slept.door().get(f"{secure.url}/"))
    assert "its certificate is not trusted" in text
    assert "GATEKEEPER_CA_BUNDLE" in text
    assert not slept, "a certificate does not get better by asking again"
    for variable in ("GATEKEEPER_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        assert slept.door(**{variable: str(authority.file)}).get(f"{secure.url}/").body == b"secure"


def test_our_own_variable_comes_first(secure: HttpServer, authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    door = Slept().door(GATEKEEPER_CA_BUNDLE=str(other.file), SSL_CERT_FILE=str(authority.file))
    assert "not trusted" in refusal(lambda: door.get(f"{secure.url}/"))


def test_a_certificate_of_another_name_is_refused(authority: Authority, tmp_path: Path, slept: Slept) -> None:
    with HttpServer(authority.server(tmp_path, "other.example")) as server:
        door = slept.door(GATEKEEPER_CA_BUNDLE=str(authority.file))
        assert "not trusted" in refusal(lambda: door.get(f"{server.url}/"))


def test_no_variable_turns_verification_off(secure: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    off = {"PYTHONHTTPSVERIFY": "0", "CURL_INSECURE": "1", "GIT_SSL_NO_VERIFY": "1", "SSL_NO_VERIFY": "1"}
    for name, value in off.items():
        monkeypatch.setenv(name, value)
    assert "not trusted" in refusal(lambda: Slept().door(**off).get(f"{secure.url}/"))


def test_speaking_tls_to_a_plain_server_is_told(server: HttpServer, slept: Slept) -> None:
    assert "TLS" in refusal(lambda: slept.door().get(f"https://localhost:{server.port}/"))


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_ca_bundle_that_is_none_is_told(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    refusal(lambda: Slept().door(GATEKEEPER_CA_BUNDLE=str(path)).get("https://localhost:9/"), InvalidRequestError)


# Proxies


def test_a_proxy_carries_tls_unseen(secure: HttpServer, authority: Authority, slept: Slept) -> None:
    secure.answers("/v2/", reply(200, b"through"))
    with Proxy(secure.port) as proxy:
        door = slept.door(
            HTTPS_PROXY=f"http://me:{SECRET}%40x@127.0.0.1:{proxy.port}", SSL_CERT_FILE=str(authority.file)
        )
        headers = {"Authorization": "inner"}
        assert door.get("https://registry.example/v2/", headers=headers).body == b"through"
    assert [asked.path for asked in proxy.asked] == ["registry.example:443"]
    assert "inner" not in str(proxy.asked)
    assert "proxy-authorization" in proxy.asked[0].headers
    assert "proxy-authorization" not in secure.asked[0].headers


def test_a_proxy_that_refuses_or_is_gone_is_told(slept: Slept) -> None:
    with Proxy(9) as proxy:
        proxy.answers("registry.example:443", reply(407, SECRET.encode()))
        door = slept.door(https_proxy=f"http://me:{SECRET}@127.0.0.1:{proxy.port}")
        text = refusal(lambda: door.get("https://registry.example/v2/"))
    assert "the proxy refused to connect to it" in text
    assert "HTTPS_PROXY" in text
    assert "through the proxy: connection refused" in refusal(lambda: door.get("https://registry.example/v2/"))


@pytest.mark.parametrize("proxy", [f"socks5://me:{SECRET}@127.0.0.1:9", f"http://{SECRET}:x:y", "http://"])
def test_a_proxy_that_cannot_be_used_is_told(proxy: str) -> None:
    door = Slept().door(HTTPS_PROXY=proxy)
    assert "HTTPS_PROXY" in refusal(lambda: door.get("https://registry.example/"), InvalidRequestError)


def test_this_machine_is_asked_without_a_proxy(server: HttpServer, slept: Slept) -> None:
    server.answers("/", reply(200, b"direct"))
    assert slept.door(http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9").get(server.url).body == (
        b"direct"
    )


@pytest.mark.parametrize(
    ("entry", "direct"),
    [
        ("*", True),
        ("registry.example", True),
        (".example", True),
        ("example", True),
        ("*.example", True),
        ("a.example, registry.example", True),
        ("registry.example:443", True),
        ("registry.example:8443", False),
        ("istry.example", False),
        ("other", False),
        ("", False),
    ],
)
def test_no_proxy_names_hosts(entry: str, direct: bool) -> None:
    settings = Settings({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": entry})
    found = settings.proxy_for(address_of("https://registry.example/", ()))
    assert found == (None if direct else "http://proxy:3128")


def test_no_proxy_names_networks() -> None:
    settings = Settings({"https_proxy": "proxy:3128", "no_proxy": "10.0.0.0/8,fd00::/8"})
    for host, direct in {"10.1.2.3": True, "11.1.2.3": False, "[fd00::1]": True, "10.example": False}.items():
        found = settings.proxy_for(address_of(f"https://{host}/", ()))
        assert found == (None if direct else "http://proxy:3128"), host


def test_a_header_that_looks_like_a_variable_names_no_proxy() -> None:
    settings = Settings({"HTTP_PROXY": "http://evil.example", "REQUEST_METHOD": "GET"})
    assert settings.proxy_for(address_of("http://a.example/", ("a.example",))) is None


def test_more_patience_allows_more_silence() -> None:
    assert Settings({}).limits == Limits(total=120.0, silence=60.0)
    assert Settings({"GATEKEEPER_HTTP_TIMEOUT": "600"}).limits == Limits(total=600.0, silence=600.0)
    assert Settings({"GATEKEEPER_HTTP_TIMEOUT": "5"}).limits == Limits(total=5.0, silence=60.0)


def test_plain_http_goes_through_its_proxy_whole(slept: Slept) -> None:
    with HttpServer() as proxy:
        proxy.routes["http://prometheus.example/api"] = lambda _: reply(200, b"through")
        door = slept.door(
            http_proxy=f"http://me:{SECRET}@127.0.0.1:{proxy.port}", GATEKEEPER_ALLOW_HTTP="prometheus.example"
        )
        assert door.get("http://prometheus.example/api?query=up").body == b"through"
        assert proxy.asked[0].path == "http://prometheus.example/api?query=up"
        assert proxy.asked[0].headers["host"] == "prometheus.example"


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "ten", "99999", "٣"])
def test_a_timeout_that_is_none_is_told(text: str) -> None:
    refusal(lambda: HttpDoor(environment={"GATEKEEPER_HTTP_TIMEOUT": text}), InvalidRequestError)


# Secrets


def test_nothing_secret_is_in_the_text_of_anything(server: HttpServer, slept: Slept) -> None:
    server.answers("/", reply(200, SECRET.encode(), set_cookie=SECRET))
    environment: Mapping[str, str] = {"HTTPS_PROXY": f"http://a:{SECRET}@127.0.0.1:9", "MLFLOW_TOKEN": SECRET}
    door = HttpDoor(environment=environment)
    answer = door.get(f"{server.url}/?token={SECRET}", headers={"Authorization": SECRET})
    assert answer == Answered(status=200, headers=answer.headers, body=SECRET.encode())
    address = address_of(f"{server.url}/?token={SECRET}", ())
    for thing in (door, answer, address, Settings(environment)):
        assert SECRET not in f"{thing!r} {thing}"


def test_a_broken_answer_that_repeats_the_secret_is_not_repeated(server: HttpServer, slept: Slept) -> None:
    echoes = [
        f"HTTP/1.1 {SECRET}\r\n\r\n",
        f"{SECRET}\r\n",
        f"HTTP/1.1 500 {SECRET}\r\n{SECRET}: {SECRET}\r\n\r\n{SECRET}",
        f"HTTP/1.1 302 {SECRET}\r\nLocation: https://{SECRET}@x/{SECRET}\r\n\r\n",
        f"HTTP/1.1 302 x\r\nLocation: /there?{SECRET}\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}\r\n",
        f"HTTP/1.1 200 x\r\nContent-Length: {SECRET}\r\n\r\n",
        f"HTTP/1.1 200 x\r\nContent-Length: 1, 2 {SECRET}\r\n\r\n",
        f"HTTP/1.1 429 x\r\nRetry-After: {SECRET}\r\n\r\n",
        f"HTTP/1.1 200 x\r\nContent-Encoding: {SECRET}\r\n\r\n",
    ]
    for echo in echoes:
        server.routes["/"] = _once(echo.encode())
        refusal(lambda: slept.door().get(f"{server.url}/?q={SECRET}", headers={"X-Key": SECRET}))
