"""Drawing polygons and points onto the pixels of a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely
from rasterio.features import rasterize

from ..errors import LabelError
from ..grid import Grid
from ..legend import NODATA_VALUE
from .extents import scene_outline
from .vector_geometry import PlacedParts

Overlap = Literal["drop", "first", "last", "error"]

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class BurntFeatures:
    """Class value and number of the feature (1…) of each pixel, (rows, cols); 0 where there is none."""

    values: IntArray
    groups: IntArray
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
    drawn = classes[parts.feature] != NODATA_VALUE
    shapes, feature = parts.geometries[drawn], parts.feature[drawn]
    order = np.argsort(feature, kind="stable")
    shapes, numbers = shapes[order], feature[order] + 1

    def burn(which: npt.NDArray[np.int64]) -> IntArray:
        if not len(which):
            return np.zeros(grid.shape, np.int32)
        burnt: IntArray = rasterize(
            zip(shapes[which], numbers[which].tolist(), strict=True),
            out_shape=grid.shape,
            transform=grid.transform,
            all_touched=all_touched,
            dtype="int32",
        )
        return burnt

    every = np.arange(len(shapes))
    last, first = burn(every), burn(every[::-1])
    if not last.any():
        raise LabelError(
            f"The labels of {place} lie on the {shown} but cover no pixel centre.",
            code="no_pixel",
            hint="Label every pixel that a polygon touches (all touched), or draw larger polygons.",
        )
    value_of = np.concatenate([[NODATA_VALUE], classes]).astype(np.int32)
    conflict = np.zeros(grid.shape, dtype=bool)
    claimed = np.zeros(grid.shape, dtype=bool)
    for value in np.unique(value_of[numbers]):
        here = burn(every[value_of[numbers] == value]) > 0
        conflict |= claimed & here
        claimed |= here

    # A feature that other features cover entirely is found in neither drawing, yet it does cover pixels.
    on_scene = np.unique(numbers[shapely.intersects(scene_outline(grid), shapes)])
    unseen = np.setdiff1d(on_scene, np.union1d(last, first))
    missed = np.setdiff1d(unseen, burn(every[np.isin(numbers, unseen)]))
    notes = []
    if len(missed):
        notes.append(f"Polygons too small or narrow to cover a pixel centre, which label nothing: {len(missed)}.")
    if conflict.any():
        described = _describe_conflict(value_of[first[conflict]], value_of[last[conflict]], names)
        if overlap == "error":
            raise LabelError(
                f"In {place} polygons of different classes overlap; pixels concerned: {conflict.sum()} ({described}).",
                code="overlap",
                hint="Correct the polygons, or choose a rule: leave such pixels out, or take the first or last polygon.",
            )
        outcome = {"drop": "left out", "first": "the first polygon counts", "last": "the last polygon counts"}[overlap]
        notes.append(f"Pixels under polygons of different classes: {conflict.sum()} ({described}); {outcome}.")
    groups = np.where(conflict, 0, last) if overlap == "drop" else first if overlap == "first" else last
    return BurntFeatures(values=value_of[groups], groups=groups.astype(np.int32), notes=tuple(notes))


def _describe_conflict(first: IntArray, last: IntArray, names: dict[int, str]) -> str:
    pairs, counts = np.unique(np.sort(np.stack([first, last], axis=1), axis=1), axis=0, return_counts=True)
    ranked = [(pairs[i], counts[i]) for i in np.argsort(-counts, kind="stable") if pairs[i][0] != pairs[i][1]]
    named = [f"{names.get(int(a), a)} and {names.get(int(b), b)} on {n}" for (a, b), n in ranked[:5]]
    return ", ".join(named) + (", and others" if len(ranked) > 5 or not named else "")
