"""From the numbers of a file to values: which of them are data, and their scale and offset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .metadata.nodata import NoData, NoDataRule

# float32 holds every number of these exactly; of the wider ones it would lose digits.
_FLOAT32_IS_EXACT = frozenset({"int8", "uint8", "int16", "uint16", "float32"})
# Numbers of all bands that are examined, converted and scaled before the next ones: these steps share the cache.
_CHUNK = 400_000


class PixelValues:
    """What the numbers of some bands mean.

    Parameters
    ----------
    dtype : data type of the file.
    nodata : per band, the value that means no data, or None.
    scale, offset : per band; a value is ``number * scale + offset``.
    also_nodata : further values that mean no data, in every band.
    """

    def __init__(
        self,
        dtype: str,
        *,
        nodata: Sequence[NoData],
        scale: Sequence[float],
        offset: Sequence[float],
        also_nodata: Sequence[NoData] = (),
    ) -> None:
        self.dtype = value_dtype(dtype)
        values = [nodata, *([value] * len(nodata) for value in also_nodata)]
        self._rules = [rule for rule in (NoDataRule(of_bands, np.dtype(dtype)) for of_bands in values) if rule]
        self._scale = _column(scale, self.dtype) if any(value != 1 for value in scale) else None
        self._offset = _column(offset, self.dtype) if any(value != 0 for value in offset) else None

    def of(
        self, numbers: npt.NDArray[Any], mask: npt.NDArray[np.bool_] | None
    ) -> tuple[npt.NDArray[np.floating[Any]], npt.NDArray[np.bool_]]:
        """Values, and where all bands have them.

        Parameters
        ----------
        numbers : as in the file, (bands, rows, cols).
        mask : False for pixels that the file marks as no data, (rows, cols); None if it has no mask.

        Returns
        -------
        Values (bands, rows, cols) of type :attr:`dtype` in the memory layout of ``numbers``, 0 in every band of a
        pixel that is not valid; and validity (rows, cols).
        """
        values = np.empty_like(numbers, dtype=self.dtype)
        valid = np.ones(numbers.shape[1:], dtype=bool) if mask is None else mask.copy()
        for rows in _chunks(numbers.shape):
            part, valid_part = values[:, rows], valid[rows]
            if self._may_lack_data(numbers):
                valid_part &= self.valid(numbers[:, rows]).all(axis=0)
            part[...] = numbers[:, rows]
            if not valid_part.all():
                part[:, ~valid_part] = 0  # before scaling: an infinity must not meet arithmetic
            if self._scale is not None:
                part *= self._scale
            if self._offset is not None:
                part += self._offset
                part[:, ~valid_part] = 0
        return values, valid

    def valid(self, numbers: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """True where a number is finite and not nodata, (bands, rows, cols)."""
        valid = np.isfinite(numbers) if numbers.dtype.kind == "f" else np.ones_like(numbers, dtype=bool)
        for rule in self._rules:
            rule.strike(numbers, valid)
        return valid

    def _may_lack_data(self, numbers: npt.NDArray[Any]) -> bool:
        return numbers.dtype.kind == "f" or bool(self._rules)


def row_by_row(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same numbers (bands, rows, cols), with the columns of a row nearer to one another in memory than its rows.

    Arrays of MATLAB come column by column; all that follows works on a few rows at a time, and would fetch each piece of memory
    once for each of them. Where the bands lie does not change.
    """
    bands, rows, cols = numbers.strides
    if rows >= cols or 1 in numbers.shape[1:]:
        return numbers
    if bands < rows:
        return np.ascontiguousarray(numbers.transpose(1, 2, 0)).transpose(2, 0, 1)
    return np.ascontiguousarray(numbers)


def value_dtype(dtype: str) -> np.dtype[Any]:
    """Type in which numbers of a file of ``dtype`` are returned: float32, or float64 if that would round."""
    return np.dtype(np.float32 if dtype in _FLOAT32_IS_EXACT else np.float64)


def _chunks(shape: tuple[int, ...]) -> Iterator[slice]:
    bands, rows, cols = shape
    step = max(1, _CHUNK // (bands * cols))
    for start in range(0, rows, step):
        yield slice(start, start + step)


def _column(values: Sequence[float], dtype: np.dtype[Any]) -> npt.NDArray[np.floating[Any]]:
    return np.array(values, dtype=np.float64)[:, None, None].astype(dtype)
