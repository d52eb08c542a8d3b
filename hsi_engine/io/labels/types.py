"""The result of reading labels, whatever file they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ...classes.legend import Legend
from ...pixels.labelled_pixels import LabelledPixels

if TYPE_CHECKING:
    from ..vectors.geometry import PlacedParts

ResamplingRule = Literal["refuse", "nearest", "majority"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """Labels on the grid of a scene.

    Parameters
    ----------
    pixels : the labelled pixels, their class values as in the file, and the number of the region (1…) each belongs to: of a
        label raster a connected area of one class; else a feature, or several of one class that claim the same pixel, with
        the number of the first.
    features : number of the feature (1…) that each pixel has its class from, (pixels,); None if they are not from a layer.
    legend : the classes that occur.
    notes : everything that was left out, resolved or decided, with counts.
    warnings : what may well be a mistake, such as pixels of a class 0.
    zeros : how many pixels or features hold the value 0, which means no class, without being nodata.
    texts : the classes are text in the file; read with a legend, they are matched with its names.
    numbered : the values only number these names in their order and are in no file.
    file_names : what the file calls the classes that a given legend names, by value, as far as its fields, or the
        style of a raster, say it.
    source : of the labels, for the record: path, sha256, layer, fields, rules.
    """

    pixels: LabelledPixels
    legend: Legend
    notes: tuple[str, ...]
    source: dict[str, Any]
    features: npt.NDArray[np.int32] | None = None
    warnings: tuple[str, ...] = ()
    zeros: int = 0
    texts: bool = False
    numbered: bool = False
    file_names: Mapping[int, str] = field(default_factory=dict)

    @property
    def values(self) -> npt.NDArray[np.int32]:
        """Class values as a raster (rows, cols), 0 if there is no label; made again each time."""
        return self.pixels.raster(self.pixels.values)

    @property
    def groups(self) -> npt.NDArray[np.int32]:
        """Group numbers as a raster (rows, cols), 0 if there is no label; made again each time."""
        return self.pixels.raster(self.pixels.groups)


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelFeatures:
    """The features of a vector layer of labels, on the map of the scene but not yet drawn on its pixels.

    Parameters
    ----------
    parts : polygons and points, taken apart, and the position of the feature of each.
    values : class value of each feature, 0 if it has none, (features,), int64.
    names, colours : by class value, as far as the layer, its style or a given legend tell them.
    place : file and layer, for messages; ``layer`` and ``class_field`` are what was read.
    notes : what was left out, resolved or decided, with counts.
    warnings, zeros, texts, numbered, file_names : as in :class:`Labels`.
    """

    parts: PlacedParts
    values: npt.NDArray[np.int64]
    names: dict[int, str]
    colours: dict[int, str]
    place: str
    layer: str
    class_field: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    zeros: int = 0
    texts: bool = False
    numbered: bool = False
    file_names: Mapping[int, str] = field(default_factory=dict)
