"""An environment's forge, with a token that goes to no other server than the one it is meant for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct

from gatekeeper.connect.forges.place import Origin, checked_path, origin_of, pages_of, place_of, repository_of
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.wiring.sources import open_door

if TYPE_CHECKING:
    from gatekeeper.connect.forges.place import Place
    from gatekeeper.connect.forges.rest import Pace
    from gatekeeper.model.delivery import Forge as Settings
    from gatekeeper.ports import Door
    from gatekeeper.ports.forge import Forge

URL = "GATEKEEPER_FORGE_URL"
TOKEN = "GATEKEEPER_FORGE_TOKEN"  # noqa: S105 - a variable's name
_BY_PUSH = ("gitlab-push", "agit")
"""Kinds whose pull requests are opened by git's push, and that no API is asked for."""


class Token(Struct, frozen=True, kw_only=True):
    """A token, and the variable it was given by. Never shown."""

    variable: str
    value: str

    def __repr__(self) -> str:
        return f"Token({self.variable})"


class _Way(Struct, frozen=True, kw_only=True):
    """How one kind is opened: the variables of its tokens, each with the servers it is for; None is any."""

    variables: Callable[[Mapping[str, str]], dict[str, tuple[str, ...] | None]]
    opened: Callable[[Door, str, str, Token, Pace], Forge]


def forge_of(
    forge: Settings,
    address: str,
    environ: Mapping[str, str],
    *,
    tell: Callable[[str], None] = lambda _: None,
    door: Door | None = None,
) -> Forge | None:
    """The forge of the repository at git's `address`; None for a kind that is spoken to by git alone.

    Raises InvalidRequestError where its `url` is not the server of the address or of GATEKEEPER_FORGE_URL, or where the
    address names no repository at a server; CannotActError where no token is given.
    """
    if forge.type in _BY_PUSH:
        return None
    from gatekeeper.connect.forges.rest import Pace

    place = place_of(address)
    base = _base(forge, place, environ)
    repository = _repository(forge, place, base)
    way = _WAYS[forge.type]
    token = _token(way.variables(environ), origin_of(base), environ)
    return way.opened(door or open_door(), base, repository, token, Pace(tell=tell))


def _base(forge: Settings, place: Place | None, environ: Mapping[str, str]) -> str:
    """The address of the forge's pages: the file's where it may be, else the environment's, else git's server."""
    given = environ.get(URL, "").strip()
    trusted = pages_of(given) if given else ""
    if forge.url is not UNSET:
        url = pages_of(forge.url)
        there = origin_of(url)
        if not any(origin.covers(there) for origin in _trusted(place, trusted)):
            raise InvalidRequestError(
                f"delivery.forge.url names {there.host}, which is not the server of the repository: it gets no token",
                f"If it is right, say so where no file can: {URL}={url}",
            )
        return url
    if trusted:
        return trusted
    if place is None:
        raise InvalidRequestError(
            "the repository's address names no server, so its forge is not known", f"Name the forge: {URL}=https://…"
        )
    return str(place.origin)


def _trusted(place: Place | None, trusted: str) -> list[Origin]:
    origins = [] if place is None else [place.origin]
    return [*origins, origin_of(trusted)] if trusted else origins


def _repository(forge: Settings, place: Place | None, base: str) -> str:
    if forge.repository is not UNSET:
        return checked_path(forge.repository)
    if place is None:
        raise InvalidRequestError(
            "the repository's address does not tell its name", "Name it: delivery.forge.repository."
        )
    return repository_of(place, base)


def _token(variables: Mapping[str, tuple[str, ...] | None], origin: Origin, environ: Mapping[str, str]) -> Token:
    """The first that is set and is for this server."""
    told = ""
    for variable, hosts in {TOKEN: None, **variables}.items():
        value = environ.get(variable, "").strip()
        if value and (hosts is None or origin.host in hosts or _names(environ.get(URL, ""), origin)):
            return Token(variable=variable, value=value)
        if value:
            told = f" {variable} is set, but belongs to {' or '.join(sorted(hosts or ()))}."
    wanted = " or ".join([TOKEN, *variables])
    raise CannotActError(f"no token is given for {origin.host}: set {wanted}.{told}", "docs/forges.md tells of each.")


def _names(url: str, origin: Origin) -> bool:
    return bool(url.strip()) and origin_of(url.strip()) == origin


def _github_variables(environ: Mapping[str, str]) -> dict[str, tuple[str, ...] | None]:
    """A workflow's token belongs to its own server, as does that of GitHub's command line."""
    server = environ.get("GITHUB_SERVER_URL", "").strip()
    hosts = ("github.com",) if not server else (origin_of(server).host,)
    command_line = environ.get("GH_HOST", "").strip().lower() or "github.com"
    return {"GITHUB_TOKEN": hosts, "GH_TOKEN": ("github.com", command_line)}


def _gitlab_variables(environ: Mapping[str, str]) -> dict[str, tuple[str, ...] | None]:
    server = environ.get("CI_SERVER_HOST", "").strip().lower()
    return {"GITLAB_TOKEN": None, "CI_JOB_TOKEN": (server or "gitlab.com",)}


def _gitea_variables(_: Mapping[str, str]) -> dict[str, tuple[str, ...] | None]:
    return {"GITEA_TOKEN": None, "FORGEJO_TOKEN": None}


def _github(door: Door, base: str, repository: str, token: Token, pace: Pace) -> Forge:
    from gatekeeper.connect.forges.github import GitHub

    return GitHub(door, base, repository, token.value, pace)


def _gitlab(door: Door, base: str, repository: str, token: Token, pace: Pace) -> Forge:
    from gatekeeper.connect.forges.gitlab import GitLab

    return GitLab(door, base, repository, token.value, pace, of_job=token.variable == "CI_JOB_TOKEN")


def _gitea(door: Door, base: str, repository: str, token: Token, pace: Pace) -> Forge:
    from gatekeeper.connect.forges.gitea import Gitea

    return Gitea(door, base, repository, token.value, pace)


def _forgejo(door: Door, base: str, repository: str, token: Token, pace: Pace) -> Forge:
    from gatekeeper.connect.forges.gitea import Gitea

    return Gitea(door, base, repository, token.value, pace, name="forgejo")


_WAYS = {
    "github": _Way(variables=_github_variables, opened=_github),
    "gitlab": _Way(variables=_gitlab_variables, opened=_gitlab),
    "gitea": _Way(variables=_gitea_variables, opened=_gitea),
    "forgejo": _Way(variables=_gitea_variables, opened=_forgejo),
}
