"""Suggest where to label next, from a model and its scene."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...phrases import shortened
from ..classify_scene.operation import MappingOptions
from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.output_layer import OutputLayer
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    resample_second_parameter,
    second_parameter,
    wavelengths_parameter,
)
from ..parts.computing import device_parameter

MEASURES = {
    "margin": "Margin between the two best classes",
    "entropy": "Entropy of all classes",
    "confidence": "Low confidence of the best class",
    "none": "Not used",
}
BALANCES = {"moderate": "Moderate", "equal": "Equal", "none": "None"}


class _Suggested(OperationParams):
    """What points are suggested from, and how many."""

    scene: Path = parameter(
        title="Scene",
        description="Raster in which labels are to be added. It must have the bands the model was trained on.",
        kind="scene",
    )
    model: Path = parameter(
        title="Model file", description="Model file (.hsimodel) from Train classifier.", kind="model"
    )
    output: Path = parameter(
        title="Suggested points",
        description="GeoPackage of the points, with a form to label them.",
        kind="reference_points_out",
        layer=OutputLayer(name="where to label next", content="reference_points"),
    )
    labels: Path | None = parameter(
        None,
        title="Labels",
        description="Polygons, points or a raster of labels that there are already, such as those of the training: no point is"
        " suggested on them.",
        kind="labelled_places",
    )
    more_labels: Path | None = parameter(
        None,
        title="More labels",
        description="Further labels that there are already, such as those of an earlier round of suggestions.",
        kind="labelled_places",
        advanced=True,
    )
    points: int = parameter(
        50,
        title="Number of points",
        description="Points to suggest.",
        kind="integer",
        ge=1,
        le=2_000,
    )


class SuggestLabelsParams(_Suggested):
    """Parameters of :data:`OPERATION`."""

    uncertainty: Literal["margin", "entropy", "confidence", "none"] = parameter(
        "margin",
        title="Uncertainty",
        description="How unsure the model is of a pixel, from its calibrated probabilities.",
        kind="choice",
        choices=MEASURES,
        advanced=True,
    )
    dissimilarity: float = parameter(
        0.2,
        title="Weight of dissimilarity",
        description="How much it counts that a spectrum is unlike those of the training, next to the uncertainty: 0 not at all, 1"
        " alone.",
        kind="number",
        ge=0,
        le=1,
        advanced=True,
    )
    balance: Literal["moderate", "equal", "none"] = parameter(
        "moderate",
        title="Balance over classes",
        description="Share points among the predicted classes by the square root of their pixels, equally, or not at all.",
        kind="choice",
        choices=BALANCES,
        advanced=True,
    )
    minimum_distance: float | None = parameter(
        None,
        title="Minimum distance",
        description="Between any two points. By default half of what lies between as many points of a square lattice.",
        kind="number",
        unit="m",
        gt=0,
        advanced=True,
    )
    window: int = parameter(
        1,
        title="Window",
        description="Suggest squares of so many pixels a side instead of single pixels; a label is that of the whole square.",
        kind="integer",
        unit="px",
        ge=1,
        le=99,
        odd=True,
        advanced=True,
    )
    extent: str | None = same_as(
        MappingOptions,
        "extent",
        description='Suggest only pixels that this rectangle touches: "xmin,ymin,xmax,ymax" in the CRS of the scene, or with'
        ' a CRS at the end, "xmin,ymin,xmax,ymax,EPSG:4326".',
    )
    mask: Path | None = same_as(
        MappingOptions,
        "mask",
        description="Suggest only pixels inside these polygons, such as areas that can be reached, or the non-zero pixels of this"
        " raster on the grid of the scene.",
    )
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    second: Path | None = second_parameter()
    resample_second: Literal["nearest", "bilinear"] | None = resample_second_parameter()
    smooth: bool = same_as(MappingOptions, "smooth")
    memory_mb: int = same_as(MappingOptions, "memory_mb")
    tile_size: int | None = same_as(
        MappingOptions,
        "tile_size",
        description="Side length of the tiles. By default derived from the memory. It does not affect the points.",
    )
    device: str = device_parameter()
    seed: int = parameter(
        0,
        title="Seed",
        description="Seed of all random draws: the same seed suggests the same points.",
        kind="seed",
        advanced=True,
        ge=0,
        le=2**63 - 1,
    )


class SuggestedClass(BaseModel):
    """One class of the model: pixels that it is predicted for among those that could be suggested, and points there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: int
    name: str
    pixels: int
    points: int


class SuggestLabelsResult(OperationResult):
    """How many points there are, and where.

    ``pixels`` are those that could be suggested; the others are ``nodata_pixels``, ``labelled_pixels`` and those outside of
    the region of interest. ``mean_uncertainty`` and ``mean_dissimilarity`` compare the points with all of these pixels;
    null for what is not used or not known. ``minimum_distance_px`` is null if one in metres was kept.
    """

    scene: Path
    model: Path
    output: Path
    points: int
    asked_points: int
    classes: list[SuggestedClass]
    pixels: int
    nodata_pixels: int
    labelled_pixels: int
    mean_uncertainty: dict[str, float] | None
    mean_dissimilarity: dict[str, float] | None
    minimum_distance_m: float | None
    minimum_distance_px: float | None
    window: int
    model_id: str
    advice: list[str]
    notes: list[str]
    device: str
    seconds: float

    def to_text(self) -> str:
        width = max(15, *(len(shortened(c.name)) for c in self.classes))
        lines = [f"  {'predicted class':<{width}}  {'pixels':>14}  points"]
        lines += [f"  {shortened(c.name):<{width}}  {c.pixels:>14,}  {c.points:>6,}" for c in self.classes]
        lines += ["", f"{self.points:,} points are suggested, out of {self.pixels:,} pixels."]
        for what, mean in (("uncertainty", self.mean_uncertainty), ("dissimilarity", self.mean_dissimilarity)):
            if mean is not None:
                lines.append(
                    f"Mean {what}: {mean['points']:.2f} at the points, {mean['pixels']:.2f} in all of these pixels."
                )
        return "\n".join([*lines, f"Written: {self.output}", *(f"Next: {step}" for step in self.advice)])


OPERATION = Operation(
    name="suggest_labels",
    command="suggest-labels",
    title="Suggest where to label next",
    summary="Suggest points to label where a model is unsure, and the scene is unlike what it has seen.",
    group="Classification",
    params=SuggestLabelsParams,
    result=SuggestLabelsResult,
    run="hsi_engine.operations.suggest_labels.run:run",
    example="hsi suggest-labels --scene scene.tif --model crops.hsimodel --labels fields.gpkg --output next.gpkg",
)
