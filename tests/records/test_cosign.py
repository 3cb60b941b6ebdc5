"""cosign both ways: what it signed is verified here, and it verifies what is signed here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from gatekeeper.policy.publickey import ALGORITHMS, Algorithm
from gatekeeper.policy.trust import load_trust
from gatekeeper.records.unseal import unseal
from tests.conftest import Command
from tests.corpus import ROOT
from tests.judging import NOW
from tests.policies import reports
from tests.servers.components import component, need
from tests.signing import pair, trust_text

FOLDER = ROOT / "tests" / "fixtures" / "cosign"
MODEL = "sha256:9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"
SIGNED = ["vuln.bundle.json", "custom.bundle.json", "raw.bundle.json", "vuln.dsse.json"]


def read(data: bytes) -> Envelope:
    text = trust_text({"cosign": [{"name": "cosign-1", "public": (FOLDER / "cosign.pub").read_text()}]})
    return unseal(envelope(data, source="x"), load_trust(text.encode(), "trust.yaml"), NOW)


@pytest.mark.parametrize("name", SIGNED)
def test_what_cosign_signed_is_verified_and_read(name: str) -> None:
    found = read((FOLDER / name).read_bytes())
    assert (found.status, found.kind, found.signed_by) == ("evaluated", "scan", ("cosign-1",))
    assert (found.subjects, found.produced_at) == ((MODEL,), "2026-11-23T06:00:00Z")
    assert found.facts["counts"]["high"] == 1


@pytest.mark.parametrize("name", SIGNED)
def test_what_cosign_signed_is_not_verified_once_changed(name: str) -> None:
    document = json.loads((FOLDER / name).read_bytes())
    inner = document.get("dsseEnvelope", document)
    inner["payload"] = inner["payload"].replace("c", "d", 1)
    assert read(json.dumps(document).encode()).signed_by == ()


def cosign() -> str:
    """The program; the test is left out, loudly, where it is not installed."""
    program = component("cosign", "program", check=False)
    need("cosign", bool(program))
    return program


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_cosign_verifies_what_is_bound_and_signed_here(
    gatekeeper: Command, tmp_path: Path, algorithm: Algorithm
) -> None:
    program = cosign()
    secret, public = pair("cosign-test", algorithm)
    (tmp_path / "k.key").write_bytes(secret)
    (tmp_path / "k.pub").write_text(public.pem)
    (tmp_path / "junit.xml").write_bytes(reports.junit())
    (tmp_path / "model").write_bytes(b"model")
    (tmp_path / "other").write_bytes(b"other")
    arguments = ("--about", f"model={MODEL}", "--sign-key", "k.key", "--output", "signed.json")
    assert gatekeeper("evidence", "bind", "junit.xml", *arguments).code == 0
    verify = [program, "verify-blob-attestation", "--key", "k.pub", "--insecure-ignore-tlog=true"]
    verify += ["--new-bundle-format=false", "--signature", "signed.json", "--type", "urn:ml-gatekeeper:evidence:v1"]

    def verified(blob: str) -> bool:
        run = subprocess.run([*verify, blob], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        return run.returncode == 0 and "Verified OK" in run.stderr

    assert verified("model")
    assert not verified("other")
