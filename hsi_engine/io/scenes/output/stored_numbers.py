"""From the numbers of a file to physical values and back, in the data type of the file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..metadata.nodata import NoData, nodata_interval
from ..pixel_values import value_dtype
from ..source import Scene


class StoredNumbers:
    """How some bands of a scene are stored; a value is ``number * scale + offset``.

    Parameters
    ----------
    bands : 0-based.
    nodata : the number that will mean no data in the copy, or None; no value is stored as this number.
    """

    def __init__(self, scene: Scene, bands: Sequence[int], nodata: NoData) -> None:
        self._dtype = np.dtype(scene.dtype)
        self._value_dtype = value_dtype(scene.dtype)
        self._scale = np.array([scene.scale[band] for band in bands])[:, None, None]
        self._offset = np.array([scene.offset[band] for band in bands])[:, None, None]
        self._nodata = None if nodata is None or math.isnan(nodata) else self._dtype.type(nodata)

    @property
    def rounding_variance(self) -> npt.NDArray[np.float64]:
        """Variance of what storing whole numbers rounds off, (bands,), in the unit of values; 0 for real numbers."""
        step = self._scale.ravel() if self._dtype.kind in "iu" else np.zeros(self._scale.size)
        return np.asarray(step**2 / 12)

    def values(self, numbers: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
        """Values (bands, rows, cols) of numbers of the file; 0 where ``valid`` (rows, cols) is False."""
        values = np.where(valid, numbers, self._dtype.type(0)).astype(self._value_dtype)
        values *= self._scale.astype(self._value_dtype)
        values += self._offset.astype(self._value_dtype)
        values *= valid
        return values

    def numbers(self, values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Numbers of values, and where a value could not be stored and was replaced by the nearest number that can.

        Both (bands, rows, cols).
        """
        exact = (values - self._offset) / self._scale
        if self._dtype.kind not in "iu":
            stored = exact.astype(self._dtype)
            moved = ~np.isfinite(stored)
            if moved.any():
                limits = np.finfo(self._dtype)
                stored = np.clip(exact, limits.min, limits.max).astype(self._dtype)
            return self._off_nodata(stored, exact, moved)
        limits_of_int = np.iinfo(self._dtype)
        rounded = np.rint(exact)
        low, high = float(limits_of_int.min), float(limits_of_int.max)
        moved = (rounded < low) | (rounded > high)
        clipped = np.clip(rounded, low, np.nextafter(high, 0) if high >= 2**53 else high)
        return self._off_nodata(clipped.astype(self._dtype), exact, moved)

    def _off_nodata(
        self, stored: npt.NDArray[Any], exact: npt.NDArray[Any], moved: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Move what would read as no data to the next number, on the side of the value if the type has one."""
        if self._nodata is None:
            return stored, moved
        hit = stored == self._nodata
        if not hit.any():
            return stored, moved
        nodata = self._nodata
        if self._dtype.kind in "iu":
            limits = np.iinfo(self._dtype)
            up, down = int(nodata) + 1, int(nodata) - 1
            up, down = (up if up <= limits.max else down), (down if down >= limits.min else up)
        else:
            up, down = np.nextafter(nodata, np.inf), np.nextafter(nodata, -np.inf)
        stored[hit] = np.where(exact[hit] >= float(nodata), up, down).astype(self._dtype)
        return stored, moved | hit


def stored_nodata(scene: Scene) -> NoData:
    """The one number that means no data in a copy of the scene: that of its first band that can occur, else a given one.

    None if no number of the file's type means no data.
    """
    dtype = np.dtype(scene.dtype)
    for value in (*scene.band_nodata, *scene.also_nodata):
        if value is None:
            continue
        if math.isnan(value):
            if dtype.kind == "f":
                return value
            continue
        if nodata_interval(value, dtype) is not None:
            if dtype.kind in "iu":
                return int(value)
            limits = np.finfo(dtype)
            return float(dtype.type(min(max(value, float(limits.min)), float(limits.max))))
    return None
