"""Promoting by pull request: propose the commit on a branch of its own, tell about it, and merge it when it may be.

There is one branch for each artifact of an environment. What is open and says the same is adopted; what says something
else of the same image is updated; what proposes another image is closed in favour of the new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.app.asked import Asked, Means
from gatekeeper.app.batch import Batch, part_of, record_of
from gatekeeper.app.gathering import Gathered, gather
from gatekeeper.app.merging import merge
from gatekeeper.app.outcome import outcome
from gatekeeper.app.proposal_branch import ProposalBranch, as_recorded, branch_name, find_branch, is_same
from gatekeeper.app.proposed import STICKY, SUPERSEDED, Proposed
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.model.delivery import Forge as Settings
from gatekeeper.model.judgement import Report
from gatekeeper.ports.forge import Forge, PullRequest, StatusState
from gatekeeper.ports.repository import Landing, Proposal
from gatekeeper.promotion.proposal import body, context_of, marker, proposes, said, titled
from gatekeeper.promotion.requester import joined
from gatekeeper.promotion.reviews import reviewed
from gatekeeper.reports.markdowntext import prose
from gatekeeper.reports.several import render

_MAX_BODY = 60_000


def propose(batch: Batch, means: Means, asked: Asked, attempts: int) -> tuple[Report, ...] | None:
    """The pull request of what goes, with its reports; None where somebody else was faster.

    Raises CannotActError where the forge or the repository refuses, or somebody else changed the branch.
    """
    settings = batch.going[0].environment.spec.delivery.forge
    if settings is UNSET:
        raise InvalidRequestError("delivery is by pull request, and names no forge", "Add delivery.forge.")
    forge = means.forge(batch.going[0].environment)
    if forge is None:
        return _by_push(batch, settings, asked, attempts)
    proposed = _put(batch, forge, settings, asked)
    if proposed is None:
        return None
    with there(f"pull request {proposed.pull.url} is open"):
        found = replace(proposed, gathered=_gathered(batch, forge, proposed))
        reports = _recorded(_with(batch, found), found, attempts)
        _tell(forge, batch, found, reports)
        return merge(batch, means, forge, settings, found, reports) if asked.merge else reports


@contextmanager
def there(what: str) -> Iterator[None]:
    """Say with a failure what is there already."""
    try:
        yield
    except CannotActError as fault:
        raise CannotActError(f"{fault.message}; {what}", fault.remedy) from fault


def _by_push(batch: Batch, settings: Settings, asked: Asked, attempts: int) -> tuple[Report, ...] | None:
    """With git's credentials alone: nothing can be asked, and people merge."""
    if asked.merge:
        raise InvalidRequestError(f"a forge of type {settings.type} is spoken to by git alone, which merges nothing")
    branch = branch_name(batch)
    ours = find_branch(batch, branch) if settings.type == "gitlab-push" else None
    if ours is not None and is_same(batch, ours, asked):
        return outcome(batch, attempts=attempts, commit=ours.commit)
    reports = outcome(batch, attempts=attempts)
    landing = _pushed(batch, branch, settings, ours, render("markdown", reports))
    if landing.moved:
        return None
    return outcome(batch, attempts=attempts, commit=landing.commit, url=landing.url)


def _pushed(batch: Batch, branch: str, settings: Settings, ours: ProposalBranch | None, text: str) -> Landing:
    via = settings.type if settings.type in ("gitlab-push", "agit") else "branch"
    proposal = Proposal(branch=branch, title=title_of(batch), body=text[:_MAX_BODY], labels=settings.labels, via=via)
    replaces = None if ours is None else ours.commit
    return batch.site.repository.propose(
        batch.site.tip, batch.files, batch.message, proposal, replaces=replaces, keep=batch.keep
    )


def _put(batch: Batch, forge: Forge, settings: Settings, asked: Asked) -> Proposed | None:
    """The branch and the pull request as they are to be. What proposes another image is closed before it changes."""
    branch, base = branch_name(batch), batch.site.branch
    ours = find_branch(batch, branch)
    wanted = marker(batch.going_images)
    pulls = _of_this_image(forge, forge.find(branch, base), wanted, title_of(batch))
    if ours is not None and is_same(batch, ours, asked):
        commit, asking, (going, records) = ours.commit, ours.requesters, as_recorded(batch, ours)
    else:
        landing = _pushed(batch, branch, settings, ours, "")
        if landing.moved or landing.commit is None:
            return None
        commit, asking, going = landing.commit, (), batch.going
        records = {path: batch.files[path] for path in map(record_of, going)}
    with there(f"the branch {branch} is pushed"):
        pull = _opened(replace(batch, going=going), forge, pulls, branch, commit, settings)
    if pull is None:
        return None
    return Proposed(pull=pull, commit=commit, going=going, records=records, asking=asking)


def _of_this_image(forge: Forge, pulls: Sequence[PullRequest], wanted: str, title: str) -> list[PullRequest]:
    staying = []
    for pull in pulls:
        if proposes(pull.body) in (None, wanted):
            staying.append(pull)
            continue
        forge.comment(pull.number, f"{SUPERSEDED}\nSuperseded: {prose(title)} is proposed instead.", SUPERSEDED)
        forge.close(pull.number)
    return staying


def _opened(
    batch: Batch, forge: Forge, pulls: Sequence[PullRequest], branch: str, commit: str, settings: Settings
) -> PullRequest | None:
    """The pull request of this commit, saying what it proposes; None where it is to be looked again.

    Without one that is open it may just have been merged: then the branch below has moved, and nothing is opened.
    Raises CannotActError where another run has proposed something else by now: the last one to push wins.
    """
    if not pulls and batch.has_moved:
        return None
    title, text = title_of(batch), body([part_of(item) for item in batch.going], batch.going_images)
    pull = pulls[0] if pulls else forge.open(branch, batch.site.branch, title, text, settings.labels)
    tip = batch.site.repository.proposed(branch)
    if tip is None:
        return None
    if tip.commit != commit:
        raise CannotActError(
            f"another run has proposed something else on {branch} meanwhile, at {tip.commit}",
            f"See {pull.url}; run this again if it is to be replaced.",
        )
    title = titled(pull.title, title)
    if (pull.title, pull.body.replace("\r\n", "\n").strip()) != (title, text.strip()):
        forge.update(pull.number, title, text)
    return pull


def title_of(batch: Batch) -> str:
    """The first line of the commit's message."""
    return batch.message.partition("\n")[0]


def _gathered(batch: Batch, forge: Forge, proposed: Proposed) -> tuple[Gathered, ...]:
    """What each artifact waits for, with the reviews of exactly this commit, by nobody who asked for it."""
    reviews = forge.reviews(proposed.pull.number)
    found = []
    for item in batch.going:
        assert item.promoted is not None
        if item.promoted.override is not UNSET or item.promoted.rollback is not UNSET:
            found.append(Gathered())
            continue
        given = reviewed(forge.name, reviews, proposed.commit, item.judged.ring)
        assert batch.look is not None
        assert batch.now is not None
        asking = joined(item.promoted.requester, proposed.asking)
        found.append(gather(batch.look, item.judged, item.site, asking, batch.now, given))
    return tuple(found)


def _with(batch: Batch, proposed: Proposed) -> Batch:
    """The batch with what is waited for and who approved, as the forge knows it by now."""
    going = []
    for item, gathered in zip(batch.going, proposed.gathered, strict=True):
        assert item.promoted is not None
        promoted = replace(item.promoted, approvals=gathered.approvals)
        going.append(replace(item, waiting=gathered.waiting, promoted=promoted))
    return replace(batch, going=tuple(going))


def _recorded(batch: Batch, proposed: Proposed, attempts: int) -> tuple[Report, ...]:
    """The reports, each with the record that the proposed commit holds: of what is adopted, that of the run before."""
    paths = {item.row.name: record_of(item) for item in proposed.going}
    found = []
    reports = outcome(batch, attempts=attempts, commit=proposed.commit, url=proposed.pull.url)
    for item, report in zip(batch.items, reports, strict=True):
        path, promotion = paths.get(item.row.name), report.promotion
        if path is None or promotion is None or promotion.record is None:
            found.append(report)
        else:
            written = proposed.records[path]
            found.append(replace(report, promotion=replace(promotion, record=path), written=written))
    return tuple(found)


def _tell(forge: Forge, batch: Batch, proposed: Proposed, reports: Sequence[Report]) -> None:
    forge.comment(proposed.pull.number, f"{STICKY}\n{render('markdown', reports)}", STICKY)
    waiting = proposed.waiting
    told = "; ".join(one.message for one in waiting) if waiting else "allowed, and nothing is waited for"
    state: StatusState = "pending" if waiting else "success"
    name = batch.going[0].environment.metadata.name
    forge.status(proposed.commit, context_of(name), state, said(told), proposed.pull.url)
