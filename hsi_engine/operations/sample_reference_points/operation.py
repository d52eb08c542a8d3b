"""Draw a probability sample of reference points over a class map."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...phrases import shortened
from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.label_input import LabelReading
from ..definition.output_layer import OutputLayer


class _Size(OperationParams):
    """What is sampled, and how many points are drawn."""

    map: Path = parameter(
        title="Class map",
        description="Single-band raster of class values that is to be assessed; 0 and nodata mean no class.",
        kind="class_map",
    )
    output: Path | None = parameter(
        None,
        title="Reference points",
        description="GeoPackage of the points, the only format that holds design and form in the same file; without it only"
        " the number of points is worked out.",
        kind="reference_points_out",
        layer=OutputLayer(name="reference points", content="reference_points"),
    )
    points: int = parameter(
        300,
        title="Number of points",
        description="Points to draw in all; not used with a target standard error.",
        kind="integer",
        ge=1,
        le=1_000_000,
    )
    design: Literal["stratified", "simple", "systematic"] = parameter(
        "stratified",
        title="Design",
        description="Random points in each class of the map, random points anywhere, or a square lattice of points with a"
        " random start.",
        kind="choice",
        choices={"stratified": "Stratified random", "simple": "Simple random", "systematic": "Systematic"},
    )
    target_error: float | None = parameter(
        None,
        title="Target standard error",
        description="Draw as many points as give the overall accuracy this standard error, such as 0.01.",
        kind="number",
        advanced=True,
        gt=0,
        le=0.5,
    )
    expected_accuracy: str = parameter(
        "0.85",
        title="Expected accuracy",
        description="User's accuracy that is expected, for the number of points: 0.85 for all classes, one share for each"
        " class in order, or by name, as in wheat=0.9, water=0.98, 0.8 (for all others).",
        kind="text",
        advanced=True,
    )


class _Strata(OperationParams):
    """How a stratified sample is stratified."""

    allocation: Literal["proportional", "equal"] = parameter(
        "proportional",
        title="Allocation",
        description="Share points among the strata in proportion to their size, for overall accuracy and areas, or equally,"
        " for the accuracy of each class.",
        kind="choice",
        choices={"proportional": "Proportional to size", "equal": "Equal"},
        advanced=True,
    )
    minimum_per_stratum: int = parameter(
        10,
        title="Minimum per stratum",
        description="Each stratum gets at least as many points; smaller strata are taken whole.",
        kind="integer",
        ge=0,
        le=100_000,
        advanced=True,
    )
    strata: Path | None = parameter(
        None,
        title="Strata",
        description="Areas such as districts that are sampled separately: polygons, or a raster of whole numbers on the grid"
        " of the map.",
        kind="strata",
        advanced=True,
    )
    strata_field: str | None = parameter(
        None,
        title="Strata field",
        description="Field of the polygons with the name of the area.",
        kind="field",
        of="strata",
        advanced=True,
    )
    cross_classes: bool = parameter(
        True,
        title="Cross strata with classes",
        description="With a layer of strata, sample each class in each area; otherwise each area as a whole.",
        kind="boolean",
        advanced=True,
    )


class SampleReferencePointsParams(_Strata, _Size):
    """Parameters of :data:`OPERATION`."""

    minimum_distance: float | None = parameter(
        None,
        title="Minimum distance",
        description="Between any two points. It makes crowded pixels less likely to be drawn, which the inclusion"
        " probabilities in the file do not reflect.",
        kind="number",
        unit="m",
        gt=0,
        advanced=True,
    )
    pure_neighbourhood: bool = parameter(
        False,
        title="Pure neighbourhood only",
        description="Draw only pixels whose eight neighbours are of their class. Easier to label, but accuracies come out too"
        " high, as maps err at borders.",
        kind="boolean",
        advanced=True,
    )
    extent: str | None = parameter(
        None,
        title="Extent",
        description='Sample only the pixels that this rectangle touches: "xmin,ymin,xmax,ymax" in the CRS of the map, or with'
        ' a CRS at the end, "xmin,ymin,xmax,ymax,EPSG:4326".',
        kind="extent",
        advanced=True,
    )
    mask: Path | None = parameter(
        None,
        title="Mask",
        description="Sample only inside these polygons, or in the non-zero pixels of this raster on the grid of the map.",
        kind="mask",
        advanced=True,
    )
    legend: Path | None = same_as(
        LabelReading,
        "legend",
        description="JSON file or QGIS style (.qml) with class values, names and colours to use instead of those of "
        "the map.",
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Seed of all random draws: the same seed draws the same points.",
        kind="seed",
        advanced=True,
        ge=0,
        le=2**63 - 1,
    )


class SampledStratum(BaseModel):
    """One stratum: its pixels, those of them that could be drawn, its area if it is known, and its points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    pixels: int
    candidates: int
    hectares: float | None
    share: float
    points: int


class SampleReferencePointsResult(OperationResult):
    """How many points there are, and where; ``strata`` has one entry, the whole map, without strata.

    ``expected_standard_error`` is that of the overall accuracy if the expected accuracies come true. ``points`` are those that
    were drawn, or would be without ``output``; the number of a systematic sample is known only when it is drawn.
    ``spacing_px`` is that of a systematic sample. ``share`` is that of the pixels of the region of interest.
    """

    map: Path
    output: Path | None
    design: Literal["stratified", "simple", "systematic"]
    points: int
    strata: list[SampledStratum]
    expected_standard_error: float
    spacing_px: float | None
    pixels: int
    nodata_pixels: int
    area_method: Literal["geodesic", "planar"] | None
    advice: list[str]
    notes: list[str]
    seconds: float

    def to_text(self) -> str:
        width = max(7, *(len(shortened(s.name)) for s in self.strata))
        unit = "px" if any(s.hectares is None for s in self.strata) else "ha"
        lines = [f"  {'stratum':<{width}}  {unit:>14}    share   points"]
        lines += [
            f"  {shortened(s.name):<{width}}  {f'{s.pixels:,}' if s.hectares is None else f'{s.hectares:,.4f}':>14}  {s.share:>7.2%}"
            f"  {s.points:>7,}"
            for s in self.strata
        ]
        lines += [
            "",
            f"{self.points:,} points {'would be' if self.output is None else 'were'} drawn ({self.design}). If the expected"
            f" accuracies come true, the overall accuracy will have a standard error of {self.expected_standard_error:.4f}.",
        ]
        written = [f"Written: {self.output}"] if self.output is not None else []
        return "\n".join([*lines, *written, *(f"Next: {step}" for step in self.advice)])


OPERATION = Operation(
    name="sample_reference_points",
    command="sample",
    title="Sample reference points",
    summary="Draw random points over a class map whose classes on the ground are then labelled, for an accuracy one can defend.",
    group="Accuracy",
    params=SampleReferencePointsParams,
    result=SampleReferencePointsResult,
    run="hsi_engine.operations.sample_reference_points.run:run",
    example="hsi sample --map map.tif --points 300 --output points.gpkg",
)
