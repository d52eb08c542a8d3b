"""The numbers of an array in a MATLAB file of version 5 to 7, mapped into memory."""

from __future__ import annotations

import math
import shutil
import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from ....errors import SceneError
from .v5 import Damaged, Inflated
from .variables import MatVariable, StoredNumbers


class MappedArray:
    """An array whose numbers stay on the disk; those that the file compresses, in an unnamed temporary file."""

    def __init__(self, path: Path, variable: MatVariable) -> None:
        place = variable.place
        if place is None:
            raise ValueError(f"{variable.name} of {path} is not in a file of version 5")
        self._shape = variable.shape[::-1]
        self._dtype = np.dtype(place.dtype)
        self._offset = place.offset if place.packed_bytes is None else 0
        self._file: IO[bytes] = path.open("rb")
        if place.packed_bytes is not None:
            try:
                unpacked = _unpacked(self._file, path, place, math.prod(self._shape) * self._dtype.itemsize)
            finally:
                self._file.close()
            self._file = unpacked

    def numbers(self) -> npt.NDArray[Any]:
        """The numbers in the axes of the file: those of MATLAB in reverse, so that the last changes fastest.

        Mapped again each time, so that the pages of earlier windows do not count as memory in use.
        """
        if math.prod(self._shape) == 0:
            return np.empty(self._shape, self._dtype)
        return np.memmap(self._file, dtype=self._dtype, mode="r", offset=self._offset, shape=self._shape)

    def close(self) -> None:
        """Close the file; a temporary one is gone then."""
        self._file.close()


def _unpacked(file: IO[bytes], path: Path, place: StoredNumbers, count: int) -> IO[bytes]:
    """A temporary file with the ``count`` bytes of the numbers.

    Raises
    ------
    SceneError : there is not enough space, or the variable is damaged.
    """
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free < count:
        raise SceneError(
            f"Unpacking the array of {path} needs {count} bytes in {folder}; {free} are free.",
            code="disk_space",
            hint="Make space there, or set TMPDIR to a folder with more of it.",
        )
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        inflated = Inflated(file, place.element, place.packed_bytes or 0)
        inflated.skip(place.offset)
        for piece in inflated.pieces(count):
            unpacked.write(piece)
        inflated.finish()
        unpacked.flush()
    except Damaged as error:
        unpacked.close()
        raise SceneError(
            f"{path} is a MATLAB file, but truncated or damaged ({error}).",
            code="truncated",
            hint="Copy or download the file again.",
        ) from error
    except BaseException:
        unpacked.close()
        raise
    return unpacked
