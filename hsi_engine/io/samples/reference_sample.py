"""A probability sample of pixels of a class map, with what an interpreter has said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ...classes.legend import Legend
from ...pixels.grid import Grid
from ..labels.interpreted_points import cannot_be_told

Design = Literal["simple", "stratified", "systematic"]
StrataAre = Literal["none", "map_classes", "layer", "both"]
Allocation = Literal["none", "equal", "proportional"]

OTHER = "other"
"""Reference of a point on ground that is of none of the classes of the map; a class like any other in an error matrix."""
CERTAINTIES = ("sure", "rather sure", "unsure")
WHOLE_MAP = "whole map"
"""Name of the only stratum of a sample without strata."""


@dataclass(frozen=True, kw_only=True)
class MapClass:
    """A class of the sampled map, and how much of the region of interest it covers.

    Parameters
    ----------
    value, name, colour : as in the legend of the map; ``colour`` is ``#rrggbb``.
    pixels : of the region of interest.
    area_m2 : of these pixels in square metres; None if the map does not say how large its pixels are.
    """

    value: int
    name: str
    colour: str
    pixels: int
    area_m2: float | None


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """A part of the region of interest that was sampled on its own.

    Parameters
    ----------
    name : such as ``wheat``, ``north`` or ``north / wheat``.
    pixels : all of its pixels, the weight of the stratum.
    candidates : the pixels that could be drawn: fewer than ``pixels`` if only those among equals could.
    area_m2 : of all its pixels in square metres; None if areas are not known.
    points : how many were drawn.
    """

    name: str
    pixels: int
    candidates: int
    area_m2: float | None
    points: int


@dataclass(frozen=True, kw_only=True)
class SampleDesign:
    """How a sample was drawn.

    Parameters
    ----------
    design : simple random, stratified random, or systematic with a random start.
    strata_are : what the strata of a stratified sample are made of; "none" for the others, which have one stratum.
    allocation : how the points were shared among the strata; "none" without strata.
    seed : of all draws.
    pure_neighbourhood : only pixels whose eight neighbours are of their class could be drawn.
    minimum_distance_m : between any two points; None if there was none.
    spacing_px : of a systematic sample, in pixels along rows and columns; None for the others.
    map_name, map_sha256 : file name of the map, and the hash of its content
        (:func:`~hsi_engine.io.files.source_hash.sha256_of_source`).
    strata_name : file name of the layer of strata; empty if there is none.
    extent, mask : the region of interest as it was given (an extent as text, the file name of a mask); empty if none.
    grid : of the map.
    classes : of the map, in the order of its legend.
    """

    design: Design
    strata_are: StrataAre
    allocation: Allocation
    seed: int
    pure_neighbourhood: bool
    minimum_distance_m: float | None
    spacing_px: float | None
    map_name: str
    map_sha256: str
    strata_name: str
    extent: str
    mask: str
    grid: Grid
    classes: tuple[MapClass, ...]

    @property
    def legend(self) -> Legend:
        """Values, names and colours of the classes of the map."""
        return Legend.of({c.value: c.name for c in self.classes}, {c.value: c.colour for c in self.classes})


@dataclass(frozen=True, kw_only=True, eq=False)
class ReferenceSample:
    """The points of a sample in the order of their numbers; every array is (points,).

    Parameters
    ----------
    point_ids : int64, from 1; the order is random, so that it says nothing of strata.
    rows, cols : int64, the pixel of the map that was drawn.
    strata : name of the stratum of each point.
    inclusion_probability : float64, above 0 to 1.
    map_values, map_classes : uint16 values and names of the class of the map.
    pixel_area_m2 : float64, area of the pixel; NaN if areas are not known.
    reference : class name given by the interpreter, :data:`OTHER`,
        :data:`~hsi_engine.io.labels.interpreted_points.CANNOT_TELL`, or None: not labelled.
    all_strata : every stratum, also those without points.
    deleted : numbers of points that are no longer in the layer; they are here too, without a reference.
    notes : what was found on reading, in sentences.
    """

    point_ids: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    cols: npt.NDArray[np.int64]
    strata: Sequence[str]
    inclusion_probability: npt.NDArray[np.float64]
    map_values: npt.NDArray[np.uint16]
    map_classes: Sequence[str]
    pixel_area_m2: npt.NDArray[np.float64]
    reference: Sequence[str | None]
    certainty: Sequence[str | None]
    comment: Sequence[str | None]
    all_strata: tuple[Stratum, ...]
    design: SampleDesign
    deleted: tuple[int, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.point_ids)

    @property
    def xy(self) -> npt.NDArray[np.float64]:
        """Centre of each drawn pixel in the CRS of the map, (points, 2)."""
        return pixel_centres(self.design.grid, self.rows, self.cols)

    @property
    def labelled(self) -> npt.NDArray[np.bool_]:
        """True for points with a class: neither empty nor :data:`~hsi_engine.io.labels.interpreted_points.CANNOT_TELL`."""
        return np.array([text is not None and not cannot_be_told(text) for text in self.reference], dtype=bool)


def pixel_centres(grid: Grid, rows: npt.NDArray[Any], cols: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Map coordinates (n, 2) of the centres of pixels; y is minus the row in a grid without coordinates, as a GIS shows it."""
    x, y = np.asarray(cols) + 0.5, np.asarray(rows) + 0.5
    t = grid.shown_transform
    return np.stack([t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f], axis=1)
