"""DSSE: the protocol's own example, other implementations both ways, and no forgery gets through."""

from __future__ import annotations

import json
from base64 import standard_b64decode, standard_b64encode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as OtherEnvelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from gatekeeper.errors import EvidenceError, InvalidRequestError
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.reading import envelope
from gatekeeper.evidence.sealed import MAX_SIGNATURES, take_apart
from gatekeeper.model.evidence import Envelope, Sealed, Signature
from gatekeeper.policy.publickey import ALGORITHMS, Algorithm, parse_public_key, public_key
from gatekeeper.policy.trust import Ring
from gatekeeper.records.dsse import encode, pae, sign, signers, with_signatures
from gatekeeper.records.keys import generate, load_signer
from gatekeeper.records.unseal import unseal
from tests.signing import DIGEST, PAYLOAD_TYPE, envelope_json, key, pair, ring, sealed, signer, statement

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TRIVY = {
    "SchemaVersion": 2,
    "ArtifactName": "x",
    "ArtifactType": "container_image",
    "Results": [{"Target": "debian", "Class": "os-pkgs", "Type": "debian"}],
}

# github.com/secure-systems-lab/dsse, protocol.md, "Test Vectors".
X = 46950820868899156662930047687818585632848591499744589407958293238635476079160
Y = 5640078356564379163099075877009565129882514886557779369047442380624545832820
EXAMPLE = {
    "payload": "aGVsbG8gd29ybGQ=",
    "payloadType": "http://example.com/HelloWorld",
    "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}],
}


def example_key() -> Any:
    head = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
    return public_key(head + X.to_bytes(32, "big") + Y.to_bytes(32, "big"))


def apart(data: bytes) -> Sealed:
    return take_apart(open_report(data))


def opened(data: bytes, keys: Ring | None, now: datetime = NOW) -> Envelope:
    """The evidence in an envelope, as a judgement sees it."""
    return unseal(envelope(data, source="x"), keys, now)


def test_the_protocols_example_is_encoded_and_verified() -> None:
    found = apart(json.dumps(EXAMPLE).encode())
    assert pae(found.payload_type, found.payload) == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert signers(found, [example_key()]) == {example_key().fingerprint}
    assert signers(found, [pair("p", "ecdsa-p256")[1], pair("e")[1]]) == frozenset()


def test_lengths_in_the_encoding_are_of_bytes() -> None:
    assert pae("é", "ü".encode() * 3) == "DSSEv1 2 é 6 üüü".encode()
    assert pae("", b"") == b"DSSEv1 0  0 "


@given(
    st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.binary()),
    st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.binary()),
)
def test_no_two_contents_are_encoded_alike(one: tuple[str, bytes], other: tuple[str, bytes]) -> None:
    assert (pae(*one) == pae(*other)) == (one == other)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_securesystemslib_verifies_what_we_sign(algorithm: Algorithm) -> None:
    data = json.loads(sealed(statement({"a": 1}), signer("other", algorithm)))
    public = SSlibKey.from_crypto(load_pem_public_key(pair("other", algorithm)[1].pem.encode()))
    data["signatures"][0]["keyid"] = public.keyid
    found = OtherEnvelope.from_dict(data)
    assert found.verify([public], threshold=1)
    assert found.payload == json.dumps(statement({"a": 1})).encode()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_we_verify_what_securesystemslib_signs(algorithm: Algorithm) -> None:
    private, public = pair("other", algorithm)
    made = OtherEnvelope(json.dumps(statement(TRIVY)).encode(), PAYLOAD_TYPE, {})
    made.sign(CryptoSigner(load_pem_private_key(private, None)))  # type: ignore[arg-type]
    found = opened(json.dumps(made.to_dict()).encode(), ring({"ci": [key("other", algorithm)]}))
    assert (found.signed_by, found.kind, found.subjects) == (("other",), "scan", (DIGEST,))
    assert signers(apart(json.dumps(made.to_dict()).encode()), [public])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("encoded", [standard_b64encode, urlsafe_b64encode])
def test_both_alphabets_are_read(algorithm: Algorithm, encoded: Callable[[bytes], bytes]) -> None:
    payload = json.dumps(statement({"text": "???>>>~~~"})).encode()
    given = apart(sign(PAYLOAD_TYPE, payload, [signer("b", algorithm)]))
    document = {
        "payloadType": PAYLOAD_TYPE,
        "payload": encoded(payload).decode(),
        "signatures": [{"sig": encoded(given.signatures[0].sig).decode()}],
    }
    assert apart(json.dumps(document).encode()).payload == payload
    assert signers(apart(json.dumps(document).encode()), [pair("b", algorithm)[1]])


def test_a_raw_ecdsa_signature_is_read_like_its_der_form() -> None:
    payload = json.dumps(statement({})).encode()
    given = apart(sign(PAYLOAD_TYPE, payload, [signer("r", "ecdsa-p256")]))
    r, s = decode_dss_signature(given.signatures[0].sig)
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    document = envelope_json(payload, {"sig": standard_b64encode(raw).decode()})
    assert signers(apart(document), [pair("r", "ecdsa-p256")[1]])


def test_what_was_signed_is_read_and_its_signers_named() -> None:
    keys = ring({"ci": [key("ci-1")], "release": [key("release-1", "ecdsa-p256")]})
    data = sealed(statement(TRIVY), signer("ci-1"), signer("release-1", "ecdsa-p256"))
    found = opened(data, keys)
    assert (found.status, found.kind, found.signed_by) == ("evaluated", "scan", ("ci-1", "release-1"))
    assert found.unverified is None
    assert found.digest == envelope(data, source="x").digest


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_wrong_key_signs_nothing(algorithm: Algorithm) -> None:
    found = opened(sealed(statement(TRIVY), signer("stranger", algorithm)), ring({"ci": [key("ci-1")]}))
    assert (found.status, found.signed_by) == ("evaluated", ())
    assert found.unverified == "signed by no key of trust.yaml"


def test_without_a_trust_file_nothing_is_signed() -> None:
    found = opened(sealed(statement(TRIVY), signer("ci-1")), None)
    assert (found.status, found.signed_by) == ("evaluated", ())
    assert found.unverified == "there is no trust.yaml to verify its signatures with"


@pytest.mark.parametrize("name", ["payload", "payloadType"])
def test_a_swapped_part_is_not_what_was_signed(name: str) -> None:
    data = json.loads(sealed(statement(TRIVY), signer("ci-1")))
    data[name] = {
        "payload": standard_b64encode(json.dumps(statement(TRIVY, subjects=["sha256:" + "b" * 64])).encode()).decode(),
        "payloadType": "application/vnd.in-toto.scan+json",
    }[name]
    found = opened(json.dumps(data).encode(), ring({"ci": [key("ci-1")]}))
    assert found.signed_by == ()


@pytest.mark.parametrize(
    "payload_type",
    [
        "text/plain",
        "application/json",
        "application/vnd.in-toto",
        "application/vnd.in-toto+json ",
        "xapplication/vnd.in-toto+json",
    ],
)
def test_another_payload_type_is_an_error_however_well_signed(payload_type: str) -> None:
    data = sealed(statement(TRIVY), signer("ci-1"), payload_type=payload_type)
    found = opened(data, ring({"ci": [key("ci-1")]}))
    assert (found.status, found.signed_by, found.facts) == ("error", (), {})


@pytest.mark.parametrize("document", [{"accuracy": 1.0}, TRIVY, [], {"_type": "https://in-toto.io/Statement/v2"}])
def test_what_was_signed_must_be_a_statement(document: Any) -> None:
    found = opened(sealed(document, signer("ci-1")), ring({"ci": [key("ci-1")]}))
    assert (found.status, found.facts) == ("error", {})


TIMES = [
    ({"from": "2026-11-23T12:00:00Z"}, ""),
    ({"from": "2026-11-23T12:00:01Z"}, "is not valid before 2026-11-23T12:00:01Z"),
    ({"until": "2026-11-23T12:00:01Z"}, ""),
    ({"until": "2026-11-23T12:00:00Z"}, "was valid until 2026-11-23T12:00:00Z only"),
    ({"revoked": "2026-11-23T12:00:01Z"}, ""),
    ({"revoked": "2026-11-23T13:00:00+01:00"}, "was revoked at 2026-11-23T12:00:00Z"),
    ({"until": "2026-01-01", "revoked": "2026-02-01"}, "was revoked at 2026-02-01T00:00:00Z"),
]


@pytest.mark.parametrize(("times", "fault"), TIMES)
def test_a_key_counts_in_its_time(times: dict[str, str], fault: str) -> None:
    found = opened(sealed(statement(TRIVY), signer("ci-1")), ring({"ci": [key("ci-1", **times)]}))
    assert found.signed_by == (() if fault else ("ci-1",))
    assert found.unverified == (f"signed by the key ci-1, which {fault}" if fault else None)


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3))
def test_a_key_counts_exactly_from_its_start_before_its_end_and_revocation(start: int, end: int, revoked: int) -> None:
    days = [NOW + timedelta(days=n) for n in (start, end, revoked)]
    if start >= end:
        return
    times = dict(zip(("from", "until", "revoked"), (day.isoformat() for day in days), strict=True))
    found = opened(sealed(statement(TRIVY), signer("ci-1")), ring({"ci": [key("ci-1", **times)]}))
    assert bool(found.signed_by) == (start <= 0 < end and revoked > 0)


def test_a_key_that_signs_twice_is_one_signer() -> None:
    first = json.loads(sealed(statement(TRIVY), signer("ci-1", "ecdsa-p256")))
    again = json.loads(sealed(statement(TRIVY), signer("ci-1", "ecdsa-p256")))
    assert first["signatures"] != again["signatures"], "ECDSA signs the same in many ways"
    first["signatures"] += again["signatures"]
    found = opened(json.dumps(first).encode(), ring({"ci": [key("ci-1", "ecdsa-p256")], "b": [key("b-1")]}))
    assert found.signed_by == ("ci-1",)


def test_keyid_decides_nothing() -> None:
    data = json.loads(sealed(statement(TRIVY), signer("ci-1")))
    keys = ring({"ci": [key("ci-1")], "boss": [key("boss-1")]})
    for lie in (pair("boss-1")[1].fingerprint, "", "ci-1", "\u0000x", None):
        data["signatures"][0]["keyid"] = lie
        if lie == "\u0000x":
            assert opened(json.dumps(data).encode(), keys).status == "error"
        else:
            assert opened(json.dumps(data).encode(), keys).signed_by == ("ci-1",)


MALFORMED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no signatures": lambda data: {**data, "signatures": []},
    "signatures of a wrong type": lambda data: {**data, "signatures": {}},
    "a signature that is none": lambda data: {**data, "signatures": ["x"]},
    "a signature without sig": lambda data: {**data, "signatures": [{"keyid": "x"}]},
    "an empty sig": lambda data: {**data, "signatures": [{"sig": ""}]},
    "a sig that is a number": lambda data: {**data, "signatures": [{"sig": 1}]},
    "a sig not of base64": lambda data: {**data, "signatures": [{"sig": "a!"}]},
    "a keyid that is a number": lambda data: {**data, "signatures": [{"sig": "YQ==", "keyid": 1}]},
    "too many": lambda data: {**data, "signatures": data["signatures"] * (MAX_SIGNATURES + 1)},
    "a payload that is no text": lambda data: {**data, "payload": {}},
    "a payload without padding": lambda data: {**data, "payload": "YQ"},
    "a payload with a line feed": lambda data: {**data, "payload": "YQ==\n"},
    "a payload written in another way": lambda data: {**data, "payload": "YR=="},
    "a payload of both alphabets": lambda data: {**data, "payload": "+_+_"},
    "a type that is no text": lambda data: {**data, "payloadType": 1},
    "a type too long": lambda data: {**data, "payloadType": "x" * 1000},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_envelope_is_an_error(name: str) -> None:
    data = json.loads(sealed(statement(TRIVY), signer("ci-1")))
    found = envelope(json.dumps(MALFORMED[name](data)).encode(), source="x")
    assert (found.status, found.sealed, found.facts) == ("error", None, {})


def test_keys_that_dsse_does_not_know_are_ignored() -> None:
    data = json.loads(sealed(statement(TRIVY), signer("ci-1"))) | {"more": {"payload": "x"}}
    data["signatures"][0]["certificate"] = "x"
    assert opened(json.dumps(data).encode(), ring({"ci": [key("ci-1")]})).signed_by == ("ci-1",)


def test_a_key_that_stands_twice_is_refused() -> None:
    text = sealed(statement(TRIVY), signer("ci-1")).decode()
    other = standard_b64encode(json.dumps(statement({})).encode()).decode()
    twice = text.replace('"payload":', f'"payload": "{other}", "payload":', 1)
    found = envelope(twice.encode(), source="x")
    assert found.status == "error"
    assert "twice" in (found.reason or "")


def test_the_envelope_in_a_sigstore_bundle_is_read() -> None:
    inner = json.loads(sealed(statement(TRIVY), signer("ci-1")))
    bundle = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"certificate": {"rawBytes": "bm9uZQ=="}},
        "dsseEnvelope": inner,
    }
    assert opened(json.dumps(bundle).encode(), ring({"ci": [key("ci-1")]})).signed_by == ("ci-1",)


def test_sealed_evidence_that_nobody_opened_is_an_error() -> None:
    found = envelope(sealed(statement(TRIVY), signer("ci-1")), source="x", name="image")
    assert (found.status, found.kind, found.facts, found.subjects) == ("error", None, {}, ())
    assert found.sealed is not None
    assert found.sealed.payload == json.dumps(statement(TRIVY)).encode()


# An ECDSA signature is not of the same length each time; what hypothesis draws must be.
PLACES = st.integers(0, 10**6)


@given(st.data())
def test_a_flipped_bit_never_changes_what_is_signed(data: st.DataObject) -> None:
    algorithm: Algorithm = data.draw(st.sampled_from(ALGORITHMS))
    whole = sealed(statement(TRIVY), signer("flip", algorithm))
    keys = ring({"ci": [key("flip", algorithm)]})
    honest = opened(whole, keys)
    place = data.draw(PLACES) % (len(whole) * 8)
    changed = bytearray(whole)
    changed[place // 8] ^= 1 << (place % 8)
    found = opened(bytes(changed), keys)
    if found.signed_by:
        assert (found.facts, found.subjects, found.produced_at) == (honest.facts, honest.subjects, honest.produced_at)


@given(st.data())
def test_a_changed_payload_or_signature_is_never_signed(data: st.DataObject) -> None:
    algorithm: Algorithm = data.draw(st.sampled_from(ALGORITHMS))
    given_ = apart(sealed(statement(TRIVY), signer("flip", algorithm)))
    part = data.draw(st.sampled_from(["payload", "sig"]))
    original = given_.payload if part == "payload" else given_.signatures[0].sig
    place = data.draw(PLACES) % (len(original) * 8)
    flipped = bytearray(original)
    flipped[place // 8] ^= 1 << (place % 8)
    changed = Sealed(
        payload_type=given_.payload_type,
        payload=bytes(flipped) if part == "payload" else given_.payload,
        signatures=(Signature(sig=bytes(flipped)) if part == "sig" else given_.signatures[0],),
    )
    assert signers(changed, [pair("flip", algorithm)[1]]) == frozenset()
    assert opened(encode(changed), ring({"ci": [key("flip", algorithm)]})).signed_by == ()


@given(st.binary(max_size=200))
def test_any_bytes_are_no_signature(noise: bytes) -> None:
    for algorithm in ALGORITHMS:
        given_ = Sealed(payload_type="t", payload=b"p", signatures=(Signature(sig=noise or b"x"),))
        assert signers(given_, [pair("n", algorithm)[1]]) == frozenset()


def test_signing_again_by_the_same_key_is_refused() -> None:
    once = apart(sealed(statement(TRIVY), signer("ci-1")))
    with pytest.raises(EvidenceError, match="signed already"):
        with_signatures(once, [signer("ci-1")])
    with pytest.raises(EvidenceError, match="signed already"):
        sign(PAYLOAD_TYPE, b"{}", [signer("ci-1"), signer("ci-1")])
    both = apart(with_signatures(once, [signer("ci-2")]))
    assert len(signers(both, [pair("ci-1")[1], pair("ci-2")[1]])) == 2


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_private_key_is_read_encrypted_or_not(algorithm: Algorithm) -> None:
    pem, public = generate(algorithm, b"word")
    assert b"ENCRYPTED" in pem
    assert load_signer(pem, b"word", "k").public == public
    for wrong in (None, b"wrong"):
        with pytest.raises(InvalidRequestError):
            load_signer(pem, wrong, "k")
    assert load_signer(pair("x", algorithm)[0], b"not needed", "k").public == pair("x", algorithm)[1]


def test_a_key_of_openssl_in_its_old_form_is_read() -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = load_pem_private_key(pair("ec", "ecdsa-p256")[0], None)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert b"BEGIN EC PRIVATE KEY" in pem
    assert load_signer(pem, None, "k").public == pair("ec", "ecdsa-p256")[1]


COSIGN = (
    b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\neyJrZGYiOnt9fQ==\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
)


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        (b"", "no private key"),
        (b"\xff\x00", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nYQ==\n-----END PRIVATE KEY-----\n", "no private key"),
        (pair("p")[1].pem.encode(), "is the public key"),
        (COSIGN, "cosign's own encrypted form"),
    ],
)
def test_what_cannot_sign_is_refused_without_a_byte_of_it(pem: bytes, words: str) -> None:
    with pytest.raises(InvalidRequestError) as fault:
        load_signer(pem, None, "some.key")
    assert words in fault.value.message
    assert "YQ==" not in str(fault.value)
    assert "eyJ" not in str(fault.value)


def test_a_public_key_survives_its_text() -> None:
    for algorithm in ALGORITHMS:
        public = pair("t", algorithm)[1]
        assert parse_public_key(public.pem) == public
        assert load_pem_public_key(public.pem.encode())
        assert standard_b64decode("".join(public.pem.splitlines()[1:-1])) == public.der
