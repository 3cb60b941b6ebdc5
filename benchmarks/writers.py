"""Writers that promote at once over smart HTTP, beside the same promotions one after another and the usual CI loop.

Usage: writers.py [WRITERS]; 32 by default. Each writer is the installed `gatekeeper` as a process of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.load.scene import Scene, attempts_in, digest_of, image_of  # noqa: E402
from tests.servers.git_http import GitServer  # noqa: E402

COMMAND = str(Path(sys.executable).with_name("gatekeeper"))
IDENTITY = {f"GIT_{who}_{what}": "b@b.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


class Row(NamedTuple):
    """What became of the promotions of one way."""

    way: str
    landed: int
    attempts: Sequence[int]
    wall: float
    cpu: float
    requests: int


def environment() -> dict[str, str]:
    """Nothing of the caller's settings but the path, so that bytecode is written and used; and who commits."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, **IDENTITY, "GIT_CONFIG_NOSYSTEM": "1", "PYTHONPATH": str(ROOT)}


def promotions(scene: Scene, address: str, groups: Sequence[Sequence[int]], *, at_once: bool) -> list[int]:
    """Promote each group in a commit of its own; the attempts of each. Exits where one fails."""
    waiting = [_started([COMMAND, *scene.words(address, *group)]) for group in groups] if at_once else []
    done = []
    for place, group in enumerate(groups):
        process = waiting[place] if at_once else _started([COMMAND, *scene.words(address, *group)])
        out, said = process.communicate()
        if process.returncode:
            print(f"exit {process.returncode}: {said.decode()}", file=sys.stderr)
        done.append(attempts_in(out.decode()) if process.returncode == 0 else 0)
    return done


def _started(words: Sequence[str]) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(words, stdout=pipe, stderr=pipe, env=environment(), cwd=tempfile.gettempdir())


LOOP = """
set -e
git clone -q --depth 1 "$1" "$2"
cd "$2"
git config pull.rebase true
edit() { sed -i "\\|name: $4\\b|{n;s/newTag: .*/newTag: '2'\\n    digest: $5/}" "$3"; }
edit "$@"
git commit -q -a -m "Promote $4"
for try in 1 2 3 4 5; do
  if git push -q origin HEAD:main; then echo "$try"; exit 0; fi
  git pull -q --rebase || { git rebase --abort; exit 1; }
done
exit 1
"""


def loops(scene: Scene, address: str) -> list[int]:
    """What CI jobs do: clone, edit, commit, push, five tries with a rebase between them; how many each one needed."""
    with tempfile.TemporaryDirectory() as place:
        started = []
        for number in range(scene.count):
            where = [f"{place}/{number}", scene.path_of(number)]
            what = [re.escape(image_of(number)), digest_of(number)]
            started.append(_started(["bash", "-c", LOOP, "loop", address, *where, *what]))
        told = [(process.communicate()[0], process.returncode) for process in started]
    return [int(out) if code == 0 else 0 for out, code in told]


def measured(way: str, place: Path, scene: Scene, act: Callable[[str], list[int]]) -> Row:
    """Run one way against a server of its own."""
    with GitServer(scene.folder) as server:
        before, begun = os.times(), time.monotonic()
        attempts = act(server.url("gitops.git"))
        wall, after = time.monotonic() - begun, os.times()
        requests = len(server.requests)
    cpu = sum(after[:4]) - sum(before[:4])
    row = Row(way, len(scene.landed(range(scene.count))), attempts, wall, cpu, requests)
    print(_shown(row), flush=True)
    shutil.rmtree(place, ignore_errors=True)
    return row


def _shown(row: Row) -> str:
    ended = [one for one in row.attempts if one]
    mean = f"{sum(ended) / len(ended):.1f} / {max(ended)}" if ended else "none"
    return f"| {row.way} | {row.landed} | {mean} | {row.wall:.1f} | {row.cpu:.1f} | {row.requests} |"


def main(count: int) -> None:
    """Print a table. Exits where not all of ours landed exactly once."""
    print(f"| {count} promotions | landed | attempts mean / max | wall, s | cpu of all, s | requests |")
    print("|---|---|---|---|---|---|")
    single = [[number] for number in range(count)]
    for name, apart in (("one file", False), ("own files", True)):
        serial = _ours(f"{name}, one after another", count, apart, single, at_once=False)
        raced = _ours(f"{name}, at once", count, apart, single, at_once=True)
        place = Path(tempfile.mkdtemp())
        scene = Scene(place / "scene", count, apart=apart)
        measured(f"{name}, the CI loop at once", place, scene, lambda address, of=scene: loops(of, address))
        ratios.append((name, raced, serial))
    _ours("own files, in one commit", count, True, [list(range(count))], at_once=False)
    print()
    for name, raced, serial in ratios:
        print(f"{name}: at once took {raced.wall / serial.wall:.2f} x the time, {raced.cpu / serial.cpu:.2f} x the cpu")


ratios: list[tuple[str, Row, Row]] = []


def _ours(way: str, count: int, apart: bool, groups: Sequence[Sequence[int]], *, at_once: bool) -> Row:
    place = Path(tempfile.mkdtemp())
    scene = Scene(place / "scene", count, apart=apart)

    def act(address: str) -> list[int]:
        attempts = promotions(scene, address, groups, at_once=at_once)
        scene.check(commits=len(groups))
        return attempts

    return measured(way, place, scene, act)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 32)
