"""Where a command is killed: its own steps, those of its git, and those of the server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tests.connect.repositories import hook
from tests.faults.scene import Scene

TRACING = Path(__file__).with_name("tracing")
ALL = os.environ.get("TESTS_FAULTS") == "all"
"""Whether everything is tried, and not only one of each kind."""


def trace(scene: Scene, name: str) -> list[str]:
    """The steps of a whole run, in their order."""
    place = scene.folder / "steps"
    done = scene.run(name, PYTHONPATH=str(TRACING), FAULTS_TRACE=str(place))
    assert done.code == 0, done.said
    return place.read_text().splitlines()


def chosen(steps: Sequence[str]) -> list[int]:
    """The numbers of those at which it is killed: each process that is started, and what comes after the push."""
    if ALL:
        return list(range(len(steps)))
    starts = [number for number, step in enumerate(steps) if step.startswith("subprocess.Popen")]
    middle = [number + (after - number) // 2 for number, after in pairwise(starts)]
    after = starts[-1] + (len(steps) - starts[-1]) // 2
    return sorted({*starts, *(number for number in middle if number not in starts), starts[-1] + 1, after})


# The wrapper stands for git on the PATH. At the wanted call of a verb it kills, before or after what git does.
GIT = """#!/bin/sh
verb=
for word; do
  case $word in -*|*=*|/*) ;; *) verb=$word; break ;; esac
done
hit() {{
  [ "$verb" = '{verb}' ] && mkdir '{once}' 2>/dev/null
}}
if [ '{when}' = before ] && hit; then {kill}; fi
'{git}' "$@"
code=$?
if [ '{when}' = after ] && hit; then {kill}; fi
exit $code
"""
KILLS = {
    "gatekeeper": "kill -9 $PPID",
    "both": "kill -9 $PPID $$",
    "git": "kill -9 $$",
}
"""Who is killed by the wrapper."""


def wrap_git(scene: Scene, git: str, verb: str, when: str, who: str) -> dict[str, str]:
    """The environment in which git kills, or is killed, at the first call of `verb`."""
    place = scene.folder / "bin"
    place.mkdir()
    text = GIT.format(verb=verb, when=when, once=scene.folder / "hit", git=git, kill=KILLS[who])
    (place / "git").write_text(text)
    (place / "git").chmod(0o755)
    return {"PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}


# Run by the server's git. It goes up to the command, and kills what it meets on the way, or the command alone.
HOOK = """
{guard}
mkdir '{once}' 2>/dev/null || exit 0
up=$$
chain=
while [ "$up" -gt 1 ]; do
  args=$(tr '\\0' ' ' <"/proc/$up/cmdline")
  case "$args" in *gatekeeper*--repo*) kill -9 "$up"; break ;; esac
  [ "$up" = $$ ] || chain="$chain $up"
  up=$(sed 's/.*) //' "/proc/$up/stat" | cut -d' ' -f2)
done
{rest}
exit 0
"""
GUARDS = {
    "prepared": "[ $1 = prepared ] || exit 0",
    "committed": "[ $1 = committed ] || exit 0",
}


def kill_in_hook(scene: Scene, name: str, *, all_of_it: bool) -> None:
    """Let the server's hook kill the command; `reference-transaction` takes its state behind a colon."""
    name, _, state = name.partition(":")
    rest = "kill -9 $chain" if all_of_it else ":"
    hook(scene.bare, name, HOOK.format(guard=GUARDS.get(state, ":"), once=scene.folder / "hit", rest=rest))
