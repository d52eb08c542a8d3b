"""MATLAB files of either kind: is it one, what does it hold, and the numbers of a small array."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ....errors import SceneError
from ...files.near_names import near_names
from ..hdf5_files.opening import hdf5_file, is_hdf5
from . import v5, v73
from .numbers_v5 import MappedArray
from .variables import MatVariable, split_name

WHAT = "a MATLAB file of version 7.3"
_TEXT = b"MATLAB"
_BYTE_ORDERS = (b"IM", b"MI")
# Lists of bands and names, never an image.
_MOST_SMALL = 100_000


@dataclass(frozen=True, kw_only=True)
class MatFile:
    """What is known of a MATLAB file without its numbers.

    Parameters
    ----------
    path : the file.
    version : 5 (for 5 to 7) or 7.3.
    variables : what it holds, in its order.
    """

    path: Path
    version: str
    variables: tuple[MatVariable, ...]

    @classmethod
    def of(cls, path: Path) -> MatFile:
        """List what a file holds.

        Raises
        ------
        SceneError : it is missing, cannot be read, is truncated or damaged, or h5py is missing.
        """
        if not path.exists():
            raise SceneError(f"The file {path} does not exist.", code="not_found", hint=near_names(path))
        try:
            if is_hdf5(path):
                with hdf5_file(path, WHAT) as file:
                    return cls(path=path, version="7.3", variables=v73.variables_of(file))
            return cls(path=path, version="5", variables=v5.variables_of(path))
        except OSError as error:
            raise SceneError(
                f"{path} cannot be read: {error.strerror or error}.",
                code="no_permission",
                hint="Check its permissions.",
            ) from error

    def numbers(self, variable: MatVariable) -> npt.NDArray[Any]:
        """The numbers of a small array, in one dimension in the order of MATLAB; of a large one none."""
        if np.prod(variable.shape, dtype=float) > _MOST_SMALL or variable.kind == "other":
            return np.empty(0)
        if variable.place is None:
            with hdf5_file(self.path, WHAT) as file:
                return np.asarray(file[v73.dataset_name(variable)][()]).reshape(-1)
        mapped = MappedArray(self.path, variable)
        try:
            return np.array(mapped.numbers()).reshape(-1)
        finally:
            mapped.close()

    def text(self, variable: MatVariable) -> str:
        """The text of a variable that holds one line of it."""
        codes = self.numbers(variable)
        return "".join(chr(int(code)) for code in codes if 0 < int(code) < 0x110000).strip()


def is_matlab(path: Path) -> bool:
    """Whether a path is a MATLAB file of version 5 or later, by its first bytes, or names an array in one."""
    path, name = split_name(path)
    if name is not None:
        return True
    try:
        with path.open("rb") as file:
            start = file.read(v5.HEADER_BYTES)
    except (OSError, ValueError):  # a folder, no file at all, a name with a null
        return False
    if start.startswith(_TEXT):
        return True
    return path.suffix.lower() == ".mat" and start[126:128] in _BYTE_ORDERS
