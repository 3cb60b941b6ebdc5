"""`trust.yaml`: whose keys count, from when until when, and what each of their owners may do in which environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import UNSET, Struct, UnsetType

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.model.instants import format_instant, parse_instant
from gatekeeper.model.trust import Grant, Key, Trust
from gatekeeper.policy.documents import Document, load
from gatekeeper.policy.near import near
from gatekeeper.policy.publickey import PublicKey, parse_public_key

if TYPE_CHECKING:
    from gatekeeper.ports import Tree

TRUST_FILE = "trust.yaml"
EVIDENCE_ROLE = "evidence:"
EMAIL = "email"
"""The system under which e-mails are identities; a forge or CI system cannot have this name."""

_WORD = re.compile(r"[^\s<>()\[\]{},;/\"']+")


class Signers(Protocol):
    """Which keys can stand for what `signed_by` names."""

    @property
    def file(self) -> str:
        """What messages call it."""

    def keys_of(self, name: str, environment: str | None, producers: frozenset[str]) -> frozenset[str]:
        """The names of the keys that can stand for a name, for evidence of these producers in this environment."""


class AsNamed(Struct, frozen=True):
    """Every name stands for itself: for cases of a policy, which say who signed and bring no trust file."""

    file: str = "the case"

    def keys_of(self, name: str, environment: str | None, producers: frozenset[str]) -> frozenset[str]:  # noqa: ARG002
        """The name alone."""
        return frozenset({name})


class TrustedKey(Struct, frozen=True, kw_only=True):
    """A key of a person or machine. It counts from `start` until `end`, and no more from `revoked` on."""

    name: str
    owner: str
    public: PublicKey
    start: datetime | None = None
    end: datetime | None = None
    revoked: datetime | None = None

    def fault(self, now: datetime) -> str:
        """Why the key does not count now: `was revoked at …`; empty where it does."""
        if self.revoked is not None and now >= self.revoked:
            return f"was revoked at {format_instant(self.revoked)}"
        if self.end is not None and now >= self.end:
            return f"was valid until {format_instant(self.end)} only"
        if self.start is not None and now < self.start:
            return f"is not valid before {format_instant(self.start)}"
        return ""


class Ring(Struct, frozen=True, kw_only=True):
    """A trust file that was read and found whole. `identities` give the owner of each login, by system, and e-mail."""

    file: str
    digest: str
    keys: tuple[TrustedKey, ...]
    owners: frozenset[str]
    grants: tuple[Grant, ...]
    people: frozenset[str] = frozenset()
    identities: dict[tuple[str, str], str] = {}

    def owner_of(self, system: str, login: str) -> str | None:
        """The person or machine that a login of a forge or CI system is, or an e-mail where `system` is `email`."""
        return self.identities.get((system, _folded(login)))

    def is_known_at(self, name: str, system: str) -> bool:
        """Whether it is said who a person or machine is there: without that, any login there could be theirs."""
        return any(owner == name and place == system for (place, _), owner in self.identities.items())

    def is_named_in(self, name: str, text: str) -> bool:
        """Whether words name a person or machine: by name, e-mail or login: `Alice <a@x.example>`, `github:al`."""
        called = {name, *(login for (_, login), owner in self.identities.items() if owner == name)}
        folded = _folded(text)
        words = (word.rpartition(":")[2].removeprefix("@") for word in _WORD.findall(folded))
        return not called.isdisjoint((folded.strip(), *words))

    @property
    def names(self) -> frozenset[str]:
        """All that `signed_by` may name: keys, people, machines, and roles that somebody has somewhere."""
        return self.owners | {key.name for key in self.keys} | {grant.role for grant in self.grants}

    def keys_of(self, name: str, environment: str | None, producers: frozenset[str]) -> frozenset[str]:
        """The names of the keys that can stand for a name: the key, its owner's, or those of whoever has the role here.

        A role for the evidence of one producer stands for no other's. Without an environment only roles that are given
        everywhere count.
        """
        if name.startswith(EVIDENCE_ROLE) and producers != {name.removeprefix(EVIDENCE_ROLE)}:
            return frozenset()
        members = self.members(name, environment)
        return frozenset(key.name for key in self.keys if key.name == name or key.owner == name or key.owner in members)

    def members(self, role: str, environment: str | None) -> frozenset[str]:
        """Who has a role in an environment; without one, who has it everywhere."""
        return frozenset(
            member
            for grant in self.grants
            if grant.role == role and (not grant.environments or environment in grant.environments)
            for member in grant.members
        )

    def has_role(self, name: str, role: str, environment: str | None) -> bool:
        """Whether a person or machine has a role in an environment."""
        return name in self.members(role, environment)


def unmet(wanted: Sequence[str], candidates: Mapping[str, frozenset[str]], signed: Iterable[str]) -> tuple[str, ...]:
    """The names for which no key of their own is left, when every other has one: a largest matching.

    `candidates` are the keys that can stand for each name, `signed` those that did sign.
    """
    have = frozenset(signed)
    taken: dict[str, str] = {}

    def place(name: str, seen: set[str]) -> bool:
        for key in sorted(candidates[name] & have - seen):
            seen.add(key)
            if key not in taken or place(taken[key], seen):
                taken[key] = name
                return True
        return False

    return tuple(name for name in dict.fromkeys(wanted) if not place(name, set()))


def read_trust(tree: Tree) -> Ring | None:
    """The trust file at the top of a tree; None where there is none. Raises InvalidFileError."""
    data = tree.read(TRUST_FILE)
    return None if data is None else load_trust(data, TRUST_FILE)


def load_trust(data: bytes, file: str) -> Ring:
    """The trust file. Raises InvalidFileError with every problem of it."""
    documents = load(data, file, frozenset({"Trust"}))
    if len(documents) != 1:
        raise InvalidFileError([Problem("one document of trust per file", file)])
    document = documents[0]
    trust = document.value
    assert isinstance(trust, Trust)
    problems: list[Problem] = []
    keys = tuple(_keys(trust, document, problems))
    problems += [
        *_repeated_keys(keys, trust, document),
        *_repeated_names(trust, document),
        *_strangers(trust, document),
        *_shared_identities(trust, document),
        *_reserved(trust, document),
        *_never_met(trust, document),
    ]
    if problems:
        raise InvalidFileError(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return Ring(
        file=file,
        digest=document.digest,
        keys=keys,
        owners=frozenset(name for name, _ in _owners(trust)),
        grants=trust.spec.roles,
        people=frozenset(person.name for person in trust.spec.people),
        identities={(system, login): owner for system, login, owner, _ in _identities(trust)},
    )


Position = tuple[str | int, ...]


def _owners(trust: Trust) -> Iterator[tuple[str, Position]]:
    for group in ("people", "machines"):
        for index, owner in enumerate(getattr(trust.spec, group)):
            yield owner.name, ("spec", group, index)


def _written(trust: Trust) -> Iterator[tuple[Key, str, Position]]:
    for group in ("people", "machines"):
        for index, owner in enumerate(getattr(trust.spec, group)):
            for number, key in enumerate(owner.keys):
                yield key, owner.name, ("spec", group, index, "keys", number)


def _keys(trust: Trust, document: Document, problems: list[Problem]) -> Iterator[TrustedKey]:
    for key, owner, at in _written(trust):
        try:
            public = parse_public_key(key.public)
        except ValueError as fault:
            problems.append(_problem(document, f"the key {key.name!r}: {fault}", (*at, "public")))
            continue
        start, end, revoked = _instant(key.from_), _instant(key.until), _instant(key.revoked)
        if start is not None and end is not None and start >= end:
            message = f"the key {key.name!r} is never valid: it ends before it begins, or at that moment"
            problems.append(_problem(document, message, (*at, "until")))
        yield TrustedKey(name=key.name, owner=owner, public=public, start=start, end=end, revoked=revoked)


def _instant(text: str | UnsetType) -> datetime | None:
    return None if text is UNSET else parse_instant(text)


def _repeated_keys(keys: Sequence[TrustedKey], trust: Trust, document: Document) -> Iterator[Problem]:
    """One key under two names would be two signers where two are asked for."""
    seen: dict[str, str] = {}
    places = {key.name: at for key, _, at in _written(trust)}
    for key in keys:
        first = seen.setdefault(key.public.fingerprint, key.name)
        if first != key.name:
            message = f"the key {key.name!r} is the same as {first!r} ({key.public.fingerprint})"
            yield _problem(document, message, (*places[key.name], "public"), "Give each signer a key of its own.")


def _reserved(trust: Trust, document: Document) -> Iterator[Problem]:
    for _, at in _owners(trust):
        if EMAIL in getattr(trust.spec, str(at[1]))[int(at[2])].logins:
            yield _problem(document, "e-mails stand under `emails`, not among the logins", (*at, "logins", EMAIL))


def _repeated_names(trust: Trust, document: Document) -> Iterator[Problem]:
    roles = {"decide": "a role", "approve": "a role", "waive": "a role", "override": "a role"}
    seen: dict[str, str] = dict(roles)
    for name, at, what in _names(trust):
        if name in seen:
            message = f"{name!r} is already the name of {seen[name]}"
            remedy = "`signed_by` could mean either: people, machines and keys each need a name of their own."
            yield _problem(document, message, (*at, "name"), remedy)
        seen.setdefault(name, what)


def _names(trust: Trust) -> Iterator[tuple[str, Position, str]]:
    for name, at in _owners(trust):
        yield name, at, "a person" if at[1] == "people" else "a machine"
    for key, owner, at in _written(trust):
        yield key.name, at, f"a key of {owner}"


def _identities(trust: Trust) -> Iterator[tuple[str, str, str, Position]]:
    """Each login by its system, and each e-mail, as they are compared: forges and mail take no notice of case."""
    for name, at in _owners(trust):
        owner = getattr(trust.spec, str(at[1]))[int(at[2])]
        for system, login in owner.logins.items():
            yield system, _folded(login), name, (*at, "logins", system)
        for index, email in enumerate(owner.emails):
            yield EMAIL, _folded(email), name, (*at, "emails", index)


def _folded(text: str) -> str:
    """As forges and mail compare: without case, and however its letters are put together."""
    if text.isascii():
        return text.casefold()
    from unicodedata import normalize  # few names need it

    return normalize("NFKC", normalize("NFKC", text).casefold())


def _never_met(trust: Trust, document: Document) -> Iterator[Problem]:
    """A login that no system gives out: whoever has it would be unknown when they ask, and might approve that."""
    for system, text, _, at in _identities(trust):
        if text != text.strip() or not text.isprintable():
            yield _problem(document, "it begins or ends with a space, or holds what cannot be seen", at, "Remove it.")
        elif system == EMAIL and ("@" not in text[1:-1] or " " in text):
            yield _problem(document, "this is no e-mail address", at, "Write it as git and the CI system give it.")
        elif system != EMAIL and text.startswith("@"):
            yield _problem(document, "a login is written without `@`", at, "Remove it.")


def _shared_identities(trust: Trust, document: Document) -> Iterator[Problem]:
    """One login for two would make one who asks two people, of whom one may approve."""
    seen: dict[tuple[str, str], str] = {}
    for system, login, owner, at in _identities(trust):
        first = seen.setdefault((system, login), owner)
        if first != owner:
            what = "e-mail" if system == EMAIL else f"login at {system}"
            yield _problem(document, f"this {what} is already that of {first}", at, "Nobody can be two people.")


def _strangers(trust: Trust, document: Document) -> Iterator[Problem]:
    owners = [name for name, _ in _owners(trust)]
    for index, grant in enumerate(trust.spec.roles):
        for number, member in enumerate(grant.members):
            if member not in owners:
                hint = near(member, owners) or f"There are {', '.join(owners) or 'none'}."
                message = f"there is no person or machine {member!r}"
                yield _problem(document, message, ("spec", "roles", index, "members", number), hint)


def _problem(document: Document, message: str, at: Position, remedy: str = "") -> Problem:
    return Problem(message, document.file, *document.place(*at), remedy)


def check_signers(documents: Iterable[Document], ring: Ring) -> None:
    """Names of `signed_by` and of approvers that the trust file does not have.

    Raises InvalidFileError with the place of each.
    """
    names = ring.names
    problems: list[Problem] = []
    for document in documents:
        problems += _unknown_approvers(document, ring)
        for evidence, requirement in document.policy.spec.evidence.items():
            for index, name in enumerate(requirement.signed_by):
                if name not in names:
                    hint = near(name, names) or f"{ring.file} has {', '.join(sorted(names)) or 'none'}."
                    message = f"{ring.file} has no key, person, machine or role {name!r}"
                    at = ("spec", "evidence", evidence, "signed_by", index)
                    problems.append(_problem(document, message, at, hint))
    if problems:
        raise InvalidFileError(problems)


def _unknown_approvers(document: Document, ring: Ring) -> Iterator[Problem]:
    for index, rule in enumerate(document.policy.spec.rules):
        for number, name in enumerate(() if rule.approval is UNSET else rule.approval.from_):
            if name not in ring.people:
                hint = near(name, ring.people) or f"{ring.file} has {', '.join(sorted(ring.people)) or 'none'}."
                at = ("spec", "rules", index, "approval", "from", number)
                yield _problem(document, f"{ring.file} has no person {name!r}", at, hint)
