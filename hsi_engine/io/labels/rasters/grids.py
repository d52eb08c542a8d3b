"""How the grid of a raster of class values lies to that of a scene."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from affine import Affine

from ....errors import LabelError, MismatchError
from ....pixels.grid import Grid, describe_crs
from ...vectors.extents import describe_extent, reproject_geometries, scene_outline
from ...vectors.longitudes import full_turn
from ..types import ResamplingRule
from .shared_pixels import describe_offset, pixel_offset, require_place

_MODULO = "Longitudes are taken modulo 360, so that labels and scene overlap."


@dataclass(frozen=True, kw_only=True)
class GridRelation:
    """How the grid of a label raster lies to that of a scene.

    Parameters
    ----------
    own : the grid of the labels; without a CRS if the scene has none. Several if longitudes mean the same place a
        full turn further.
    mismatch : how the two differ, as text; empty if they are the same, or have the same pixels.
    notes : what was assumed or is to be done.
    offset : row and column of the scene at which the first label lies, if they have the same pixels.
    """

    own: tuple[Grid, ...]
    mismatch: str
    notes: tuple[str, ...]
    offset: tuple[int, int] = (0, 0)


def relate_grids(own: Grid, grid: Grid, *, rule: ResamplingRule, place: str, shown: str) -> GridRelation:
    """Compare the grid of a label raster with that of the scene, and see that the rule can bring it there.

    Parameters
    ----------
    own : the grid the labels are on.
    rule : "refuse" accepts the same pixels only, of which there may be more or fewer. "nearest" takes the value at each pixel centre. "majority" takes the
        most frequent value in each pixel, unlabelled among them, and suits labels that are finer than the scene.
    place, shown : the file, and what ``grid`` is of (scene, map), for messages.

    Raises
    ------
    LabelError : no CRS although the scene has one.
    MismatchError : another grid under the rule "refuse"; no overlap; another size, and neither has map coordinates.
    """
    notes: tuple[str, ...] = ()
    compared = "reference" if shown == "map" else "labels"
    if own.crs is None and grid.crs is not None:
        raise LabelError(
            f"{place} has no CRS; the {shown} is in {describe_crs(grid.crs)}.",
            code="no_crs",
            hint="Assign the CRS it was made in (QGIS: Assign projection; gdal_edit.py -a_srs), then try again.",
        )
    if grid.crs is None and own.crs is not None:
        notes = (
            f"The {shown} has no CRS: the coordinates of the labels ({describe_crs(own.crs)}) are taken to be its"
            " map coordinates.",
        )
        own = replace(own, crs=None)
    mismatch = grid.explain_mismatch(own)
    if not mismatch:
        return GridRelation(own=(own,), mismatch="", notes=notes)
    require_place(own, grid, place=place, other=compared, shown=shown)
    turned = _a_turn_away(own, grid)
    same = next((other for other in turned if not grid.explain_mismatch(other)), None)
    if same is not None:
        return GridRelation(own=(same,), mismatch="", notes=(*notes, _MODULO))
    offset = pixel_offset(own, grid)
    if offset is not None:
        covered = describe_offset(own, grid, offset)
        placed = f"The labels cover another area than the {shown}, with the same pixels: {covered} are on the {shown}."
        return GridRelation(own=(own,), mismatch="", notes=(*notes, placed), offset=offset)
    if rule == "refuse":
        raise MismatchError(
            f"{place} is not on the grid of the {shown}: {mismatch} ({shown} against {compared}).",
            code="grid",
            hint=f"Use resampling 'nearest' or 'majority' to resample the {compared} to the grid of the {shown}.",
        )
    meet, extents = _overlap(own, grid, place, shown)
    # Grids that only touch do not count.
    there = [other for other in turned if shapely.intersection(scene_outline(other), scene_outline(grid)).area > 0]
    if not meet and not there:
        raise MismatchError(
            f"{place} does not overlap the {shown}. {extents}",
            code="no_overlap",
            hint="Check that both show the same place, and the CRS of both files.",
        )
    done = f"Labels were resampled to the grid of the {shown} ({rule}): {mismatch}."
    grids = (*([own] if meet else []), *there)
    return GridRelation(own=grids, mismatch=mismatch, notes=(*notes, done, *([_MODULO] if there else [])))


def _a_turn_away(own: Grid, grid: Grid) -> list[Grid]:
    """The grid with longitudes a full turn smaller and larger, if both are in longitudes and latitudes."""
    turn = full_turn(own.crs)
    if turn is None or full_turn(grid.crs) != turn:
        return []
    return [replace(own, transform=Affine.translation(shift, 0) @ own.transform) for shift in (-turn, turn)]


def _overlap(own: Grid, grid: Grid, place: str, shown: str) -> tuple[bool, str]:
    """Whether the outlines meet, seen from either CRS, and both extents in that of the scene, as text."""
    theirs, scene = scene_outline(own), scene_outline(grid)
    reached, looked_back = theirs, scene
    if own.crs is not None and grid.crs is not None:
        # Straight edges bend between CRS; points on them follow.
        reached = reproject_geometries(_with_points(theirs), own.crs, grid.crs, place, shown)
        looked_back = reproject_geometries(_with_points(scene), grid.crs, own.crs, place, shown)
    meet = any(
        np.isfinite(a.bounds).all() and shapely.intersects(shapely.make_valid(a), b)
        for a, b in ((reached, scene), (looked_back, theirs))
    )
    return meet, (
        f"In the CRS of the {shown} ({describe_crs(grid.crs)}) the labels cover"
        f" {describe_extent(reached.bounds)}, the {shown} over {describe_extent(scene.bounds)}."
    )


def _with_points(outline: shapely.Polygon) -> shapely.Polygon:
    return shapely.segmentize(outline, outline.length / 80)
