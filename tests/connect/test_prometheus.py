"""Prometheus asked through the command: a real server, and servers that fail, lie or send too much."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.conftest import Command
from tests.servers.http_server import Asked, HttpServer, reply
from tests.servers.prometheus import Prometheus, prometheus

__all__ = ["prometheus"]  # the fixture

pytestmark = pytest.mark.xdist_group("prometheus")

SECRET = "s3cret-t0ken-5e1f"
RATES: dict[str, Any] = {
    "objective": 0.999,
    "windows": ["10m", "1h"],
    "budget_window": "2d",
    "errors": 'sum(increase(requests_total{job="churn",code=~"5.."}[$window]))',
    "total": 'sum(increase(requests_total{job="churn"}[$window]))',
}
LATENCY = {"metric": "latency_seconds", "selector": 'job="churn"', "unit": "seconds", "window": "10m"}


def ask(gatekeeper: Command, spec: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """The envelope of a service level; that it is evaluated, and the exit code, go together."""
    document = {"apiVersion": "gatekeeper/v1", "kind": "ServiceLevel", "metadata": {"name": "slo"}, "spec": dict(spec)}
    (gatekeeper.folder / "slo.yaml").write_text(yaml.safe_dump(document))
    finished = gatekeeper("evidence", "read", "slo=prometheus:slo.yaml", env=env)
    assert SECRET not in finished.stdout + finished.stderr
    assert finished.code in (0, 3), finished.stderr
    (envelope,) = json.loads(finished.stdout)
    assert (envelope["status"] == "evaluated") == (finished.code == 0)
    assert bool(envelope["facts"]) == (finished.code == 0)
    return dict(envelope)


def test_a_service_level(gatekeeper: Command, prometheus: Prometheus) -> None:
    extra = {
        "latency": LATENCY,
        "values": {"depth": 'depth{job="churn"}'},
        "ranges": {"deepest": {"query": 'depth{job="churn"}', "over": "2h", "step": "5m", "take": "max"}},
    }
    found = ask(gatekeeper, {**RATES, **extra}, prometheus.env)
    facts = found["facts"]
    assert (found["kind"], found["source"]) == ("slo", "prometheus:slo.yaml")
    for window in ("10m", "1h", "2d"):
        assert facts["windows"][window]["error_rate"] == pytest.approx(0.015, rel=1e-6)
        assert facts["windows"][window]["burn_rate"] == pytest.approx(15, rel=1e-6)
    assert facts["budget_left"] == pytest.approx(-14, rel=1e-6)
    assert facts["windows"]["1h"]["events"] == pytest.approx(120_000, rel=0.01)
    assert facts["values"] == {"depth": 7.0, "deepest": 7.0}
    # By hand: the rank within its bucket, on a straight line. 0.25 s holds 900 of 1000, 0.5 s 960, 1 s all.
    assert facts["latency_ms"] == {
        "p50": pytest.approx(100),
        "p90": pytest.approx(250),
        "p95": pytest.approx(250 + 250 * 50 / 60),
        "p99": pytest.approx(500 + 500 * 30 / 40),
    }


def of(job: str, **more: Any) -> dict[str, Any]:
    return {
        key: value.replace("churn", job) if isinstance(value, str) else value for key, value in RATES.items()
    } | more


@pytest.mark.parametrize(
    ("spec", "status", "reason"),
    [
        (of("nobody"), "not_evaluated", "in the last 300 seconds"),
        (of("gone"), "not_evaluated", "in the last 300 seconds"),
        (of("idle"), "not_evaluated", "no event in any window"),
        (of("churn", errors='sum(increase(requests_total{code="418"}[$window]))'), "not_evaluated", "or vector(0)"),
        (of("churn", total="increase(requests_total[$window])"), "error", "series, where one was asked for"),
        (of("churn", total="sum(increase(requests_total[$window])"), "error", "bad_data"),
        (of("churn", total="count(requests_total[$window:1h])"), "error", "bad_data"),
        ({"values": {"depth": 'depth{job="gone"}'}}, "not_evaluated", "values/depth is empty"),
        ({"values": {"depth": "depth / 0"}}, "error", "no finite number"),
        ({"values": {"depth": "0 * depth{job='churn'} / 0"}}, "not_evaluated", "NaN"),
        ({"values": {"t": "'text'"}}, "error", "neither a vector"),
        (
            {"latency": {**LATENCY, "selector": 'job="gone"', "window": "2h"}},
            "not_evaluated",
            "no sample for latency in the last 300 seconds",
        ),
        ({"latency": {**LATENCY, "metric": "capped_seconds"}}, "not_evaluated", "beyond the last finite bucket"),
        ({"latency": {**LATENCY, "metric": "unknown_seconds"}}, "not_evaluated", "no sample for latency in"),
        (
            {"ranges": {"d": {"query": 'depth{job="gone"}', "over": "2h", "step": "5m", "take": "avg"}}},
            "not_evaluated",
            "stale",
        ),
        (
            {"ranges": {"d": {"query": 'depth{job="churn"} > 6', "over": "2h", "step": "1m", "take": "avg"}}},
            "not_evaluated",
            "partial",
        ),
    ],
)
def test_what_a_real_server_does_not_know(
    gatekeeper: Command, prometheus: Prometheus, spec: dict[str, Any], status: str, reason: str
) -> None:
    found = ask(gatekeeper, spec, prometheus.env)
    assert found["status"] == status
    assert reason in found["reason"]


def test_a_verdict_on_a_burning_service(gatekeeper: Command, prometheus: Prometheus) -> None:
    policy = {
        "apiVersion": "gatekeeper/v1",
        "kind": "Policy",
        "metadata": {"name": "health", "version": "1.0.0"},
        "spec": {
            "evidence": {"slo": {"kind": "slo", "max_age": "1h"}},
            "rules": [
                {
                    "id": "burn",
                    "why": "It burns.",
                    "remedy": "Roll back.",
                    "require": "evidence.slo.windows['1h'].burn_rate < 14.4",
                }
            ],
        },
    }
    (gatekeeper.folder / "policy.yaml").write_text(yaml.safe_dump(policy))
    for job, code in (("churn", 1), ("gone", 3)):
        ask(gatekeeper, of(job), prometheus.env)
        finished = gatekeeper(
            "evaluate", "--policy", "policy.yaml", "--evidence", "slo=prometheus:slo.yaml", env=prometheus.env
        )
        assert finished.code == code, finished.stdout


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def vector(value: str) -> bytes:
    row = {"metric": {}, "value": [0, value]}
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": [row]}}).encode()


def at(server: HttpServer) -> dict[str, str]:
    return {"PROMETHEUS_URL": f"{server.url}/prefix/"}


DEPTH: dict[str, Any] = {"values": {"depth": "depth"}}
QUERY = "/prefix/api/v1/query"


def answered(asked: Asked) -> bytes:
    """What Prometheus would say: 7, at the time that was asked for."""
    (time,) = parse_qs(urlsplit(asked.path).query)["time"]
    return reply(200, vector("7").replace(b"[0,", f"[{time},".encode()))


def routed(server: HttpServer, answer: Any) -> None:
    """Answer every query so: the server's routes are whole paths, and these hold the time."""

    class Everything(dict[str, Any]):
        def get(self, path: str, default: Any = None) -> Any:
            return answer if path.startswith(QUERY) else default

    server.routes = Everything()


def test_the_token_goes_to_the_server_and_nowhere_else(gatekeeper: Command, server: HttpServer) -> None:
    routed(server, answered)
    env = {**at(server), "PROMETHEUS_TOKEN": SECRET}
    assert ask(gatekeeper, {**DEPTH, "token_env": "PROMETHEUS_TOKEN"}, env)["status"] == "evaluated"
    assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    ask(gatekeeper, {**DEPTH, "token_env": "PROMETHEUS_TOKEN", "user": "alice"}, env)
    assert server.asked[1].headers["authorization"].startswith("Basic YWxpY2U6")
    ask(gatekeeper, DEPTH, env)
    assert "authorization" not in server.asked[2].headers


def test_every_question_is_asked_at_one_time(gatekeeper: Command, prometheus: Prometheus, server: HttpServer) -> None:
    routed(server, answered)
    ask(gatekeeper, {"values": {"a": "a", "b": "b", "c": "c"}}, at(server))
    times = {parse_qs(urlsplit(asked.path).query)["time"][0] for asked in server.asked}
    assert len(server.asked) == 3
    assert len(times) == 1


def test_a_long_question_is_posted(gatekeeper: Command, server: HttpServer) -> None:
    def answer(asked: Asked) -> bytes:
        assert asked.method == "POST"
        time = parse_qs(asked.body.decode())["time"][0]
        return reply(200, vector("7").replace(b"[0,", f"[{time},".encode()))

    routed(server, answer)
    query = " + ".join(['depth{job="ä€"}'] * 200)
    assert ask(gatekeeper, {"values": {"depth": query}}, at(server))["facts"]["values"] == {"depth": 7.0}


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (reply(401, b"no " + SECRET.encode()), "not_evaluated", "localhost"),
        (reply(403, b"no " + SECRET.encode()), "not_evaluated", "localhost"),
        (reply(404, b"nothing here"), "not_evaluated", "localhost"),
        (reply(200, b"<html>log in</html>"), "error", ""),
        (reply(200, b""), "error", ""),
        (reply(200, b'{"status": "success"}'), "error", "data is not an object"),
        (reply(200, b'{"status": "success", "status": "success"}'), "error", "twice"),
        (reply(200, b"[" * 100_000), "error", ""),
        (reply(200, vector("7")[:-20]), "error", ""),
        (reply(200, vector("7")), "not_evaluated", "stale"),
        (
            reply(400, b'{"status": "error", "errorType": "bad_data", "error": "' + SECRET.encode() + b'"}'),
            "error",
            "bad_data",
        ),
        (reply(422, b'{"status": "error", "errorType": "execution", "error": "x"}'), "error", "execution"),
    ],
    ids=range(12),
)
def test_a_server_that_does_not_answer_as_it_should(
    gatekeeper: Command, server: HttpServer, answer: bytes, status: str, reason: str
) -> None:
    routed(server, lambda _: answer)
    found = ask(gatekeeper, DEPTH, {**at(server), "PROMETHEUS_TOKEN": SECRET})
    assert found["status"] == status
    assert reason in found["reason"]


def test_a_clock_that_differs(gatekeeper: Command, server: HttpServer) -> None:
    def answer(asked: Asked, moved: int) -> bytes:
        time = int(parse_qs(urlsplit(asked.path).query)["time"][0])
        return reply(200, vector("7").replace(b"[0,", f"[{time},".encode()), date=formatdate(time + moved, usegmt=True))

    for moved, status in ((0, "evaluated"), (-50, "evaluated"), (3600, "error"), (-3600, "error")):
        routed(server, lambda asked, moved=moved: answer(asked, moved))
        found = ask(gatekeeper, DEPTH, at(server))
        assert (found["status"], "clocks" in (found["reason"] or "")) == (status, status == "error")


def test_nobody_there(gatekeeper: Command) -> None:
    found = ask(gatekeeper, DEPTH, {"PROMETHEUS_URL": "http://127.0.0.1:9"})
    assert (found["status"], found["kind"], found["digest"]) == ("not_evaluated", "slo", None)
    assert "127.0.0.1:9" in found["reason"]


def test_a_token_that_is_not_set(gatekeeper: Command, server: HttpServer) -> None:
    found = ask(gatekeeper, {**DEPTH, "token_env": "PROMETHEUS_TOKEN"}, at(server))
    assert found["reason"].startswith("the environment variable PROMETHEUS_TOKEN is not set")
    assert not server.asked


def test_a_token_goes_only_to_the_server_that_the_environment_names(gatekeeper: Command, server: HttpServer) -> None:
    asked = {**DEPTH, "token_env": "PROMETHEUS_TOKEN", "server": server.url}
    for env, words in (
        ({"PROMETHEUS_TOKEN": SECRET}, "a token is sent only to the server that PROMETHEUS_URL names"),
        ({"PROMETHEUS_TOKEN": SECRET, "PROMETHEUS_URL": "http://127.0.0.1:9"}, "another Prometheus server"),
    ):
        level = {"apiVersion": "gatekeeper/v1", "kind": "ServiceLevel", "metadata": {"name": "a"}, "spec": asked}
        (gatekeeper.folder / "slo.yaml").write_text(yaml.safe_dump(level))
        finished = gatekeeper("evidence", "read", "prometheus:slo.yaml", env=env)
        assert finished.code == 2
        assert words in finished.stderr
        assert SECRET not in finished.stdout + finished.stderr
    assert not server.asked


def test_no_server_is_named(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "slo.yaml").write_text(
        "{apiVersion: gatekeeper/v1, kind: ServiceLevel, metadata: {name: a}, spec: {values: {depth: depth}}}"
    )
    finished = gatekeeper("evidence", "read", "prometheus:slo.yaml")
    assert finished.code == 2
    assert "PROMETHEUS_URL" in finished.stderr


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        (None, 3, "there is no such file"),
        ("kind: ServiceLevel\n", 2, "slo.yaml:1:1"),
        ("apiVersion: gatekeeper/v1\nkind: Project\n", 2, "slo.yaml"),
    ],
)
def test_a_file_that_cannot_be_asked(
    gatekeeper: Command, tmp_path: Path, text: str | None, code: int, told: str
) -> None:
    if text is not None:
        (tmp_path / "slo.yaml").write_text(text)
    finished = gatekeeper("evidence", "read", "prometheus:slo.yaml", env={"PROMETHEUS_URL": "http://127.0.0.1:9"})
    assert finished.code == code
    assert told in finished.stdout + finished.stderr
