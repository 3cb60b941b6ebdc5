"""What promote and plan share: the same judgement and the same derivation, with or without the push."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import structs

from gatekeeper.cli import codes
from gatekeeper.cli.delivery import Output, check_output, deliver_all, output_of, read_clock, typed_of, write_record
from gatekeeper.cli.writing import complain
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.model.judgement import Report

if TYPE_CHECKING:
    from gatekeeper.app.asked import Asked
    from gatekeeper.app.candidates import Candidates


def act(options: dict[str, Any], *, dry: bool) -> int:
    """Promote, or plan; the report goes where the options say."""
    from gatekeeper.app.promote import plan, promote
    from gatekeeper.cli.progress import talk
    from gatekeeper.wiring.promoting import means, opened
    from gatekeeper.wiring.promotion import promoting

    output = output_of(options)
    check_output(output)
    asked = asked_of(options)
    _check_one_record(options)
    end_in_order()
    tell, done = talk(quiet=options["quiet"], verbose=options["verbose"])
    try:
        repo, candidates = promoting(typed_of(options), read_clock(None), tell, all_ready=asked.all_ready)
        tell("reading the repository")
        with interrupted(dry), opened(repo, candidates.environment, candidates.origin) as sites:
            found = (plan if dry else promote)(sites.home, sites.branch, means(candidates, sites, tell), asked)
    finally:
        done()
    reports = tuple(_noted(report, notes_of(candidates)) for report in found)
    hand_over(reports, output)
    return codes.of_reports(reports, all_ready=asked.all_ready)


def _check_one_record(options: dict[str, Any]) -> None:
    """Before anything is done: with several artifacts there are several records."""
    if options["decision"] is not None and (options["all_ready"] or len(options["artifacts"]) > 1):
        raise InvalidRequestError(
            "--decision writes one record, and several artifacts have one each", "They are in the commit."
        )


@contextmanager
def interrupted(dry: bool) -> Iterator[None]:
    """Say of what is interrupted that it may have been done."""
    try:
        yield
    except KeyboardInterrupt:
        if not dry:
            complain("interrupted; a commit may have landed: run again, which finds out\n")
        raise


def asked_of(options: dict[str, Any]) -> Asked:
    """The options beside what is judged. Raises InvalidRequestError for an override without ticket or reason."""
    from gatekeeper.app.asked import Asked, Forced

    reason, ticket = options.get("override"), options.get("ticket")
    if (reason is None) != (ticket is None):
        raise InvalidRequestError("an override needs a reason and a ticket", "Give --override REASON and --ticket T.")
    forced = None
    if reason is not None and ticket is not None:
        from gatekeeper.cli.people_options import check_text

        check_text("--override", reason)
        check_text("--ticket", ticket)
        forced = Forced(reason=reason.strip(), ticket=ticket.strip())
    return Asked(override=forced, all_ready=options.get("all_ready", False), merge=options.get("merge", False))


def notes_of(candidates: Candidates) -> tuple[str, ...]:
    """What was said before anything was judged, each thing once."""
    return tuple(dict.fromkeys(note for one in candidates.single for note in one.request.notes))


def _noted(report: Report, notes: tuple[str, ...]) -> Report:
    """The report with what was said before it was judged."""
    if report.promotion is None or not notes:
        return report
    promotion = structs.replace(report.promotion, notes=(*notes, *report.promotion.notes))
    return structs.replace(report, promotion=promotion)


def end_in_order() -> None:
    """Told to end, it ends as by Ctrl-C: git is stopped with it, and what was fetched is removed."""
    import signal  # an evaluation does without

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def hand_over(reports: tuple[Report, ...], output: Output) -> None:
    """The record and the reports. Where one cannot be written, or nobody waits for it, it is said what was done."""
    commit = next((one.promotion.commit for one in reports if one.promotion and one.promotion.commit), None)
    done = f"The promotion itself was done, by commit {commit}."
    try:
        if output.decision is not None:
            write_record(output.decision, reports[0])
        deliver_all(reports, output)
    except CannotActError as fault:
        if commit is None:
            raise
        raise CannotActError(fault.message, done) from fault
    except KeyboardInterrupt:
        if commit is not None:
            complain(f"interrupted. {done}\n")
        raise
