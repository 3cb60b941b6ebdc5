"""Who asks, as the forge's token, the CI system's variables and git's configuration tell it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gatekeeper.promotion.requester import Claim, requester_of

if TYPE_CHECKING:
    from gatekeeper.model.promoted import Requester
    from gatekeeper.policy.trust import Ring
    from gatekeeper.ports.forge import Forge

MAX_LOGIN = 320
"""The longest e-mail; a forge's logins are shorter."""

# By the variable that a CI system sets in each of its jobs: the system as `trust.yaml` calls it, and the variables that
# name people there, whoever set the job going now before whoever did first. Gitea's comes first: it sets GitHub's too.
_SYSTEMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("GITEA_ACTIONS", "gitea", ("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR")),
    ("FORGEJO_ACTIONS", "gitea", ("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR")),
    ("GITHUB_ACTIONS", "github", ("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR")),
    ("GITLAB_CI", "gitlab", ("GITLAB_USER_LOGIN",)),
    ("JENKINS_URL", "jenkins", ("BUILD_USER_ID",)),
    ("CIRCLECI", "circleci", ("CIRCLE_USERNAME",)),
    ("TF_BUILD", "azure", ("BUILD_REQUESTEDFOREMAIL",)),
    ("BUILDKITE", "buildkite", ("BUILDKITE_BUILD_CREATOR_EMAIL",)),
)
_IDENTITY = re.compile(r"<([^<>]+)> \d+ [+-]\d{4}\s*$")


def asking(ring: Ring | None, forge: Forge | None = None, environ: Mapping[str, str] | None = None) -> Requester | None:
    """Who asks, by name where the trust file knows them; None where nobody says. Raises what the forge raises."""
    return requester_of(claims(forge, environ), ring)


def claims(forge: Forge | None, environ: Mapping[str, str] | None = None) -> list[Claim]:
    """What is said of who asks, by the forge and the CI system, else by git. Raises what the forge raises."""
    told = [*_of_forge(forge), *of_ci(os.environ if environ is None else environ)]
    return told or _of_git()


def _of_forge(forge: Forge | None) -> list[Claim]:
    login = None if forge is None else forge.actor()
    return [] if forge is None or not login else [Claim(vouched="forge", system=forge.name, login=login[:MAX_LOGIN])]


def of_ci(environ: Mapping[str, str]) -> list[Claim]:
    """Whom the CI system names that this job runs in."""
    found = next(((system, names) for mark, system, names in _SYSTEMS if environ.get(mark)), None)
    if found is None:
        return []
    logins = dict.fromkeys(login for name in found[1] if (login := _text(environ.get(name, "")).strip()))
    return [Claim(vouched="ci", system=found[0], login=login[:MAX_LOGIN]) for login in logins]


def _text(value: str) -> str:
    """What an environment variable holds, with bytes that are no UTF-8 shown as such."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _of_git() -> list[Claim]:
    email = git_email()
    return [] if email is None else [Claim(vouched="git", system="email", login=email[:MAX_LOGIN])]


def git_email(ask: Callable[[], str] | None = None) -> str | None:
    """The e-mail that git would put on a commit here; None where it has none."""
    found = _IDENTITY.search(_git_identity() if ask is None else ask())
    return found[1].strip() or None if found else None


def _git_identity() -> str:
    from gatekeeper.connect.git.command import run  # git is asked only where nobody else says anything
    from gatekeeper.errors import CannotActError

    try:
        return run(None, ["var", "GIT_COMMITTER_IDENT"]).out.decode("utf-8", "replace")
    except CannotActError:
        return ""
