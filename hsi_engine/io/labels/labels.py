"""Labels for a scene, from any vector file or label raster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...classes.legend import Legend
from ...classes.look_alikes import look_alike_warnings
from ...errors import LabelError, SceneError
from ...pixels.grid import Grid
from ...reporting import Reporter
from ..files.source_names import is_gdal_name, split_layer_options
from ..legends.class_values import check_class_count
from ..legends.legend_files import read_legend
from ..rasters.open_raster import resolve_raster_path
from .rasters.labels import read_raster_labels, read_raster_split
from .types import LabelFeatures, Labels, ResamplingRule

if TYPE_CHECKING:
    from ..vectors.burn_features import Overlap

__all__ = ["LabelFeatures", "Labels", "read_label_features", "read_labels", "read_legend", "read_split"]


def read_labels(
    path: str | Path,
    grid: Grid,
    *,
    layer: str | None = None,
    class_field: str | None = None,
    name_field: str | None = None,
    colour_field: str | None = None,
    overlap: Overlap = "drop",
    all_touched: bool = False,
    resampling: ResamplingRule = "refuse",
    legend: Legend | None = None,
    shown: str = "scene",
    reporter: Reporter | None = None,
) -> Labels:
    """Read labels onto the grid of a scene.

    A vector file in another CRS is reprojected; a polygon labels the pixels whose centres it covers, a point the
    pixel it lies in. In a raster, 0 and nodata are unlabelled. Memory follows the labelled pixels, not the scene; a raster
    on another grid is kept compressed while it is resampled.

    Parameters
    ----------
    grid : the grid of the scene.
    layer : layer of a vector file; needed if it has several.
    class_field : field of whole numbers, which are kept, or of text, which is numbered as ``legend`` numbers these
        names, else by a field that holds one number for each text, else 1 to n in sorted order. None: a usual name.
    name_field, colour_field : of class names and of colours (``#rrggbb`` or ``r,g,b``). None: usual names, then a QGIS style.
    overlap : of a pixel under polygons of different classes: "drop": no label, "first", "last": that polygon's, "error": refuse.
    all_touched : label every pixel a polygon touches.
    resampling : rule for a label raster on another grid: "refuse", "nearest" (value at the pixel's centre) or
        "majority" (most frequent value in the pixel, unlabelled among them).
    legend : names and colours that go before those of the file.
    shown : what the grid is of, for messages: the scene, or a map that is compared with the labels.
    reporter : gets how far a raster is read, and may cancel it between two strips.

    Raises
    ------
    LabelError : the file is missing or unreadable, or its layer, field, classes, geometries or CRS cannot be used.
    MismatchError : labels and scene do not overlap, or a label raster is on another grid.
    """
    path, layer = locate(path, layer)
    if not is_vector(path):
        found = read_raster_labels(path, grid, resampling=resampling, legend=legend, shown=shown, reporter=reporter)
        return _checked(found, path)
    from .vector_labels import read_vector_labels

    found = read_vector_labels(
        path,
        grid,
        layer=layer,
        class_field=class_field,
        name_field=name_field,
        colour_field=colour_field,
        overlap=overlap,
        all_touched=all_touched,
        legend=legend,
        shown=shown,
    )
    return _checked(found, path)


def _checked(labels: Labels, path: Path) -> Labels:
    check_class_count(len(labels.legend), path.name)
    return replace(labels, warnings=(*labels.warnings, *look_alike_warnings(labels.legend.names)))


def read_label_features(
    path: str | Path,
    grid: Grid,
    *,
    layer: str | None = None,
    class_field: str | None = None,
    name_field: str | None = None,
    colour_field: str | None = None,
    legend: Legend | None = None,
    shown: str = "scene",
) -> LabelFeatures | None:
    """The polygons and points behind the labels, on the map of a scene; None if the labels are a raster.

    Parameters and errors are those of :func:`read_labels`. The number of a feature there, 1…, is its position here
    plus one.
    """
    path, layer = locate(path, layer)
    if not is_vector(path):
        return None
    from .vector_labels import read_vector_features

    return read_vector_features(
        path,
        grid,
        layer=layer,
        class_field=class_field,
        name_field=name_field,
        colour_field=colour_field,
        legend=legend,
        shown=shown,
    )


def read_split(
    path: str | Path,
    grid: Grid,
    rows: npt.NDArray[Any],
    cols: npt.NDArray[Any],
    *,
    layer: str | None = None,
    split_field: str | None = None,
    shown: str = "scene",
) -> npt.NDArray[np.int32]:
    """Read from a split or mask on which side pixels of a scene are: 1 training, 2 validation, 3 test, 0 none.

    Parameters
    ----------
    path : a raster on the grid of the scene, or a vector file.
    rows, cols : the pixels asked for, both (n,).
    layer : layer of a vector file; needed if it has several.
    split_field : field of a vector file: the numbers, or the words train, validation and test. None: a field
        with a usual name such as split.
    shown : as in :func:`read_labels`.

    Returns
    -------
    Values (n,), int32. Other whole numbers than 0 to 3 are kept, for masks.

    Raises
    ------
    LabelError, MismatchError : as in :func:`read_labels`; polygons of different sides overlap.
    """
    path, layer = locate(path, layer)
    if not is_vector(path):
        return read_raster_split(path, grid, rows, cols, shown=shown)
    from .vector_labels import read_vector_split

    return read_vector_split(path, grid, rows, cols, layer=layer, split_field=split_field, shown=shown)


def locate(path: str | Path, layer: str | None) -> tuple[Path, str | None]:
    """The file that is meant, and the layer: ``file.gpkg|layername=fields`` names both, as a GIS does.

    Raises
    ------
    LabelError : the file is missing or cannot be read, or what stands after the | is not a layer.
    """
    path, options = split_layer_options(Path(path))
    if options:
        layer = _layer_of(path, options, layer)
    if path.is_dir() and is_vector(path):
        return path, layer  # a file geodatabase or a folder of shapefiles
    if path.is_dir():
        raise LabelError(
            f"{path} is a folder without vector data.",
            code="is_folder",
            hint="Choose the file inside it, such as the .gpkg, .shp or .tif file.",
        )
    try:
        found = resolve_raster_path(path)
    except SceneError as error:
        raise LabelError(error.message, code=error.code.partition(".")[2], hint=error.hint) from error
    if not is_gdal_name(found) and found.is_file() and not found.stat().st_size:
        raise LabelError(
            f"The file {found} is empty (0 bytes).", code="empty_file", hint="Save or copy it again from its source."
        )
    return found, layer


def _layer_of(path: Path, options: dict[str, str], layer: str | None) -> str:
    """The layer that the options after the name of a file choose."""
    named = options.pop("layername", None)
    if options or named is None:
        shown = ", ".join(f"{key}={value}" for key, value in options.items())
        raise LabelError(
            f"Of what stands after the | behind {path}, only layername= is understood; found {shown}.",
            code="source_options",
            hint="Name the layer, as in file.gpkg|layername=fields; save filtered features to a separate file.",
        )
    if layer not in (None, named):
        raise LabelError(
            f"Two layers of {path} are named: '{layer}' and, after the |, '{named}'.",
            code="layer_ambiguous",
            hint="Name one of them.",
        )
    return named


def is_vector(path: Path) -> bool:
    """Whether GDAL reads a file as features; False for a raster, and for what is not a file."""
    from ..vectors.layers import layer_names

    if is_gdal_name(path) and not str(path).startswith("/vsi"):
        return False  # DRIVER:file:variable is how rasters are named
    return layer_names(path) is not None
