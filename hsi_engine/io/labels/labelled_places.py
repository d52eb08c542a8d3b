"""Which pixels have a label, of whatever class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...pixels.grid import Grid
from ...pixels.labelled_pixels import LabelledPixels
from .interpreted_points import REFERENCE, are_interpreted
from .labels import is_vector, locate
from .rasters.labels import read_raster_labels


def read_labelled_places(path: Path, grid: Grid) -> tuple[LabelledPixels, tuple[str, ...]]:
    """The pixels of a scene that have a label, all with the value 1, and notes on what was left out.

    Every polygon and point counts, whatever its class is called; of reference and suggested points those that the interpreter
    has labelled, or could not tell the class of. Of a raster, all pixels count that are neither 0 nor nodata; on another grid, each pixel of the scene takes the one
    that its centre lies in, and a note says so.

    Raises
    ------
    LabelError, MismatchError : as :func:`~hsi_engine.io.labels.labels.read_labels`.
    """
    path, layer = locate(path, None)
    if not is_vector(path):
        labels = read_raster_labels(path, grid, resampling="nearest", legend=None, shown="scene")
        return labels.pixels, labels.notes
    from ..vectors.burn_features import burn_features
    from ..vectors.geometry import place_features
    from ..vectors.layers import read_layer

    source = read_layer(path, layer)
    values = np.ones(len(source.frame), np.int64)
    notes: list[str] = []
    if are_interpreted(source.fields):
        empty = _without_label(source.frame[REFERENCE])
        values[empty] = 0
        notes.append(f"Points without a label yet, which may be suggested again: {empty.sum():,} of {len(values):,}.")
    if not values.any():
        return LabelledPixels.of_rasters(*(np.zeros(grid.shape, np.int32),) * 2), tuple(notes)
    placed = place_features(source, grid, "scene")
    burnt = burn_features(
        placed,
        values,
        grid,
        overlap="first",
        all_touched=False,
        names={1: "labelled"},
        place=source.place,
        shown="scene",
    )
    return burnt.pixels, (*source.notes, *notes, *placed.notes)


def _without_label(column: object) -> npt.NDArray[np.bool_]:
    texts = column.astype(object).where(column.notna(), "")  # type: ignore[attr-defined]
    return np.asarray(texts.map(lambda text: not str(text).strip()), dtype=bool)
