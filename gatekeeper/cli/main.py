"""From arguments to an exit code: the one place where errors become codes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gatekeeper import __version__
from gatekeeper.cli import codes
from gatekeeper.cli.delivery import judge
from gatekeeper.cli.straight import options_of
from gatekeeper.cli.writing import complain, flush_stdout, silence
from gatekeeper.errors import GatekeeperError

if TYPE_CHECKING:
    import click


def run() -> None:
    """Run the command that the arguments name; never returns."""
    sys.exit(_code(sys.argv[1:]))


def _code(arguments: list[str]) -> int:
    try:
        returned = _returned(arguments)
        flush_stdout()
    except KeyboardInterrupt:
        return codes.INTERRUPTED
    except SystemExit:
        # Nobody reads any more: click gives up with 1, which here would say `denied`.
        silence(1)
        return codes.CANNOT_ACT
    except Exception as error:  # noqa: BLE001 - a bug must end in its own code: a traceback ends in 1, which is `denied`
        if "--debug" in arguments:
            _trace()
        if isinstance(error, OSError):
            return _refused_by_system(error)
        return _fail(error) if isinstance(error, GatekeeperError) else _bug(error)
    return returned if isinstance(returned, int) else codes.BUG


def _returned(arguments: list[str]) -> Any:
    """What the command returns: by the straight way where it serves, else through click."""
    options = options_of(arguments[1:]) if arguments[:1] == ["evaluate"] else None
    if options is not None:
        return judge(options)
    import click

    from gatekeeper.cli.group import gatekeeper

    try:
        return gatekeeper.main(arguments, prog_name="gatekeeper", standalone_mode=False)
    except click.exceptions.Abort:
        return codes.INTERRUPTED
    except click.ClickException as error:
        return _misused(error)


def _misused(error: click.ClickException) -> int:
    from io import StringIO  # only for a mistake

    text = StringIO()
    error.show(text)
    complain(text.getvalue())
    return codes.INVALID


def _trace() -> None:
    import traceback

    complain(traceback.format_exc())


def _refused_by_system(error: OSError) -> int:
    silence(1)
    complain(f"error: {error.strerror or type(error).__name__}{f': {error.filename}' if error.filename else ''}\n")
    return codes.CANNOT_ACT


def _fail(error: GatekeeperError) -> int:
    from gatekeeper.reports.problems import render_error

    complain(render_error(error, color=False))
    return codes.of_error(error)


def _bug(error: Exception) -> int:
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.filename.rpartition('gatekeeper/')[2]}:{last.lineno}"
    python = ".".join(map(str, sys.version_info[:3]))
    complain(
        f"gatekeeper met a bug of its own: {type(error).__name__} at {place}\n"
        f"  gatekeeper {__version__}, Python {python}, {sys.platform}\n"
        "  This run gives no verdict. A promotion may have landed; running again finds out.\n"
        "  --debug shows the whole traceback.\n"
    )
    return codes.BUG
