"""What becomes of a push: told by the branches themselves, never by the text of an error."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from gatekeeper.connect.git import evidence as kept
from gatekeeper.connect.git import push as pushing
from gatekeeper.connect.git.command import Done
from gatekeeper.connect.git.evidence import Evidence
from gatekeeper.connect.git.push import Update, push
from gatekeeper.connect.git.workspace import Workspace
from gatekeeper.errors import CannotActError
from gatekeeper.ports.repository import Landing

_TRIES = 4
_MOVES = 20
_PAUSE = 0.2


class Place(NamedTuple):
    """Where and how is pushed: the repository's name for people, the folder to push from, the patience."""

    name: str
    work: Workspace
    timeout: float
    sleep: Callable[[float], None]


class Branches(Protocol):
    """Where the branches are read."""

    def tips(self, refs: Sequence[str]) -> dict[str, str]:
        """The commits at those of the refs that are there, fetched now."""

    def list(self, refs: Sequence[str]) -> dict[str, str]:
        """What the repository has of the refs, with their ids."""

    def under(self, prefix: str) -> dict[str, str]:
        """The refs whose names begin with `prefix`."""


class Lander:
    """Pushes until it is known what became of it."""

    def __init__(self, branches: Branches, place: Place) -> None:
        self._branches = branches
        self._place = place
        self._atomic = True

    def land(
        self,
        update: Update,
        evidence: Evidence | None,
        is_in: Callable[[str, bool], bool],
        options: Sequence[str] = (),
    ) -> Landing:
        """Push the update, with the evidence or after it. Push options would hold for both: then it goes first.

        `is_in(tip, sent)` says whether a tip that is another one has the update below it.
        """
        self._atomic = self._atomic and not options
        sent = open_ends = False
        tries = moves = 0
        while True:
            done = self._push(update, evidence, options)
            sent = sent or pushing.was_sent(done)
            open_ends = open_ends or not pushing.was_answered(done)
            landing = None if done.code else self._confirmed(update, done)
            before = evidence.update if evidence else None
            landing = landing or self._look(update, evidence, done, is_in, sent=sent)
            if landing is not None:
                return landing
            if evidence and evidence.update != before and moves < _MOVES:
                moves += 1
                self._pause(min(moves, _TRIES))
                continue
            tries += 1
            if tries == _TRIES or pushing.is_final(done):
                raise self._not_taken(update, done) if open_ends else self._refused(update, done)
            # A held lock looks like a refusal; it is gone in a moment, and a refusal stays.
            self._pause(tries)

    def submit(
        self, update: Update, evidence: Evidence | None, options: Sequence[str], replaces: str | None
    ) -> Landing:
        """Push to a place that shows nothing of what is there; the server makes a pull request of it.

        Each user has topics of their own there: without `replaces` it is the user's own proposal that is updated.
        """
        if replaces is not None and replaces not in self._branches.under("refs/pull/").values():
            return Landing(moved=True)
        self.keep(evidence)
        done = self._pushed([update], options)
        if self._is_proposed(update, done):
            return Landing(commit=update.new, url=pushing.url_in(done.said))
        if done.code:
            raise self._refused(update, done)
        raise CannotActError(
            f"{self._place.name} made no pull request of the push to {update.ref}",
            "It may know no such pushes: let the environment name its forge and a token.",
        )

    def _is_proposed(self, update: Update, done: Done) -> bool:
        """Where it cannot be asked, git is believed that all went well."""
        try:
            return update.new in self._branches.under("refs/pull/").values()
        except CannotActError as fault:
            if done.code:
                raise self._unknown(update, done, fault) from fault
            return True

    def keep(self, evidence: Evidence | None, before: Update | None = None) -> None:
        """Push the evidence alone, or until it can go together with the update that it is kept for.

        Raises CannotActError when it is refused.
        """
        tries = moves = 0
        while evidence is not None and evidence.update is not None:
            update = evidence.update
            if before is not None and self._goes_along(update, before):
                return
            done = self._pushed([update])
            if not done.code:
                evidence.update = None
                return
            self._place_again(evidence, self._tips(update).get(kept.REF))
            moved = evidence.update != update
            moves, tries = moves + moved, tries + (not moved)
            if moves == _MOVES or tries == _TRIES or (not moved and pushing.is_final(done)):
                raise self._refused(update, done)
            self._pause(min(moves + tries, _TRIES))

    def _push(self, update: Update, evidence: Evidence | None, options: Sequence[str]) -> Done:
        if evidence is None or evidence.update is None:
            return self._pushed([update], options)
        self.keep(evidence, update)
        if evidence.update is not None:
            done = self._pushed([update, evidence.update], options)
            if not pushing.lacks(done, "--atomic"):
                return done
            self._atomic = False
            self.keep(evidence)
        return self._pushed([update], options)

    def _goes_along(self, evidence: Update, update: Update) -> bool:
        return self._atomic and _is_written_first(evidence, update)

    def _pushed(self, updates: Sequence[Update], options: Sequence[str] = ()) -> Done:
        done = push(self._place.work.git_dir, updates, self._place.timeout, options)
        if pushing.lacks(done, "push options"):
            raise CannotActError(
                f"{self._place.name} takes no push options, by which a pull request would be opened",
                "Allow them there (receive.advertisePushOptions), or let the environment name its forge and a token.",
            )
        return done

    def _confirmed(self, update: Update, done: Done) -> Landing | None:
        """Where the branch holds the commit, or cannot be asked, git is believed.

        A server may take a push and put it elsewhere, for a review; and `pushInsteadOf` may lead to another one.
        """
        try:
            there = self._branches.list([update.ref]).get(update.ref)
        except CannotActError:
            there = update.new
        return Landing(commit=update.new, url=pushing.url_in(done.said)) if there == update.new else None

    def _look(
        self, update: Update, evidence: Evidence | None, done: Done, is_in: Callable[[str, bool], bool], *, sent: bool
    ) -> Landing | None:
        """What became of a push that reported failure; None when nothing changed there but the evidence's branch."""
        try:
            tips = self._tips(update)
            tip = tips.get(update.ref, "")
            if tip == update.new or (tip and tip != update.old and is_in(tip, sent)):
                return Landing(commit=update.new, url=pushing.url_in(done.said))
            if tip != update.old:
                return Landing(moved=True)
            if evidence is not None:
                self._place_again(evidence, tips.get(kept.REF))
        except CannotActError as fault:
            raise self._unknown(update, done, fault) from fault
        return None

    def _place_again(self, evidence: Evidence, tip: str | None) -> None:
        """On another tip the evidence is derived anew; where it landed, nothing is left to do."""
        update = evidence.update
        if update is not None and (tip or "") != update.old:
            evidence.place(tip)

    def _tips(self, update: Update) -> dict[str, str]:
        return self._branches.tips([update.ref, *([kept.REF] if update.ref != kept.REF else [])])

    def _unknown(self, update: Update, done: Done, fault: CannotActError) -> CannotActError:
        return CannotActError(
            f"the push failed ({pushing.said(done)}), and the branch cannot be read: {fault.message}",
            f"commit {update.new} may have landed; run again, which finds out",
        )

    def _refused(self, update: Update, done: Done) -> CannotActError:
        if pushing.was_answered(done):
            return CannotActError(f"{self._place.name} refused the commit: {pushing.said(done)}")
        return self._not_taken(update, done)

    def _not_taken(self, update: Update, done: Done) -> CannotActError:
        """A server that once was not waited for, or whose answer got lost, may still be at work on the commit."""
        return CannotActError(
            f"{self._place.name} did not take the commit: {pushing.said(done)}",
            f"Run it again: it finds out whether commit {update.new} landed after all.",
        )

    def _pause(self, times: int) -> None:
        self._place.sleep(random.uniform(0, _PAUSE * 2**times))  # noqa: S311 - spreads writers, keeps no secret


def _is_written_first(evidence: Update, update: Update) -> bool:
    """Whether a server that dies within an atomic push has kept the evidence before the record that points at it.

    Servers write files of refs one after the other, in the order in which git names them: those that are there by
    their names, then the new ones.
    """
    return bool(evidence.old) and evidence.ref < update.ref
