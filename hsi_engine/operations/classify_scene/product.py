"""A map product: a raster that can come with a map, as data. The products stand in :mod:`.products`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ...classes.legend import Legend
from ...evaluation.trust.of_pixels import ReadyTrust
from ...io.legends.set_size_style import SetSizeStyle
from ...io.legends.style_files import ClassStyle, RampStyle
from ...pixels.window import Window
from ..definition.base import OperationParams, parameter
from ..definition.output_layer import LayerContent, OutputLayer

if TYPE_CHECKING:  # they load torch, which a description must not
    from ...bundle.model_bundle import ModelBundle
    from ...inference.predictor import Prediction


@dataclass(frozen=True, kw_only=True, eq=False)
class MappedPixels:
    """The pixels of a tile, of which a product makes its values.

    Parameters
    ----------
    prediction : their probabilities.
    indices : their classes in the map, int64 (rows, cols); -1 without data and below the minimum confidence.
    bundle : the model.
    channels : what the preprocessing made of them, float32 (channels, rows, cols); None unless a product
        :attr:`MapProduct.uses_channels`. Layers that are applied with the preprocessing are in it.
    trust : what says where the model may be trusted; without anything unless a product needs it.
    place : their place in the scene; None in tests of single products.
    """

    prediction: Prediction
    indices: npt.NDArray[np.int64]
    bundle: ModelBundle
    channels: npt.NDArray[np.float32] | None = None
    trust: ReadyTrust | None = None
    place: Window | None = None

    @cached_property
    def dissimilarity(self) -> npt.NDArray[np.float64]:
        """Dissimilarity to the training pixels, (rows, cols); NaN without data."""
        if self.trust is None or self.channels is None:
            raise ValueError("the dissimilarity of pixels needs their channels and an area of applicability")
        return self.trust.dissimilarity(self.channels, self.prediction.valid)

    @cached_property
    def prediction_sets(self) -> npt.NDArray[np.bool_]:
        """Whether each class is in the set of each pixel, (classes, rows, cols); False without data."""
        if self.trust is None or self.place is None:
            raise ValueError("prediction sets need thresholds, and the place of the pixels")
        return self.trust.prediction_sets(self.prediction.probabilities, self.place)


@dataclass(frozen=True, kw_only=True, eq=False)
class MapProduct:
    """One raster that can come with a map. All functions are those of a module, so that a product can be pickled.

    Parameters
    ----------
    name : its name in messages to the caller and in what an interrupted map keeps.
    parameter : the parameter that asks for it, and that gives its file in the result.
    title, description : of the parameter.
    layer : what its layer in a GIS is called after the scene: "confidence".
    values : the raster of a tile, (rows, cols), or (bands, rows, cols) of several bands. Runs in the thread that writes.
    bands : the names of its bands; None if it is a class map: one band with the values of a legend.
    legend : the classes of such a map, from those of the model; None: these.
    dtype, nodata : of the numbers, and what pixels without data hold (None: 0, which the file does not call no data); a class
        map has those of its legend.
    style : what colours it next to its file; None if nothing does.
    shows : what its layer shows, if that does not follow from bands and style.
    required : whether every map has it.
    advanced : whether forms fold the parameter away.
    uses_channels : whether ``values`` needs :attr:`MappedPixels.channels`.
    needs : what a model must keep for it: its area of applicability, or the calibration scores of its sets.
    tally : counts of a tile, to be added up over the map.
    """

    name: str
    parameter: str
    title: str
    description: str
    layer: str
    values: Callable[[MappedPixels], npt.NDArray[Any]]
    bands: Callable[[Legend], Sequence[str]] | None = None
    legend: Callable[[Legend], Legend] | None = None
    dtype: str = "float32"
    nodata: float | None = float("nan")
    style: ClassStyle | RampStyle | SetSizeStyle | None = None
    shows: LayerContent | None = None
    required: bool = False
    advanced: bool = False
    uses_channels: bool = False
    needs: Literal["applicability", "sets"] | None = None
    tally: Callable[[MappedPixels], tuple[int, ...]] | None = None

    @property
    def content(self) -> LayerContent:
        """What its layer shows."""
        if self.shows is not None:
            return self.shows
        if self.bands is None:
            return "class_map" if self.legend is None else "classes"
        return "shares" if self.style is None else "ramp"

    def legend_of(self, legend: Legend) -> Legend:
        """Its classes, from those of the model."""
        return legend if self.legend is None else self.legend(legend)

    def path_in(self, params: OperationParams) -> Path | None:
        """Where these parameters want it; None if they do not ask for it."""
        path: Path | None = getattr(params, self.parameter)
        return path

    def parameter_field(self) -> tuple[Any, Any]:
        """Type and definition of its parameter."""
        field = parameter(
            *(() if self.required else (None,)),
            title=self.title,
            description=self.description,
            kind=self._kind,
            layer=OutputLayer(name=self.layer, content=self.content, shown=self.required),
            advanced=self.advanced,
        )
        return self._type, field

    def result_field(self) -> tuple[Any, Any]:
        """Type and default of its file in a result."""
        return self._type, ... if self.required else None

    @property
    def _kind(self) -> str:
        if self.required:
            return "class_map_out"
        return "raster_out" if self.style is None else "styled_raster_out"

    @property
    def _type(self) -> Any:
        return Path if self.required else Path | None
