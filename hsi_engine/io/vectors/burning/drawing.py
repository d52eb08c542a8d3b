"""Polygons and points, drawn on the pixels of a scene strip by strip, and which of one class claim the same pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.enums import MergeAlg
from rasterio.features import rasterize

from ....classes.legend import NODATA_VALUE
from ....pixels.grid import Grid
from ....pixels.window import Window
from ..extents import scene_outline
from ..geometry import PlacedParts
from .geojson_shapes import geojson_shapes

IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]

# Drawn at once; the rasters of a strip, one for each rule and class in turn, take some 20 MB then.
_STRIP_PX = 2**20
# GDAL gives pixels to both of two polygons that share an edge through the centres of a row: claims are drawn next to it.
_OFF_CENTRE_PX = 1e-4


@dataclass(frozen=True, kw_only=True, eq=False)
class BurntStrip:
    """What features claim the pixels of a strip.

    Parameters
    ----------
    last, first : number of the feature drawn last and first on each pixel, 0 if there is none, (rows, cols).
    conflict : where features of different classes claim one pixel, (rows, cols).
    pairs : numbers of features that claim the same pixel, (pairs, 2), enough of them to link all those of one class that do.
    """

    last: IntArray
    first: IntArray
    conflict: BoolArray
    pairs: IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """Shapes in the order of the file, the numbers (1…) of their features and the class values of these.

    For telling which are one place, ``small`` marks those that claim every pixel they touch: points and, if all touched pixels
    are labelled, polygons that cover no centre. The others claim the pixels whose centres they cover.
    """

    shapes: npt.NDArray[np.object_]
    numbers: npt.NDArray[np.int64]
    values: IntArray
    grid: Grid
    all_touched: bool
    small: BoolArray

    @classmethod
    def of(cls, parts: PlacedParts, value_of: IntArray, grid: Grid, all_touched: bool) -> Drawing:
        """The parts whose feature has a class; ``value_of`` is by number of the feature."""
        numbers = parts.feature + 1
        drawn = np.flatnonzero(value_of[numbers] != NODATA_VALUE)
        order = drawn[np.argsort(numbers[drawn], kind="stable")]
        drawing = cls(
            shapes=parts.geometries[order],
            numbers=numbers[order],
            values=value_of[numbers[order]],
            grid=grid,
            all_touched=False,
            small=shapely.get_type_id(parts.geometries[order]) == shapely.GeometryType.POINT,
        )
        if not all_touched:
            return drawing
        # Neighbours that share an edge touch the same pixels without being one place, so others are not small.
        lost = drawing.without_pixel(np.empty(0, dtype=np.int32))
        return replace(drawing, all_touched=True, small=drawing.small | np.isin(drawing.numbers, lost))

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

    def burn_strip(self, strip: Window, members: npt.NDArray[np.int64]) -> BurntStrip:
        """Draw some of the shapes on a strip."""
        shapes = geojson_shapes(self.shapes[members])
        last = self._drawn(strip, shapes, self.numbers[members], MergeAlg.replace)
        count = self._drawn(strip, shapes, np.ones(len(members), dtype=np.int64), MergeAlg.add)
        shared = count > 1
        if not shared.any():
            return BurntStrip(last=last, first=last, conflict=shared, pairs=np.empty((0, 2), dtype=np.int32))
        # Only the shapes around a shared pixel are drawn again, which are few as a rule.
        near = self._near(strip, members, shared)
        some, numbers, values = [shapes[at] for at in near], self.numbers[members[near]], self.values[members[near]]
        first = last.copy()
        first[shared] = self._drawn(strip, some[::-1], numbers[::-1], MergeAlg.replace)[shared]
        conflict, claimed = np.zeros(strip.shape, dtype=bool), np.zeros(strip.shape, dtype=bool)
        for value in np.unique(values):
            of_class = np.flatnonzero(values == value)
            here = self._drawn(strip, [some[at] for at in of_class], numbers[of_class], MergeAlg.replace) > 0
            conflict |= claimed & here & shared
            claimed |= here
        claims = self._claims(strip, members[near], MergeAlg.add)
        pairs = [_distinct(first, last, (claims == 2) & (count == 2))]
        crowded = (claims > 1) & (count > 2)
        if crowded.any():
            close = members[near][self._near(strip, members[near], crowded)]
            for value in np.unique(self.values[close]):
                pairs += self._pairs(strip, close[self.values[close] == value], np.random.default_rng(0))
        return BurntStrip(last=last, first=first, conflict=conflict, pairs=np.concatenate(pairs))

    def without_pixel(self, seen: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Numbers of the features on the scene that have no pixel; those in ``seen`` are known to have one."""
        on_scene = np.unique(self.numbers[shapely.intersects(scene_outline(self.grid), self.shapes)])
        unseen = np.setdiff1d(on_scene, seen)
        # A feature that others cover entirely is found in no drawing of all, yet it does have pixels.
        while len(unseen):
            found = [np.empty(0, dtype=np.int32)]
            for strip, members in self.strips(np.flatnonzero(np.isin(self.numbers, unseen))):
                shapes, numbers = geojson_shapes(self.shapes[members]), self.numbers[members]
                found.append(np.unique(self._drawn(strip, shapes, numbers, MergeAlg.replace)))
                found.append(np.unique(self._drawn(strip, shapes[::-1], numbers[::-1], MergeAlg.replace)))
            rest = np.setdiff1d(unseen, np.concatenate(found))
            if len(rest) == len(unseen):
                break
            unseen = rest
        return unseen

    def _pairs(self, strip: Window, members: npt.NDArray[np.int64], rng: np.random.Generator) -> Iterator[IntArray]:
        """Pairs of features, (pairs, 2), that link all those of ``members`` that claim the same pixel.

        The first and the last feature of a pixel are seen in two drawings. If a pixel has more, the shapes around such
        pixels are divided at random and each half looked at on its own, which takes few rounds for any number of shapes.
        """
        claims = self._claims(strip, members, MergeAlg.add)
        if not (claims > 1).any():
            return
        first, last = (self._claims(strip, order, MergeAlg.replace) for order in (members[::-1], members))
        yield _distinct(first, last, claims > 1)
        if not (claims > 2).any():
            return
        order = rng.permutation(members[self._near(strip, members, claims > 2)])
        halves = [np.sort(half) for half in np.array_split(order, 2)]
        one, two = (self._claims(strip, half, MergeAlg.replace) for half in halves)
        yield _distinct(one, two, (one > 0) & (two > 0))
        for half in halves:
            yield from self._pairs(strip, half, rng)

    def _claims(self, strip: Window, members: npt.NDArray[np.int64], merging: MergeAlg) -> IntArray:
        """Number of the feature that claims each pixel last, or with ``MergeAlg.add`` how many shapes do."""
        claims: IntArray = np.zeros(strip.shape, dtype=np.int32)
        numbers = np.ones(len(members), dtype=np.int64) if merging is MergeAlg.add else self.numbers[members]
        for touched in (False, True):
            here = np.flatnonzero(self.small[members] == touched)
            if len(here):
                shapes = zip(geojson_shapes(self.shapes[members[here]]), numbers[here].tolist(), strict=True)
                at = (strip.col, strip.row) if touched else (strip.col - _OFF_CENTRE_PX, strip.row - _OFF_CENTRE_PX)
                transform = self.grid.transform @ Affine.translation(*at)
                rasterize(shapes, out=claims, transform=transform, all_touched=touched, merge_alg=merging)
        return claims

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

    def _near(self, strip: Window, members: npt.NDArray[np.int64], marked: BoolArray) -> npt.NDArray[np.int64]:
        """Positions in ``members`` of the shapes whose boxes, one more pixel on each side, reach a marked pixel's row and column."""
        rows = np.flatnonzero(marked.any(axis=1)) + strip.row
        cols = np.flatnonzero(marked.any(axis=0)) + strip.col
        (top, bottom), (left, right) = self._row_extents, self._col_extents
        return np.flatnonzero(
            _reaches(top[members], bottom[members], rows) & _reaches(left[members], right[members], cols)
        )

    @property
    def kinds(self) -> str:
        """What is drawn, for messages: polygons, points, or both."""
        points = self._are_points
        return "points" if points.all() else "polygons and points" if points.any() else "polygons"

    @property
    def point_features(self) -> npt.NDArray[np.int64]:
        """Numbers of the features that are points only."""
        return np.setdiff1d(self.numbers[self._are_points], self.numbers[~self._are_points])

    def repeated_points(self) -> int:
        """How many points on the scene lie in a pixel in which another one of their class lies, the first of each not counted."""
        points = self._are_points
        cols, rows = np.floor(
            np.array(~self.grid.transform @ tuple(shapely.get_coordinates(self.shapes[points]).T))
        ).astype(np.int64)
        inside = (rows >= 0) & (rows < self.grid.shape[0]) & (cols >= 0) & (cols < self.grid.shape[1])
        places = np.stack([rows, cols, self.values[points]])[:, inside]
        return int(places.shape[1] - np.unique(places, axis=1).shape[1])

    @property
    def _are_points(self) -> BoolArray:
        return np.asarray(shapely.get_type_id(self.shapes) == shapely.GeometryType.POINT)

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


def _distinct(one: IntArray, two: IntArray, where: BoolArray) -> IntArray:
    """The different pairs of numbers at some pixels, (pairs, 2)."""
    pairs: IntArray = np.unique(np.stack([one[where], two[where]], axis=1), axis=0)
    return pairs
