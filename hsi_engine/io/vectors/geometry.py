"""From the geometries of a layer to simple polygons and points on the map of the scene."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

from ...errors import LabelError, MismatchError
from ...pixels.grid import Grid, describe_crs, same_crs
from .extents import describe_extent, describe_outline, reproject_geometries, scene_outline
from .layers import VectorLayer
from .longitudes import also_a_turn_away, full_turn, join_across
from .stated_crs import foreign_crs_of_geojson, is_geojson, text_of_prj
from .surfaces import NOT_CLOSED
from .unplaced import place_on_rows

_KEPT = (GeometryType.POINT, GeometryType.POLYGON)
_GEOJSON_CRS = "EPSG:4326"
_LINES = (GeometryType.LINESTRING, GeometryType.LINEARRING)
_SWAPPED = " With x and y swapped, the labels would lie there: the file may have latitudes before longitudes."
_SIMPLE = (*_KEPT, *_LINES)


@dataclass(frozen=True, kw_only=True, eq=False)
class PlacedParts:
    """Polygons and points in the map coordinates of the scene.

    Parameters
    ----------
    geometries : 2-D and valid, shape (parts,).
    feature : position of each part's feature in the layer, shape (parts,).
    notes : what was changed or left out, with counts.
    mirrored : the sign of y was turned round, since the scene has no map coordinates (:mod:`~hsi_engine.io.vectors.unplaced`).
    """

    geometries: npt.NDArray[np.object_]
    feature: npt.NDArray[np.int64]
    notes: tuple[str, ...]
    mirrored: bool = False


def place_features(layer: VectorLayer, grid: Grid, shown: str) -> PlacedParts:
    """Split, reproject and mend the geometries of a layer, and see that some lie on the scene, or what is ``shown``.

    Multi-part geometries and collections are taken apart, heights and lines left out, invalid polygons made
    valid. Coordinates are x, y throughout, whatever order the authority of a CRS prescribes.

    Raises
    ------
    LabelError : no CRS although the scene has one; nothing but lines and empty geometries.
    MismatchError : no feature overlaps the scene; on a scene without map coordinates, y may be the row and minus the row.
    """
    notes: list[str] = []
    geometries = np.asarray(layer.frame.geometry.values)
    absent = shapely.is_missing(geometries) | shapely.is_empty(geometries)
    if absent.sum() > len(layer.unread):
        notes.append(f"Features without geometry, left out: {absent.sum() - len(layer.unread)}.")
    unread, close = _unread(layer)
    if unread:
        notes.append(f"Geometries that cannot be used, left out ({unread}).{close}")
    if shapely.has_z(geometries[~absent]).any():
        notes.append("Heights (z) of 3-D geometries are ignored.")
    parts, feature = explode(shapely.force_2d(geometries[~absent]), np.flatnonzero(~absent))
    lines = np.isin(shapely.get_type_id(parts), _LINES)
    if lines.any():
        notes.append(f"Lines, left out because labels are polygons or points: {lines.sum()}.")
    parts, feature = parts[~lines], feature[~lines]
    if not len(parts):
        raise LabelError(
            f"{layer.place} holds no polygon or point that can be used (lines: {lines.sum()}, empty geometries:"
            f" {absent.sum() - len(layer.unread)}{f', {unread}' if unread else ''}).",
            code="no_polygons",
            hint=close.strip() or "Draw polygons or points, or turn the lines into polygons with a buffer.",
        )
    own = parts
    parts = _to_grid_crs(layer, parts, grid, shown, notes)
    parts, feature = _without_infinite(parts, feature, shown, notes)
    turn = full_turn(grid.crs)
    if turn is not None:
        parts = _in_one_piece(parts, grid, turn, notes)
    parts, feature = _make_valid(parts, feature, notes)
    if turn is not None:
        parts, feature = _around_the_world(parts, feature, grid, turn, notes)
    placed, how = place_on_rows(parts, grid, place=layer.place, what="labels", shown=shown)
    notes += how
    _check_overlap(layer, own, placed, feature, grid, shown, notes)
    return PlacedParts(geometries=placed, feature=feature, notes=tuple(notes), mirrored=placed is not parts)


def _unread(layer: VectorLayer) -> tuple[str, str]:
    """What the geometries are that were not read, with their numbers, and a sentence on how to close outlines."""
    counts = sorted(Counter(layer.unread.values()).items())
    is_open = any(NOT_CLOSED in what for what, _ in counts)
    close = " An outline is closed if its last point is its first. Export the layer from QGIS as a GeoPackage, which closes outlines."
    return ", ".join(f"{what}: {count}" for what, count in counts), close if is_open else ""


def explode(geometries: npt.NDArray[Any], feature: npt.NDArray[np.int64]) -> tuple[npt.NDArray[Any], Any]:
    """Multi-part geometries and collections as their simple parts, and the entry of ``feature`` for each."""
    while not np.isin(shapely.get_type_id(geometries), _SIMPLE).all():
        geometries, index = shapely.get_parts(geometries, return_index=True)
        feature = feature[index]
    full = ~shapely.is_empty(geometries)
    return geometries[full], feature[full]


def _to_grid_crs(
    layer: VectorLayer, parts: npt.NDArray[Any], grid: Grid, shown: str, notes: list[str]
) -> npt.NDArray[Any]:
    crs = layer.frame.crs
    own = None if crs is None else crs.to_wkt()
    if own is None and grid.crs is not None:
        prj = text_of_prj(layer.path)
        what = "has no CRS" if prj is None else f"states a CRS that is not understood (.prj: {prj})"
        raise LabelError(
            f"{layer.place} {what}; the {shown} is in {describe_crs(grid.crs)}.",
            code="no_crs",
            hint=_how_to_state_a_crs(layer.path),
        )
    if grid.crs is None:
        notes.append(
            f"The {shown} has no CRS: the coordinates of the labels"
            f"{'' if own is None else f' ({describe_crs(own)})'} are taken to be its map coordinates."
        )
        return parts
    if own is not None:
        foreign = foreign_crs_of_geojson(layer.path) if same_crs(own, _GEOJSON_CRS) else None
        _require_degrees(layer, own, foreign, parts, grid, shown)
        if foreign is not None:
            notes.append(
                f"The CRS that {layer.place} states (“{foreign}”) is not understood; its coordinates are taken for WGS 84."
            )
    if own is None or same_crs(own, grid.crs):
        return parts
    notes.append(f"Labels were reprojected from {describe_crs(own)} to {describe_crs(grid.crs)}.")
    return np.asarray(reproject_geometries(parts, own, grid.crs, layer.place, shown))


def _how_to_state_a_crs(path: Path) -> str:
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        prj = path.with_suffix(".prj").name
        return (
            f"A file of text states its CRS in a file next to it: write the CRS of the coordinates as WKT into {prj}. Or add the file to"
            " QGIS as delimited text with this CRS, and export it as GeoPackage."
        )
    return "Assign the CRS the labels were drawn in (QGIS: Assign projection; ogr2ogr -a_srs), then try again."


def _require_degrees(
    layer: VectorLayer, own: str, foreign: str | None, parts: npt.NDArray[Any], grid: Grid, shown: str
) -> None:
    """Raise :class:`LabelError` where the CRS is of longitudes and latitudes, but no coordinate can be one."""
    turn = full_turn(own)
    if turn is None:
        return
    left, bottom, right, top = shapely.bounds(parts).T
    possible = (np.maximum(abs(left), abs(right)) <= turn) & (np.maximum(abs(bottom), abs(top)) <= turn / 4)
    if possible.any():
        return
    says, again = "its file says that it is", "Export the labels again in the CRS stated in their file"
    if is_geojson(layer.path):
        says = "a GeoJSON file without a CRS is in WGS 84"
        if foreign is not None:
            says = (
                f"its crs member states “{foreign}”, which GDAL does not understand, so the file was taken for WGS 84"
            )
        again = "Export the labels again as a GeoPackage, which states its CRS, or as GeoJSON in WGS 84 (EPSG:4326)"
    here = shapely.intersects(scene_outline(grid), parts).any() and grid.crs is not None
    raise LabelError(
        f"The coordinates of {layer.place}, such as x {left[0]:.10g}, y {bottom[0]:.10g}, are not longitudes and "
        f"latitudes in degrees, as {describe_crs(own)} requires; {says}.",
        code="not_degrees",
        hint=f"{again}, or assign the CRS they are really in (QGIS: Assign projection{f'; in {describe_crs(grid.crs)} they lie on the {shown}' if here else ''}).",
    )


def _in_one_piece(parts: npt.NDArray[Any], grid: Grid, turn: float, notes: list[str]) -> npt.NDArray[Any]:
    parts, crossing = join_across(parts, scene_outline(grid), turn)
    if crossing.any():
        notes.append(f"Polygons wider than half the world, taken to cross the line of {turn / 2:g}°: {crossing.sum()}.")
    return parts


def _around_the_world(
    parts: npt.NDArray[Any], feature: npt.NDArray[np.int64], grid: Grid, turn: float, notes: list[str]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    moved, which = also_a_turn_away(parts, scene_outline(grid), turn)
    if not len(moved):
        return parts, feature
    count = len(np.unique(feature[which]))
    notes.append(f"Longitudes are taken modulo {turn:g}: {count} features lie on the scene a full turn further.")
    return np.concatenate([parts, moved]), np.concatenate([feature, feature[which]])


def _without_infinite(
    parts: npt.NDArray[Any], feature: npt.NDArray[np.int64], shown: str, notes: list[str]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    coordinates, part = shapely.get_coordinates(parts, return_index=True)  # bounds pass over NaN
    finite = np.ones(len(parts), dtype=np.bool_)
    finite[part[~np.isfinite(coordinates).all(axis=1)]] = False
    if not finite.all():
        notes.append(f"Geometries that cannot be expressed in the CRS of the {shown}, left out: {(~finite).sum()}.")
    return parts[finite], feature[finite]


def _make_valid(
    parts: npt.NDArray[Any], feature: npt.NDArray[np.int64], notes: list[str]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    invalid = ~shapely.is_valid(parts)
    if not invalid.any():
        return parts, feature
    whole = np.array([_made_valid(part) for part in parts[invalid]], dtype=object)
    lost = shapely.is_missing(whole)
    if not lost.all():
        notes.append(f"Invalid polygons (such as self-crossing outlines), made valid: {(~lost).sum()}.")
    if lost.any():
        notes.append(f"Polygons that cannot be made valid, left out: {lost.sum()}.")
    mended, mended_feature = explode(whole[~lost], feature[invalid][~lost])
    # Lines and points that come out of mending are leftovers without area.
    areas = shapely.get_type_id(mended) == GeometryType.POLYGON
    return (
        np.concatenate([parts[~invalid], mended[areas]]),
        np.concatenate([feature[~invalid], mended_feature[areas]]),
    )


def _made_valid(part: Any) -> Any:
    """The valid form of a geometry; None if its coordinates are beyond what can be computed with."""
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return shapely.make_valid(part)
    except shapely.errors.GEOSException:
        return None


def _check_overlap(
    layer: VectorLayer,
    own: npt.NDArray[Any],
    parts: npt.NDArray[Any],
    feature: npt.NDArray[np.int64],
    grid: Grid,
    shown: str,
    notes: list[str],
) -> None:
    inside = shapely.intersects(scene_outline(grid), parts)
    outside = len(np.unique(feature)) - len(np.unique(feature[inside]))
    if not inside.any():
        where = describe_extent(shapely.total_bounds(parts)) if len(parts) else "no place"
        raise MismatchError(
            f"No label of {layer.place} lies on the {shown}. In the CRS of the {shown} ({describe_crs(grid.crs)}) the "
            f"labels cover {where}, the {shown} over {describe_outline(grid)}.",
            code="no_overlap",
            hint="Check that both show the same place, and the CRS of both files."
            f"{_SWAPPED if _lies_there_swapped(layer, own, grid, shown) else ''}",
        )
    if outside:
        notes.append(f"Features outside the {shown}, left out: {outside} of {len(layer.frame)}.")


def _lies_there_swapped(layer: VectorLayer, own: npt.NDArray[Any], grid: Grid, shown: str) -> bool:
    """Whether the labels would lie on the scene if x and y were exchanged."""
    swapped = shapely.transform(own, lambda xy: xy[:, ::-1])
    crs = layer.frame.crs
    if crs is not None and grid.crs is not None:
        swapped = np.asarray(reproject_geometries(swapped, crs.to_wkt(), grid.crs, layer.place, shown))
    swapped = swapped[np.isfinite(shapely.bounds(swapped)).all(axis=1)]
    return bool(shapely.intersects(scene_outline(grid), swapped).any())
