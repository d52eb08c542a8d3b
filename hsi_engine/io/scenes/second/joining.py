"""Joining a second raster to a scene: its bands follow those of the scene, on the pixels of the scene.

Nothing is resampled unless that is asked for. Beyond the second raster there is no data.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from ....errors import MismatchError, SceneError
from ....phrases import counted
from ....pixels.grid import Grid, describe_crs, same_crs
from ....spectrum.bands import BandTable
from ...labels.rasters.shared_pixels import describe_offset, pixel_offset, require_place
from ...vectors.extents import describe_extent, reproject_geometries, scene_outline
from ..scene import describe_scene
from ..source import Resampling, Scene, SecondRaster
from .resampling import places_in

# A finer raster than this is sampled, not averaged, by either way of resampling.
_MUCH_FINER = 2.0


def join_second(scene: Scene, path: str | Path, *, resampling: Resampling | None = None) -> Scene:
    """The scene with the bands of a second raster after its own.

    Parameters
    ----------
    scene : hyperspectral; its grid and format are kept.
    path : the second raster: elevation, lidar, multispectral or radar, in any format of scenes.
    resampling : brings its values to the pixels of the scene if it has others: "nearest" takes the pixel in which the
        centre of the scene's pixel lies, "bilinear" weights the four around it. None refuses other pixels.

    Raises
    ------
    SceneError : the second raster cannot be opened, or no band of it can be used.
    MismatchError : it has another CRS or other pixels than the scene and no resampling was asked for, does not
        overlap the scene, or has another size and neither has map coordinates.
    """
    raster = describe_scene(path)
    used = raster.bands.good_indices
    if not used:
        raise SceneError(
            f"No band of the second raster '{path}' can be used: {counted(len(raster.bands), 'band')}, all flagged bad"
            " or transparency.",
            code="no_band",
            hint="Choose another raster, or correct the list of bad bands in the file.",
        )
    offset, notes = _placed(raster.grid, scene.grid, f"The second raster '{path}'", resampling)
    second = SecondRaster(
        first=scene, raster=raster, bands=used, offset=offset, resampling=None if offset else resampling
    )
    count = len(used)
    return replace(
        scene,
        bands=_joined(scene.bands, raster.bands.select(used)),
        scale=(*scene.scale, *(raster.scale[i] for i in used)),
        offset=(*scene.offset, *(raster.offset[i] for i in used)),
        band_nodata=(*scene.band_nodata, *(raster.band_nodata[i] for i in used)),
        detectors=(*scene.detectors, *("",) * count) if scene.detectors else (),
        shown_scaling=(*scene.shown_scaling, *((1.0, 0.0),) * count),
        files=tuple(dict.fromkeys((*scene.files, *raster.files))),
        warnings=(*scene.warnings, *(f"Second raster: {note}" for note in raster.warnings), *notes),
        second=second,
    )


def _joined(first: BandTable, second: BandTable) -> BandTable:
    """Both tables; a second raster has no wavelengths, so that it takes no part in finding bands by them."""
    nothing = (None,) * len(second)
    return BandTable(
        names=(*first.names, *second.names),
        wavelength_nm=(*first.wavelength_nm, *nothing),
        fwhm_nm=(*first.fwhm_nm, *nothing),
        good=(*first.good, *second.good),
    )


def _placed(
    own: Grid, grid: Grid, place: str, resampling: Resampling | None
) -> tuple[tuple[int, int] | None, tuple[str, ...]]:
    """Where the first pixel of the second raster lies in the scene, None if it has to be resampled; and notes on it."""
    if not grid.explain_mismatch(own):
        return (0, 0), ()
    if (own.crs is None) != (grid.crs is None):
        raise MismatchError(
            f"{place} and the scene cannot be laid on one another: the CRS of the scene is {describe_crs(grid.crs)},"
            f" that of the second raster {describe_crs(own.crs)}.",
            code="crs",
            hint="Assign the CRS that is missing (QGIS: Assign projection; gdal_edit.py -a_srs), then try again.",
        )
    require_place(own, grid, place=place, other="second raster", shown="scene")
    offset = pixel_offset(own, grid)
    if offset is not None:
        covered = describe_offset(own, grid, offset)
        return offset, (
            f"{place} covers another area than the scene, with the same pixels: {covered} are on the scene. Beyond it,"
            " there is no data.",
        )
    _require_overlap(own, grid, place)
    different = _difference(own, grid)
    if resampling is None:
        raise MismatchError(
            f"{place} is not on the grid of the scene: {different}.",
            code="grid",
            hint="Bring it to the grid of the scene, or set 'resample_second' to 'bilinear' for heights and other"
            " measurements, or to 'nearest' for classes and numbers that must not be mixed.",
        )
    done = f"{place} was resampled to the grid of the scene ({resampling}): {different}."
    finer = _times_finer(own, grid)
    if finer <= _MUCH_FINER:
        return None, (done,)
    few = "one pixel" if resampling == "nearest" else "four pixels"
    return None, (
        done,
        f"The pixels of the second raster are {finer:.0f} times as fine as those of the scene, and each value comes from"
        f" {few}: average it to the pixels of the scene first if it is noisy.",
    )


def _require_overlap(own: Grid, grid: Grid, place: str) -> None:
    outline = scene_outline(own)
    if own.crs is not None and grid.crs is not None and not same_crs(own.crs, grid.crs):
        # Straight edges bend between CRS; points on them follow.
        bent = shapely.segmentize(outline, outline.length / 80)
        outline = reproject_geometries(bent, own.crs, grid.crs, place, "scene")
    scene = scene_outline(grid)
    if np.isfinite(outline.bounds).all() and shapely.intersection(shapely.make_valid(outline), scene).area > 0:
        return
    raise MismatchError(
        f"{place} does not overlap the scene. In the CRS of the scene ({describe_crs(grid.crs)}) it covers"
        f" {describe_extent(outline.bounds)}, the scene {describe_extent(scene.bounds)}.",
        code="no_overlap",
        hint="Check that both show the same place, and the CRS of both files.",
    )


def _difference(own: Grid, grid: Grid) -> str:
    """In what the pixels differ, the most telling first."""
    if not same_crs(own.crs, grid.crs):
        return f"its CRS is {describe_crs(own.crs)}, that of the scene {describe_crs(grid.crs)}"
    sizes = [" × ".join(dict.fromkeys(f"{edge:.10g}" for edge in one.pixel_size)) for one in (own, grid)]
    if not np.allclose(own.pixel_size, grid.pixel_size, rtol=1e-6):
        return f"its pixels are {sizes[0]} wide, those of the scene {sizes[1]} (units of the CRS)"
    col, row = ~grid.transform @ (own.transform @ (0, 0))
    right, down = (abs(at - round(at)) for at in (col, row))
    if max(right, down) > 0.01:
        return f"its pixels are shifted by {right:.2f} columns and {down:.2f} rows against those of the scene"
    return "its pixels lie in another direction than those of the scene"


def _times_finer(own: Grid, grid: Grid) -> float:
    """How many pixels of the second raster lie along a pixel in the middle of the scene."""
    row, col = (edge // 2 for edge in grid.shape)
    rows, cols = places_in(own, grid, np.array([row, row + 1]), np.array([col, col + 1]))
    return float(max(abs(rows[-1, -1] - rows[0, 0]), abs(cols[-1, -1] - cols[0, 0])))
