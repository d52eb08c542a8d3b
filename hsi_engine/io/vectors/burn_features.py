"""Drawing polygons and points onto the pixels of a scene."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...classes.legend import NODATA_VALUE
from ...errors import LabelError
from ...pixels.grid import Grid
from ...pixels.labelled_pixels import LabelledPixels, StripCollector
from ...pixels.regions import linked_regions
from .burning.drawing import Drawing
from .geometry import PlacedParts

Overlap = Literal["drop", "first", "last", "error"]

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class BurntFeatures:
    """The labelled pixels, and what is to be told of them.

    Parameters
    ----------
    pixels : their groups are regions: features of one class that claim the same pixel are one, and it has the number (1…) of
        the first of them.
    features : number (1…) of the feature that each pixel has its class from, (n,), int32.
    kinds : what was drawn, for messages: polygons, points, or both.
    """

    pixels: LabelledPixels
    features: IntArray
    kinds: str
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
    drawing = Drawing.of(parts, value_of, grid, all_touched)
    drawn = _draw(drawing, value_of, overlap)
    if not drawn.seen.any():
        raise _no_pixel(drawing.kinds, place, shown)
    notes = _notes_on_pixels(drawing, drawn.seen, shown)
    conflicts = drawn.conflicts
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
    rows, cols, features = drawn.labelled.finish()
    regions = linked_regions(drawn.pairs, len(value_of))[features]
    return BurntFeatures(
        pixels=LabelledPixels(rows=rows, cols=cols, values=value_of[features], groups=regions, shape=grid.shape),
        features=features,
        kinds=drawing.kinds,
        notes=tuple(notes),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Drawn:
    """The labelled pixels, the numbers of the features that are seen, how many pixels each two classes both claim, and
    pairs of features of one class that claim the same pixel.
    """

    labelled: StripCollector
    seen: IntArray
    conflicts: Counter[tuple[int, int]]
    pairs: IntArray


def _draw(drawing: Drawing, value_of: IntArray, overlap: Overlap) -> _Drawn:
    labelled = StripCollector()
    seen, pairs = np.empty(0, dtype=np.int32), [np.empty((0, 2), dtype=np.int32)]
    conflicts: Counter[tuple[int, int]] = Counter()
    for strip, members in drawing.strips():
        burnt = drawing.burn_strip(strip, members)
        last, first, conflict = burnt.last, burnt.first, burnt.conflict
        seen = np.union1d(seen, last if first is last else np.union1d(last, first))
        conflicts.update(_pairs(value_of[first[conflict]], value_of[last[conflict]]))
        pairs.append(burnt.pairs[value_of[burnt.pairs[:, 0]] == value_of[burnt.pairs[:, 1]]])
        if overlap == "drop":
            last[conflict] = 0
        labelled.add(strip.row, first if overlap == "first" else last)
    return _Drawn(labelled=labelled, seen=seen, conflicts=conflicts, pairs=np.concatenate(pairs))


def _no_pixel(kinds: str, place: str, shown: str) -> LabelError:
    if kinds == "points":
        return LabelError(
            f"The points of {place} lie on the right or lower edge of the {shown}, in none of its pixels.",
            code="no_pixel",
            hint=f"Move them into the {shown}.",
        )
    return LabelError(
        f"The labels of {place} lie on the {shown}, but cover no pixel centre.",
        code="no_pixel",
        hint="Use all touched pixels, or draw larger polygons.",
    )


def _notes_on_pixels(drawing: Drawing, seen: IntArray, shown: str) -> list[str]:
    """How many features have no pixel or share one; ``seen`` are those known to have one."""
    missed, points = drawing.without_pixel(seen), drawing.point_features
    small, outside = len(np.setdiff1d(missed, points)), len(np.intersect1d(missed, points))
    notes = []
    if small:
        notes.append(f"Polygons too small or narrow to cover a pixel centre, so they label nothing: {small}.")
    if outside:
        notes.append(
            f"Points on the right or lower edge of the {shown}, which lie in none of its pixels, left out: {outside}."
        )
    if repeated := drawing.repeated_points():
        notes.append(
            f"Points in a pixel in which another one of the same class lies: {repeated}; each pixel counts once for its class."
        )
    return notes


def _pairs(first: IntArray, last: IntArray) -> dict[tuple[int, int], int]:
    """How many pixels there are of each pair of class values, the smaller one first."""
    pairs, counts = np.unique(np.sort(np.stack([first, last], axis=1), axis=1), axis=0, return_counts=True)
    return {(int(a), int(b)): int(n) for (a, b), n in zip(pairs, counts, strict=True)}


def _describe_conflict(conflicts: Counter[tuple[int, int]], names: dict[int, str]) -> str:
    ranked = sorted((pair for pair in conflicts if pair[0] != pair[1]), key=lambda pair: (-conflicts[pair], pair))
    named = [f"{names.get(a, a)} and {names.get(b, b)} on {conflicts[a, b]}" for a, b in ranked[:5]]
    return ", ".join(named) + (", and others" if len(ranked) > 5 or not named else "")
