"""Strata from another layer than the map, such as districts: polygons, or a raster of whole numbers on the grid of the map."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.features import rasterize
from shapely import GeometryType

from ...classes.class_names import one_line
from ...classes.legend import MAX_VALUE
from ...errors import HsiError, LabelError, MismatchError
from ...pixels.grid import Grid
from ...pixels.window import Window
from ..labels.class_column import choose_class_field
from ..labels.labels import is_vector, locate
from ..vectors.geometry import place_features
from ..vectors.layers import VectorLayer, read_layer
from .class_map_reader import ClassMapReader

Numbers = npt.NDArray[np.uint16]


class StrataLayer(Protocol):
    """Numbers of the areas that the pixels of a map lie in."""

    notes: list[str]

    def read(self, window: Window) -> Numbers:
        """Number of the area of each pixel (rows, cols) of a window inside the map, 0 outside all of them."""

    def shared(self, window: Window) -> int:
        """How many pixels of a window lie in polygons of two areas; they belong to the one that comes last in the file."""

    def names(self, occurring: Iterable[int]) -> dict[int, str]:
        """Names of the areas with these numbers."""


@contextlib.contextmanager
def open_strata(path: Path, field: str | None, grid: Grid) -> Iterator[StrataLayer]:
    """Open polygons or a raster as areas of a map.

    Parameters
    ----------
    path : a file, or ``file.gpkg|layername=districts``.
    field : of the names of the areas; found as that of classes is if it is None. A raster has none.
    grid : of the map.

    Raises
    ------
    LabelError : the layer cannot be read, has no polygons, no such field, or no CRS although the map has one.
    MismatchError : no polygon lies on the map, or a raster is on another grid.
    """
    with contextlib.ExitStack() as stack:
        try:
            source, name = locate(path, None)
            if is_vector(source):
                found: StrataLayer = _PolygonStrata(read_layer(source, name), field, grid)
            else:
                found = _RasterStrata(stack.enter_context(ClassMapReader(source)), grid)
        except (LabelError, MismatchError) as error:
            raise _as_strata_error(error) from error
        yield found


def _as_strata_error(error: HsiError) -> HsiError:
    message = error.message.replace("Class map '", "Raster '").replace("No label of ", "No area of ")
    message = message.replace("the labels cover", "the areas cover")
    hint = "Strata are polygons with a field of names, or a raster of whole numbers on the grid of the map."
    keep_hint = isinstance(error, MismatchError) or error.code in ("labels.field_missing", "labels.layer_ambiguous")
    return type(error)(
        f"The layer of strata cannot be used: {message}",
        code=error.code.partition(".")[2],
        hint=error.hint if keep_hint else hint,
    )


class _RasterStrata:
    """Areas by the values of a raster."""

    def __init__(self, reader: ClassMapReader, grid: Grid) -> None:
        difference = grid.explain_mismatch(reader.grid)
        if difference:
            raise MismatchError(
                f"{reader.path.name} is not on the grid of the map: {difference} (map against strata).",
                code="grid",
                hint="Resample it to the grid of the map (QGIS: Align rasters; gdalwarp -te … -ts …), or use polygons.",
            )
        self._reader = reader
        self.notes: list[str] = []

    def read(self, window: Window) -> Numbers:
        try:
            return self._reader.read(window)
        except LabelError as error:
            raise _as_strata_error(error) from error

    def shared(self, window: Window) -> int:
        return 0

    def names(self, occurring: Iterable[int]) -> dict[int, str]:
        legend, _ = self._reader.legend(occurring)
        return {c.value: one_line(c.name) for c in legend}


class _PolygonStrata:
    """Areas by a field of polygons; a pixel belongs to the polygon that covers its centre."""

    def __init__(self, layer: VectorLayer, field: str | None, grid: Grid) -> None:
        chosen, notes = choose_class_field(layer, field)
        texts = ["" if value is None or value != value else one_line(_text(value)) for value in layer.frame[chosen]]
        names = sorted({text for text in texts if text})
        if not names:
            raise LabelError(f"Field '{chosen}' of {layer.place} is empty.", code="empty_field", hint="Choose another.")
        if len(names) > MAX_VALUE:
            raise LabelError(
                f"Field '{chosen}' of {layer.place} holds {len(names):,} names, more than the {MAX_VALUE:,} possible.",
                code="too_many_strata",
                hint="Choose a field that names areas, not single polygons.",
            )
        unnamed = texts.count("")
        placed = place_features(layer, grid, "map")
        number_of = {name: number for number, name in enumerate(names, start=1)}
        numbers = np.array([number_of.get(text, 0) for text in texts], np.int64)[placed.feature]
        drawn = (shapely.get_type_id(placed.geometries) == GeometryType.POLYGON) & (numbers > 0)
        if not drawn.any():
            raise LabelError(f"{layer.place} holds no polygon with a name.", code="no_polygons")
        self.notes = [*notes, *placed.notes]
        if unnamed:
            self.notes.append(f"Polygons of {layer.place} without a name in '{chosen}', left out: {unnamed}.")
        self._names = {number: name for name, number in number_of.items()}
        order = np.flatnonzero(drawn)[np.argsort(placed.feature[drawn], kind="stable")]
        self._shapes, self._numbers, self._grid = placed.geometries[order], numbers[order], grid
        self._top, self._bottom = _row_extents(self._shapes, grid)

    def read(self, window: Window) -> Numbers:
        return self._burn(window, self._near(window))

    def shared(self, window: Window) -> int:
        near = self._near(window)
        return int((self._burn(window, near) != self._burn(window, near[::-1])).sum())

    def names(self, occurring: Iterable[int]) -> dict[int, str]:
        return {number: self._names[number] for number in occurring}

    def _near(self, window: Window) -> npt.NDArray[np.int64]:
        # One pixel more on each side: what rounding moves across the border is drawn rather than lost.
        return np.flatnonzero((self._bottom >= window.row - 1) & (self._top <= window.row_end + 1))

    def _burn(self, window: Window, which: npt.NDArray[np.int64]) -> Numbers:
        if not len(which):
            return np.zeros(window.shape, np.uint16)
        burnt: Numbers = rasterize(
            zip(self._shapes[which], self._numbers[which].tolist(), strict=True),
            out_shape=window.shape,
            transform=self._grid.transform @ Affine.translation(window.col, window.row),
            dtype="uint16",
        )
        return burnt


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _row_extents(
    shapes: npt.NDArray[np.object_], grid: Grid
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    left, bottom, right, top = shapely.bounds(shapes).T
    to_pixels = ~grid.transform
    rows = np.stack([to_pixels.d * x + to_pixels.e * y + to_pixels.f for x in (left, right) for y in (bottom, top)])
    return rows.min(axis=0), rows.max(axis=0)
