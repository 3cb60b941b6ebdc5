"""A cold `gatekeeper evaluate` beside the floor and beside conftest: six reports, twelve rules, JSON out.

`python benchmarks/cold.py [--runs N] [--without-conftest]`, with the interpreter of the environment to be measured.
conftest is built from its Go module the first time (about four minutes), into a cache outside the checkout.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import measure

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.path.expanduser("~"), ".cache", "gatekeeper")
CONFTEST = "v0.69.0"


def python() -> str:
    """The interpreter that was started, by its own name: a shim before it would count against everyone."""
    return sys.executable


def conftest() -> str | None:
    """The conftest program of the pinned version, built when it is not there; None without Go."""
    folder = os.path.join(CACHE, f"conftest-{CONFTEST}")
    program = os.path.join(folder, "conftest")
    if not os.path.exists(program):
        go = shutil.which("go")
        if go is None:
            print("no Go toolchain: conftest is left out", file=sys.stderr)
            return None
        print(f"building conftest {CONFTEST} (about four minutes, once)", file=sys.stderr)
        subprocess.run(
            ["nice", go, "install", f"github.com/open-policy-agent/conftest@{CONFTEST}"],
            env={**os.environ, "GOBIN": folder},
            check=True,
        )
    return program


def reports() -> str:
    """The folder of the six reports, written anew."""
    folder = os.path.join(CACHE, "six")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python(), os.path.join(HERE, "reports.py"), folder], check=True)
    return folder


def programs(folder: str, with_conftest: bool) -> dict[str, measure.Argv]:
    """The programs by name. gatekeeper is the installed command, as people run it."""
    command = os.path.join(os.path.dirname(python()), "gatekeeper")
    policy = os.path.join(HERE, "cold", "policy")
    evidence = [part for name in sorted(os.listdir(folder)) for part in ("--evidence", os.path.join(folder, name))]
    found = {
        "floor": [python(), os.path.join(HERE, "cold", "floor.py"), folder],
        "gatekeeper": [command, "evaluate", "--policy", f"{policy}.yaml", *evidence, "--format", "json"],
    }
    peer = conftest() if with_conftest else None
    if peer:
        files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
        found["conftest"] = [peer, "test", "--combine", "--output", "json", "--policy", f"{policy}.rego", *files]
    return found


def main() -> None:
    """Measure and print the table."""
    runs = int(sys.argv[sys.argv.index("--runs") + 1]) if "--runs" in sys.argv else 31
    rows = measure.measure(programs(reports(), "--without-conftest" not in sys.argv), runs=runs)
    print(measure.table(rows, relative_to="floor"))


if __name__ == "__main__":
    main()
