"""Drawing polygons and points onto the pixels of a scene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.enums import MergeAlg
from rasterio.features import rasterize

from ...classes.legend import NODATA_VALUE
from ...errors import LabelError
from ...pixels.grid import Grid
from ...pixels.labelled_pixels import LabelledPixels, StripCollector
from ...pixels.window import Window
from .extents import scene_outline
from .geojson_shapes import geojson_shapes
from .geometry import PlacedParts

Overlap = Literal["drop", "first", "last", "error"]

IntArray = npt.NDArray[np.int32]

# Drawn at once; the rasters of a strip, one for each rule and class in turn, take some 20 MB then.
_STRIP_PX = 2**20


@dataclass(frozen=True, kw_only=True, eq=False)
class BurntFeatures:
    """The labelled pixels, each with class value and number of the feature (1…); and what is to be told of them."""

    pixels: LabelledPixels
    notes: tuple[str, ...]


def burn_features(
    parts: PlacedParts,
    classes: npt.NDArray[np.int64],
    grid: Grid,
    *,
    overlap: Overlap,
    all_touched: bool,
    names: dict[int, str],
    place: str,
    shown: str,
) -> BurntFeatures:
    """Give each pixel the class of the polygon its centre lies in, or of the point that lies in it.

    The scene is drawn strip by strip, so that memory does not grow with it.

    Parameters
    ----------
    classes : class value of each feature, shape (features,); features of class 0 are not drawn.
    overlap : rule for pixels claimed by polygons of different classes: leave them unlabelled, take the first or the
        last feature in the order of the file, or refuse.
    all_touched : label every pixel that a polygon touches, not only where it covers the centre.
    names : class names by value, ``place`` the file and ``shown`` what the grid is of (scene, map), for messages.

    Raises
    ------
    LabelError : no pixel is labelled; classes overlap under the rule "error".
    """
    value_of = np.concatenate([[NODATA_VALUE], classes]).astype(np.int32)
    drawing = _Drawing.of(parts, value_of, grid, all_touched)
    labelled, seen, conflicts = _draw(drawing, value_of, overlap)
    if not seen.any():
        raise LabelError(
            f"The labels of {place} lie on the {shown}, but cover no pixel centre.",
            code="no_pixel",
            hint="Use all touched pixels, or draw larger polygons.",
        )
    notes = []
    missed = drawing.without_pixel(seen)
    if missed:
        notes.append(f"Polygons too small or narrow to cover a pixel centre, so they label nothing: {missed}.")
    if repeated := drawing.repeated_points():
        notes.append(
            f"Points in a pixel in which another one of the same class lies: {repeated}; each pixel counts once for its class."
        )
    if conflicts:
        concerned, described = conflicts.total(), _describe_conflict(conflicts, names)
        if overlap == "error":
            raise LabelError(
                f"In {place} {drawing.kinds} of different classes overlap; pixels concerned: {concerned} ({described}).",
                code="overlap",
                hint=f"Correct the {drawing.kinds}, or choose a rule: leave these pixels out, or use the first or last one.",
            )
        outcome = {"drop": "left out", "first": "the first one counts", "last": "the last one counts"}[overlap]
        notes.append(f"Pixels under {drawing.kinds} of different classes: {concerned} ({described}); {outcome}.")
    rows, cols, groups = labelled.finish()
    return BurntFeatures(
        pixels=LabelledPixels(rows=rows, cols=cols, values=value_of[groups], groups=groups, shape=grid.shape),
        notes=tuple(notes),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Drawing:
    """Shapes in the order of the file, the numbers (1…) of their features and the class values of these."""

    shapes: npt.NDArray[np.object_]
    numbers: npt.NDArray[np.int64]
    values: IntArray
    grid: Grid
    all_touched: bool

    @classmethod
    def of(cls, parts: PlacedParts, value_of: IntArray, grid: Grid, all_touched: bool) -> _Drawing:
        numbers = parts.feature + 1
        drawn = np.flatnonzero(value_of[numbers] != NODATA_VALUE)
        order = drawn[np.argsort(numbers[drawn], kind="stable")]
        return cls(
            shapes=parts.geometries[order],
            numbers=numbers[order],
            values=value_of[numbers[order]],
            grid=grid,
            all_touched=all_touched,
        )

    def strips(self, wanted: npt.NDArray[np.int64] | None = None) -> Iterator[tuple[Window, npt.NDArray[np.int64]]]:
        """Windows as wide as the scene, and which shapes (of those wanted) may reach into each; without empty ones."""
        rows, cols = self.grid.shape
        height = max(1, _STRIP_PX // cols)
        top, bottom = self._row_extents
        candidates = np.arange(len(self.shapes)) if wanted is None else wanted
        for row in range(0, rows, height):
            strip = Window(row=row, col=0, height=height, width=cols).clip((rows, cols))
            # One pixel more on each side: what rounding moves across the border is drawn rather than lost.
            near = (bottom[candidates] >= strip.row - 1) & (top[candidates] <= strip.row_end + 1)
            if near.any():
                yield strip, candidates[near]

    def burn(self, strip: Window, which: npt.NDArray[np.int64]) -> IntArray:
        """Number of the feature drawn last on each pixel of a strip, 0 if there is none."""
        return self._drawn(strip, geojson_shapes(self.shapes[which]), self.numbers[which], MergeAlg.replace)

    def burn_strip(
        self, strip: Window, members: npt.NDArray[np.int64]
    ) -> tuple[IntArray, IntArray, npt.NDArray[np.bool_]]:
        """Number of the feature drawn last and first on each pixel, and where features of
        different classes claim one.
        """
        shapes = geojson_shapes(self.shapes[members])
        last = self._drawn(strip, shapes, self.numbers[members], MergeAlg.replace)
        shared = self._drawn(strip, shapes, np.ones(len(members), dtype=np.int64), MergeAlg.add) > 1
        if not shared.any():
            return last, last, shared
        # Only the shapes around a shared pixel are drawn again, which are few as a rule.
        rows = np.flatnonzero(shared.any(axis=1)) + strip.row
        cols = np.flatnonzero(shared.any(axis=0)) + strip.col
        top, bottom = self._row_extents
        left, right = self._col_extents
        near = np.flatnonzero(
            _reaches(top[members], bottom[members], rows) & _reaches(left[members], right[members], cols)
        )
        some = [shapes[at] for at in near]
        numbers, values = self.numbers[members[near]], self.values[members[near]]
        first = last.copy()
        first[shared] = self._drawn(strip, some[::-1], numbers[::-1], MergeAlg.replace)[shared]
        conflict, claimed = np.zeros(strip.shape, dtype=bool), np.zeros(strip.shape, dtype=bool)
        for value in np.unique(values):
            of_class = np.flatnonzero(values == value)
            here = self._drawn(strip, [some[at] for at in of_class], numbers[of_class], MergeAlg.replace) > 0
            conflict |= claimed & here & shared
            claimed |= here
        return last, first, conflict

    def _drawn(
        self, strip: Window, shapes: Sequence[Any], numbers: npt.NDArray[np.int64], merging: MergeAlg
    ) -> IntArray:
        drawn: IntArray = rasterize(
            zip(shapes, numbers.tolist(), strict=True),
            out_shape=strip.shape,
            transform=self.grid.transform @ Affine.translation(strip.col, strip.row),
            all_touched=self.all_touched,
            merge_alg=merging,
            dtype="int32",
        )
        return drawn

    def without_pixel(self, seen: npt.NDArray[Any]) -> int:
        """How many features on the scene cover no pixel; ``seen`` are the numbers that drawing all of them left."""
        on_scene = np.unique(self.numbers[shapely.intersects(scene_outline(self.grid), self.shapes)])
        # A feature that other features cover entirely is found in no drawing, yet it does cover pixels.
        unseen = np.setdiff1d(on_scene, seen)
        for strip, members in self.strips(np.flatnonzero(np.isin(self.numbers, unseen))):
            unseen = np.setdiff1d(unseen, self.burn(strip, members))
        return len(unseen)

    @property
    def kinds(self) -> str:
        """What is drawn, for messages: polygons, points, or both."""
        points = shapely.get_type_id(self.shapes) == shapely.GeometryType.POINT
        return "points" if points.all() else "polygons and points" if points.any() else "polygons"

    def repeated_points(self) -> int:
        """How many points on the scene lie in a pixel in which another one of their class lies, the first of each not counted."""
        points = shapely.get_type_id(self.shapes) == shapely.GeometryType.POINT
        cols, rows = np.floor(
            np.array(~self.grid.transform @ tuple(shapely.get_coordinates(self.shapes[points]).T))
        ).astype(np.int64)
        inside = (rows >= 0) & (rows < self.grid.shape[0]) & (cols >= 0) & (cols < self.grid.shape[1])
        places = np.stack([rows, cols, self.values[points]])[:, inside]
        return int(places.shape[1] - np.unique(places, axis=1).shape[1])

    @cached_property
    def _row_extents(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """First and last row, in pixels, of the box around each shape."""
        inverse = ~self.grid.transform
        return self._extents(inverse.d, inverse.e, inverse.f)

    @cached_property
    def _col_extents(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """First and last column, in pixels, of the box around each shape."""
        inverse = ~self.grid.transform
        return self._extents(inverse.a, inverse.b, inverse.c)

    def _extents(self, by_x: float, by_y: float, start: float) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        left, bottom, right, top = shapely.bounds(self.shapes).T
        places = np.stack([by_x * x + by_y * y + start for x in (left, right) for y in (bottom, top)])
        return places.min(axis=0), places.max(axis=0)


def _reaches(
    low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], lines: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """True where a span, one more pixel on each side, holds one of some rows or columns, which rise."""
    first = np.searchsorted(lines, np.floor(low) - 1)
    found: npt.NDArray[np.bool_] = first < np.searchsorted(lines, np.ceil(high) + 1, side="right")
    return found


def _draw(
    drawing: _Drawing, value_of: IntArray, overlap: Overlap
) -> tuple[StripCollector, npt.NDArray[Any], Counter[tuple[int, int]]]:
    """The labelled pixels, the numbers of the features that are seen, and how many pixels each two classes both claim."""
    labelled = StripCollector()
    seen = np.empty(0, dtype=np.int32)
    conflicts: Counter[tuple[int, int]] = Counter()
    for strip, members in drawing.strips():
        last, first, conflict = drawing.burn_strip(strip, members)
        seen = np.union1d(seen, last if first is last else np.union1d(last, first))
        conflicts.update(_pairs(value_of[first[conflict]], value_of[last[conflict]]))
        if overlap == "drop":
            last[conflict] = 0
        labelled.add(strip.row, first if overlap == "first" else last)
    return labelled, seen, conflicts


def _pairs(first: IntArray, last: IntArray) -> dict[tuple[int, int], int]:
    """How many pixels there are of each pair of class values, the smaller one first."""
    pairs, counts = np.unique(np.sort(np.stack([first, last], axis=1), axis=1), axis=0, return_counts=True)
    return {(int(a), int(b)): int(n) for (a, b), n in zip(pairs, counts, strict=True)}


def _describe_conflict(conflicts: Counter[tuple[int, int]], names: dict[int, str]) -> str:
    ranked = sorted((pair for pair in conflicts if pair[0] != pair[1]), key=lambda pair: (-conflicts[pair], pair))
    named = [f"{names.get(a, a)} and {names.get(b, b)} on {conflicts[a, b]}" for a, b in ranked[:5]]
    return ", ".join(named) + (", and others" if len(ranked) > 5 or not named else "")
