"""What holds for every producer of the registry, whichever there are: nothing here names a tool without a reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.kinds import known_path
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.reading import envelope
from gatekeeper.evidence.registry import FALLBACK, PRODUCERS, reader
from gatekeeper.model.evidence import Envelope, Opened
from gatekeeper.model.facts import ADDING, facts_type
from tests.corpus import ROOT, corpus_files
from tests.evidence import contract
from tests.evidence.reports import FIXTURES

NAMES = sorted(PRODUCERS)
SAMPLES = contract.samples()
EVALUATED = [(name, path) for name, paths in sorted(SAMPLES.items()) for path in paths]
IDS = [f"{name}:{path.name}" for name, path in EVALUATED]

TESTED_IN = {"json": "test_metrics.py", "mlflow-lineage": "test_mlflow.py", "mlflow-model": "test_mlflow.py"}
"""Where the file of a producer's tests does not have its name."""

SAID_BY_SO_LITTLE = {("ruff", b"[]"), ("dvc", b"{}"), ("flake8", b"0"), ("flake8", b"0\n")}
"""What a named producer takes for clean although it could be any tool's, because its tool writes nothing else."""

WRAPPING = {"in-toto"}
"""Producers whose reports hold those of others, which may then be named."""

SAME_ANSWER = frozenset({"mlflow", "mlflow-lineage"})
"""Producers of one system that read the same answer, each for its own kind."""

SIZE = 50 * 1024 * 1024
PEAK = 1 << 30
KEPT = 32 << 20


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_report_a_test_and_a_place_in_the_documentation(name: str) -> None:
    assert SAMPLES.get(name), f"no file in tests/fixtures is evaluated as {name}"
    tests = ROOT / "tests" / "evidence" / TESTED_IN.get(name, f"test_{name.replace('-', '_')}.py")
    assert name in tests.read_text(encoding="utf-8")
    lines = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith(f"### `{name}`:") for line in lines) == 1


def _claimers(report: Opened) -> list[str]:
    """Who claims it when everybody is asked, also those to whom a glance would not have shown it."""
    return [name for name in NAMES if name != FALLBACK and reader(name).claims(report)]


def _check_claims(path: Path) -> None:
    try:
        report = open_report(path.read_bytes())
    except EvidenceError:
        return
    claimers = _claimers(report)
    assert len(claimers) <= 1
    assert all(PRODUCERS[name].may_claim(report) for name in claimers)


@pytest.mark.parametrize("path", contract.fixtures(), ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_one_producer_at_most_claims_a_fixture(path: Path) -> None:
    _check_claims(path)


@pytest.mark.corpus
def test_one_producer_at_most_claims_a_real_file() -> None:
    files = [path for path in corpus_files("**/*") if path.stat().st_size < 20_000_000]
    assert len(files) > 1000
    for path in files:
        _check_claims(path)


NOTHING = (b"", b" \n", b"\xef\xbb\xbf", b"{}", b"[]", b"null", b"0", b"0\n", b'""', b"[{}]", b"[[]]", b"<x/>", b"\n\n")
ERRORS = (
    b'{"error": "forbidden"}',
    b'{"ok": false, "error": "Authentication failed", "path": "/x"}',
    b'{"message": "Not Found", "documentation_url": "https://x.example"}',
    b'{"status": "error", "errorType": "bad_data", "error": "parse error"}',
    b'{"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}',
    b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such run"}',
    b'{"errors": ["x"], "results": [], "metrics": {}}',
    b'{"results": null, "matches": null, "runs": null, "vulnerabilities": null, "dependencies": null}',
    b"<!DOCTYPE html><html><body>Sign in</body></html>",
    b"<html><head><title>502 Bad Gateway</title></head></html>",
    b"Unauthorized\n",
    b"error: cannot connect to the server\n",
    b"bash: line 1: tool: command not found\n",
    b'Traceback (most recent call last):\n  File "x", line 1, in <module>\nValueError: x\n',
    b"\x00\x01\x02",
    b"\x1f\x8b\x08\x00",
)
WITH_NUMBERS = (
    b'{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403}',
    b'{"timestamp": "2026-11-20T08:00:00Z", "status": 500, "error": "Internal Server Error", "path": "/x"}',
)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_and_an_error_are_never_evidence(name: str) -> None:
    for data in (*NOTHING, *ERRORS, *(() if name == FALLBACK else WITH_NUMBERS)):
        found = envelope(data, source="x", producer=name)
        assert found.status != "evaluated" or (name, data) in SAID_BY_SO_LITTLE, data
        assert envelope(data, source="x").status != "evaluated" or data in WITH_NUMBERS[1:], data


@pytest.mark.parametrize("name", [name for name in NAMES if name != FALLBACK])
def test_another_tools_report_is_never_evidence(name: str) -> None:
    for other, path in EVALUATED:
        if other != name and other not in WRAPPING and not {name, other} <= SAME_ANSWER:
            assert read_as(path, name).status != "evaluated", path


def read_as(path: Path, name: str) -> Envelope:
    return envelope(path.read_bytes(), source=path.name, producer=name)


@pytest.mark.parametrize(("name", "path"), EVALUATED, ids=IDS)
def test_a_report_that_was_cut_off_says_nothing_else(name: str, path: Path) -> None:
    data = path.read_bytes()
    whole = read_as(path, name).facts
    step = max(1, len(data) // 400)
    for cut in {*range(0, len(data), step), *range(max(0, len(data) - 40), len(data))}:
        found = envelope(data[:cut], source="x", producer=name)
        if found.status != "evaluated" or (name, data[:cut]) in SAID_BY_SO_LITTLE or not data[cut:].strip():
            continue
        if found.kind in (*ADDING, "data"):
            assert found.facts == whole, cut
        else:
            said, known = dict(contract.leaves(found.facts)), dict(contract.leaves(whole))
            assert said.items() <= known.items(), cut


@pytest.mark.parametrize(("name", "path"), EVALUATED, ids=IDS)
def test_facts_are_those_of_their_kind(name: str, path: Path) -> None:
    found = read_as(path, name)
    assert found.kind in PRODUCERS[name].kinds
    assert found.kind is not None
    for place, value in contract.leaves(found.facts):
        assert known_path(found.kind, place) is None, place
        assert value is None or type(value) in (str, bool, int, float)
    if not found.completes:
        typed = msgspec.convert(found.facts, facts_type(found.kind))
        assert json.loads(msgspec.json.encode(typed)) == found.facts
    assert all(type(count) is int and count >= 0 for count in found.counts.values())


def test_the_same_bytes_say_the_same_in_every_process() -> None:
    said = {run_contract("envelopes", seed=seed) for seed in ("0", "1", "4242")}
    assert len(said) == 1
    assert len(json.loads(said.pop())) == len(contract.fixtures())


def run_contract(*arguments: str, seed: str = "0") -> str:
    """What `tests/evidence/contract.py` prints in a process of its own."""
    command = [sys.executable, "-m", "tests.evidence.contract", *arguments]
    env = {**os.environ, "PYTHONHASHSEED": seed}
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=False)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


@pytest.mark.parametrize("name", NAMES)
def test_a_huge_report_is_bounded_in_time_and_memory(name: str, tmp_path: Path) -> None:
    sample = max(SAMPLES[name], key=lambda path: path.stat().st_size)
    huge = tmp_path / "huge"
    huge.write_bytes(contract.blown_up(sample.read_bytes(), SIZE))
    assert huge.stat().st_size > 0.9 * SIZE
    told: dict[str, Any] = json.loads(run_contract("bounded", name, str(huge)))
    huge.unlink()
    assert told["peak"] < PEAK, told
    assert told["kept"] < KEPT, told
