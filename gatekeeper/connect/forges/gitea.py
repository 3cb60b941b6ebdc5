"""Gitea and Forgejo, by their REST API, whose pull requests have GitHub's form; written against Gitea 1.26."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from msgspec import Struct

from gatekeeper.connect.forges.merging import Merging, Seen, merge
from gatekeeper.connect.forges.pull_requests import Alike, PullRequests
from gatekeeper.connect.forges.pulls import Pull, User
from gatekeeper.connect.forges.rest import Api, Login, Pace
from gatekeeper.ports import Door
from gatekeeper.ports.forge import Merged, PullRequest

_MAX_DESCRIPTION = 250
_COLOUR = "#70c24a"


class _Label(Struct, frozen=True, kw_only=True):
    id: int
    name: str


def login(token: str) -> Login:
    """How Gitea is told the token."""
    return Login(header="authorization", value=f"token {token}", token=token)


class Gitea(Alike):
    """`ports.forge.Forge` for one repository, `owner/name`, at the forge whose pages lie at `web`."""

    def __init__(self, door: Door, web: str, repository: str, token: str, pace: Pace, name: str = "gitea") -> None:
        self.name = name
        self._api = Api(door, f"{web}/api/v1", login(token), pace, size="limit")
        self._owner = repository.partition("/")[0]
        self._here = f"/repos/{repository}"
        pages = f"{web}/{repository}/pulls/"
        self._pulls = PullRequests(
            self._api, self._here, pages, self.actor, edited=201, duplicate=409, longest=_MAX_DESCRIPTION
        )
        self._actor: list[str | None] = []

    def actor(self) -> str | None:
        """The token's login; None where it may not read that (scope `read:user`)."""
        if not self._actor:
            answer = self._api.get("/user")
            if answer.status not in (200, 403, 404):
                raise self._api.refusal(answer, "ask who the token belongs to")
            self._actor.append(self._api.decoded(answer, User).login if answer.status == 200 else None)
        return self._actor[0]

    def find(self, head: str, base: str) -> tuple[PullRequest, ...]:
        """See `ports.forge.Forge`. What was opened by a push to `refs/for/` has no branch and is not found."""
        return self._pulls.find(head, base, {"base_branch": base})

    def open(self, head: str, base: str, title: str, body: str, labels: Iterable[str]) -> PullRequest:
        """See `ports.forge.Forge`; labels that do not exist are made."""
        asked = {"title": title, "body": body, "head": head, "base": base}
        opened = self._pulls.open(asked, lambda: self.find(head, base))
        if named := list(dict.fromkeys(labels)):
            self._pulls.label(opened.number, self._ids(named))
        return opened

    def merge(self, number: int, commit: str, method: str, title: str, body: str) -> Merged:
        """See `ports.forge.Forge`. "Please try again later" is its word while it looks for conflicts, and for them."""
        asked = {"Do": method, "head_commit_id": commit, "merge_title_field": title, "merge_message_field": body}
        merging = Merging(
            send=lambda: self._api.change("POST", f"{self._here}/pulls/{number}/merge", asked),
            look=lambda: Seen(pull=self.get(number)),
            not_yet=lambda words: "try again later" in words.lower(),
        )
        return merge(self._api, commit, merging)

    def brought(self, commit: str) -> tuple[PullRequest, ...]:
        """See `ports.forge.Forge`. Only the commit that a merge ended in is known, none that it brought along."""
        answer = self._api.get(f"{self._here}/commits/{commit}/pull")
        if answer.status == 404 and self._api.get(f"{self._here}/git/commits/{commit}").status == 200:
            return ()
        if answer.status != 200:
            raise self._api.refusal(answer, f"ask which pull request brought {commit[:12]}")
        pull = self._pulls.given(self._api.decoded(answer, Pull))
        return (pull,) if pull.state == "merged" else ()

    def _ids(self, labels: list[str]) -> list[int]:
        """Their ids: of the repository's labels, else of the organisation's, else of new ones."""
        known = {label.name: label.id for label in [*self._labels_of_owner(), *self._labels()]}
        return [known[label] if label in known else self._made(label) for label in labels]

    def _labels(self) -> list[_Label]:
        return self._api.every(f"{self._here}/labels", _Label, "labels")

    def _labels_of_owner(self) -> list[_Label]:
        """Those of the organisation, where the owner is one."""
        path = f"/orgs/{quote(self._owner, safe='')}/labels"
        if self._api.get(path, {"limit": "1"}).status != 200:
            return []
        return self._api.every(path, _Label, "labels of the organisation")

    def _made(self, label: str) -> int:
        asked = {"name": label, "color": _COLOUR}
        return self._api.settled(
            lambda: self._make(asked), lambda: {one.name: one.id for one in self._labels()}.get(label)
        )

    def _make(self, asked: dict[str, str]) -> int:
        answer = self._api.change("POST", f"{self._here}/labels", asked)
        if answer.status != 201:
            raise self._api.refusal(answer, f"make the label {asked['name']}")
        return self._api.decoded(answer, _Label).id
