"""What the contract of the producers is held against: every fixture, what is no report, and reports blown up.

Run as a program, in a process of its own whose memory and time are bounded:

    python -m tests.evidence.contract envelopes               every fixture's envelope, as JSON
    python -m tests.evidence.contract bounded PRODUCER FILE   one envelope's status, and the process's peak in bytes
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from gatekeeper.evidence.reading import envelope
from gatekeeper.evidence.registry import PRODUCERS
from gatekeeper.model.evidence import Envelope
from tests.evidence.reports import FIXTURES

NO_REPORTS = ("example", "produce", "README.md")
MAX_SECONDS = 120
MAX_ADDRESSES = 6 << 30


def fixtures() -> list[Path]:
    """Every report in `tests/fixtures`, sorted."""
    found = (path for path in FIXTURES.rglob("*") if path.is_file())
    return sorted(path for path in found if not path.relative_to(FIXTURES).as_posix().startswith(NO_REPORTS))


def read(path: Path, producer: str | None = None) -> Envelope:
    """A fixture, by content, or else by the producer whose folder it lies in."""
    data = path.read_bytes()
    found = envelope(data, source=path.name, producer=producer)
    folder = path.relative_to(FIXTURES).parts[0]
    wrong = found.producer is None or found.producer.name not in (folder, f"{folder}-model")
    if producer is None and wrong and folder in PRODUCERS:
        return envelope(data, source=path.name, producer=folder)
    return found


def samples() -> dict[str, list[Path]]:
    """The fixtures that are evaluated, by producer."""
    by_producer: dict[str, list[Path]] = {}
    for path in fixtures():
        found = read(path)
        if found.status == "evaluated" and found.producer:
            by_producer.setdefault(found.producer.name, []).append(path)
    return by_producer


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every plain value of some facts, by its path."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from leaves(member, (*path, index))
    else:
        yield path, value


def blown_up(data: bytes, size: int) -> bytes:
    """The report with one of its repeated parts repeated, a little different each time, until it has that size."""
    text = data.decode("utf-8-sig")
    if text.lstrip()[:1] in ("{", "["):
        return _blown_up_json(json.loads(text), size)
    if text.lstrip()[:1] == "<":
        (case,) = re.findall(r"<testcase\b[^>]*?/>|<testcase\b.*?</testcase>", text, re.DOTALL)[:1]
        head, _, tail = text.partition(case)
        many = "".join(_numbered(case, 'name="', number) for number in range(size // len(case)))
        return f"{head}{many}{tail}".encode()
    lines = text.splitlines(keepends=True)
    middle = lines[len(lines) // 2]
    return "".join([*lines[:-1], *[middle] * (size // len(middle)), lines[-1]]).encode()


def _blown_up_json(document: Any, size: int) -> bytes:
    holder = max(_holders(document), key=lambda held: len(json.dumps(held)), default=None)
    if not holder:
        holder = document
    mark = "\x01the place\x01"
    if isinstance(holder, list):
        part = json.dumps(holder[0])
        many = ", ".join(_numbered(part, '": "', number) for number in range(size // (len(part) + 2)))
        holder[:] = [mark]
    else:
        key, value = next(iter(holder.items()))
        part = json.dumps({key: value})[1:-1]
        many = ", ".join(_numbered(part, '"', number) for number in range(size // (len(part) + 8)))
        holder[mark] = 1
    return json.dumps(document).replace(json.dumps(mark) + (": 1" if isinstance(holder, dict) else ""), many).encode()


def _holders(node: Any) -> Iterator[list[Any]]:
    """Every list of objects."""
    if isinstance(node, list) and node and isinstance(node[0], dict):
        yield node
    for member in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _holders(member)


def _numbered(part: str, after: str, number: int) -> str:
    head, found, tail = part.partition(after)
    return f"{head}{found}{number}-{tail}"


def _bounded(producer: str, path: str) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESSES, MAX_ADDRESSES))
    found = envelope(Path(path).read_bytes(), source="x", producer=producer)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"status": found.status, "reason": found.reason, "peak": peak, "kept": len(msgspec.json.encode(found.facts))}


if __name__ == "__main__":
    if sys.argv[1] == "envelopes":
        answer: Any = {str(path.relative_to(FIXTURES)): msgspec.to_builtins(read(path)) for path in fixtures()}
    else:
        answer = _bounded(*sys.argv[2:])
    print(json.dumps(answer))
