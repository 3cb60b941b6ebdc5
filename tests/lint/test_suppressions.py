"""Comments that let a finding through: where they count, and what they must say."""

from __future__ import annotations

import pytest

from gatekeeper.model.finding import Finding
from tests.lint.samples import X, checked, environment, project, usable

HEAD = """\
apiVersion: gatekeeper/v1
kind: Policy
metadata: {name: p, version: 1.0.0, owners: [team]}
spec:
  evidence: {m: {kind: metrics}}
  rules:
"""


def _found(rule: str) -> dict[str, str | None]:
    """The findings on one rule by id, each with the reason that allows it."""
    report = checked(HEAD + rule)
    assert not report.problems, report.problems
    return {finding.id: finding.allowed for finding in report.findings}


BLOCK = """\
    - id: it
      why: because
      remedy: do it
      {above}
      require: >-
        {x} > 1.0
        || true
"""
LINE = """\
    - {{id: it, why: w, remedy: r, require: "{x} > 1.0 || true"}} {after}
"""
COMMENT = "# gatekeeper: allow always-true: an experiment"


@pytest.mark.parametrize(
    "comment",
    [
        COMMENT,
        "#gatekeeper:allow always-true:an experiment",
        "#  gatekeeper :  allow   always-true  :   an experiment  ",
        f"{COMMENT}\n      # and more talk",
        f"# talk\n      {COMMENT}\n\n      # more talk",
    ],
)
def test_a_comment_above_the_key_of_an_expression(comment: str) -> None:
    assert _found(BLOCK.format(x=X, above=comment)) == {"always-true": "an experiment"}


def test_a_comment_on_the_line() -> None:
    assert _found(LINE.format(x=X, after=COMMENT)) == {"always-true": "an experiment"}


def test_a_comment_on_the_line_of_the_key() -> None:
    rule = BLOCK.format(x=X, above="").replace("require: >-", f"require: >- {COMMENT}")
    assert _found(rule) == {"always-true": "an experiment"}


def test_a_reason_may_hold_colons_and_marks() -> None:
    found = _found(LINE.format(x=X, after="# gatekeeper: allow always-true: see ADR-7: it's #1, ünlikely"))
    assert found == {"always-true": "see ADR-7: it's #1, ünlikely"}


@pytest.mark.parametrize(
    ("comment", "id_"),
    [
        ("# gatekeeper: allow always-true", "suppression-without-reason"),
        ("# gatekeeper: allow always-true:", "suppression-without-reason"),
        ("# gatekeeper: allow always-true:   ", "suppression-without-reason"),
        ("# gatekeeper: allow", "suppression-without-reason"),
        ("# gatekeeper: allow : because", "suppression-unused"),
        ("# gatekeeper: allow always-tru: because", "suppression-unused"),
        ("# gatekeeper: allow always-false: because", "suppression-unused"),
        ("# gatekeeper: allow always-true, always-false: because", "suppression-unused"),
        ("# gatekeeper: allow *: because", "suppression-unused"),
    ],
)
def test_what_allows_nothing_is_told(comment: str, id_: str) -> None:
    assert _found(BLOCK.format(x=X, above=comment)) == {"always-true": None, id_: None}


@pytest.mark.parametrize("comment", ["# gatekeeper allow always-true: because", "# allow always-true: because", "# x"])
def test_another_comment_is_another_comment(comment: str) -> None:
    assert _found(BLOCK.format(x=X, above=comment)) == {"always-true": None}


def test_a_comment_elsewhere_does_not_count() -> None:
    rule = BLOCK.format(x=X, above="").replace("why: because", f"why: because\n      {COMMENT}")
    assert _found(rule) == {"always-true": None, "suppression-unused": None}
    rule = BLOCK.format(x=X, above="") + f"      {COMMENT}\n"
    assert _found(rule) == {"always-true": None, "suppression-unused": None}


@pytest.mark.parametrize(
    "text",
    [
        f"why: |\n        because\n        {COMMENT}\n        of that",
        f"why: >-\n        {COMMENT}",
        f"why: 'because\n        {COMMENT}\n        of that'",
        f"why: '{COMMENT}'",
        f'why: "x {COMMENT}"',
    ],
)
def test_what_stands_inside_a_text_is_no_comment(text: str) -> None:
    assert _found(BLOCK.format(x=X, above="").replace("why: because", text)) == {"always-true": None}


def test_findings_about_comments_cannot_be_allowed() -> None:
    comment = "# gatekeeper: allow suppression-unused: hush\n      # gatekeeper: allow always-false: because"
    found = checked(HEAD + BLOCK.format(x=X, above=comment)).findings
    assert [one.id for one in found if one.allowed is None] == ["suppression-unused"] * 2 + ["always-true"]


def test_what_is_allowed_does_not_fail() -> None:
    report = checked(HEAD + LINE.format(x=X, after=COMMENT))
    assert not report.fails
    assert report.standing == ()
    assert len(report.findings) == 1


@pytest.mark.parametrize("id_", ["version-unchanged", "unknown-environment"])
def test_a_comment_about_what_was_not_looked_for_is_not_unused(id_: str) -> None:
    rule = LINE.format(x=X, after=f"# gatekeeper: allow {id_}: known").replace(" || true", "")
    assert _found(rule) == {}
    report = project(
        policies={"p.yaml": HEAD + rule}, environments=[environment("staging")], before={"q.yaml": HEAD + rule}
    )
    assert [finding.id for finding in usable(report)] == ["suppression-unused"]


def test_comments_count_in_environments_and_waivers() -> None:
    text = """\
apiVersion: gatekeeper/v1
kind: Waiver
metadata: {name: w}
spec:
  policy: p
  rule: it
  environments: [staging]
  reason: known
  ticket: SEC-1
  requested_by: carol
  approved_by: dave
  granted: 2026-11-01
  # gatekeeper: allow waiver-expired: kept until the audit is over
  expires: 2026-11-10
"""
    from gatekeeper.app.check import check_project
    from gatekeeper.model.project import Folders
    from tests.lint.samples import NOW, policy
    from tests.trees import MemoryTree

    files = {"policies/p.yaml": policy(f"{X} > 1.0"), "environments/staging.yaml": environment("staging")}
    report = check_project(MemoryTree({**files, "waivers/w.yaml": text}), Folders(), NOW)
    allowed: list[Finding] = [finding for finding in usable(report) if finding.allowed is not None]
    assert [(finding.id, finding.allowed) for finding in allowed] == [
        ("waiver-expired", "kept until the audit is over")
    ]
