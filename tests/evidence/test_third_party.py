"""Producers of other distributions: named, held to their word, and never a crash or a pass when they are broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from gatekeeper.errors import EvidenceError, InvalidRequestError, NotEvaluatedError
from gatekeeper.evidence import registry
from gatekeeper.evidence.reading import envelope
from gatekeeper.evidence.registry import PRODUCERS
from gatekeeper.evidence.third_party import ThirdParty
from gatekeeper.model.evidence import Envelope, Reading
from gatekeeper.model.facts import Metrics
from tests.conftest import Command

GOOD = Reading(facts=Metrics(values={"a": 1.0}))


def producer(read: Any = None, **changes: Any) -> SimpleNamespace:
    members = {"NAME": "acme", "KIND": "metrics", "claims": lambda _: True, "read": read or (lambda _: GOOD)}
    return SimpleNamespace(**{key: value for key, value in {**members, **changes}.items() if value is not ...})


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Envelope]:
    """What becomes of a report that is read by such a producer."""
    monkeypatch.setattr(registry, "_admitted", {})

    def read(module: Any) -> Envelope:
        load = module if callable(module) else lambda: module
        registry.admit(ThirdParty("acme", "acme-gatekeeper 1.0.0", load))
        return envelope(b'{"acme": 1}', source="x", name="a", producer="acme")

    return read


def raising(fault: BaseException) -> Any:
    def call(*_: Any) -> Any:
        raise fault

    return call


def test_a_good_one_is_read_as_any_other(given: Any) -> None:
    reading = msgspec.structs.replace(
        GOOD, version="2", subjects=("sha256:" + "a" * 64,), produced_at="2026-11-20T08:00:00+01:00", counts={"n": 1}
    )
    found = given(producer(lambda _: reading))
    assert (found.status, found.kind, found.producer.name, found.producer.version) == (
        "evaluated",
        "metrics",
        "acme",
        "2",
    )
    assert (found.facts["values"], found.produced_at, found.counts) == ({"a": 1.0}, "2026-11-20T07:00:00Z", {"n": 1})


def test_its_own_refusals_are_its_words_on_one_line(given: Any) -> None:
    found = given(producer(raising(NotEvaluatedError("nothing\nwas\u202e done"))))
    assert (found.status, found.kind, found.reason) == ("not_evaluated", "metrics", "nothing\\nwas\\u202e done")
    found = given(producer(raising(EvidenceError("x" * 1000, "do that"))))
    assert found.status == "error"
    assert len(found.reason) < 300


BROKEN = {
    "cannot be loaded": raising(ImportError("secret")),
    "ends the process when loaded": raising(SystemExit(0)),
    "no producer": SimpleNamespace(),
    "nothing": lambda: None,
    "another name": producer(NAME="other"),
    "no name": producer(NAME=...),
    "no such kind": producer(KIND="wishes"),
    "a kind that is a list": producer(KIND=["metrics"]),
    "nothing to read with": producer(read=...),
    "nothing to claim with": producer(claims=...),
    "knows it not": producer(claims=lambda _: False),
    "says yes in its own way": producer(claims=lambda _: "yes"),
    "trips": producer(raising(KeyError("secret"))),
    "runs out": producer(raising(MemoryError())),
    "goes too deep": producer(raising(RecursionError())),
    "ends the process": producer(raising(SystemExit(0))),
    "misuses our errors": producer(raising(InvalidRequestError("secret"))),
    "gives nothing": producer(lambda _: None),
    "gives facts alone": producer(lambda _: GOOD.facts),
    "gives other facts": producer(lambda _: Reading(facts={"values": {}})),
    "gives another kind": producer(KIND="tests"),
    "gives wrong types": producer(lambda _: Reading(facts=Metrics(values={"a": "high"}))),  # type: ignore[dict-item]
    "gives NaN": producer(lambda _: Reading(facts=Metrics(values={"a": float("nan")}))),
    "gives a local time": producer(lambda _: msgspec.structs.replace(GOOD, produced_at="2026-11-20T08:00:00")),
    "gives a number for a time": producer(lambda _: msgspec.structs.replace(GOOD, produced_at=5)),
    "gives a bare digest": producer(lambda _: msgspec.structs.replace(GOOD, subjects=("a" * 64,))),
    "gives a text of subjects": producer(lambda _: msgspec.structs.replace(GOOD, subjects="sha256:a")),
    "gives a version of its own": producer(lambda _: msgspec.structs.replace(GOOD, version=(1, 2))),
    "gives half counts": producer(lambda _: msgspec.structs.replace(GOOD, counts={"n": 0.5})),
    "gives counts below zero": producer(lambda _: msgspec.structs.replace(GOOD, counts={"n": -1})),
    "gives counts by prose": producer(lambda _: msgspec.structs.replace(GOOD, counts={"a secret": 1})),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_one_is_an_error_and_never_a_pass(given: Any, how: str) -> None:
    found = given(BROKEN[how])
    assert (found.status, found.facts, found.producer.name) == ("error", {}, "acme")
    assert "secret" not in found.reason
    if how not in ("gives wrong types", "gives NaN"):
        assert "acme-gatekeeper 1.0.0" in found.reason


def test_an_interruption_is_the_users(given: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        given(producer(raising(KeyboardInterrupt())))


def test_what_it_prints_is_not_the_result(given: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def read(_: Any) -> Reading:
        print("hello")
        return GOOD

    assert given(producer(read)).status == "evaluated"
    assert capsys.readouterr() == ("", "hello\n")


def test_it_claims_no_report_by_itself(given: Any) -> None:
    given(producer())
    found = envelope(b'{"acme": 1}', source="x")
    assert found.producer is not None
    assert found.producer.name == "json"


@pytest.mark.parametrize("name", sorted(PRODUCERS))
def test_it_never_takes_the_place_of_one_of_ours(given: Any, name: str) -> None:
    registry.admit(ThirdParty(name, "acme", raising(AssertionError())))
    assert registry.reader(name).__name__.startswith("gatekeeper.evidence.")  # type: ignore[attr-defined]
    assert registry.kinds_of(name) == PRODUCERS[name].kinds


@pytest.fixture
def installed(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Installs a distribution with entry points; the environment in which a command finds it."""

    def install(name: str, points: dict[str, str], module: str = "") -> dict[str, str]:
        site = tmp_path / "site"
        folder = site / f"{name.replace('-', '_')}-1.0.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        lines = [f"{point} = {target}\n" for point, target in points.items()]
        (folder / "entry_points.txt").write_text("[gatekeeper.producers]\n" + "".join(lines))
        (site / f"{name.replace('-', '_')}.py").write_text(module)
        return {"PYTHONPATH": str(site)}

    return install


MODULE = """
import sys
print("loaded")
from gatekeeper.model.evidence import Reading
from gatekeeper.model.facts import Metrics
NAME, KIND = "acme", "metrics"
def claims(report):
    return True
def read(report):
    return Reading(facts=Metrics(values={"a": 0.5}))
"""


def test_an_installed_one_is_found_by_its_name(gatekeeper: Command, installed: Any) -> None:
    env = installed("acme-gatekeeper", {"acme": "acme_gatekeeper"}, MODULE)
    (gatekeeper.folder / "r.json").write_text('{"b": 1}')
    for arguments in (("acme:r.json",), ("m=acme:r.json",), ("--as", "acme", "r.json")):
        run = gatekeeper("evidence", "read", *arguments, env=env)
        (found,) = json.loads(run.stdout)
        assert (run.code, run.stderr, found["facts"]["values"]) == (0, "loaded\n", {"a": 0.5})
    run = gatekeeper("evidence", "read", "r.json", env=env)
    assert (run.stderr, json.loads(run.stdout)[0]["producer"]["name"]) == ("", "json")


def test_a_broken_installed_one_leaves_the_evidence_in_error(gatekeeper: Command, installed: Any) -> None:
    env = installed(
        "acme-gatekeeper", {"acme": "acme_gatekeeper", "gone": "not_there:thing"}, "import sys; sys.exit(0)"
    )
    (gatekeeper.folder / "r.json").write_text('{"a": 1}')
    for name, fault in (("acme", "SystemExit"), ("gone", "ModuleNotFoundError")):
        run = gatekeeper("evidence", "read", f"{name}:r.json", env=env)
        (found,) = json.loads(run.stdout)
        reason = f"the producer '{name}' of acme-gatekeeper 1.0.0 failed with {fault}"
        assert (run.code, found["status"], found["reason"]) == (3, "error", reason)


def test_a_name_that_two_distributions_bring_is_a_usage_error(gatekeeper: Command, installed: Any) -> None:
    installed("acme-gatekeeper", {"acme": "acme_gatekeeper"}, MODULE)
    env = installed("zeta", {"acme": "zeta"}, MODULE)
    (gatekeeper.folder / "r.json").write_text('{"a": 1}')
    run = gatekeeper("evidence", "read", "acme:r.json", env=env)
    assert run.code == 2
    assert "acme-gatekeeper 1.0.0, zeta 1.0.0" in run.stderr


def test_a_statement_does_not_load_what_its_reader_did_not_name(gatekeeper: Command, installed: Any) -> None:
    env = installed("acme-gatekeeper", {"acme": "acme_gatekeeper"}, MODULE)
    (gatekeeper.folder / "r.json").write_text('{"b": 1}')
    about = "artifact=sha256:" + "a" * 64
    bind = ("evidence", "bind", "r.json", "--producer", "acme", "--about", about, "--output", "bound.json")
    assert gatekeeper(*bind, env=env).code == 0
    run = gatekeeper("evidence", "read", "bound.json", env=env)
    (found,) = json.loads(run.stdout)
    assert (run.code, run.stderr, found["status"]) == (3, "", "error")
    assert "of a producer that this version does not read" in found["reason"]
    run = gatekeeper("evidence", "read", "acme:bound.json", env=env)
    (found,) = json.loads(run.stdout)
    assert (run.code, found["kind"], found["facts"]["values"]) == (0, "metrics", {"a": 0.5})
    assert found["subjects"] == ["sha256:" + "a" * 64]
    assert gatekeeper(*bind, env={}).code == 2


def test_a_distribution_without_metadata_is_no_crash(gatekeeper: Command, installed: Any) -> None:
    env = installed("acme-gatekeeper", {"acme": "not_there"})
    (gatekeeper.folder / "r.json").write_text('{"a": 1}')
    for text in ("", "Name: \x1b[31mred\n\nbody"):
        next((gatekeeper.folder / "site").glob("*.dist-info/METADATA")).write_text(text)
        run = gatekeeper("evidence", "read", "acme:r.json", env=env)
        (found,) = json.loads(run.stdout)
        assert (run.code, found["status"]) == (3, "error")
        assert "\x1b" not in found["reason"]


def test_one_of_ours_means_ours_whatever_is_installed(gatekeeper: Command, installed: Any) -> None:
    env = installed("acme-gatekeeper", {"json": "acme_gatekeeper", "wandb": "acme_gatekeeper"}, MODULE)
    (gatekeeper.folder / "r.json").write_text('{"a": 1}')
    run = gatekeeper("evidence", "read", "json:r.json", env=env)
    assert (run.stderr, json.loads(run.stdout)[0]["facts"]["values"]) == ("", {"a": 1.0})
    assert gatekeeper("evidence", "read", "wandb:r.json", env=env).code == 2


def test_a_name_that_nobody_brings_is_a_usage_error_with_a_hint(gatekeeper: Command, installed: Any) -> None:
    env = installed("acme-gatekeeper", {"acme": "acme_gatekeeper"}, MODULE)
    for arguments in (("acmee:r.json",), ("--as", "acmee", "r.json")):
        run = gatekeeper("evidence", "read", *arguments, env=env)
        assert (run.code, run.stdout) == (2, "")
        assert "there is no producer 'acmee'" in run.stderr
        assert "Did you mean 'acme'?" in run.stderr
