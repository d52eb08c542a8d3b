"""How much ground the pixels of a grid cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError

from ...pixels.grid import Grid, describe_crs

AreaMethod = Literal["geodesic", "planar"]

# Beyond this, a projection misleads more than the pixels of most maps do.
_TOLERATED = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class PixelAreas:
    """Areas of the pixels of a grid.

    Parameters
    ----------
    rows_m2 : area of each pixel of a row in square metres, (rows,) float64; None if it is not known.
    method : on the ellipsoid, with geodesics as edges of the pixels, or in the plane of a projection; None without areas.
    note : why there are no areas, or what is to be known of them; empty if there is nothing to say.
    """

    rows_m2: npt.NDArray[np.float64] | None
    method: AreaMethod | None
    note: str = ""


def pixel_areas(grid: Grid) -> PixelAreas:
    """The areas of the pixels: geodesic in a geographic CRS, those of the plane in a projected one, else none."""
    if grid.crs is None:
        return _without("the map has no CRS")
    if not grid.is_georeferenced:
        return _without("the map has no map coordinates")
    crs = CRS.from_user_input(grid.crs)
    if crs.is_geographic:
        return _geodesic(grid, crs)
    if not crs.is_projected:
        return _without(f"the CRS of the map, {describe_crs(grid.crs)}, is neither projected nor geographic")
    return _planar(grid, crs)


def _without(reason: str) -> PixelAreas:
    return PixelAreas(rows_m2=None, method=None, note=f"Areas are in pixels only: {reason}.")


def _geodesic(grid: Grid, crs: CRS) -> PixelAreas:
    turned = grid.transform.b or grid.transform.d
    if turned:
        return _without("its grid is rotated in a geographic CRS")
    degrees = [float(np.degrees(axis.unit_conversion_factor)) for axis in crs.axis_info[:2]]
    width = abs(grid.transform.a) * degrees[0]
    latitudes = (grid.transform.f + grid.transform.e * np.arange(grid.shape[0] + 1)) * degrees[1]
    if np.abs(latitudes).max() > 90 + 1e-6:
        return _without(f"its rows reach the latitude {latitudes[np.abs(latitudes).argmax()]:.4g}°, beyond the pole")
    return PixelAreas(
        rows_m2=_row_areas(np.clip(latitudes, -90, 90), width, crs.get_geod() or Geod(ellps="WGS84")),
        method="geodesic",
    )


def _row_areas(latitudes: npt.NDArray[np.float64], width: float, geod: Geod) -> npt.NDArray[np.float64]:
    """Area of the pixel between each two latitudes (rows + 1,), of ``width`` degrees."""
    edges = [0.0, width, width, 0.0]
    return np.array(
        [
            abs(geod.polygon_area_perimeter(edges, [first, first, second, second])[0])
            for first, second in zip(latitudes[:-1].tolist(), latitudes[1:].tolist(), strict=True)
        ]
    )


def _planar(grid: Grid, crs: CRS) -> PixelAreas:
    along, across = (axis.unit_conversion_factor for axis in crs.axis_info[:2])
    area = abs(grid.transform.determinant) * along * across
    return PixelAreas(
        rows_m2=np.full(grid.shape[0], area), method="planar", note=_distortion(grid, crs, area, (along, across))
    )


def _distortion(grid: Grid, crs: CRS, area: float, units: tuple[float, float]) -> str:
    """A warning if the projection changes the area of the pixel in the middle by more than a hundredth."""
    geod = crs.get_geod()
    if geod is None or crs.geodetic_crs is None:
        return ""
    row, col = grid.shape[0] / 2, grid.shape[1] / 2
    xs, ys = zip(*(grid.transform @ (col + x, row + y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))), strict=True)
    try:
        to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        lons, lats = to_degrees.transform(xs, ys, errcheck=True)
    except ProjError:
        return ""  # the middle of the map lies outside the projection
    true = abs(geod.polygon_area_perimeter(lons, lats)[0])
    if not true or abs(area / true - 1) <= _TOLERATED:
        return ""
    return (
        f"The areas are those of the plane of {describe_crs(grid.crs)}; in the middle of the map they are"
        f" {area / true:.2f} times those on the ground. Use a map in a projection that keeps areas."
    )
