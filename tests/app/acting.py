"""Promotions of one artifact, as most tests make them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gatekeeper.app import promote as use_case
from gatekeeper.app.asked import Asked, Means
from gatekeeper.app.evaluate import Judged
from gatekeeper.app.look import Look
from gatekeeper.model.judgement import Report
from gatekeeper.ports import Tree
from gatekeeper.ports.repository import Repository


def promote(repository: Repository, branch: str, means: Means, asked: Asked | None = None) -> Report:
    """The only artifact's report."""
    (report,) = use_case.promote(repository, branch, means, asked)
    return report


def plan(repository: Repository, branch: str, means: Means, asked: Asked | None = None) -> Report:
    """The only artifact's report."""
    (report,) = use_case.plan(repository, branch, means, asked)
    return report


def judging(judge: Callable[[Tree, datetime], Judged]) -> Callable[[Look, datetime], tuple[Judged, ...]]:
    """A judge of one artifact by the files of the tip."""
    return lambda look, now: (judge(look.home.tip, now),)


def nowhere(repo: str | None, branch: str) -> Repository:
    """There is no repository but the one that is promoted in."""
    raise AssertionError((repo, branch))
