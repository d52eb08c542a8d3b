"""Take specks out of a class map, and measure its classes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from ...errors import ParameterError
from ...phrases import counted, counted_with, shortened
from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.label_input import LabelReading
from ..definition.output_layer import OutputLayer


class CleanMapParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    map: Path = parameter(
        title="Class map",
        description="Single-band raster of class values, from this or any other program; 0 and nodata mean no class.",
        kind="class_map",
    )
    output: Path | None = parameter(
        None,
        title="Cleaned map",
        description="GeoTIFF to write, with the classes of the map and a QGIS style file; not needed to measure areas "
        "only.",
        kind="class_map_out",
        layer=OutputLayer(name="cleaned", content="class_map"),
    )
    table: Path | None = parameter(
        None,
        title="Table of areas",
        description="CSV file with one row per class: pixels, hectares and share, before and after.",
        kind="csv_out",
    )
    majority: int | None = parameter(
        None,
        title="Majority window",
        description="Width of the window whose most frequent class each pixel takes. In a tie a pixel keeps its class "
        "if it is among the most frequent, otherwise it takes the smallest value.",
        kind="integer",
        unit="px",
        odd=True,
        ge=3,
        le=99,
    )
    min_area: float | None = parameter(
        None,
        title="Minimum area",
        description="Areas smaller than this take the class with which they share the longest border.",
        kind="number",
        gt=0,
    )
    area_unit: Literal["ha", "m2", "px"] = parameter(
        "ha",
        title="Unit of the minimum area",
        description="Hectares, square metres or pixels; for a map without a CRS only pixels.",
        kind="choice",
        choices={"ha": "Hectares", "m2": "Square metres", "px": "Pixels"},
    )
    legend: Path | None = same_as(
        LabelReading,
        "legend",
        description="JSON file, QGIS style (.qml) or colour file (.clr) with class values, names and colours to use instead of those of "
        "the map.",
    )

    @model_validator(mode="after")
    def _has_somewhere_to_go(self) -> CleanMapParams:
        if self.output is None and (self.majority is not None or self.min_area is not None):
            raise ParameterError(
                "There is no output for the cleaned map.",
                code="output",
                hint="Choose a GeoTIFF as output, or leave out majority and min_area to measure areas only.",
            )
        return self


class ClassArea(BaseModel):
    """One class of the map.

    Hectares are None if the map has no areas; shares are those of the area, otherwise of the pixels, that has a class.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: int
    name: str
    color: str
    pixels_before: int
    pixels_after: int
    hectares_before: float | None
    hectares_after: float | None
    share_before: float
    share_after: float


class CleanMapResult(OperationResult):
    """What was cleaned, and the areas of the classes before and after; the same if nothing was to be cleaned.

    ``area_method`` is "geodesic" (geographic CRS), "planar" (projected CRS) or None (no areas). ``merged_areas`` are those
    that took the class of a neighbour, ``small_areas_left`` those that touch no other class; both None without ``min_area``.
    """

    map: Path
    output: Path | None
    table: Path | None
    classes: list[ClassArea]
    pixels: int
    nodata_pixels: int
    changed_pixels: int
    merged_areas: int | None
    small_areas_left: int | None
    area_method: Literal["geodesic", "planar"] | None
    notes: list[str]
    seconds: float

    def to_text(self) -> str:
        width = max(5, *(len(shortened(c.name)) for c in self.classes)) if self.classes else 5
        unit = "px" if self.area_method is None else "ha"
        cleaned = self.output is not None
        before = f"before, {unit}" if cleaned else unit
        lines = [
            f"  value  {'class':<{width}}  {before:>14}    share"
            + (f"  {f'after, {unit}':>14}    share" if cleaned else "")
        ]
        for c in self.classes:
            line = f"  {c.value:>5}  {shortened(c.name):<{width}}  {_amount(c.pixels_before, c.hectares_before):>14}  {c.share_before:>7.2%}"
            if cleaned:
                line += f"  {_amount(c.pixels_after, c.hectares_after):>14}  {c.share_after:>7.2%}"
            lines.append(line)
        lines += [
            "",
            f"{counted_with(self.pixels, 'pixel', 'have')} a class, {counted_with(self.nodata_pixels, 'pixel', 'have')} none.",
        ]
        if cleaned:
            lines.append(f"{counted(self.changed_pixels, 'pixel')} changed class.")
        if self.merged_areas is not None:
            lines.append(
                f"{self.merged_areas:,} small areas joined a neighbour;"
                f" {f'{self.small_areas_left:,} remain, as they touch no other class' if self.small_areas_left else 'none remain'}."
            )
        written = [str(path) for path in (self.output, self.table) if path is not None]
        return "\n".join([*lines, *([f"Written: {', '.join(written)}"] if written else [])])


def _amount(pixels: int, hectares: float | None) -> str:
    return f"{pixels:,}" if hectares is None else f"{hectares:,.4f}"


OPERATION = Operation(
    name="clean_map",
    command="clean",
    title="Clean and measure map",
    summary="Remove specks from a class map, and measure the area of each class before and after.",
    group="Classification",
    params=CleanMapParams,
    result=CleanMapResult,
    run="hsi_engine.operations.clean_map.run:run",
    example="hsi clean --map map.tif --min-area 0.5 --area-unit ha --output clean.tif --table areas.csv",
)
