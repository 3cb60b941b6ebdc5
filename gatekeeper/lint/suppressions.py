"""Comments that let a finding through: `# gatekeeper: allow <finding-id>: reason`, on its line or the line above.

A comment without a reason allows nothing and is a finding; so is one that meets no finding.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gatekeeper.model.finding import Finding
from gatekeeper.policy.documents import Document
from gatekeeper.policy.near import near

UNUSED, UNREASONED = "suppression-unused", "suppression-without-reason"
SUMMARIES = {
    UNUSED: "A comment allows a finding that is not there.",
    UNREASONED: "A comment allows a finding without saying why: it allows nothing.",
}
_COMMENT = re.compile(r"(?:^|\s)#\s*gatekeeper\s*:\s*allow\b[ \t]*([^:\n]*?)[ \t]*(?::[ \t]*([^\n]*))?$")


class Comment(Struct, frozen=True, kw_only=True):
    """One such comment; `below` is the line that it speaks of beside its own."""

    file: str
    line: int
    column: int
    id: str
    reason: str
    below: int


def applied(
    findings: Sequence[Finding], documents: Iterable[Document], known: Sequence[str], looked: Container[str]
) -> tuple[Finding, ...]:
    """The findings, those that a comment allows marked with its reason, and those about the comments themselves.

    A comment about what was not looked for, such as versions without a commit to compare with, is not unused.
    """
    comments = [comment for together in _files(documents) for comment in comments_of(together)]
    used: set[Comment] = set()
    marked = [_marked(finding, comments, used) for finding in findings]
    return (*marked, *_faults([one for one in comments if one not in used], known, looked))


def comments_of(documents: Sequence[Document]) -> Iterator[Comment]:
    """The comments of a file, given as its documents; what stands inside a text is no comment."""
    text, file = documents[0].tree.text, documents[0].file
    lines = text.split("\n")
    spans = [span for document in documents for span in _texts(document)] if "gatekeeper" in text else []
    start = 0
    for number, line in enumerate(lines, 1):
        match = _COMMENT.search(line.rstrip("\r")) if "gatekeeper" in line else None
        place = start + line.index("#", match.start()) if match is not None else 0
        if match is not None and not any(first <= place < last for first, last in spans):
            yield Comment(
                file=file,
                line=number,
                column=place - start + 1,
                id=match[1].strip(),
                reason=(match[2] or "").strip(),
                below=_next(lines, number),
            )
        start += len(line) + 1


def _next(lines: Sequence[str], number: int) -> int:
    """The next line that is no comment and not blank; the comment's own where something stands before it."""
    if not lines[number - 1].lstrip().startswith("#"):
        return number
    rest = enumerate(lines[number:], number + 1)
    return next((at for at, line in rest if line.strip() and not line.lstrip().startswith("#")), number)


def _files(documents: Iterable[Document]) -> list[list[Document]]:
    """The documents by their files."""
    together: dict[str, list[Document]] = {}
    for document in documents:
        together.setdefault(document.file, []).append(document)
    return list(together.values())


def _texts(document: Document) -> list[tuple[int, int]]:
    """Where quoted and block texts begin and end, in which `#` begins no comment."""
    text, spans = document.tree.text, []
    waiting, seen = [document.tree.root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.id != "scalar":
            waiting += [part for pair in node.value for part in pair] if node.id == "mapping" else node.value
        elif node.style:
            first = node.start_mark.index
            # Behind the `>` or `|` of a block there may be a comment: the text begins on the next line.
            spans.append((text.find("\n", first) if node.style in "|>" else first, node.end_mark.index))
    return spans


def _marked(finding: Finding, comments: Sequence[Comment], used: set[Comment]) -> Finding:
    for comment in comments:
        if comment.file != finding.file or comment.id != finding.id or not comment.reason:
            continue
        if {comment.line, comment.below} & set(finding.lines):
            used.add(comment)
            finding = replace(finding, allowed=comment.reason)
    return finding


def _faults(comments: Iterable[Comment], known: Sequence[str], looked: Container[str]) -> Iterator[Finding]:
    for comment in comments:
        if not comment.reason:
            message = f"this comment gives no reason, and allows nothing: {comment.id or 'no finding is named'}"
            yield _fault(comment, UNREASONED, message, "Write `# gatekeeper: allow <finding-id>: reason`.")
        elif comment.id not in known:
            hint = near(comment.id, known) or "docs/policy-check.md lists all findings."
            yield _fault(comment, UNUSED, f"there is no finding {comment.id!r}", hint)
        elif comment.id in looked:
            yield _fault(comment, UNUSED, f"there is no {comment.id} here", "Remove the comment.")


def _fault(comment: Comment, id_: str, message: str, remedy: str) -> Finding:
    return Finding(
        id=id_,
        severity="warning",
        message=message,
        remedy=remedy,
        file=comment.file,
        line=comment.line,
        column=comment.column,
    )
