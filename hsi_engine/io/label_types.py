"""What reading labels yields, whatever file they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..legend import Legend

ResamplingRule = Literal["refuse", "nearest", "majority"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """Labels on the grid of a scene.

    Parameters
    ----------
    values : class values as in the file, (rows, cols), int32; 0 where there is no label.
    groups : number of the feature (1…), or of the connected region of a label raster, (rows, cols), int32; 0 where
        there is no label.
    legend : the classes that occur.
    notes : everything that was left out, resolved or decided, with counts.
    source : where the labels come from, for the record: path, sha256, layer, fields, rules.
    """

    values: npt.NDArray[np.int32]
    groups: npt.NDArray[np.int32]
    legend: Legend
    notes: tuple[str, ...]
    source: dict[str, Any]

    def __post_init__(self) -> None:
        if self.values.shape != self.groups.shape:
            raise ValueError(f"values {self.values.shape} and groups {self.groups.shape} differ in shape")
        if np.any((self.values > 0) != (self.groups > 0)):
            raise ValueError("each labelled pixel, and no other, must belong to a group")
