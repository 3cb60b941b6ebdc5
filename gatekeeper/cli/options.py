"""The judging options as click sees them, out of the one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from gatekeeper.cli.table import EVALUATE, OUTPUT, PROMOTING, Option

F = TypeVar("F", bound=Callable[..., Any])

NOT_BUILT = {
    "--policy-repo": 1,
    "--sign-key": 1,
}
"""Options of the contract that this version does not have, and how many values each takes."""


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


def evaluate_options(function: F) -> F:
    """All options of `evaluate`."""
    return unbuilt("--policy-repo", "--sign-key")(_added(EVALUATE, function))


def promoting_options(function: F) -> F:
    """What is judged to be promoted: artifacts, their evidence, and the engine."""
    return unbuilt("--policy-repo", "--sign-key")(_added(PROMOTING, function))


def forcing_options(function: F) -> F:
    """`--from`, `--override` with its `--ticket`, and `--all-ready`."""
    for option in (
        click.option(
            "--from",
            "origin",
            metavar="ENV",
            help="Promote what stands in ENV, with the facts that were recorded there; --artifact is then its name.",
        ),
        click.option(
            "--all-ready", is_flag=True, help="Promote those that are ready, and leave the others with their reasons."
        ),
        click.option("--ticket", metavar="T", help="Where the override is followed up; goes with --override."),
        click.option(
            "--override",
            metavar="REASON",
            help="Promote what is not allowed or must wait: for those who have the role `override` in trust.yaml.",
        ),
    ):
        function = option(function)
    return function


def output_options(function: F) -> F:
    """`--format`, `--output`, `--report`, `--color`, `-q`, `--debug`."""
    return _added(OUTPUT, function)


def format_option(*formats: str) -> Callable[[F], F]:
    """`--format` of a command that has forms of its own; the first is the default."""
    choice = click.Choice(formats)
    text = "How the result is written."
    return click.option("--format", "format_", type=choice, default=formats[0], show_default=True, help=text)


def _added(options: Sequence[Option], function: F) -> F:
    for option in reversed(options):
        function = _decorator(option)(function)
    return function


def _decorator(option: Option) -> Callable[[F], F]:
    takes: dict[str, dict[str, Any]] = {
        "one": {"default": option.default, "show_default": option.default is not None},
        "many": {"multiple": True},
        "flag": {"is_flag": True},
        "count": {"count": True},
    }
    more = takes[option.takes]
    if option.choices:
        more["type"] = click.Choice(option.choices)
    return click.option(*option.names, option.key, metavar=option.metavar, help=option.help, **more)
