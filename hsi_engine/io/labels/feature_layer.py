"""Writing labels to look at as a layer that a GIS opens."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import geopandas
import numpy as np
import numpy.typing as npt
import shapely
from pyogrio.errors import DataSourceError
from rasterio.features import shapes
from shapely.geometry import shape

from ...errors import OutputError
from ...phrases import writing_hint
from ...pixels.grid import Grid
from ...pixels.samples import SampleSet
from .feature_relations import whole_features
from .types import LabelFeatures

FINDINGS = "labels_to_look_at"
FINDING_FIELDS = ("number", "class_id", "class_name", "problem", "reason")


def feature_geometries(
    numbers: Sequence[int], features: LabelFeatures | None, samples: SampleSet, grid: Grid
) -> list[shapely.Geometry]:
    """Geometry of each feature, or of each connected region of a label raster along the edges of its pixels.

    Parameters
    ----------
    numbers : numbers 1… of features or regions that exist.
    """
    if features is not None:
        positions, geometries = whole_features(features)
        at = np.searchsorted(positions, np.asarray(numbers, dtype=np.int64) - 1)
        return list(geometries[at])
    return [_region(samples, number, grid) for number in numbers]


def feature_centres(
    numbers: Sequence[int], features: LabelFeatures | None, samples: SampleSet, grid: Grid
) -> npt.NDArray[np.float64]:
    """A point inside each feature or region, (n, 2): row and col in pixels, not whole, 0 at the first pixel's corner."""
    inside = [geometry.representative_point() for geometry in feature_geometries(numbers, features, samples, grid)]
    places = [~grid.transform @ (point.x, point.y) for point in inside]
    return np.array([(row, col) for col, row in places], dtype=np.float64).reshape(-1, 2)


def write_findings(
    path: Path,
    geometries: Sequence[shapely.Geometry],
    columns: dict[str, Sequence[int] | Sequence[str]],
    grid: Grid,
    *,
    as_points: bool,
) -> None:
    """Write one feature for each finding to a GeoPackage in the CRS of the scene; no finding gives an empty layer.

    A layer of a GIS has one type of geometry: points among polygons become circles as wide as a pixel.

    Parameters
    ----------
    path : the file to write; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.
    columns : attributes by name, each as long as ``geometries``.
    as_points : all geometries are points; else the layer is one of polygons.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    drawn = [geometry if as_points else _as_areas(geometry, grid) for geometry in geometries]
    kind = "Point"
    if not as_points or any(geometry.geom_type != "Point" for geometry in drawn):
        kind = "MultiPoint" if as_points else "MultiPolygon"
    frame = geopandas.GeoDataFrame(columns, geometry=drawn, crs=grid.crs)
    try:
        with warnings.catch_warnings():
            # A scene without CRS has been said to be one; its layers lie where it lies.
            warnings.filterwarnings("ignore", message="'crs' was not provided")
            frame.to_file(
                path,
                driver="GPKG",
                layer=FINDINGS,
                engine="pyogrio",
                geometry_type=kind,
                promote_to_multi=kind != "Point",
            )
    except (DataSourceError, OSError) as error:
        raise OutputError(
            f"Labels to look at, '{path}', cannot be written: {error}",
            code="write_failed",
            hint=writing_hint(error, "Free some disk space, or choose another folder."),
        ) from error


def _as_areas(geometry: shapely.Geometry, grid: Grid) -> shapely.Geometry:
    points = geometry.geom_type in ("Point", "MultiPoint")
    areas = geometry.buffer(min(grid.pixel_size) / 2) if points else geometry
    return areas if areas.geom_type == "MultiPolygon" else shapely.MultiPolygon([areas])


def _region(samples: SampleSet, number: int, grid: Grid) -> shapely.Geometry:
    here = samples.groups == number
    rows, cols = samples.rows[here], samples.cols[here]
    top, left = int(rows.min()), int(cols.min())
    mask: npt.NDArray[np.uint8] = np.zeros((int(rows.max()) - top + 1, int(cols.max()) - left + 1), dtype=np.uint8)
    mask[rows - top, cols - left] = 1
    transform = grid.transform @ grid.transform.translation(left, top)
    outlines = [shape(outline) for outline, _ in shapes(mask, mask=mask > 0, connectivity=4, transform=transform)]
    return shapely.union_all(outlines)
