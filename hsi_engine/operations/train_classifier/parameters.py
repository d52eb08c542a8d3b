"""The parameters of training a classifier.

They come in parts, so that an operation that trains among other things takes what it needs. Of several parents, the
last one's fields come first: that is the order in which pydantic collects them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

from ..definition.base import OperationParams, parameter
from ..definition.label_input import MoreLabels, labels_parameter
from ..definition.output_layer import OutputLayer
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    resample_second_parameter,
    second_parameter,
    wavelengths_parameter,
)
from .options import TrainingOptions

# What may change between a run and its resumption, or differ between two runs with the same weights.
_NO_SETTINGS = frozenset({"output", "report", "split_output", "resume", "processes"})


class SceneAndLabels(OperationParams):
    """A scene and what is known of it."""

    scene: Path = parameter(
        title="Scene",
        description="Hyperspectral raster: GeoTIFF, ENVI or any other format GDAL can open.",
        kind="scene",
    )
    labels: Path = labels_parameter()
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()


class TrainingInputs(MoreLabels, SceneAndLabels):
    """The inputs of a training."""

    second: Path | None = second_parameter()
    resample_second: Literal["nearest", "bilinear"] | None = resample_second_parameter()
    denoise: bool = parameter(
        False,
        title="Denoise the scene first",
        description="Fit a denoiser to the scene and train on the scene without noise. The model keeps the denoiser, and maps denoise their scene in the same way.",
        kind="boolean",
        advanced=True,
    )
    denoiser: Path | None = parameter(
        None,
        title="Denoiser",
        description="Denoise the scene first with this denoiser file (.hsidenoiser) from Denoise scene instead of a new one.",
        kind="denoiser",
        advanced=True,
    )


class TrainingModel(OperationParams):
    """The output of a training, if it has one only."""

    output: Path = parameter(title="Model file", description="Model file to write (.hsimodel).", kind="model_out")


class TrainingRecords(OperationParams):
    """Outputs that describe a training."""

    report: Path | None = parameter(
        None,
        title="Report",
        description="HTML report with settings, split, learning curves and accuracies.",
        kind="report_out",
    )
    split_output: Path | None = parameter(
        None,
        title="Split raster",
        description=(
            "GeoTIFF of the split: 1 training, 2 validation, 3 test; Assess map accepts it as a subset. With folds: 1 "
            "means used for training only; values from 11 up give the fold in which a pixel was tested."
        ),
        kind="styled_raster_out",
        layer=OutputLayer(name="split", content="classes", shown=False),
        advanced=True,
    )


class TrainClassifierParams(TrainingOptions, TrainingRecords, TrainingModel, TrainingInputs):
    """Parameters of :data:`hsi_engine.operations.train_classifier.operation.OPERATION`.

    A training for a preview sets what no user asks for: LINEAR_ONLY compares linear classifiers only, MOST_PIXELS trains
    on no more labelled pixels, spread over classes and polygons, ENOUGH_PIXELS prepares the spectra by about so many pixels
    of the scene instead of all.
    """

    LINEAR_ONLY: ClassVar[bool] = False
    MOST_PIXELS: ClassVar[int | None] = None
    ENOUGH_PIXELS: ClassVar[int | None] = None

    @property
    def denoises(self) -> bool:
        """Whether the scene is denoised before anything else."""
        return self.denoise or self.denoiser is not None

    def settings(self) -> dict[str, Any]:
        """What decides the weights besides the content of the inputs, as JSON values; the record of a model keeps it."""
        return self.model_dump(mode="json", exclude=set(_NO_SETTINGS))
