"""`gatekeeper init`: a working gate out of what a project has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from gatekeeper.cli import codes
from gatekeeper.cli.writing import write_stdout

if TYPE_CHECKING:
    from gatekeeper.wiring.starting import Started


@click.command(
    "init",
    epilog="""\b
Example:
  gatekeeper init
  gatekeeper init --metrics eval/metrics.json --junit reports/junit.xml --ci github
  gatekeeper init --gitops --image registry.example/churn
\b
Nothing is ever overwritten. With neither metrics nor tests the gate asks for the exit status of a
command that `gatekeeper run` records.
Exit codes: 0 written, 2 something is there already or cannot be read, 4 the disk refused.""",
)
@click.option("--metrics", metavar="FILE", help="A JSON file of numbers.  [default: looked for]")
@click.option("--junit", metavar="FILE", help="A JUnit report.  [default: looked for]")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "jenkins", "none"]),
    help="Write a CI snippet.  [default: by what is there]",
)
@click.option("--gitops", is_flag=True, help="Write an environment `staging` and its manifest, too.")
@click.option("--image", metavar="IMAGE", help="The image in it; implies --gitops.  [default: registry.example/DIR]")
@click.option("--margin", metavar="PERCENT", default="5", show_default=True, help="How far limits stand from today.")
@click.option("--dir", "folder", metavar="DIR", default=".", show_default=True, help="The project's folder.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(quiet: bool, debug: bool, **options: Any) -> int:  # noqa: ARG001
    """Write a gate that works: policy, cases, project file, schemas for editors, and CI."""
    from gatekeeper.cli.progress import talk
    from gatekeeper.wiring.starting import Asked, start

    tell, done = talk(quiet=quiet, verbose=0)
    try:
        started = start(Asked(**options), tell)
    finally:
        done()
    write_stdout(_text(started, options["folder"]))
    return codes.ALLOWED


def _text(started: Started, folder: str) -> str:
    from gatekeeper.app.start.files import SCHEMAS

    found = started.found
    lines = [*_looked(started), "", "Written:"]
    lines += [f"  {path}" for path in started.files if not path.startswith(SCHEMAS)]
    lines += [f"  {SCHEMAS}/  (so that editors complete and explain every key, offline)", "", "Next:"]
    lines += [f"  {line}" for line in commands(started, folder)]
    if found.tests is not None and not found.tests.is_green:
        bad = found.tests.failures + found.tests.errors
        lines += ["", f"{bad} of the tests fail now: the gate denies (exit 1) until they pass."]
    if found.metrics is None and found.tests is None:
        lines += ["", "Put your own check in the place of `true`: a script, a test run, anything with an exit status."]
    if started.ci == "gitlab":
        lines += ["", "In .gitlab-ci.yml:", "  include:", "    - local: .gitlab/gatekeeper.gitlab-ci.yml"]
    return "\n".join(lines) + "\n"


def _looked(started: Started) -> list[str]:
    found = started.found
    lines = []
    if found.metrics is not None:
        lines.append(f"metrics: {found.metrics.path} ({len(found.metrics.values)} numbers)")
    if found.tests is not None:
        lines.append(f"tests: {found.tests.path} ({found.tests.ran} ran, {found.tests.skipped} skipped)")
    if started.also:
        lines.append(f"also there, and not used: {', '.join(started.also[:5])}; name them with --metrics or --junit")
    lines = lines or ["no metrics and no test report found: the gate asks for a command's exit status"]
    lines += [f"not used: {path}: {reason}" for path, reason in list(started.unusable.items())[:5]]
    return lines


def commands(started: Started, folder: str) -> list[str]:
    """What to type next, in a shell."""
    from shlex import quote

    lines = [] if os.path.realpath(folder) == os.path.realpath(".") else [f"cd {quote(folder)}"]
    if started.found.metrics is None and started.found.tests is None:
        lines.append("gatekeeper run --name check -- true")
    by = "--env staging" if started.environment else "--policy policies/quality.yaml"
    return [*lines, f"gatekeeper evaluate {by}", "gatekeeper policy check", "gatekeeper policy test"]
