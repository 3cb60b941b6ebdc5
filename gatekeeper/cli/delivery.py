"""From options to an answer and its delivery: stdout carries the result, stderr the talk. click is not needed here."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from msgspec import Struct

from gatekeeper.cli import codes
from gatekeeper.cli.progress import talk
from gatekeeper.cli.table import FORMATS
from gatekeeper.cli.writing import check_places, complain, write_file, write_stdout
from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.judgement import Report


class Output(Struct, frozen=True, kw_only=True):
    """Where a report goes, and how it looks."""

    format: str
    file: str | None
    decision: str | None
    reports: tuple[str, ...]
    color: str
    quiet: bool


def judge(options: dict[str, Any]) -> int:
    """The whole of `gatekeeper evaluate`: judge, write the record, report."""
    from gatekeeper.app.evaluate import evaluate
    from gatekeeper.wiring.request import judging

    output = output_of(options)
    check_output(output)
    tell, done = talk(quiet=options["quiet"], verbose=options["verbose"])
    try:
        tree, request = judging(typed_of(options), read_clock(options["now"]), tell)
        tell("judging")
        report = evaluate(tree, request).report
    finally:
        done()
    if not output.quiet:
        for note in request.notes:
            complain(f"note: {note}\n")
    if options["decision"] is not None:
        write_record(options["decision"], report)
    deliver(report, output)
    return codes.of_report(report)


def read_clock(text: str | None) -> datetime:
    """`--now`, or the one reading of the clock, in whole microseconds UTC."""
    if text is None:
        return datetime.now(UTC)
    from gatekeeper.model.instants import parse_instant

    try:
        return parse_instant(text)
    except ValueError as fault:
        raise InvalidRequestError(f"--now: {fault}") from fault


def check_output(output: Output) -> None:
    """Refuse a report that could not be written before anything is judged."""
    for pair in output.reports:
        form, mark, file = pair.partition("=")
        if not mark or not file or form not in FORMATS:
            raise InvalidRequestError(f"--report {pair!r} is not FORMAT=FILE", f"Formats: {', '.join(FORMATS)}.")
    places = (output.file, output.decision, *(pair.partition("=")[2] for pair in output.reports))
    check_places(place for place in places if place is not None)


def deliver(report: Report, output: Output) -> None:
    """Write the result and the further reports. Raises CannotActError where a file cannot be written."""
    from gatekeeper.reports import render

    _deliver(partial(render, report=report), output)


def deliver_all(reports: tuple[Report, ...], output: Output) -> None:
    """As `deliver`, for the artifacts of one promotion together."""
    if len(reports) == 1:
        deliver(reports[0], output)
        return
    from gatekeeper.reports.several import render

    _deliver(partial(render, reports=reports), output)


def _deliver(render: Callable[..., str], output: Output) -> None:
    for pair in output.reports:
        form, _, file = pair.partition("=")
        write_file(file, render(form).encode())
    color = output.file is None and wants_color(output.color)
    width = _width() if output.file is None else 80
    text = render(output.format, color=color, width=width)
    if output.file is not None:
        write_file(output.file, text.encode())
    else:
        write_stdout(text)


def wants_color(choice: str) -> bool:
    """Whether the text format is coloured: when told, or on a terminal without NO_COLOR."""
    if choice != "auto":
        return choice == "always"
    return _is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _width() -> int:
    if not _is_terminal():
        return 80
    from shutil import get_terminal_size

    return max(60, min(get_terminal_size().columns, 120))


def output_of(options: dict[str, Any]) -> Output:
    """The output options as one value."""
    return Output(
        format=options["format_"],
        file=options["output"],
        decision=options["decision"],
        reports=options["reports"],
        color=options["color"],
        quiet=options["quiet"],
    )


def typed_of(options: dict[str, Any]) -> Any:
    """The judging options as one value."""
    from gatekeeper.wiring.request import Typed

    return Typed(**{key: options[key] for key in Typed.__struct_fields__ if key in options})


def write_record(path: str, report: Any) -> None:
    """Write the decision record. Raises CannotActError where it cannot be written."""
    from gatekeeper import __version__
    from gatekeeper.records.statement import context, record_bytes

    if report.written is not None:
        write_file(path, report.written)
        return
    commit = None if report.root == "working tree" else report.root
    beside = context(report.engine, __version__, commit, report.sources)
    write_file(path, record_bytes(report.judgement, beside))
