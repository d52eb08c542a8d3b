"""Map a scene with a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from ...phrases import counted, counted_with, shortened
from ...report.areas import area_texts
from ..definition.base import Operation, OperationParams, parameter, same_as
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    resample_second_parameter,
    second_parameter,
    wavelengths_parameter,
)
from ..parts.computing import device_parameter
from ..train_classifier.options import CheckOptions
from .outputs import MapOutputs, MapRasters

SET_METHODS = {"lac": "Smallest sets", "aps": "Adaptive sets", "class": "Smallest sets, coverage in each class"}
"""How prediction sets are made, and the words for it."""


class _MappingInputs(OperationParams):
    """What is mapped, and with what."""

    scene: Path = parameter(
        title="Scene",
        description="Raster to classify. It must have the bands the model was trained on.",
        kind="scene",
    )
    model: Path = parameter(
        title="Model file", description="Model file (.hsimodel) from Train classifier.", kind="model"
    )
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    second: Path | None = second_parameter()
    resample_second: Literal["nearest", "bilinear"] | None = resample_second_parameter()
    only_second: bool = parameter(
        False,
        title="Map from the second raster alone",
        description="The raster given as scene is the second raster of the model, which was trained with modality dropout.",
        kind="boolean",
        advanced=True,
    )


class MappingOptions(OperationParams):
    """How a scene is mapped, and which part of it."""

    extent: str | None = parameter(
        None,
        title="Extent",
        description=(
            'Map only the pixels that this rectangle touches: "xmin,ymin,xmax,ymax" in the CRS of the scene, or with a CRS'
            ' at the end, "xmin,ymin,xmax,ymax,EPSG:4326".'
        ),
        kind="extent",
        advanced=True,
    )
    mask: Path | None = parameter(
        None,
        title="Mask",
        description=(
            "Map only the pixels inside these polygons, or the non-zero pixels of this raster on the grid of the "
            "scene; all others are nodata in the map."
        ),
        kind="mask",
        advanced=True,
    )
    min_confidence: float = parameter(
        0.0,
        title="Minimum confidence",
        description="Leave pixels with a lower confidence unclassified (0).",
        kind="number",
        ge=0,
        le=1,
    )
    coverage: float = parameter(
        0.9,
        title="Coverage",
        description="Share of the pixels whose prediction set is to hold the right class, in places like those that were tested.",
        kind="number",
        ge=0.5,
        le=0.999,
        advanced=True,
    )
    set_method: Literal["lac", "aps", "class"] = parameter(
        "lac",
        title="Prediction sets",
        description=(
            "lac: as few classes as possible. aps: more classes the harder a pixel is, with a random draw at the border. class: the"
            " coverage holds in each class with enough tested pixels."
        ),
        kind="choice",
        choices=SET_METHODS,
        advanced=True,
    )
    smooth: bool = same_as(CheckOptions, "smooth")
    cog: bool = parameter(
        False,
        title="Cloud-optimized",
        description="Write all rasters as cloud-optimized GeoTIFFs (COG), which other programs read over a network part by part.",
        kind="boolean",
        advanced=True,
    )
    memory_mb: int = parameter(
        1024,
        title="Memory",
        description="Memory budget for one tile; larger tiles are a little faster.",
        kind="integer",
        unit="MiB",
        ge=64,
        le=1_048_576,
        advanced=True,
    )
    tile_size: int | None = parameter(
        None,
        title="Tile size",
        description="Side length of the tiles. By default derived from the memory. It does not affect the map.",
        kind="integer",
        unit="px",
        ge=16,
        le=8192,
        advanced=True,
    )


class ClassifySceneParams(MappingOptions, MapOutputs, _MappingInputs):
    """Parameters of :data:`OPERATION`. Of several parents, the last one's fields come first."""

    report: Path | None = parameter(
        None,
        title="Report",
        description="HTML page with the map, the area of each class, and how accurate the model is.",
        kind="report_out",
        advanced=True,
    )
    device: str = device_parameter()
    processes: int = parameter(
        1,
        title="Processes",
        description="Processes that map parts of the scene at the same time, each on a separate GPU if there are several. The map is"
        " the same.",
        kind="integer",
        ge=1,
        le=64,
        advanced=True,
    )
    resume: bool = parameter(
        False,
        title="Resume",
        description="Keep finished tiles if interrupted, and continue an interrupted run.",
        kind="boolean",
        advanced=True,
    )


class ClassifySceneResult(MapRasters):
    """What was written. ``classes`` holds value, name, color, number of pixels and hectares of each class.

    ``unclassified_pixels`` are those with a confidence below the minimum, ``not_finite_pixels`` those that have no class because
    their scores are not finite numbers. Hectares are null if the map does not say how large its pixels are. ``description`` is what the map states about itself:
    title, scene, method, model_id, classes, labels, accuracy and how it was measured, software.

    ``area_of_applicability`` and ``prediction_sets`` are null unless one of their rasters was asked for. The first holds
    inside_pixels, outside_pixels, outside_share and threshold; the second coverage, method, out_of_fold (the realised coverage
    on tested pixels), set_sizes (pixels with 0, 1, 2 … classes) and the shares with one class, several and none.
    """

    report: Path | None
    model_id: str
    classes: list[dict[str, Any]]
    nodata_pixels: int
    unclassified_pixels: int
    not_finite_pixels: int
    outside_pixels: int
    smoothed_pixels: int | None
    area_of_applicability: dict[str, Any] | None
    prediction_sets: dict[str, Any] | None
    description: dict[str, str]
    notes: list[str]
    device: str
    seconds: float

    def to_text(self) -> str:
        from ...report.wording import percent  # not above: help and descriptions do without scipy

        total = max(1, sum(c["pixels"] for c in self.classes))
        width = max((len(shortened(c["name"])) for c in self.classes), default=0)
        hectares = [c["hectares"] for c in self.classes]
        areas = [""] * len(hectares) if None in hectares else [f"  {text:>12}" for text in area_texts(hectares)]
        lines = [f"Class map  {self.output}"]
        lines += [
            f"  {c['value']:>5}  {shortened(c['name']):<{width}}  {c['pixels']:>12,} px  {100 * c['pixels'] / total:5.1f} %"
            + area
            for c, area in zip(self.classes, areas, strict=True)
        ]
        if self.unclassified_pixels:
            lines.append(
                f"  {counted_with(self.unclassified_pixels, 'pixel', 'are')} unclassified: confidence too low."
            )
        if self.not_finite_pixels:
            lines.append(
                f"  {counted_with(self.not_finite_pixels, 'pixel', 'are')} unclassified: scores that are not finite numbers."
            )
        if self.smoothed_pixels is not None:
            lines.append(f"  Smoothing changed the class of {counted(self.smoothed_pixels, 'pixel')}.")
        if self.nodata_pixels:
            lines.append(f"  {counted_with(self.nodata_pixels, 'pixel', 'have')} no data.")
        if self.outside_pixels:
            lines.append(f"  {counted_with(self.outside_pixels, 'pixel', 'lie')} outside the mask.")
        if self.area_of_applicability is not None:
            outside = self.area_of_applicability["outside_pixels"]
            share = percent(self.area_of_applicability["outside_share"])
            lines.append(
                f"  Outside the area of applicability, as far as spectra tell: {counted(outside, 'pixel')} ({share})."
            )
        if self.prediction_sets is not None:
            one, several, none = (
                percent(self.prediction_sets[name])
                for name in ("one_class_share", "several_classes_share", "empty_share")
            )
            lines.append(
                f"  Prediction sets: {one} of the pixels with one class, {several} with several, {none} with none."
            )
        if self.report is not None:
            lines.append(f"Report     {self.report}")
        lines.append(f"Time       {self.seconds:.1f} s on {self.device}")
        return "\n".join(lines)


OPERATION = Operation(
    name="classify_scene",
    command="classify",
    title="Classify scene",
    summary="Classify a scene with a trained model and write a GeoTIFF with class names and colours.",
    group="Classification",
    params=ClassifySceneParams,
    result=ClassifySceneResult,
    run="hsi_engine.operations.classify_scene.run:run",
    example="hsi classify --scene scene.tif --model crops.hsimodel --output map.tif --confidence confidence.tif",
)
