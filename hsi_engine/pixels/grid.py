"""Where the pixels of a raster lie on the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass

from affine import Affine

from ..errors import SceneError
from ..foreign.text import shown

# Beyond what any CRS needs, in whatever unit: in metres, light-hours on one side and atoms on the other.
_FARTHEST, _SMALLEST = 1e12, 1e-12
# Of the area that the two edges of a pixel would span at a right angle.
_FLATTEST = 1e-9
# How a GIS shows a raster without map coordinates: rows count downwards from y = 0.
_ROWS_DOWN = Affine.scale(1, -1)
# What programs write as the name of a CRS that has none.
_NAMELESS = frozenset({"", "unnamed", "unknown", "undefined"})


@dataclass(frozen=True, kw_only=True)
class Grid:
    """CRS, affine transform and shape of a raster.

    Parameters
    ----------
    crs : the coordinate reference system as WKT, or None if the file has none.
    transform : pixel (col, row) to map (x, y); may be rotated or south-up.
    shape : (rows, cols).

    Raises
    ------
    SceneError : the transform is not one that gives each pixel a place and an area.
    """

    crs: str | None
    transform: Affine
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        fault = transform_fault(self.transform)
        if fault:
            raise SceneError(
                f"The map coordinates of a raster cannot be used: {fault}.", code="transform", hint=TRANSFORM_HINT
            )

    @property
    def is_georeferenced(self) -> bool:
        """Whether the file states where its pixels lie (a transform other than the identity)."""
        return self.transform not in (Affine.identity(), _ROWS_DOWN)

    @property
    def shown_transform(self) -> Affine:
        """Pixel (col, row) to map (x, y) as a GIS shows the raster: without map coordinates, y is minus the row."""
        return self.transform if self.is_georeferenced else _ROWS_DOWN

    @property
    def pixel_size(self) -> tuple[float, float]:
        """Lengths of the two edges of a pixel (along a row, along a column), in units of the CRS."""
        t = self.transform
        return (t.a**2 + t.d**2) ** 0.5, (t.b**2 + t.e**2) ** 0.5

    def explain_mismatch(self, other: Grid) -> str:
        """Describe how two grids differ; an empty string if they are the same.

        Origins may differ by a hundredth of a pixel, pixel sizes by as much over the whole raster.
        """
        if self.shape != other.shape:
            return f"the size is {_size(self)} pixels against {_size(other)}"
        if not same_crs(self.crs, other.crs):
            return f"the CRS is {describe_crs(self.crs)} against {describe_crs(other.crs)}"
        rows, cols = self.shape
        to_pixels = ~self.transform
        for corner in ((0, 0), (cols, 0), (0, rows), (cols, rows)):
            col, row = to_pixels @ (other.transform @ corner)
            d_col, d_row = col - corner[0], row - corner[1]
            if max(abs(d_col), abs(d_row)) > 0.01:
                return (
                    f"the pixels are shifted by {d_col:.2f} columns and {d_row:.2f} rows"
                    f" at pixel corner (row {corner[1]}, col {corner[0]})"
                )
        return ""


TRANSFORM_HINT = "Write the raster again with correct map coordinates, or remove them from the file."


def transform_fault(transform: Affine) -> str:
    """Why a transform does not give each pixel a place and an area, as a clause; empty if it does."""
    numbers = tuple(transform)[:6]
    listed = ", ".join(f"{number:g}" for number in numbers)
    if not all(math.isfinite(number) for number in numbers):
        return f"its transform ({listed}) holds numbers that are not finite"
    if max(map(abs, numbers)) > _FARTHEST:
        return f"its transform ({listed}) lies beyond {_FARTHEST:g} units"
    along, across = math.hypot(transform.a, transform.d), math.hypot(transform.b, transform.e)
    area = abs(transform.a * transform.e - transform.b * transform.d)
    if min(along, across) < _SMALLEST or area < _FLATTEST * along * across:
        return f"by its transform ({listed}) pixels have no area"
    return ""


def same_crs(a: str | None, b: str | None) -> bool:
    """Whether two CRS (WKT, PROJ string or EPSG code) mean the same on the ground, or neither is given.

    Heights do not matter: a compound or three-dimensional CRS is the same as its horizontal part.
    """
    if a is None or b is None:
        return a is b
    if a == b:
        return True
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        one, other = (CRS.from_user_input(crs).to_2d() for crs in (a, b))
    except CRSError:  # GDAL reads some that PROJ does not
        return False
    return bool(one.equals(other, ignore_axis_order=True))


def describe_crs(crs: str | None) -> str:
    """A CRS as a person would write it: ``EPSG:32633 (WGS 84 / UTM zone 33N)``."""
    if crs is None:
        return "none"
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        parsed = CRS.from_user_input(crs)
    except CRSError:
        return f"a CRS that is not understood ({shown(crs)})"
    authority = parsed.to_authority(min_confidence=70)
    named = parsed.name.strip().lower() not in _NAMELESS
    if authority:
        return ":".join(authority) + (f" ({parsed.name})" if named else "")
    if named:
        return parsed.name
    method = parsed.coordinate_operation.method_name if parsed.coordinate_operation else ""
    return f"a CRS without a name{f' ({method})' if method else ''}"


def _size(grid: Grid) -> str:
    return f"{grid.shape[0]}×{grid.shape[1]}"
