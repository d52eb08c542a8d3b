"""Class and place of the training pixels whose spectra a model keeps for its area of applicability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine

from ..errors import SceneError
from ..pixels.grid import Grid
from ..pixels.samples import SampleSet


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownPixels:
    """Training pixels, in the order of the points of the area of applicability.

    Parameters
    ----------
    rows, cols : in the training scene, from 0, int64 (n,).
    classes : class index of each, int64 (n,).
    crs : of the training scene as WKT; None if it has none.
    transform : pixel (col, row) to map (x, y) of that scene; None if it has no coordinates.
    """

    rows: npt.NDArray[np.int64]
    cols: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int64]
    crs: str | None
    transform: Affine | None

    @classmethod
    def of(cls, samples: SampleSet, grid: Grid) -> KnownPixels:
        """The samples on the grid of their scene."""
        return cls(
            rows=samples.rows,
            cols=samples.cols,
            classes=samples.classes,
            crs=grid.crs,
            transform=grid.transform if grid.is_georeferenced else None,
        )

    def position(self, index: int) -> tuple[float, float] | None:
        """Map coordinates (x, y) of the centre of a pixel, in the CRS of the training scene; None if it has none."""
        if self.transform is None:
            return None
        x, y = self.transform @ (float(self.cols[index]) + 0.5, float(self.rows[index]) + 0.5)
        return float(x), float(y)

    def to_json(self) -> dict[str, Any]:
        """For ``known_pixels`` in the training record of a model."""
        return {
            "rows": self.rows.tolist(),
            "cols": self.cols.tolist(),
            "classes": self.classes.tolist(),
            "crs": self.crs,
            "transform": None if self.transform is None else list(self.transform)[:6],
        }

    @classmethod
    def of_record(cls, training: Mapping[str, Any], *, points: int, classes: int) -> KnownPixels | None:
        """From a training record; None if it holds none, as that of an earlier version, or not one for each point."""
        record = training.get("known_pixels")
        if not isinstance(record, Mapping):
            return None
        try:
            rows, cols, found = (np.asarray(record[name], dtype=np.int64) for name in ("rows", "cols", "classes"))
            transform = None if record["transform"] is None else Affine(*map(float, record["transform"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        if not rows.shape == cols.shape == found.shape == (points,) or found.min() < 0 or found.max() >= classes:
            return None
        crs = record.get("crs")
        return cls(rows=rows, cols=cols, classes=found, crs=crs if isinstance(crs, str) else None, transform=transform)


def training_grid(training: Mapping[str, Any]) -> Grid | None:
    """The grid of the training scene by a training record; None if that does not tell, as that of an earlier version."""
    pixels, scene = training.get("known_pixels"), training.get("scene")
    if not isinstance(pixels, Mapping) or not isinstance(scene, Mapping) or not isinstance(pixels.get("crs"), str):
        return None
    try:
        transform, shape = Affine(*map(float, pixels["transform"])), (int(scene["rows"]), int(scene["cols"]))
        return None if min(shape) < 1 else Grid(crs=pixels["crs"], transform=transform, shape=shape)
    except (LookupError, TypeError, ValueError, OverflowError, SceneError):
        return None
