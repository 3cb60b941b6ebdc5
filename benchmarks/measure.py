"""Measures programs beside each other: alternating runs, user+sys time and peak memory of each whole process.

This module stays small on purpose: Linux counts the memory of the starting process towards the started one's peak.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

Argv = list[str]


class Run(NamedTuple):
    """One process: CPU seconds (user and system together), peak memory in MiB."""

    cpu: float
    peak: float


class Row(NamedTuple):
    """A program's median over its runs, and the spread of its CPU time (lower and upper quartile)."""

    name: str
    cpu: float
    low: float
    high: float
    peak: float


def run_once(argv: Argv, *, expect: int = 0) -> Run:
    """Run a program with its output thrown away. Exits when its status is not the expected one."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    # Nothing of the caller's settings: bytecode is written and used, as in any normal installation.
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    pid = os.posix_spawn(argv[0], argv, environment, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != expect:
        sys.exit(f"exit status {os.waitstatus_to_exitcode(status)}, not {expect}: {' '.join(argv)}")
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)


def measure(programs: dict[str, Argv], *, runs: int, warm: int = 2, expect: dict[str, int] | None = None) -> list[Row]:
    """Run the programs in turn, `runs` times each after `warm` runs that do not count."""
    results: dict[str, list[Run]] = {name: [] for name in programs}
    for turn in range(warm + runs):
        for name, argv in programs.items():
            result = run_once(argv, expect=(expect or {}).get(name, 0))
            if turn >= warm:
                results[name].append(result)
    return [_row(name, of_one) for name, of_one in results.items()]


def _row(name: str, runs: list[Run]) -> Row:
    cpus, peaks = sorted(run.cpu for run in runs), sorted(run.peak for run in runs)
    count = len(runs)
    return Row(name, cpus[count // 2], cpus[count // 4], cpus[3 * count // 4], peaks[count // 2])


def table(rows: list[Row], *, relative_to: str) -> str:
    """A Markdown table, with every time as a ratio to one row's."""
    base = next(row.cpu for row in rows if row.name == relative_to)
    lines = [
        f"| program | user+sys, s | quartiles | ratio to {relative_to} | peak memory, MiB |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.name} | {row.cpu:.4f} | {row.low:.4f} to {row.high:.4f} | {row.cpu / base:.2f} | {row.peak:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)
