"""What promote and plan share: the same judgement and the same derivation, with or without the push."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from gatekeeper.cli import codes
from gatekeeper.cli.delivery import Output, check_output, deliver, output_of, read_clock, typed_of, write_record
from gatekeeper.cli.writing import complain
from gatekeeper.errors import CannotActError
from gatekeeper.model.judgement import Report


def act(options: dict[str, Any], *, dry: bool) -> int:
    """Promote, or plan; the report goes where the options say."""
    from gatekeeper.app.promote import plan, promote
    from gatekeeper.cli.progress import talk
    from gatekeeper.wiring.promoting import means, opened
    from gatekeeper.wiring.request import promoting

    output = output_of(options)
    check_output(output)
    _end_in_order()
    tell, done = talk(quiet=options["quiet"], verbose=options["verbose"])
    try:
        repo, request = promoting(typed_of(options), read_clock(None), tell)
        assert request.environment is not None
        tell("reading the repository")
        with opened(repo, request.environment) as (repository, branch):
            report = _noted((plan if dry else promote)(repository, branch, means(request, tell)), request.notes)
    except KeyboardInterrupt:
        if not dry:
            complain("interrupted; a commit may have landed: run again, which finds out\n")
        raise
    finally:
        done()
    _hand_over(report, output)
    return codes.of_report(report)


def _noted(report: Report, notes: tuple[str, ...]) -> Report:
    """The report with what was said before it was judged."""
    if report.promotion is None or not notes:
        return report
    promotion = structs.replace(report.promotion, notes=(*notes, *report.promotion.notes))
    return structs.replace(report, promotion=promotion)


def _end_in_order() -> None:
    """Told to end, it ends as by Ctrl-C: git is stopped with it, and what was fetched is removed."""
    import signal  # an evaluation does without

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _hand_over(report: Report, output: Output) -> None:
    """The record and the reports. Where one cannot be written, or nobody waits for it, it is said what was done."""
    commit = report.promotion.commit if report.promotion else None
    done = f"The promotion itself was done, by commit {commit}."
    try:
        if output.decision is not None:
            write_record(output.decision, report)
        deliver(report, output)
    except CannotActError as fault:
        if commit is None:
            raise
        raise CannotActError(fault.message, done) from fault
    except KeyboardInterrupt:
        if commit is not None:
            complain(f"interrupted. {done}\n")
        raise
