"""Objects out of an object folder, through one lasting `git cat-file --batch`."""

from __future__ import annotations

import subprocess
from typing import NamedTuple, NoReturn

from gatekeeper.connect.git.address import words
from gatekeeper.connect.git.command import command, environment
from gatekeeper.connect.git.objects import parse_commit
from gatekeeper.errors import CannotActError

MAX_OBJECT = 64 * 1024 * 1024


class Found(NamedTuple):
    """An object: its full id, its kind, and its content."""

    oid: str
    kind: str
    content: bytes


class ObjectReader:
    """Reads from the repository at `git_dir`; close it when done."""

    _mode = "--batch"

    def __init__(self, git_dir: str) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._git_dir = git_dir

    def find(self, name: str) -> Found | None:
        """The object that `name` means, or None. Raises CannotActError for an ambiguous or huge one."""
        return self._answer(self._asked(name), name)

    def _asked(self, name: str) -> bytes:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            self._broken()
        return process.stdout.readline()

    def descends(self, tip: str, commit: str, limit: int) -> bool:
        """Whether `commit` is `tip` or one of the commits before it, of which `limit` are looked at."""
        waiting = [tip]
        seen: set[str] = set()
        while waiting and len(seen) < limit:
            oid = waiting.pop(0)
            if oid == commit:
                return True
            found = self.find(oid) if oid not in seen else None
            seen.add(oid)
            waiting += parse_commit(found.content).parents if found else ()
        return False

    def _answer(self, line: bytes, name: str) -> Found | None:
        head = line.decode("utf-8", "replace").rstrip("\n").rsplit(" ", 2)
        if line.endswith(b" missing\n"):
            return None
        if line.endswith(b" ambiguous\n"):
            raise CannotActError(f"{name} fits more than one object of the repository")
        if len(head) != 3 or not head[2].isdigit():
            self._broken()
        return Found(head[0], head[1], self._content(int(head[2]), head[0]))

    def _content(self, size: int, oid: str) -> bytes:
        if size > MAX_OBJECT:
            self.close()
            raise CannotActError(f"object {oid} has {size} bytes; more than {MAX_OBJECT} are not read")
        assert self._process is not None
        assert self._process.stdout is not None
        content = self._process.stdout.read(size + 1)
        if len(content) != size + 1:
            self._broken()
        return content[:-1]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - no shell, fixed words
                command(self._git_dir, ["cat-file", self._mode]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # What a partial clone lacks is not to be fetched: both words, as older versions of git know only one.
                env=environment({"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}),
                start_new_session=True,
            )
        return self._process

    def _broken(self) -> NoReturn:
        assert self._process is not None
        _, said = self._process.communicate()
        self._process = None
        raise CannotActError(f"git cannot read the repository: {words(said) or 'it ended early'}")

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def __del__(self) -> None:
        self.close()


class ObjectFinder(ObjectReader):
    """Tells which objects are there without their contents, so that no size matters."""

    _mode = "--batch-check"

    def has(self, oid: str) -> bool:
        """Whether the object with this whole id is there. Raises CannotActError where git ends early."""
        line = self._asked(oid)
        if not line:
            self._broken()
        return not line.endswith(b" missing\n")
