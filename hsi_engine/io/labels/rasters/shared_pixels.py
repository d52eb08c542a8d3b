"""Rasters that have the pixels of a scene, but cover more or less of it: cut and filled without resampling."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ....errors import MismatchError
from ....pixels.grid import Grid, same_crs

# Of a pixel, at every corner of both rasters: what two programs differ by when they write the same grid.
_TOLERANCE = 0.01

ValueArray = npt.NDArray[np.int32]


def require_place(own: Grid, grid: Grid, *, place: str, other: str, shown: str) -> None:
    """Refuse rasters of different size of which neither has map coordinates: nothing says which pixels are the same.

    Parameters
    ----------
    place, other : what ``own`` is of, at the beginning of a sentence and within one.
    shown : what ``grid`` is of.

    Raises
    ------
    MismatchError : with both sizes, and whether rows and columns are exchanged.
    """
    if own.is_georeferenced or grid.is_georeferenced or own.shape == grid.shape:
        return
    (own_rows, own_cols), (rows, cols) = own.shape, grid.shape
    sizes = f"{place} has {own_rows} rows and {own_cols} columns, the {shown} {rows} rows and {cols} columns"
    if (own_rows, own_cols) == (cols, rows):
        raise MismatchError(
            f"{sizes}: rows and columns are exchanged.",
            code="transposed",
            hint=f"Transpose the {other} (MATLAB: X.'; Python: X.T) or the {shown}, whichever is turned, save it, and try again.",
        )
    raise MismatchError(
        f"{sizes}, and neither has map coordinates: nothing says which of their pixels are the same.",
        code="no_place",
        hint=f"Write the {other} with {rows} rows and {cols} columns, one pixel for each of the {shown}; or give both files their map"
        " coordinates (QGIS: Translate; gdal_translate -a_ullr).",
    )


def pixel_offset(own: Grid, grid: Grid) -> tuple[int, int] | None:
    """Row and column of ``grid`` at which the first pixel of ``own`` lies.

    None unless both have the same CRS and their pixels coincide, and at least one is in both.
    """
    if not same_crs(own.crs, grid.crs):
        return None
    to_pixels, (rows, cols) = ~grid.transform, own.shape
    col, row = to_pixels @ (own.transform @ (0, 0))
    first = round(row), round(col)
    for corner in ((0, 0), (cols, 0), (0, rows), (cols, rows)):
        reached = to_pixels @ (own.transform @ corner)
        if max(abs(reached[0] - first[1] - corner[0]), abs(reached[1] - first[0] - corner[1])) > _TOLERANCE:
            return None
    meet = all(
        start < size and start + own_size > 0
        for start, size, own_size in zip(first, grid.shape, own.shape, strict=True)
    )
    return first if meet else None


def describe_offset(own: Grid, grid: Grid, offset: tuple[int, int]) -> str:
    """Which part of a raster counts, for a note: "37×20 of 40×30 pixels lie on the scene"."""
    rows, cols = (
        min(start + own_size, size) - max(start, 0)
        for start, size, own_size in zip(offset, grid.shape, own.shape, strict=True)
    )
    return f"{rows}×{cols} of {own.shape[0]}×{own.shape[1]} pixels"


def placed_strips(
    strips: Iterator[tuple[int, ValueArray, int]], offset: tuple[int, int], shape: tuple[int, int]
) -> Iterator[tuple[int, ValueArray, int]]:
    """The same strips on a grid of ``shape``, from its first row to its last, 0 if they say nothing.

    A strip is its first row, its values (rows, cols) and a count, which is passed on if one of its rows is on the grid.
    """
    (down, right), (rows, cols) = offset, shape
    reached = 0
    for top, values, count in strips:
        first, last = max(top + down, 0), min(top + down + len(values), rows)
        if first >= last:
            continue
        if first > reached:
            yield reached, np.zeros((first - reached, cols), np.int32), 0
        placed = np.zeros((last - first, cols), np.int32)
        left, end = max(right, 0), min(right + values.shape[1], cols)
        placed[:, left:end] = values[first - top - down : last - top - down, left - right : end - right]
        yield first, placed, count
        reached = last
    if reached < rows:
        yield reached, np.zeros((rows - reached, cols), np.int32), 0
