"""Writing class values of pixels as polygons, one for each connected region of a class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
from pyogrio.errors import DataSourceError
from rasterio.features import shapes
from shapely.geometry import shape

from ...classes.legend import NODATA_VALUE, Legend
from ...errors import OutputError
from ...phrases import writing_hint
from ...pixels.grid import Grid

_LAYER = "labels"


def write_class_polygons(path: str | Path, values: npt.NDArray[Any], *, grid: Grid, legend: Legend) -> int:
    """Write a GeoPackage of polygons along the edges of the pixels.

    Burning the polygons on the same grid gives back the values. Pixels that touch at a corner only belong to
    different regions, so that every polygon is valid.

    Parameters
    ----------
    path : the file to write; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.
    values : class values (rows, cols); 0 is unlabelled and gets no polygon.
    grid : where the pixels lie.
    legend : every class in ``values``; fills the fields ``class_id``, ``class_name`` and ``color``.

    Returns
    -------
    The number of polygons.

    Raises
    ------
    OutputError
        The file cannot be written.
    ValueError
        The values do not fit the grid, or hold a class that is not in the legend.
    """
    if values.shape != grid.shape:
        raise ValueError(f"{values.shape} values do not fit a grid of {grid.shape}")
    labelled = values != NODATA_VALUE
    unknown = sorted(set(np.unique(values[labelled]).tolist()) - set(legend.values.tolist()))
    if unknown:
        raise ValueError(f"class values {unknown} are not in the legend")

    classes = {c.value: c for c in legend}
    rows: dict[str, list[Any]] = {"class_id": [], "class_name": [], "color": [], "geometry": []}
    for outline, value in shapes(values.astype(np.int32), mask=labelled, connectivity=4, transform=grid.transform):
        found = classes[int(value)]
        rows["class_id"].append(found.value)
        rows["class_name"].append(found.name)
        rows["color"].append(found.colour)
        rows["geometry"].append(shape(outline))
    frame = geopandas.GeoDataFrame(rows, geometry="geometry", crs=grid.crs)
    try:
        frame.to_file(path, driver="GPKG", layer=_LAYER, engine="pyogrio")
    except (DataSourceError, OSError) as error:
        raise OutputError(
            f"Polygons '{path}' cannot be written: {error}",
            code="write_failed",
            hint=writing_hint(error, "Free some disk space, or choose another folder."),
        ) from error
    return len(frame)
