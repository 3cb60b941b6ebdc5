"""`trust.yaml`: what is refused and where, whose keys stand for a name, and the matching of names to keys."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import InvalidFileError
from gatekeeper.policy.documents import load
from gatekeeper.policy.publickey import parse_public_key, public_key
from gatekeeper.policy.trust import AsNamed, check_signers, load_trust, unmet
from tests.judging import policy_text
from tests.signing import key, pair, ring, trust_text


def refused(text: str) -> str:
    """Every problem of a trust file, one a line."""
    with pytest.raises(InvalidFileError) as fault:
        load_trust(text.encode(), "trust.yaml")
    return str(fault.value)


def spki(public: Any) -> str:
    return str(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def with_key(public: str, **more: Any) -> str:
    return trust_text({"ci": [{"name": "k", "public": public, **more}]})


OTHERS: dict[str, Callable[[], str]] = {
    "an RSA key": lambda: spki(rsa.generate_private_key(65537, 2048).public_key()),
    "an ECDSA key of another curve": lambda: spki(ec.generate_private_key(ec.SECP384R1()).public_key()),
    "a key of another algorithm": lambda: spki(ed448.Ed448PrivateKey.generate().public_key()),
    " a key of another algorithm": lambda: spki(x25519.X25519PrivateKey.generate().public_key()),
    "  a key of another algorithm": lambda: spki(dsa.generate_private_key(1024).public_key()),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_key_of_another_algorithm_is_refused_by_name(what: str) -> None:
    told = refused(with_key(OTHERS[what]()))
    assert f"this is {what.strip()}; a key is Ed25519 or ECDSA P-256" in told
    assert told.startswith("trust.yaml:1:")


def test_a_compressed_point_is_refused_with_what_to_do() -> None:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    with pytest.raises(ValueError, match="compressed form"):
        public_key(bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + raw)


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_private_key_is_refused_and_not_repeated(encrypted: bool) -> None:
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption

    protection = BestAvailableEncryption(b"word") if encrypted else NoEncryption()
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection).decode()
    told = refused(with_key(pem))
    assert "this is a private key" in told
    assert not any(line in told for line in pem.splitlines()[1:-1])


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\n!!!\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nYQ\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nYQ==\n-----END PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----",
        pair("a")[1].pem + pair("b")[1].pem,
        pair("a")[1].pem.replace("PUBLIC", "ed25519 PUBLIC"),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    assert "trust.yaml:1:" in refused(with_key(text))


def test_points_under_which_anybody_could_sign_are_refused() -> None:
    head = bytes.fromhex("302a300506032b6570032100")
    p = 2**255 - 19
    small = [0, 1, p - 1, p, p + 1, 2**255 - 1]
    small.append(0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826)
    for y, sign in itertools.product(small, (0, 1)):
        with pytest.raises(ValueError, match="anybody can sign"):
            public_key(head + (y | sign << 255).to_bytes(32, "little"))


def test_what_is_refused_as_small_is_of_small_order() -> None:
    """The eight points of small order by the curve's own arithmetic: order times any point is one of them."""
    p, order = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
    d = -121665 * pow(121666, -1, p) % p

    def added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
        (x1, y1), (x2, y2) = one, other
        t = d * x1 * x2 * y1 * y2 % p
        return (x1 * y2 + x2 * y1) * pow(1 + t, -1, p) % p, (y1 * y2 + x1 * x2) * pow(1 - t, -1, p) % p

    def times(count: int, point: tuple[int, int]) -> tuple[int, int]:
        found = (0, 1)
        while count:
            if count & 1:
                found = added(found, point)
            point, count = added(point, point), count >> 1
        return found

    def x_of(y: int) -> int | None:
        square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
        root = pow(square, (p + 3) // 8, p)
        roots = (root, root * pow(2, (p - 1) // 4, p) % p)
        return next((one for one in roots if one * one % p == square), None)

    from gatekeeper.policy.publickey import _SMALL_ORDER

    points = [(x, y) for y in range(2, 80) if (x := x_of(y)) is not None]
    assert {times(order, point)[1] for point in points} == _SMALL_ORDER


def test_a_point_off_the_curve_is_refused() -> None:
    der = bytearray(pair("p", "ecdsa-p256")[1].der)
    der[-1] ^= 1
    with pytest.raises(ValueError, match="no point of the curve"):
        public_key(bytes(der))


@given(st.binary(max_size=120))
def test_any_bytes_are_a_key_or_refused(noise: bytes) -> None:
    try:
        public_key(noise)
    except ValueError:
        return
    raise AssertionError("noise of this length cannot be a key")  # 2 in 2^208 by chance


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_key_is_read_whatever_its_line_ends(newline: str) -> None:
    public = pair("p", "ecdsa-p256")[1]
    assert parse_public_key(f"  {public.pem.replace(chr(10), newline)}\n\n") == public


PROBLEMS = [
    ({"ci": [key("a"), key("a")]}, (), "'a' is already the name of a key of ci"),
    ({"ci": [key("a")], "other": [key("a", "ecdsa-p256")]}, (), "'a' is already the name of a key of ci"),
    ({"ci": [], "x": [key("ci")]}, (), "'ci' is already the name of a machine"),
    ({"approve": []}, (), "'approve' is already the name of a role"),
    ({"ci": [{**key("b"), "name": "a"}], "x": [key("b")]}, (), "the key 'b' is the same as 'a' (sha256:"),
    ({"ci": [key("a", **{"from": "2026-02-01", "until": "2026-02-01"})]}, (), "is never valid"),
    ({"ci": [key("a", **{"from": "2026-02-02", "until": "2026-02-01"})]}, (), "is never valid"),
    ({"ci": [key("a", until="2026-02-30")]}, (), "2026-02-30"),
    (
        {"ci": []},
        [{"role": "approve", "members": ["cii"]}],
        "there is no person or machine 'cii'\n  Did you mean 'ci'?",
    ),
    ({"ci": [key("a")]}, [{"role": "approve", "members": ["a"]}], "there is no person or machine 'a'"),
    ({"ci": []}, [{"role": "deploy", "members": ["ci"]}], "role"),
    ({"ci": []}, [{"role": "evidence:", "members": ["ci"]}], "role"),
    ({"ci": []}, [{"role": "approve", "members": []}], "members"),
]


@pytest.mark.parametrize(("owners", "roles", "words"), PROBLEMS)
def test_a_problem_is_told_with_its_place(owners: Mapping[str, Any], roles: Sequence[Any], words: str) -> None:
    told = refused(trust_text(owners, roles))
    assert words in told
    assert told.startswith("trust.yaml:1:")


def test_every_problem_is_told_at_once() -> None:
    told = refused(trust_text({"a": [key("k"), key("k")]}, [{"role": "approve", "members": ["x", "y"]}]))
    assert len(told.split("trust.yaml:1:")) == 3 + 1  # the name, and two strangers


def test_two_documents_are_refused() -> None:
    text = trust_text({"ci": []})
    assert "one document" in refused(f"{text}\n---\n{text}")


def test_names_stand_for_keys_of_their_own_owner_role_and_environment() -> None:
    found = ring(
        {"alice": [key("a-1"), key("a-2")], "ci": [key("c-1")], "idle": []},
        [
            {"role": "approve", "members": ["alice"], "environments": ["production"]},
            {"role": "evidence:trivy", "members": ["ci"]},
            {"role": "evidence:trivy", "members": ["alice"], "environments": ["staging"]},
        ],
        people="alice",
    )
    trivy, junit = frozenset({"trivy"}), frozenset({"junit"})
    rows: list[tuple[str, str | None, frozenset[str], set[str]]] = [
        ("a-1", None, trivy, {"a-1"}),
        ("alice", None, trivy, {"a-1", "a-2"}),
        ("ci", "production", junit, {"c-1"}),
        ("idle", None, trivy, set()),
        ("approve", "production", trivy, {"a-1", "a-2"}),
        ("approve", "staging", trivy, set()),
        ("approve", None, trivy, set()),
        ("evidence:trivy", "production", trivy, {"c-1"}),
        ("evidence:trivy", "staging", trivy, {"a-1", "a-2", "c-1"}),
        ("evidence:trivy", None, trivy, {"c-1"}),
        ("evidence:trivy", "staging", junit, set()),
        ("evidence:trivy", "staging", trivy | junit, set()),
        ("evidence:trivy", "staging", frozenset(), set()),
        ("nobody", "staging", trivy, set()),
    ]
    for name, environment, producers, keys in rows:
        assert found.keys_of(name, environment, producers) == keys, (name, environment)
    assert found.names == {"a-1", "a-2", "c-1", "alice", "ci", "idle", "approve", "evidence:trivy"}
    assert AsNamed().keys_of("x", None, trivy) == {"x"}


def test_an_unknown_signer_is_found_with_its_place_and_a_near_name() -> None:
    text = policy_text("true", evidence={"unit": {"kind": "tests", "signed_by": ["ci", "relaese", "evidence:junit"]}})
    documents = load(text.encode(), "p.yaml")
    with pytest.raises(InvalidFileError) as fault:
        check_signers(documents, ring({"ci": [], "release": []}))
    told = str(fault.value)
    assert "p.yaml:1:" in told
    assert "no key, person, machine or role 'relaese'\n  Did you mean 'release'?" in told
    assert "'evidence:junit'" in told
    assert "'ci'" not in told


NOW = datetime(2026, 1, 1, tzinfo=UTC)
CANDIDATES = st.dictionaries(st.sampled_from("abcd"), st.frozensets(st.sampled_from("123456")), min_size=1)


@given(CANDIDATES, st.frozensets(st.sampled_from("123456")))
def test_names_are_met_exactly_where_some_choice_gives_each_a_key_of_its_own(
    candidates: dict[str, frozenset[str]], signed: frozenset[str]
) -> None:
    names = list(candidates)
    choices = itertools.permutations([*sorted(signed), *("" for _ in names)], len(names))
    most = max(
        sum(chosen != "" and chosen in candidates[name] for name, chosen in zip(names, choice, strict=True))
        for choice in choices
    )
    lacking = unmet(names, candidates, signed)
    assert len(lacking) == len(names) - most
    assert (not lacking) == (most == len(names))


def test_a_trust_file_may_be_yaml_by_hand() -> None:
    public = "".join(f"              {line}\n" for line in pair("a")[1].pem.splitlines())
    text = (
        "apiVersion: gatekeeper/v1\nkind: Trust\nmetadata: {name: root}\nspec:\n  machines:\n    - name: ci\n"
        f"      keys:\n        - name: a\n          public: |\n{public}"
    )
    found = load_trust(text.encode(), "trust.yaml")
    assert [one.public for one in found.keys] == [pair("a")[1]]
    assert found.keys[0].fault(NOW) == ""
    assert json.loads(trust_text({"ci": []}))["kind"] == "Trust"


def known(**owners: Mapping[str, Any]) -> str:
    """A trust file of people with these logins and e-mails."""
    people = [{"name": name, **parts} for name, parts in owners.items()]
    head = {"apiVersion": "gatekeeper/v1", "kind": "Trust", "metadata": {"name": "root"}}
    return json.dumps({**head, "spec": {"people": people}})


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"logins": {"github": "ALICE"}}, "this login at github is already that of alice"),
        ({"emails": ["A@Example.com"]}, "this e-mail is already that of alice"),
        ({"logins": {"email": "x"}}, "e-mails stand under `emails`"),
    ],
)
def test_nobody_is_two_people(other: dict[str, Any], says: str) -> None:
    alice = {"logins": {"github": "alice"}, "emails": ["a@example.com"]}
    assert says in refused(known(alice=alice, bob=other))


def test_logins_and_e_mails_tell_who_somebody_is() -> None:
    text = known(alice={"logins": {"github": "Alice"}, "emails": ["a@example.com"]}, bob={"logins": {"gitea": "alice"}})
    ring = load_trust(text.encode(), "trust.yaml")
    assert [ring.owner_of("github", "aLICE"), ring.owner_of("gitea", "alice"), ring.owner_of("gitlab", "alice")] == [
        "alice",
        "bob",
        None,
    ]
    assert ring.owner_of("email", "A@EXAMPLE.com") == "alice"
    assert [ring.is_known_at("bob", system) for system in ("gitea", "github", "email")] == [True, False, False]
