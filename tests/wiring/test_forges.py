"""Which forge is asked, by which address, and who gets which token."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from gatekeeper.connect.forges.place import Origin, origin_of, pages_of, place_of
from gatekeeper.errors import CannotActError, GatekeeperError, InvalidRequestError
from gatekeeper.model.delivery import Forge as Settings
from gatekeeper.ports import Answered
from gatekeeper.wiring.forges import forge_of

SECRET = "pl4nted-t0ken"
ALL = {
    name: f"{name}-{SECRET}"
    for name in (
        *("GATEKEEPER_FORGE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN"),
        *("GITEA_TOKEN", "FORGEJO_TOKEN"),
    )
}


class Listening:
    """A door that keeps what it was asked, and answers that nothing is there."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []

    def get(self, url: str, *, headers: dict[str, str], **_: object) -> Answered:
        self.asked.append((url, headers))
        return Answered(status=404, headers={}, body=b"{}")

    def credential(self) -> str:
        """What the one request carried."""
        ((_, headers),) = self.asked
        return next(headers[name] for name in ("authorization", "private-token", "job-token") if name in headers)


def asked(kind: str, address: str, environ: dict[str, str], **settings: Any) -> tuple[str, str]:
    """The URL that reading pull request 1 asks for, and the credential that goes along."""
    door = Listening()
    forge = forge_of(Settings(type=kind, **settings), address, environ, door=door)  # type: ignore[arg-type]
    assert forge is not None
    assert forge.name == kind
    with pytest.raises(CannotActError):
        forge.get(1)
    return door.asked[0][0], door.credential()


def refusal(kind: str, address: str, environ: dict[str, str], error: type[GatekeeperError], **settings: Any) -> str:
    """Why there is no forge; no token is told."""
    with pytest.raises(error) as caught:
        forge_of(Settings(type=kind, **settings), address, environ, door=Listening())  # type: ignore[arg-type]
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "address", "url"),
    [
        ("github", "https://github.com/o/r.git", "https://api.github.com/repos/o/r/pulls/1"),
        ("github", "https://user:pass@github.com/o/r", "https://api.github.com/repos/o/r/pulls/1"),
        ("github", "git@github.com:o/r.git", "https://api.github.com/repos/o/r/pulls/1"),
        ("github", "ssh://git@ssh.github.com:443/o/r.git", "https://api.github.com/repos/o/r/pulls/1"),
        ("github", "https://acme.ghe.com/o/r", "https://api.acme.ghe.com/repos/o/r/pulls/1"),
        ("github", "https://GHE.example/o/r/", "https://ghe.example/api/v3/repos/o/r/pulls/1"),
        ("gitlab", "https://gitlab.com/a/b/c.git", "https://gitlab.com/api/v4/projects/a%2Fb%2Fc/merge_requests/1"),
        ("gitlab", "git@altssh.gitlab.com:a/b", "https://gitlab.com/api/v4/projects/a%2Fb/merge_requests/1"),
        ("gitlab", "ssh://git@lab.example:2222/a/b", "https://lab.example/api/v4/projects/a%2Fb/merge_requests/1"),
        ("gitea", "http://127.0.0.1:3000/o/r.git", "http://127.0.0.1:3000/api/v1/repos/o/r/pulls/1"),
        ("forgejo", "https://codeberg.org/o/r", "https://codeberg.org/api/v1/repos/o/r/pulls/1"),
        ("gitea", "ssh://git@[2001:db8::1]:22/o/r", "https://[2001:db8::1]/api/v1/repos/o/r/pulls/1"),
    ],
)
def test_the_address_tells_the_forge(kind: str, address: str, url: str) -> None:
    assert asked(kind, address, ALL)[0] == url


@pytest.mark.parametrize("kind", ["gitlab-push", "agit"])
def test_a_push_asks_no_forge_and_needs_no_token(kind: str) -> None:
    assert forge_of(Settings(type=kind), "https://git.example/o/r", {}) is None  # type: ignore[arg-type]


def test_the_repository_may_be_named() -> None:
    url, _ = asked("gitea", "git@git.example:r.git", ALL, repository="ml/deploy")
    assert url == "https://git.example/api/v1/repos/ml/deploy/pulls/1"


@pytest.mark.parametrize(
    "address",
    ["git@git.example:r.git", "https://git.example/../r", "https://git.example/a b/c"],
)
def test_a_repository_that_cannot_be_told_must_be_named(address: str) -> None:
    assert "delivery.forge.repository" in refusal("gitea", address, ALL, InvalidRequestError)


# Where it is


@pytest.mark.parametrize(
    ("address", "url", "base"),
    [
        (
            "https://git.example/forge/o/r.git",
            "https://git.example/forge",
            "https://git.example/forge/api/v1/repos/o/r",
        ),
        ("git@git.example:o/r", "https://git.example:3000/", "https://git.example:3000/api/v1/repos/o/r"),
        ("git@git.example:o/r", "https://git.example/api/v1", "https://git.example/api/v1/repos/o/r"),
        ("https://git.example:443/o/r", "https://GIT.example", "https://git.example/api/v1/repos/o/r"),
    ],
)
def test_a_files_url_on_the_repositorys_server(address: str, url: str, base: str) -> None:
    assert asked("gitea", address, ALL, url=url)[0] == f"{base}/pulls/1"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://git.example/o/r", "https://evil.example"),
        ("https://git.example/o/r", "https://git.example.evil.example"),
        ("https://git.example/o/r", "https://git.example:8443"),
        ("https://git.example/o/r", "http://git.example"),
        ("git@git.example:o/r", "http://git.example"),
        ("git@git.example:o/r", "https://evil.example/git.example"),
        ("/srv/git/r.git", "https://evil.example"),
        ("file:///srv/git/r.git", "https://evil.example"),
        ("https://git.example/o/r", "https://git.example@evil.example/"),
    ],
)
def test_a_files_url_elsewhere_gets_no_token(address: str, url: str) -> None:
    said = refusal("gitea", address, ALL, InvalidRequestError, url=url, repository="o/r")
    assert "gets no token" in said or "not a URL" in said


def test_a_files_url_elsewhere_may_be_confirmed_where_no_file_can() -> None:
    environ = {**ALL, "GATEKEEPER_FORGE_URL": "https://forge.example"}
    named = {"url": "https://forge.example/", "repository": "o/r"}
    assert asked("gitea", "/srv/r.git", environ, **named)[0] == "https://forge.example/api/v1/repos/o/r/pulls/1"
    assert asked("gitea", "git@git.example:o/r", environ)[0] == "https://forge.example/api/v1/repos/o/r/pulls/1"
    assert "gets no token" in refusal("gitea", "/srv/r.git", environ, InvalidRequestError, url="https://evil.example")


@pytest.mark.parametrize("address", ["/srv/git/r.git", "file:///srv/git/r.git", "../r", "r"])
def test_a_folder_names_no_forge(address: str) -> None:
    assert "names no server" in refusal("gitea", address, ALL, InvalidRequestError, repository="o/r")


# Who gets which token


@pytest.mark.parametrize(
    ("kind", "order", "form"),
    [
        ("github", ["GATEKEEPER_FORGE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"], "Bearer {}"),
        ("gitlab", ["GATEKEEPER_FORGE_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN"], "{}"),
        ("gitea", ["GATEKEEPER_FORGE_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN"], "token {}"),
        ("forgejo", ["GATEKEEPER_FORGE_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN"], "token {}"),
    ],
)
def test_the_first_token_that_is_set_is_taken(kind: str, order: list[str], form: str) -> None:
    address = {"github": "https://github.com/o/r", "gitlab": "https://gitlab.com/o/r"}.get(
        kind, "https://git.example/o/r"
    )
    for number in range(len(order)):
        environ = {name: ALL[name] for name in order[number:]} | {name: "x" for name in ALL if name not in order}
        assert asked(kind, address, environ)[1] == form.format(ALL[order[number]])
    others = {name: value for name, value in ALL.items() if name not in order}
    said = refusal(kind, address, others, CannotActError)
    assert all(name in said for name in order), "no other forge's token goes along"


def test_a_workflows_token_goes_to_its_own_server_alone() -> None:
    token = {"GITHUB_TOKEN": SECRET}
    said = refusal("github", "https://ghe.example/o/r", token, CannotActError)
    assert "GITHUB_TOKEN is set, but belongs to github.com" in said
    there = {**token, "GITHUB_SERVER_URL": "https://ghe.example"}
    assert asked("github", "https://ghe.example/o/r", there)[1] == f"Bearer {SECRET}"
    refusal("github", "https://github.com/o/r", there, CannotActError)
    named = {**token, "GATEKEEPER_FORGE_URL": "https://ghe.example"}
    assert asked("github", "https://ghe.example/o/r", named)[1] == f"Bearer {SECRET}"


def test_a_jobs_token_goes_to_its_own_server_alone() -> None:
    token = {"CI_JOB_TOKEN": SECRET, "CI_SERVER_HOST": "lab.example"}
    assert asked("gitlab", "https://lab.example/o/r", token)[1] == SECRET
    assert "belongs to lab.example" in refusal("gitlab", "https://evil.example/o/r", token, CannotActError)
    refusal("gitlab", "https://lab.example/o/r", {"CI_JOB_TOKEN": SECRET}, CannotActError)


def test_an_empty_variable_is_none() -> None:
    environ = {"GATEKEEPER_FORGE_TOKEN": " ", "GITEA_TOKEN": f"{SECRET}\n"}
    assert asked("gitea", "https://git.example/o/r", environ)[1] == f"token {SECRET}"


# Addresses


@given(st.text(alphabet="ahtps:/@.[]%\\?#0-~ ", max_size=30) | st.text(max_size=20))
def test_any_text_is_a_place_or_none(text: str) -> None:
    try:
        place = place_of(text)
    except InvalidRequestError:
        return
    assert place is None or place.origin.host
    assert place is None or "@" not in place.origin.host


@given(st.text(alphabet="ahtps:/@.[]%\\?#0-~ ", max_size=30))
def test_a_servers_address_names_the_host_that_is_asked(url: str) -> None:
    from gatekeeper.connect.http.address import address_of

    try:
        origin, asked = origin_of(url), address_of(url, ("*",))
    except InvalidRequestError:
        return
    assert (origin.scheme, origin.host.strip("[]"), origin.port) == (asked.scheme, asked.host.strip("[]"), asked.port)


def test_origins() -> None:
    ssh = Origin(host="git.example")
    assert ssh.covers(origin_of("https://git.example:3000"))
    assert not ssh.covers(origin_of("http://git.example"))
    assert Origin(host="localhost").covers(origin_of("http://localhost:3000"))
    assert not Origin(host="127.evil.example").covers(origin_of("http://127.evil.example"))
    assert not origin_of("https://git.example").covers(origin_of("https://git.example:3000"))
    assert pages_of("https://api.github.com/") == "https://github.com"
    assert Settings(type="gitea").url is UNSET
