"""Files that are kept on the evidence branch: added by a commit on top of its tip, never changed and never removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gatekeeper.connect.git.identity import Committer
from gatekeeper.connect.git.objects import REGULAR
from gatekeeper.connect.git.push import Update
from gatekeeper.connect.git.tree import CommitTree, Source, together
from gatekeeper.connect.git.workspace import Workspace
from gatekeeper.connect.git.writer import Writable, write_tree
from gatekeeper.ports.repository import EVIDENCE_BRANCH

REF = f"refs/heads/{EVIDENCE_BRANCH}"


def _holds(tree: CommitTree, path: str) -> bool:
    """Whether a file is there; anything else in its place is refused where it would be written."""
    entry = tree.entry(path)
    return entry is not None and entry.mode in REGULAR


class _Source(Source, Writable, Protocol):
    """What the branch is read from and built upon."""


class Evidence:
    """What is to be kept, as a commit on the tip that was seen last; it is derived anew when that has moved."""

    def __init__(
        self, source: _Source, work: Workspace, committer: Committer, keep: Mapping[str, bytes], tip: str | None
    ) -> None:
        self._source = source
        self._work = work
        self._committer = committer
        self._keep = keep
        self.update: Update | None = None
        self.place(tip)

    def place(self, tip: str | None) -> None:
        """Derive it for this tip; there is nothing to do where all of it is there."""
        base = CommitTree(self._source, tip) if tip is not None else None
        if base is not None:
            together(self._source, [base.walk(self._keep, files=False)])
        new = {path: data for path, data in self._keep.items() if base is None or not _holds(base, path)}
        if not new:
            self.update = None
            return
        tree = write_tree(self._work, self._source, base, new)
        message = f"Keep {len(new)} piece{'s' * (len(new) > 1)} of evidence\n"
        self.update = Update(REF, tip or "", self._committer.commit(self._work, tree, tip, message))
