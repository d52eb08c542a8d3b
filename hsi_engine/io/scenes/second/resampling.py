"""Values of a raster at the centres of the pixels of another grid, each from the pixels around it alone: no tile sees another border."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyproj

from ....pixels.grid import Grid, same_crs
from ....pixels.window import Window
from ..reader import SceneReader
from ..source import Resampling

Floats = npt.NDArray[np.float64]

# Pixels of the raster that are read at once; a window that needs more is cut.
_MOST_PX = 2**21
# Of a pixel: a place so near to the border between two pixels, or to a centre, lies on it.
_ROUNDING = 1e-6


def places_in(own: Grid, grid: Grid, rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Where the centres of pixels lie in another grid.

    Parameters
    ----------
    own : the grid that is looked into.
    grid : the grid of the pixels.
    rows, cols : of the pixels, (m,) and (n,).

    Returns
    -------
    Rows and columns in ``own``, (m, n) each; whole numbers are upper left corners. Not finite if a place has no
    coordinates in the other CRS.
    """
    col, row = np.meshgrid(cols + 0.5, rows + 0.5)
    t, back = grid.transform, ~own.transform
    x, y = t.a * col + t.b * row + t.c, t.d * col + t.e * row + t.f
    if own.crs is not None and grid.crs is not None and not same_crs(own.crs, grid.crs):
        x, y = pyproj.Transformer.from_crs(grid.crs, own.crs, always_xy=True).transform(x, y)
    return back.d * x + back.e * y + back.f, back.a * x + back.b * y + back.c


def resampled(
    reader: SceneReader, bands: tuple[int, ...], grid: Grid, window: Window, how: Resampling
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Values of a raster on a window of another grid.

    Parameters
    ----------
    reader : the open raster.
    bands : 0-based.
    grid, window : pixels for which values are wanted.
    how : "nearest" or "bilinear". A bilinear value is there if all of the pixels that it is made of hold data.

    Returns
    -------
    Values float64 (bands, rows, cols), 0 without data, and where each band holds data, of the same shape.

    Raises
    ------
    SceneError : the raster is damaged.
    """
    values = np.zeros((len(bands), *window.shape))
    valid = np.zeros(values.shape, dtype=bool)
    for part, places in _parts(reader.scene.grid, grid, window):
        rows, cols = part.relative_to(window).slices()
        found = _at(reader, bands, *places, how)
        if found is not None:
            values[:, rows, cols], valid[:, rows, cols] = found
    return values, valid


def _parts(own: Grid, grid: Grid, window: Window) -> Iterator[tuple[Window, tuple[Floats, Floats]]]:
    """The window in parts for which few enough pixels of the raster are read."""
    rows, cols = places_in(own, grid, np.arange(window.row, window.row_end), np.arange(window.col, window.col_end))
    needed = _around(rows, cols).clip(own.shape)
    if needed.height * needed.width <= _MOST_PX or window.height * window.width == 1:
        yield window, (rows, cols)
        return
    for half in _halves(window):
        yield from _parts(own, grid, half)


def _halves(window: Window) -> tuple[Window, Window]:
    row, col, height, width = window.row, window.col, window.height, window.width
    if height >= width:
        half = height // 2
        return (
            Window(row=row, col=col, height=half, width=width),
            Window(row=row + half, col=col, height=height - half, width=width),
        )
    half = width // 2
    return (
        Window(row=row, col=col, height=height, width=half),
        Window(row=row, col=col + half, height=height, width=width - half),
    )


def _around(rows: Floats, cols: Floats) -> Window:
    """The pixels that any way of resampling needs; empty if no place has coordinates."""
    known = np.isfinite(rows) & np.isfinite(cols)
    if not known.any():
        return Window(row=0, col=0, height=0, width=0)
    top, left = (int(np.floor(places[known].min())) - 1 for places in (rows, cols))
    bottom, right = (int(np.ceil(places[known].max())) + 1 for places in (rows, cols))
    return Window(row=top, col=left, height=bottom - top, width=right - left)


def _at(
    reader: SceneReader, bands: tuple[int, ...], rows: Floats, cols: Floats, how: Resampling
) -> tuple[Floats, npt.NDArray[np.bool_]] | None:
    """Values and validity at places in the raster; None if none of them lies in it."""
    needed = _around(rows, cols).clip(reader.scene.grid.shape)
    if needed.is_empty:
        return None
    numbers, data = reader.read_each(needed, bands)
    scale, offset = (
        np.array([getattr(reader.scene, name)[band] for band in bands])[:, None, None] for name in ("scale", "offset")
    )
    values = np.where(data, numbers.astype(np.float64), 0.0) * scale + offset
    return _Samples(values, data, needed).at(rows, cols, how)


class _Samples:
    """The pixels of a window of a raster; beyond it there is no data."""

    def __init__(self, values: Floats, data: npt.NDArray[np.bool_], window: Window) -> None:
        self._values, self._data, self._window = values, data, window

    def at(self, rows: Floats, cols: Floats, how: Resampling) -> tuple[Floats, npt.NDArray[np.bool_]]:
        known = np.isfinite(rows) & np.isfinite(cols)
        rows, cols = (np.where(known, places, -9.0) for places in (rows, cols))
        if how == "nearest":
            values, valid = self._pixels(np.floor(rows + _ROUNDING), np.floor(cols + _ROUNDING))
        else:
            values, valid = self._mixed(rows - 0.5, cols - 0.5)
        valid = valid & known
        return np.where(valid, values, 0.0), valid

    def _mixed(self, rows: Floats, cols: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Bilinear; a pixel without weight need not hold data."""
        top, left = np.floor(rows + _ROUNDING), np.floor(cols + _ROUNDING)
        down, right = (np.where(share < _ROUNDING, 0.0, share) for share in (rows - top, cols - left))
        total, valid = np.zeros((len(self._values), *rows.shape)), np.ones((len(self._values), *rows.shape), bool)
        for row, row_weight in ((0, 1 - down), (1, down)):
            for col, col_weight in ((0, 1 - right), (1, right)):
                weight = row_weight * col_weight
                values, here = self._pixels(top + row, left + col)
                total += weight * values
                valid &= here | (weight == 0)
        return total, valid

    def _pixels(self, rows: Floats, cols: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
        row, col = rows.astype(np.int64) - self._window.row, cols.astype(np.int64) - self._window.col
        height, width = self._window.shape
        inside = (row >= 0) & (row < height) & (col >= 0) & (col < width)
        row, col = np.clip(row, 0, height - 1), np.clip(col, 0, width - 1)
        valid = self._data[:, row, col] & inside
        return np.where(valid, self._values[:, row, col], 0.0), valid
