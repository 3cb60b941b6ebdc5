"""What every test stands on: the closed world, the corpus, and the installed command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests import world

world.close()

# Below this line, because what they import must not see the open world.
import hypothesis  # noqa: E402
import pytest  # noqa: E402

from tests.corpus import ABSENT, CORPUS, ROOT  # noqa: E402
from tests.servers.gitea import gitea as gitea  # noqa: E402 - one forge for all its tests

# The same examples in every run, so that a red run is red again; `--hypothesis-profile=explore` looks for new ones.
hypothesis.settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.register_profile(
    "explore", hypothesis.settings.get_profile("steady"), derandomize=False, max_examples=2000, print_blob=True
)
hypothesis.settings.load_profile("steady")


class Finished(NamedTuple):
    """What a run of the command left."""

    code: int
    stdout: str
    stderr: str


class Command:
    """The installed `gatekeeper`, run as a process of its own in a folder of the test's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.executable = Path(sys.executable).with_name("gatekeeper")

    def __call__(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Finished:
        """Run it. Output is decoded as UTF-8, strictly, with its line ends as they were."""
        run = subprocess.run(
            [str(self.executable), *map(str, arguments)],
            cwd=cwd or self.folder,
            input=stdin.encode(),
            env={**os.environ, **(env or {})},
            capture_output=True,
            timeout=300,
            check=False,
        )
        return Finished(run.returncode, run.stdout.decode(), run.stderr.decode())


@pytest.fixture
def gatekeeper(tmp_path: Path) -> Command:
    """The installed command; its working folder is `tmp_path` unless `cwd=` says otherwise."""
    return Command(tmp_path)


class Golden:
    """Compares text with the files of `tests/golden`; `--golden` rewrites them, and the difference is for review."""

    def __init__(self, rewrite: bool) -> None:
        self.rewrite = rewrite

    def __call__(self, name: str, text: str) -> None:
        """Compare `text` with the golden file `name`, byte for byte."""
        path = ROOT / "tests" / "golden" / name
        if self.rewrite:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.exists(), f"no golden file {name}; make it with: scripts/test --golden"
        assert text == path.read_bytes().decode(), f"{name} differs; if that is meant: scripts/test --golden"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare with a golden file: `golden("reports/allowed.txt", text)`."""
    return Golden(rewrite=request.config.getoption("--golden"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden`."""
    parser.addoption("--golden", action="store_true", help="rewrite the golden files instead of comparing with them")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real files; skips the test where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip(ABSENT)
    return CORPUS


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "America/St_Johns"])
def timezone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The local time zone of this process and of those it starts; the test runs once for each."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs the corpus where there is none, and keep tests of one real server in one process."""
    if not CORPUS.is_dir():
        for item in items:
            if item.get_closest_marker("corpus"):
                item.add_marker(pytest.mark.skip(reason=ABSENT))
    if config.getoption("loadgroup", False):
        for item in items:
            if mark := item.get_closest_marker("xdist_group"):
                _keep_together(item, str(mark.args[0]))


def _keep_together(item: pytest.Item, group: str) -> None:
    """Give the id the end by which xdist schedules: xdist 3.8 writes it where pytest 9.2 no longer looks."""
    if not item.nodeid.endswith(f"@{group}"):
        item._id = type(item._id).parse(f"{item.nodeid}@{group}")  # type: ignore[attr-defined]
    assert item.nodeid.endswith(f"@{group}"), "tests of one server would run in several processes, each with its own"


def _needs_corpus(report: pytest.TestReport | pytest.CollectReport) -> bool:
    return "corpus" in report.keywords or ABSENT in str(report.longrepr)


def _lacking(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """What `tests.servers.components.need` said of a component that is not there."""
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    return reason.removeprefix("Skipped: ") if "scripts/components/" in reason else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    lines = Counter(lacking for report in skipped if (lacking := _lacking(report)))
    if not CORPUS.is_dir():
        lines[f"real files of other tools: {ABSENT}"] = sum(map(_needs_corpus, skipped))
    if any(lines.values()):
        terminalreporter.section("NOT RUN", yellow=True, bold=True)
        for line, count in sorted(lines.items()):
            terminalreporter.write_line(f"{count} tests: {line}")
