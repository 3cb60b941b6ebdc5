"""Small packs read in memory, as gitformat-pack(5) defines them: every object's id is made from its content."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from gatekeeper.connect.git.objects import Item
from gatekeeper.errors import CannotActError

MOST_BYTES = 256 * 1024 * 1024
_MOST_OBJECTS = 500_000
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_BY_OFFSET, _BY_ID = 6, 7
_CHUNK = 65_536


class TooLargeError(Exception):
    """More than is read in memory; git itself can take it in."""


class _Delta(NamedTuple):
    base: int | str
    data: bytes


class _Position:
    """Where reading is, in a pack that may be broken anywhere."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._view = memoryview(data)
        self.at = at
        self._end = end

    def byte(self) -> int:
        if self.at >= self._end:
            raise _broken()
        self.at += 1
        return self._view[self.at - 1]

    def take(self, count: int) -> bytes:
        if self.at + count > self._end:
            raise _broken()
        self.at += count
        return bytes(self._view[self.at - count : self.at])

    def inflate(self, size: int) -> bytes:
        """The compressed bytes that begin here, which must make `size` bytes and not one more."""
        stream = zlib.decompressobj()
        made: list[bytes] = []
        left, step = size + 1, min(size + 64, _CHUNK)
        while not stream.eof:
            piece = self._view[self.at : min(self.at + step, self._end)]
            if not piece:
                raise _broken()
            made.append(_inflated(stream, piece, left))
            left -= len(made[-1])
            if left <= 0 or stream.unconsumed_tail:
                raise _broken()
            self.at += len(piece) - len(stream.unused_data)
            step = _CHUNK
        if left != 1:
            raise _broken()
        return b"".join(made)


def _inflated(stream: zlib._Decompress, piece: memoryview, most: int) -> bytes:
    try:
        return stream.decompress(piece, most)
    except zlib.error as fault:
        raise _broken() from fault


def unpack(
    data: bytes, algorithm: str, most: int = MOST_BYTES, bases: Mapping[str, Item] | None = None
) -> dict[str, Item]:
    """The objects of a pack by id. With `bases` it may lean on those; what leans on others is left out.

    Raises CannotActError for a broken one, TooLargeError where it holds more than `most` bytes.
    """
    width = 32 if algorithm == "sha256" else 20
    if len(data) < 12 + width or data[:4] != b"PACK" or data[4:8] not in {b"\0\0\0\2", b"\0\0\0\3"}:
        raise _broken()
    if hashlib.new(algorithm, data[:-width], usedforsecurity=False).digest() != data[-width:]:
        raise _broken()
    return _Pack(data, algorithm, width, most, bases).items()


class _Pack:
    def __init__(self, data: bytes, algorithm: str, width: int, most: int, bases: Mapping[str, Item] | None) -> None:
        self._bases = bases
        self._count = int.from_bytes(data[8:12], "big")
        self._position = _Position(data, 12, len(data) - width)
        self._algorithm = algorithm
        self._width = width
        self._left = most
        self._whole: dict[int | str, Item] = {}
        self._deltas: dict[int, _Delta] = {}

    def items(self) -> dict[str, Item]:
        if self._count > _MOST_OBJECTS:
            raise TooLargeError
        for _ in range(self._count):
            self._read()
        while self._deltas:
            ready = [(at, base) for at, delta in self._deltas.items() if (base := self._found(delta.base))]
            if not ready and self._bases is not None:
                break
            if not ready:
                raise _broken()
            for at, base in ready:
                self._expand(at, base)
        return {oid: item for oid, item in self._whole.items() if isinstance(oid, str)}

    def _found(self, base: int | str) -> Item | None:
        found = self._whole.get(base)
        return self._bases.get(base) if found is None and self._bases and isinstance(base, str) else found

    def _expand(self, at: int, base: Item) -> None:
        content = apply_delta(base.content, self._deltas.pop(at).data, self._left)
        self._spend(len(content))
        self._keep(at, base.kind, content)

    def _read(self) -> None:
        at = self._position.at
        code, size = self._head()
        self._spend(size)
        if code in _KINDS:
            self._keep(at, _KINDS[code], self._position.inflate(size))
            return
        base = self._base(at, code)
        self._deltas[at] = _Delta(base, self._position.inflate(size))

    def _head(self) -> tuple[int, int]:
        mark = self._position.byte()
        code, size, shift = mark >> 4 & 7, mark & 15, 4
        while mark & 128 and shift < 60:
            mark = self._position.byte()
            size |= (mark & 127) << shift
            shift += 7
        return code, size

    def _base(self, at: int, code: int) -> int | str:
        if code == _BY_ID:
            return self._position.take(self._width).hex()
        if code != _BY_OFFSET:
            raise _broken()
        mark = self._position.byte()
        back = mark & 127
        while mark & 128 and back < 1 << 40:
            mark = self._position.byte()
            back = (back + 1 << 7) | mark & 127
        return at - back

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooLargeError

    def _keep(self, at: int, kind: str, content: bytes) -> None:
        whole = hashlib.new(self._algorithm, b"%s %d\0" % (kind.encode(), len(content)), usedforsecurity=False)
        whole.update(content)
        item = Item(kind, content, whole.hexdigest())
        self._whole[at] = self._whole[item.oid] = item


def apply_delta(base: bytes, delta: bytes, most: int) -> bytes:
    """What a delta makes of its base. Raises CannotActError for a broken one, TooLargeError above `most` bytes."""
    position = _Position(delta, 0, len(delta))
    source, target = _size(position), _size(position)
    if target > most:
        raise TooLargeError
    if source != len(base):
        raise _broken()
    made = bytearray()
    while position.at < len(delta) and len(made) <= target:
        mark = position.byte()
        made += _copied(position, mark, base) if mark & 128 else position.take(mark or _nothing())
    if len(made) != target:
        raise _broken()
    return bytes(made)


def _copied(position: _Position, mark: int, base: bytes) -> bytes:
    start = sum(position.byte() << 8 * at for at in range(4) if mark & 1 << at)
    count = sum(position.byte() << 8 * at for at in range(3) if mark & 16 << at) or 65_536
    if start + count > len(base):
        raise _broken()
    return base[start : start + count]


def _size(position: _Position) -> int:
    size = shift = 0
    while shift < 60:
        mark = position.byte()
        size |= (mark & 127) << shift
        if not mark & 128:
            break
        shift += 7
    return size


def _nothing() -> int:
    raise _broken()


def _broken() -> CannotActError:
    return CannotActError("the server sent a broken pack of objects")


def make_pack(items: list[Item], algorithm: str) -> bytes:
    """A pack of whole objects."""
    codes = {kind: code for code, kind in _KINDS.items()}
    made = bytearray(b"PACK\0\0\0\2" + len(items).to_bytes(4, "big"))
    for item in items:
        made += _header(codes[item.kind], len(item.content)) + zlib.compress(item.content, 1)
    return bytes(made) + hashlib.new(algorithm, made, usedforsecurity=False).digest()


def _header(code: int, size: int) -> bytes:
    marks = [code << 4 | size & 15]
    size >>= 4
    while size:
        marks[-1] |= 128
        marks.append(size & 127)
        size >>= 7
    return bytes(marks)
