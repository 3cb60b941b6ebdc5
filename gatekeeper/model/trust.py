"""The Trust file: who people and machines are, their keys, and what each may do where."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from gatekeeper.model.policy import Strict
from gatekeeper.model.scalars import Instant, Name, Text

Role = Annotated[
    str,
    Meta(
        pattern=r"^(decide|approve|waive|override|evidence:[a-z0-9][-a-z0-9._]{0,98})$(?!\n)",
        description="`decide`, `approve`, `waive`, `override`, or `evidence:<producer>`.",
    ),
]
PublicKeyText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2000,
        description="A PEM public key (`-----BEGIN PUBLIC KEY-----`), Ed25519 or ECDSA P-256, as cosign writes it.",
    ),
]


class Key(Strict, frozen=True, rename={"from_": "from"}):
    """A public key. It counts from `from` until `until`, and no more from `revoked` on; all at the time of judging."""

    name: Name
    public: PublicKeyText
    from_: Instant | UnsetType = UNSET
    until: Instant | UnsetType = UNSET
    revoked: Instant | UnsetType = UNSET


class Person(Strict, frozen=True):
    """A person: the logins of their forges by the forge's name, their e-mails and keys."""

    name: Name
    logins: dict[Name, Text] = {}
    emails: tuple[Text, ...] = ()
    keys: tuple[Key, ...] = ()


class Machine(Strict, frozen=True):
    """A machine, such as a CI system, and its keys."""

    name: Name
    logins: dict[Name, Text] = {}
    emails: tuple[Text, ...] = ()
    keys: tuple[Key, ...] = ()


class Grant(Strict, frozen=True):
    """A role for some people and machines, everywhere or in the environments named."""

    role: Role
    members: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=1000)]
    environments: Annotated[tuple[Name, ...], Meta(min_length=1)] = ()


class TrustSpec(Strict, frozen=True):
    """Everyone who is known, and what they may do. Names of people, machines and keys are unique among all."""

    people: tuple[Person, ...] = ()
    machines: tuple[Machine, ...] = ()
    roles: tuple[Grant, ...] = ()


class TrustMetadata(Strict, frozen=True):
    """The name of the trust file."""

    name: Name
    labels: dict[str, str] = {}


class Trust(Strict, frozen=True):
    """`kind: Trust`, one, in `trust.yaml` at the top of the GitOps repository."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["Trust"]
    metadata: TrustMetadata
    spec: TrustSpec
