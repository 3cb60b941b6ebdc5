"""Options that several commands share, and how results leave: stdout carries the result, stderr the talk."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
from msgspec import Struct

from gatekeeper.cli.writing import check_places, write_file, write_stdout
from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.judgement import Report

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("text", "json", "junit", "sarif", "markdown", "github", "html")
NOT_BUILT = {
    "--policy-repo": 1,
    "--sign-key": 1,
    "--from": 1,
    "--override": 1,
    "--ticket": 1,
    "--all-ready": 0,
}
"""Options of the contract that this version does not have, and how many values each takes."""


class Output(Struct, frozen=True, kw_only=True):
    """Where a report goes, and how it looks."""

    format: str
    file: str | None
    decision: str | None
    reports: tuple[str, ...]
    color: str
    quiet: bool


def unbuilt(*names: str) -> Callable[[F], F]:
    """Options that are known and refused, each with a clear sentence, never ignored."""

    def refuse(_: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value not in (None, (), False):
            raise click.UsageError(f"{parameter.opts[0]} is not built in this version of gatekeeper.")

    def decorate(function: F) -> F:
        for name in names:
            takes: dict[str, Any] = {} if NOT_BUILT[name] else {"is_flag": True}
            function = click.option(
                name, f"_unbuilt_{name[2:]}", hidden=True, callback=refuse, expose_value=False, **takes
            )(function)
        return function

    return decorate


def output_options(function: F) -> F:
    """`--format`, `--output`, `--report`, `--color`, `-q`, `--debug`."""
    for option in (
        click.option(
            "--format",
            "format_",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help="How the result is written.",
        ),
        click.option("--output", metavar="FILE", help="Write the result to FILE instead of stdout."),
        click.option(
            "--report", "reports", multiple=True, metavar="FORMAT=FILE", help="Write a further report; repeatable."
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            help="Colour of the text format; NO_COLOR counts.",
        ),
        click.option("-v", "--verbose", count=True, help="More talk on stderr."),
        click.option("-q", "--quiet", is_flag=True, help="No talk on stderr."),
        click.option("--debug", is_flag=True, help="Show the traceback of an error."),
    ):
        function = option(function)
    return function


def judging_options(function: F) -> F:
    """What is judged: the artifact, its evidence, and the engine."""
    for option in (
        click.option("--env", "environment", metavar="NAME", help="The environment whose policies judge."),
        click.option("--artifact", metavar="REF|FILE", help="`name:tag@sha256:…`, or a file of kind Artifact."),
        click.option(
            "--evidence",
            "evidence",
            multiple=True,
            metavar="SPEC",
            help="`FILE`, folder, glob, `producer:path`, `name=path` or `name=producer:path`; repeatable.",
        ),
        click.option(
            "--repo", metavar="PATH|URL[@REF]", help="The GitOps repository; read at a commit, by default HEAD."
        ),
        click.option(
            "--engine",
            type=click.Choice(["cel-cpp", "cel-python"]),
            help="The CEL engine.  [default: cel-cpp, where it has a wheel]",
        ),
        click.option(
            "--cross-check", is_flag=True, help="Judge every rule on both engines; a disagreement is an error."
        ),
        click.option("--decision", metavar="FILE", help="Write the decision record to FILE."),
    ):
        function = option(function)
    return unbuilt("--policy-repo", "--sign-key")(function)


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

    for pair in output.reports:
        form, _, file = pair.partition("=")
        write_file(file, render(form, report).encode())
    color = output.file is None and wants_color(output.color)
    width = _width() if output.file is None else 80
    text = render(output.format, report, color=color, width=width)
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

    commit = None if report.root == "working tree" else report.root
    beside = context(report.engine, __version__, commit, report.sources)
    write_file(path, record_bytes(report.judgement, beside))
