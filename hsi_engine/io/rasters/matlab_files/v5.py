"""MATLAB files of version 5 to 7: where each array lies, without reading its numbers.

Own lines and not :mod:`scipy.io`, which reads an array whole. The format: MAT-File Format (MathWorks, 2023). A file is a row
of elements, each with a tag of its type and size; a compressed element unpacks to one element.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

from ....errors import SceneError
from .variables import Kind, MatVariable, StoredNumbers

HEADER_BYTES = 128
_DTYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXT_DTYPES = {16: "u1", 17: "u2", 18: "u4"}
_INT8, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 5, 6, 14, 15
_STRUCT, _CHAR, _OPAQUE, _NUMBERS = 2, 4, 17, range(6, 16)
_COMPLEX, _LOGICAL = 0x800, 0x200
_READ_BYTES = 1 << 16
# Beyond these, a file is not one that MATLAB wrote.
_DEEPEST, _MOST_DIMENSIONS, _MOST_FIELDS, _LONGEST_TEXT = 6, 16, 10_000, 1 << 20


class Damaged(Exception):
    """The file ends early, or is not as the format asks for; the reason for a person."""


class Stream(Protocol):
    """Bytes one after another. ``read`` returns exactly as many as asked for, and raises :class:`Damaged` at the end."""

    position: int

    def read(self, count: int) -> bytes: ...

    def skip(self, count: int) -> None: ...


class _Bytes:
    """The bytes of a file as they are; positions are those in the file."""

    def __init__(self, file: IO[bytes], position: int, end: int) -> None:
        self._file, self.position, self._end = file, position, end

    def read(self, count: int) -> bytes:
        if self.position + count > self._end:
            raise Damaged("it ends early")
        self._file.seek(self.position)
        self.position += count
        return self._file.read(count)

    def skip(self, count: int) -> None:
        if count < 0 or self.position + count > self._end:
            raise Damaged("it ends early")
        self.position += count


class Inflated:
    """What a compressed element unpacks to; positions are those in the unpacked bytes."""

    def __init__(self, file: IO[bytes], start: int, packed_bytes: int) -> None:
        self._file, self._next, self._left = file, start, packed_bytes
        self._unpacker = zlib.decompressobj()
        self.position = 0

    def read(self, count: int) -> bytes:
        parts = list(self.pieces(count))
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, count: int) -> None:
        for _ in self.pieces(count):
            pass

    def finish(self) -> None:
        """Unpack the rest, at whose end stands the check of all of it."""
        while not self._unpacker.eof:
            self._piece(_READ_BYTES, may_end=True)

    def pieces(self, count: int) -> Iterator[bytes]:
        """The next bytes, in pieces of at most 64 kB."""
        while count > 0:
            piece = self._piece(min(count, _READ_BYTES))
            count -= len(piece)
            self.position += len(piece)
            yield piece

    def _piece(self, most: int, *, may_end: bool = False) -> bytes:
        while True:
            packed = self._unpacker.unconsumed_tail
            if not packed and self._left:
                self._file.seek(self._next)
                packed = self._file.read(min(self._left, _READ_BYTES))
                self._next += len(packed)
                self._left -= len(packed)
            try:
                piece = self._unpacker.decompress(packed, most)
            except zlib.error as error:
                raise Damaged(f"a variable cannot be unpacked: {error}") from error
            if piece or (may_end and self._unpacker.eof):
                return piece
            if self._unpacker.eof or not (packed or self._left):
                raise Damaged("a variable ends early")


def variables_of(path: Path) -> tuple[MatVariable, ...]:
    """The variables of a file, the fields of structs among them.

    Raises
    ------
    SceneError : the file is truncated or damaged.
    OSError : it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return tuple(_variables(file, path.stat().st_size))
    except (Damaged, struct.error) as error:
        raise SceneError(
            f"{path} is a MATLAB file, but truncated or damaged ({error}).",
            code="truncated",
            hint="Copy or download the file again.",
        ) from error


def _variables(file: IO[bytes], size: int) -> Iterator[MatVariable]:
    file.seek(0)
    header = file.read(HEADER_BYTES)
    order = {b"IM": "<", b"MI": ">"}.get(header[126:128])
    if order is None:
        raise Damaged("its header does not state the order of bytes")
    position = HEADER_BYTES
    while position + 8 <= size:
        file.seek(position)
        kind, count = struct.unpack(order + "II", file.read(8))
        position += 8
        if position + count > size:
            raise Damaged(f"it ends {position + count - size} bytes early")
        if kind == _COMPRESSED:
            inflated = Inflated(file, position, count)
            if struct.unpack(order + "II", inflated.read(8))[0] == _MATRIX:
                yield from _Matrices(inflated, order, position, count).read()
            position += count
        elif kind == _MATRIX:
            plain = _Bytes(file, position, position + count)
            yield from _Matrices(plain, order, position, None).read()
            position += -(-count // 8) * 8
        else:
            position += -(-count // 8) * 8


class _Matrices:
    """Reads what the file calls matrices, which may hold others. The stream stands behind the tag of the outermost."""

    def __init__(self, stream: Stream, order: str, element: int, packed_bytes: int | None) -> None:
        self._stream, self._order = stream, order
        self._element, self._packed_bytes = element, packed_bytes

    def read(self, name: str = "", depth: int = 0) -> Iterator[MatVariable]:
        """The matrix at which the stream stands; ``name`` if it is a field. Where it stands afterwards is up to the caller."""
        flags = struct.unpack(self._order + "II", self._data(_UINT32, 8))[0]
        array_class = flags & 0xFF
        if array_class == _OPAQUE:  # strings and tables, which have no dimensions here
            name = name or self._data(_INT8, _LONGEST_TEXT).decode("utf-8", errors="replace")
            yield MatVariable(name=name, shape=(), kind="other")
            return
        dimensions = self._data(_INT32, 4 * _MOST_DIMENSIONS)
        shape = struct.unpack(f"{self._order}{len(dimensions) // 4}i", dimensions)
        if len(shape) < 2 or min(shape) < 0:
            raise Damaged("the dimensions of a variable are not numbers of elements")
        name = self._data(_INT8, _LONGEST_TEXT).decode("utf-8", errors="replace") or name
        if not name:  # what MATLAB keeps for itself
            return
        if array_class == _STRUCT and math.prod(shape) == 1 and depth < _DEEPEST:
            yield from self._fields(f"{name}.", depth)
        elif array_class in _NUMBERS or array_class == _CHAR:
            yield self._array(name, shape, flags)
        else:
            yield MatVariable(name=name, shape=shape, kind="other")

    def _array(self, name: str, shape: tuple[int, ...], flags: int) -> MatVariable:
        kind: Kind = "text" if flags & 0xFF == _CHAR else "logical" if flags & _LOGICAL else "numbers"
        if flags & _COMPLEX:
            kind = "other"
        stored, count, small = self._tag()
        dtype = _DTYPES.get(stored) or (_TEXT_DTYPES.get(stored) if kind == "text" else None)
        if dtype is None or (kind == "text" and count != math.prod(shape) * int(dtype[1])):  # letters of several bytes
            return MatVariable(name=name, shape=shape, kind="other")
        if count != math.prod(shape) * int(dtype[1]):
            raise Damaged(f"the numbers of {name} are not as many as its dimensions say")
        offset = self._stream.position - (0 if small is None else 4)
        place = StoredNumbers(
            element=self._element, packed_bytes=self._packed_bytes, offset=offset, dtype=self._order + dtype
        )
        return MatVariable(name=name, shape=shape, kind=kind, place=place)

    def _fields(self, prefix: str, depth: int) -> Iterator[MatVariable]:
        """What the fields of a struct hold."""
        length = int.from_bytes(self._data(_INT32, 4), "little" if self._order == "<" else "big")
        texts = self._data(_INT8, _LONGEST_TEXT)
        if length < 1 or len(texts) // length > _MOST_FIELDS:
            raise Damaged("the names of the fields of a struct cannot be told apart")
        for start in range(0, len(texts), length):
            name = texts[start : start + length].split(b"\0")[0].decode("utf-8", errors="replace")
            kind, count, _ = self._tag()
            if kind != _MATRIX:
                raise Damaged(f"the field {prefix}{name} is not an array")
            end = self._stream.position + count
            if count:
                yield from self.read(prefix + name, depth + 1)
            self._stream.skip(end - self._stream.position)

    def _data(self, wanted: int, most: int) -> bytes:
        """The data of the next element, which has to be of a type."""
        kind, count, small = self._tag()
        if kind != wanted or count > most:
            raise Damaged("what describes a variable is not as the format asks for")
        if small is not None:
            return small
        data = self._stream.read(count)
        self._stream.skip(-count % 8)
        return data

    def _tag(self) -> tuple[int, int, bytes | None]:
        """Type and size of the next element, and its data if they stand in the tag."""
        raw = self._stream.read(8)
        kind, count = struct.unpack(self._order + "II", raw)
        if kind >> 16 == 0:
            return kind, count, None
        if kind >> 16 > 4:
            raise Damaged("a tag is not as the format asks for")
        return kind & 0xFFFF, kind >> 16, raw[4 : 4 + (kind >> 16)]
