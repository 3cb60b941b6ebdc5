"""What one commit costs in repositories of different sizes, over smart HTTP: requests, bytes, CPU of the client.

Usage: git.py [FILES ...]; 100 and 10,000 by default. Repositories are kept in ~/.cache/gatekeeper.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.servers.git_http import GitServer  # noqa: E402

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gatekeeper" / "benchmark-git"
RUNS = 5
ENVIRONMENTS = ("dev", "test", "staging", "canary", "production")
ARTIFACTS = (1, 32)

CLIENT = """
import sys
from gatekeeper.connect.git import GitRepository
address, services, number = sys.argv[1], sys.argv[2].split(","), sys.argv[3]
repository = GitRepository(address, "main")
manifests = [f"environments/production/{name}/kustomization.yaml" for name in services]
records = [f"decisions/production/{name}/20261125T120000Z-{number:0>16}.json" for name in services]
folders = sorted({record.rpartition("/")[0] for record in records})
tip = repository.tip()
around = ["environments/production", "decisions/production"]
tip.prefetch(["policies/", "waivers/", "environments/", "trust.yaml", *around])
assert tip.read("policies/p0.yaml")
tip.prefetch([*manifests, *folders])
files = {path: tip.read(path) + f"# {number}\\n".encode() for path in manifests}
facts = {f"facts/{number[-2:]:0>2}/{name}-{number}.json.gz": b"x" * 2000 for name in services}
landing = repository.commit(tip, files | dict.fromkeys(records, b"{}" * 1500), "Promote", keep=facts)
assert landing.commit, landing
repository.close()
"""


class Cost(NamedTuple):
    """Of one commit by a process of its own."""

    requests: int
    received: int
    sent: int
    cpu: float


def made(files: int) -> Path:
    """A bare repository with so many files, of which four in five are manifests of services."""
    place = CACHE / f"r{files}.git"
    if place.exists():
        return place
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = CACHE / f"r{files}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(draft)], check=True)
    script = ["commit refs/heads/main\ncommitter B <b@b> 1700000000 +0000\ndata 5\nfirst\n"]
    script += [f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in _contents(files)]
    subprocess.run(["git", "-C", str(draft), "fast-import", "--quiet"], input="".join(script).encode(), check=True)
    for key in ("uploadpack.allowFilter", "http.receivepack"):
        subprocess.run(["git", "-C", str(draft), "config", key, "true"], check=True)
    draft.rename(place)
    return place


def _contents(files: int) -> list[tuple[str, str]]:
    few = [(f"policies/p{number}.yaml", f"policy {number}\n") for number in range(5)]
    few += [(f"environments/{name}.yaml", f"{name}\n") for name in ENVIRONMENTS]
    few += [("trust.yaml", "trust\n")]
    services = _services(files)
    manifests = [
        (f"environments/{environment}/svc-{number:05}/{name}.yaml", f"images:\n  - newTag: 1.{number}\n# {name}\n")
        for environment in ENVIRONMENTS
        for number in range(services)
        for name in ("kustomization", "deployment", "service", "values")
    ]
    records = [
        (f"decisions/production/svc-{number % services:05}/20261101T000000Z-{number:016}.json", f"{number}\n")
        for number in range(files - len(manifests) - len(few))
    ]
    return [*few, *manifests, *records]


def _services(files: int) -> int:
    """As many in each of five environments as leave a fifth of the files for records."""
    return max(files // 25, 4)


def measured(server: GitServer, name: str, services: list[str], number: int, cache: str | None) -> Cost:
    """Run the client once."""
    server.requests.clear()
    server.sent = server.received = 0
    argv = [sys.executable, "-c", CLIENT, server.url(name), ",".join(services), str(number)]
    identity = {f"GIT_{who}_{what}": "b@b.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    pid = os.posix_spawn(
        argv[0],
        argv,
        {**keep, **identity, "PYTHONPATH": str(ROOT), **({"GATEKEEPER_GIT_CACHE": cache} if cache else {})},
    )
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit("the client failed")
    return Cost(len(server.requests), server.received, server.sent, usage.ru_utime + usage.ru_stime)


def _idle() -> float:
    """What the client needs before it begins."""
    argv = [sys.executable, "-c", "import gatekeeper.connect.git"]
    pid = os.posix_spawn(argv[0], argv, {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)})
    usage = os.wait4(pid, 0)[2]
    return usage.ru_utime + usage.ru_stime


def main(sizes: list[int]) -> None:
    """Print a table."""
    idle = sorted(_idle() for _ in range(RUNS))[RUNS // 2]
    print(f"starting Python and importing, taken off below: {idle:.3f} s\n")
    print("| files | artifacts | filters | cache | requests | KB received | KB sent | cpu, s |")
    print("|---|---|---|---|---|---|---|---|")
    for size in sizes:
        for filters in ("yes", "no"):
            for cached in ("no", "yes"):
                for count in ARTIFACTS:
                    if count <= _services(size):
                        _row(size, count, filters, cached, idle)


def _row(size: int, count: int, filters: str, cached: str, idle: float) -> None:
    """The first run of each does not count: it makes the branch of evidence, and fills the cache."""
    work = CACHE / "served"
    shutil.rmtree(work, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", str(made(size)), str(work / "r.git")], check=True)
    for key, value in (("uploadpack.allowFilter", filters), ("http.receivepack", "yes"), ("gc.auto", "0")):
        subprocess.run(["git", "-C", str(work / "r.git"), "config", key, value], check=True)
    services = [f"svc-{number:05}" for number in range(count)]
    cache = str(work / "cache") if cached == "yes" else None
    with GitServer(work) as server:
        runs = [measured(server, "r.git", services, number, cache) for number in range(RUNS + 1)][1:]
    cost = sorted(runs, key=lambda run: run.cpu)[len(runs) // 2]
    numbers = f"{cost.requests} | {cost.received / 1024:.1f} | {cost.sent / 1024:.1f} | {cost.cpu - idle:.3f}"
    print(f"| {size:,} | {count} | {filters} | {cached} | {numbers} |", flush=True)
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [100, 10_000])
