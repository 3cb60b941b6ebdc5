"""Commits that are proposed: where each kind is pushed, and with which push options.

GitLab's are those of its documentation of push options, where `\\n` stands for a line break. AGit's are those of Gitea
(since 1.23 `{base64}` before a value) and of Forgejo.
"""

from __future__ import annotations

import base64

from gatekeeper.connect.git.address import check_ref
from gatekeeper.connect.git.push import Update
from gatekeeper.errors import InvalidRequestError
from gatekeeper.ports.repository import EVIDENCE_BRANCH, Proposal

_MOST_ENCODED = 44_000  # so that its base64 fits into one push option


def check_proposal(proposal: Proposal, branch: str) -> None:
    """Raises InvalidRequestError where it would write to the branch itself, or where evidence is kept.

    Nor below one of them: git has no branch `a` beside `a/b`, so that there could be no evidence any more.
    """
    if f"{check_ref(proposal.branch)}/".startswith((f"{branch}/", f"{EVIDENCE_BRANCH}/")):
        raise InvalidRequestError(
            f"{proposal.branch} cannot be the branch of a proposal: other things are written there"
        )


def update_of(proposal: Proposal, branch: str, commit: str, replaces: str | None) -> Update:
    """What is pushed. Behind `refs/for/` nobody can say what is there now."""
    if proposal.via == "agit":
        return Update(f"refs/for/{branch}", None, commit)
    return Update(f"refs/heads/{proposal.branch}", replaces or "", commit)


def options_of(proposal: Proposal, branch: str) -> list[str]:
    """The push options that make a pull request of it."""
    if proposal.via == "gitlab-push":
        return [
            "merge_request.create",
            f"merge_request.target={branch}",
            f"merge_request.title={_line(proposal.title)}",
            *([f"merge_request.description={_lines(proposal.body)}"] if proposal.body else []),
            *(f"merge_request.label={label}" for label in proposal.labels),
        ]
    if proposal.via == "agit":
        return [
            f"topic={proposal.branch}",
            f"title={_line(proposal.title)}",
            *([f"description={_encoded(proposal.body)}"] if proposal.body else []),
            "force-push=true",  # of a pull request that is there; nobody can see whether there is one
        ]
    return []


def _line(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    """What reads as a line break and is none must not become one: it could begin a heading or a command."""
    return text.replace("\\n", "&#92;n").replace("\r\n", "\n").replace("\n", "\\n")


def _encoded(text: str) -> str:
    """Encoded only where it must be: servers that do not know the form show it as it is."""
    if "\n" not in text and not text.startswith("{base64}"):
        return text
    whole = text.encode("utf-8", "replace")[:_MOST_ENCODED].decode("utf-8", "ignore")
    return f"{{base64}}{base64.b64encode(whole.encode()).decode('ascii')}"
