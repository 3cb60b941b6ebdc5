"""The deny list: a digest on it is never promoted, by no waiver and in no environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import UNSET

from gatekeeper.model.artifact import Artifact
from gatekeeper.model.judgement import Result
from gatekeeper.policy.documents import Document
from gatekeeper.policy.people import deny_list_of

RULE = "deny-list"
_WHY = "Digests on the deny list are never promoted, anywhere, and nothing can waive that."


def denial(denied: Sequence[Document], artifact: Artifact | None) -> tuple[Result, ...]:
    """A failed result where the artifact, or anything it carries, is on a deny list; none where it is not.

    With a deny list, and of an artifact without a digest, nobody can say: that is `missing`.
    """
    if not denied:
        return ()
    carried = dict(_carried(artifact))
    for document in denied:
        for index, digest in enumerate(deny_list_of(document).spec.digests):
            if digest in carried:
                return (_denied(document, index, digest, carried[digest]),)
    return () if artifact is not None and artifact.digest else (_unknown(denied[0]),)


def _carried(artifact: Artifact | None) -> Iterable[tuple[str, str]]:
    """Every digest that is known of the artifact, with what it is the digest of; the image's own counts first."""
    if artifact is None:
        return
    for name, digest in sorted(artifact.datasets.items()):
        yield digest, f"the data set {name}"
    if artifact.model is not None and artifact.model.digest is not UNSET:
        yield artifact.model.digest, "the model"
    if artifact.digest:
        yield artifact.digest, "the image"


def _denied(document: Document, index: int, digest: str, what: str) -> Result:
    spec = deny_list_of(document).spec
    return _result(
        "fail",
        f"{what} {digest} is on the deny list, by {spec.by}: {spec.reason}",
        "Promote another one. If this one is wrongly listed, take it off by a reviewed change of deny.yaml.",
        document,
        document.place("spec", "digests", index)[0],
    )


def _unknown(document: Document) -> Result:
    message = "the artifact has no digest, so nobody can say whether it is on the deny list"
    return _result("missing", message, "Give it with its digest: --artifact name:tag@sha256:….", document, 1)


def _result(outcome: str, message: str, remedy: str, document: Document, line: int) -> Result:
    return Result(
        policy=RULE,
        rule=RULE,
        enforcement="deny",
        severity="critical",
        result="fail" if outcome == "fail" else "missing",
        message=message,
        why=_WHY,
        remedy=remedy,
        file=document.file,
        line=line,
    )
