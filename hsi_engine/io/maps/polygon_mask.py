"""Polygons as a mask of the pixels of a scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from affine import Affine
from rasterio.features import rasterize
from shapely import GeometryType

from ...errors import LabelError, MismatchError
from ...pixels.grid import Grid, describe_crs, same_crs
from ...pixels.scene_part import ScenePart
from ...pixels.window import Window
from ..vectors.extents import describe_extent, describe_outline, reproject_geometries, scene_outline
from ..vectors.geometry import explode
from ..vectors.layers import VectorLayer, read_layer
from ..vectors.unplaced import place_on_rows

_HINTS = {
    "labels.layer_ambiguous": "Name the layer, as in file.gpkg|layername=fields, or save it to a separate file.",
    "labels.layer_missing": "Name one of these layers after the |.",
    "labels.empty": "Draw and save some polygons, or choose another file.",
    "labels.no_geometry": "A mask consists of polygons or is a raster; a table has no geometry.",
}


def read_polygon_mask(
    path: Path, name: str | None, grid: Grid, extent: Window | None
) -> tuple[ScenePart, tuple[str, ...]]:
    """The pixels whose centres lie in a polygon of a layer of a file, and what was changed or left out.

    ``name`` is that of the layer; None for the only one.
    The part is ``extent``, or if that is None a rectangle of pixels around the polygons.

    Raises
    ------
    LabelError : the layer cannot be read, holds no polygons, or has no CRS although the scene has one.
    MismatchError : no polygon lies on the scene; on a scene without map coordinates, y may be the row and minus the row.
    """
    try:
        layer = read_layer(path, name)
    except LabelError as error:
        code = error.code.partition(".")[2]
        hint = _HINTS.get(error.code, error.hint)
        raise LabelError(f"The mask cannot be read: {error.message}", code=code, hint=hint) from error
    notes = list(layer.notes)
    polygons = _on_scene(layer, _in_crs_of(grid, layer, _polygons(layer, notes), notes), grid, notes)
    window = extent or _around(polygons, grid)
    inside = np.zeros(window.shape, bool)
    if not window.is_empty:
        inside = rasterize(
            polygons,
            out_shape=window.shape,
            transform=grid.transform @ Affine.translation(window.col, window.row),
            dtype="uint8",
        ).astype(bool)
    return ScenePart(window=window, inside=inside), tuple(notes)


def _polygons(layer: VectorLayer, notes: list[str]) -> list[shapely.Polygon]:
    geometries = np.asarray(layer.frame.geometry.values)
    geometries = geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))]
    parts, _ = explode(shapely.force_2d(geometries), np.arange(len(geometries)))
    is_polygon = shapely.get_type_id(parts) == GeometryType.POLYGON
    others = int((~is_polygon).sum())
    if not is_polygon.any():
        raise LabelError(
            f"The mask {layer.place} holds no polygon (points and lines: {others}).",
            code="no_polygons",
            hint="Draw polygons, or turn points and lines into polygons with a buffer.",
        )
    if others:
        notes.append(f"Points and lines of the mask, left out: {others}.")
    polygons = parts[is_polygon]
    invalid = int((~shapely.is_valid(polygons)).sum())
    if invalid:
        notes.append(f"Invalid polygons of the mask (such as self-crossing outlines), made valid: {invalid}.")
    return list(polygons)


def _in_crs_of(
    grid: Grid, layer: VectorLayer, polygons: list[shapely.Polygon], notes: list[str]
) -> list[shapely.Geometry]:
    own = None if layer.frame.crs is None else layer.frame.crs.to_wkt()
    if own is None and grid.crs is not None:
        raise LabelError(
            f"The mask {layer.place} has no CRS; the scene is in {describe_crs(grid.crs)}.",
            code="no_crs",
            hint="Assign the CRS it was drawn in (QGIS: Assign projection; ogr2ogr -a_srs), then try again.",
        )
    if own is not None and grid.crs is None:
        notes.append(
            f"The scene has no CRS: the coordinates of the mask ({describe_crs(own)}) are taken to be its map coordinates."
        )
    elif own is not None and not same_crs(own, grid.crs):
        notes.append(f"The mask was reprojected from {describe_crs(own)} to {describe_crs(grid.crs)}.")
        placed = reproject_geometries(np.array(polygons), own, str(grid.crs), f"the mask {layer.place}", "scene")
        finite = np.isfinite(shapely.bounds(placed)).all(axis=1)
        if not finite.all():
            notes.append(
                f"Polygons of the mask that cannot be expressed in the CRS of the scene, left out: {(~finite).sum()}."
            )
        polygons = list(placed[finite])
    return [shapely.make_valid(polygon) for polygon in polygons]


def _on_scene(
    layer: VectorLayer, polygons: list[shapely.Geometry], grid: Grid, notes: list[str]
) -> list[shapely.Geometry]:
    placed, how = place_on_rows(np.array(polygons, object), grid, place=layer.place, what="mask", shown="scene")
    notes += how
    met = list(placed[shapely.intersects(scene_outline(grid), placed)])
    if not met:
        where = describe_extent(shapely.total_bounds(np.array(polygons))) if polygons else "unknown"
        raise MismatchError(
            f"No polygon of the mask {layer.place} lies on the scene. In the CRS of the scene "
            f"({describe_crs(grid.crs)})"
            f" the mask covers {where}, the scene over {describe_outline(grid)}.",
            code="no_overlap",
            hint="Check that both show the same place, and the CRS of both files.",
        )
    return met


def _around(polygons: list[shapely.Geometry], grid: Grid) -> Window:
    points = shapely.get_coordinates(np.array(polygons))
    cols, rows = np.array([~grid.transform @ tuple(point) for point in points]).T
    row, col = int(np.floor(rows.min())), int(np.floor(cols.min()))
    around = Window(
        row=row, col=col, height=int(np.ceil(rows.max())) - row + 1, width=int(np.ceil(cols.max())) - col + 1
    )
    return around.clip(grid.shape)
