"""Reference points with the design they were drawn by, whatever file they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ....classes.legend import Legend
from ....evaluation.design_based.reference_sample import Design
from ....io.samples.reference_sample import pixel_centres
from ....io.vectors.extents import reproject_geometries
from ....pixels.grid import Grid, same_crs

Texts = tuple[str | None, ...]
_NOWHERE = -1


@dataclass(frozen=True, kw_only=True)
class KnownStratum:
    """A stratum of the design: its name, pixels and area in m² (None if not known), and how many points were drawn."""

    name: str
    pixels: float
    area_m2: float | None
    drawn: int


@dataclass(frozen=True, kw_only=True)
class MappedClass:
    """What a map shows of a class in the sampled region: pixels, and area in m² (None if not known)."""

    pixels: int
    area_m2: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class ReferencePoints:
    """All points of a sample, labelled or not; arrays and names are (points,).

    Parameters
    ----------
    design : how they were drawn.
    grid : the pixels the points were drawn from.
    rows, cols : the pixel of each in that grid, int64.
    strata : position of the stratum of each in ``known_strata``, int64; -1 if the strata are the classes of the map that
        is assessed, which only that map can say.
    known_strata : empty if the strata are the classes of the assessed map.
    reference : class given by the interpreter; None if there is none.
    interpreters : what further interpreters said, by the name of their field.
    pixel_areas : area of each pixel, float64, in any unit; None if all are the same or areas are not known.
    drawn_for : name and hash of the map the sample was drawn for; empty if that is not known.
    legend : names and colours of the classes of that map, as the sample has them; None if that is not known.
    mapped : what that map showed of each class value in the sampled region; empty if that is not known.
    part_of_map : the sampled region is only a part of that map.
    frame_known : it is known which pixels could be drawn; if not, the pixels of the only stratum are an estimate.
    strata_are_classes : no stratum holds two classes of the map it was drawn for.
    stated : the user stated the design; the file does not.
    undecided : points whose class the interpreter could not tell; they have no reference.
    notes, warnings : what to know of the sample.
    """

    design: Design
    grid: Grid
    rows: npt.NDArray[np.int64]
    cols: npt.NDArray[np.int64]
    strata: npt.NDArray[np.int64]
    known_strata: tuple[KnownStratum, ...]
    reference: Texts
    interpreters: Mapping[str, Texts] = field(default_factory=dict)
    pixel_areas: npt.NDArray[np.float64] | None = None
    drawn_for: tuple[str, str] = ("", "")
    legend: Legend | None = None
    mapped: Mapping[int, MappedClass] = field(default_factory=dict)
    part_of_map: bool = False
    frame_known: bool = True
    strata_are_classes: bool = False
    stated: bool = False
    undecided: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def labelled(self) -> npt.NDArray[np.bool_]:
        """True for points with a reference."""
        return np.array([text is not None for text in self.reference], dtype=bool)


def varying(areas: npt.NDArray[Any]) -> npt.NDArray[np.float64] | None:
    """Areas of pixels, (points,), if they are known and differ; else None."""
    if not len(areas) or not np.isfinite(areas).all():
        return None
    found = np.asarray(areas, dtype=np.float64)
    return found if np.ptp(found) > 1e-9 * float(found.max()) else None


def listed_briefly(names: Sequence[Any], most: int = 5) -> str:
    """The first few of some names: ``wheat, oat, …``."""
    return ", ".join(map(str, names[:most])) + (", …" if len(names) > most else "")


def pixels_in(points: ReferencePoints, grid: Grid, place: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows and columns, both (points,), of the pixels of ``grid`` in which the centres of the drawn pixels lie.

    They are outside of the grid for points that are not on it. ``place`` names the points, for messages.

    Raises
    ------
    MismatchError : there is no way from the CRS of the points to that of the map.
    """
    if not points.grid.explain_mismatch(grid):
        return points.rows, points.cols
    xy = pixel_centres(points.grid, points.rows, points.cols)
    if points.grid.crs is not None and grid.crs is not None and not same_crs(points.grid.crs, grid.crs):
        moved = reproject_geometries(shapely.points(xy), points.grid.crs, grid.crs, place, "map")
        xy = shapely.get_coordinates(moved)
    known = np.isfinite(xy).all(axis=1)
    cols, rows = ~grid.shown_transform @ (np.where(known, xy[:, 0], 0.0), np.where(known, xy[:, 1], 0.0))
    row_numbers, col_numbers = (
        np.where(known, np.floor(np.asarray(at)), _NOWHERE).astype(np.int64) for at in (rows, cols)
    )
    return row_numbers, col_numbers
