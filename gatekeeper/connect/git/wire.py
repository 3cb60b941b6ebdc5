"""One lasting conversation with a server by git's protocol version 2, as gitprotocol-v2(5) defines it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatekeeper.connect.git.address import words
from gatekeeper.connect.git.route import Route
from gatekeeper.connect.git.talk import Talk
from gatekeeper.errors import CannotActError

FLUSH, DELIMITER, END = 0, 1, 2
_MOST_PACKET = 65_520
_MOST_LINES = 200_000
_DATA, _PROGRESS, _FATAL = 1, 2, 3


class NoWireError(Exception):
    """This server, or this git, does not speak so."""


class RefusedError(CannotActError):
    """The server said no, in words of its own."""


class Conversation:
    """Raises NoWireError where there is none, CannotActError where the server cannot be reached."""

    def __init__(self, route: Route, timeout: float) -> None:
        self._asks = route.asks
        self._listed = False
        self._talk = Talk(route.argv, route.extra, timeout)
        try:
            with self._talk.patience():
                self._begin()
                self.abilities = self._read_abilities()
        except BaseException:
            self._talk.close()
            raise

    def _begin(self) -> None:
        if not self._asks:
            return
        self._talk.send(b"stateless-connect git-upload-pack\n")
        answer = self._talk.line()
        if answer == b"fallback":
            raise NoWireError
        if answer:
            raise CannotActError("git's helper gave an answer that is not understood")

    def _read_abilities(self) -> dict[str, str]:
        first = self._packet()
        if first != b"version 2\n":
            raise NoWireError
        pairs = (line.decode("utf-8", "replace").rstrip("\n").partition("=") for line in self._until_flush())
        return {name: value for name, _, value in pairs}

    @property
    def algorithm(self) -> str:
        """By which objects get their ids there."""
        return self.abilities.get("object-format", "sha1")

    @property
    def is_stale(self) -> bool:
        """Whether refs would be told as they were: over ssh one process answers all, and reads them only once."""
        return self._listed and not self._asks

    @property
    def filters(self) -> bool:
        """Whether the server says that it leaves out what is not wanted."""
        return "filter" in self.abilities.get("fetch", "").split()

    def refs(self, prefixes: Sequence[str]) -> dict[str, str]:
        """The refs that begin with one of the prefixes, with their ids; `name^{}` is what a tag stands for."""
        self._listed = True
        with self._talk.patience():
            self._ask("ls-refs", ["peel", *(f"ref-prefix {prefix}" for prefix in prefixes)])
            lines = [line.decode("utf-8", "surrogateescape").rstrip("\n") for line in self._until_flush()]
            self._end()
        return _refs(lines)

    def fetch(self, arguments: Sequence[str]) -> Iterator[bytes]:
        """The pack that answers these arguments, piece by piece; it must be read to its end."""
        with self._talk.patience():
            self._ask("fetch", [*arguments, "no-progress", "ofs-delta", "done"])
            self._find_pack()
            for packet in self._until_flush(_MOST_LINES * 100):
                band = packet[0] if packet else 0
                if band == _FATAL:
                    raise RefusedError(words(packet[1:]))
                if band == _DATA:
                    yield packet[1:]
                elif band != _PROGRESS:
                    raise CannotActError("the server's answer is not understood")
            self._end()

    def _find_pack(self) -> None:
        for _ in range(_MOST_LINES):
            packet = self._packet()
            if packet == b"packfile\n":
                return
            if packet in {FLUSH, END}:
                raise CannotActError("the server sent nothing")
        raise CannotActError("the server's answer is not understood")

    def _ask(self, name: str, arguments: Sequence[str]) -> None:
        form = [f"object-format={self.algorithm}"] if self.algorithm != "sha1" else []
        head = b"".join(_framed(line) for line in [f"command={name}", *form])
        self._talk.send(head + b"0001" + b"".join(_framed(line) for line in arguments) + b"0000")

    def _end(self) -> None:
        """Behind each answer git's helper says that it was one; over ssh nothing stands there."""
        if self._asks and self._packet() != END:
            raise CannotActError("the server's answer is not understood")

    def _until_flush(self, most: int = _MOST_LINES) -> Iterator[bytes]:
        for _ in range(most):
            packet = self._packet()
            if packet == FLUSH:
                return
            if not isinstance(packet, bytes):
                raise CannotActError("the server's answer is not understood")
            yield packet
        raise CannotActError("the server's answer does not end")

    def _packet(self) -> bytes | int:
        head = self._talk.read(4)
        try:
            size = int(head, 16)
        except ValueError:
            size = -1
        if size in {FLUSH, DELIMITER, END}:
            return size
        if not 4 <= size <= _MOST_PACKET:
            raise CannotActError("the server's answer is not understood")
        packet = self._talk.read(size - 4)
        if packet.startswith(b"ERR "):
            raise RefusedError(words(packet[4:]))
        return packet

    def close(self) -> None:
        """End the conversation."""
        self._talk.close()


def _framed(line: str) -> bytes:
    data = line.encode("utf-8", "surrogateescape") + b"\n"
    return b"%04x" % (len(data) + 4) + data


def _refs(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        oid, name, *more = [*line.split(" "), ""]
        if not _is_whole(oid) or not name:
            continue  # `unborn`: a HEAD that leads to a branch without a commit
        found[name] = oid
        for word in more:
            if word.startswith("peeled:") and _is_whole(word[7:]):
                found[f"{name}^{{}}"] = word[7:]
    return found


def _is_whole(oid: str) -> bool:
    return len(oid) in {40, 64} and all(mark in "0123456789abcdef" for mark in oid)
