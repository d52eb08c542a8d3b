"""Write a class map in formats for other programs: cloud optimized, as polygons, and with its legend in a separate file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from ...errors import ParameterError
from ...phrases import shortened
from ..clean_map.operation import CleanMapParams
from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.output_layer import OutputLayer


class ExportMapParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    map: Path = same_as(CleanMapParams, "map")
    cog: Path | None = parameter(
        None,
        title="Cloud optimized GeoTIFF",
        description="COG to write, with overviews, colours and class names in the file, and a QGIS style next to it.",
        kind="class_map_out",
        layer=OutputLayer(name="classes", content="class_map"),
    )
    polygons: Path | None = parameter(
        None,
        title="Polygons",
        description="GeoPackage to write, with one feature for each area of a class: its class value, class name, colour, pixels "
        "and area, and the style of the map.",
        kind="vector_out",
        layer=OutputLayer(name="polygons", content="class_polygons"),
    )
    legend_file: Path | None = parameter(
        None,
        title="Legend file",
        description="Legend to write, as the ending of its name says: .sld for map servers, .json, .csv, .clr for programs of "
        "ESRI and GRASS, .qml for QGIS.",
        kind="legend_out",
    )
    min_area: float | None = parameter(
        None,
        title="Minimum mapping unit",
        description="Areas smaller than this take the class with which they share the longest border before the polygons are "
        "drawn; the COG stays as the map.",
        kind="number",
        gt=0,
    )
    area_unit: Literal["ha", "m2", "px"] = same_as(
        CleanMapParams, "area_unit", title="Unit of the minimum mapping unit"
    )
    legend: Path | None = same_as(CleanMapParams, "legend")

    @model_validator(mode="after")
    def _has_an_output(self) -> ExportMapParams:
        if self.cog is None and self.polygons is None and self.legend_file is None:
            raise ParameterError(
                "There is nothing to write: no output is given.",
                code="output",
                hint="Choose at least one of 'cog', 'polygons' and 'legend_file'.",
            )
        if self.min_area is not None and self.polygons is None:
            raise ParameterError(
                "A minimum mapping unit was given without polygons, to which it applies.",
                code="min_area",
                hint="Choose a GeoPackage for the polygons. For a raster without small areas, clean the map first.",
            )
        return self


class ExportedClass(BaseModel):
    """One class of the map; ``hectares`` is None if areas are not known, ``polygons`` if none were written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: int
    name: str
    color: str
    pixels: int
    hectares: float | None
    polygons: int | None


class ExportMapResult(OperationResult):
    """What was written.

    ``polygon_count`` are the features of the GeoPackage. ``merged_areas`` are those that took the class of a neighbour,
    ``small_areas_left`` those that touch no other class; both None without ``min_area``. Pixels and hectares of the classes are
    those of the map.
    """

    map: Path
    cog: Path | None
    polygons: Path | None
    legend_file: Path | None
    classes: list[ExportedClass]
    polygon_count: int | None
    merged_areas: int | None
    small_areas_left: int | None
    area_method: Literal["geodesic", "planar"] | None
    notes: list[str]
    seconds: float

    def to_text(self) -> str:
        width = max(5, *(len(shortened(c.name)) for c in self.classes))
        unit = "px" if self.area_method is None else "ha"
        drawn = self.polygon_count is not None
        lines = [f"  value  {'class':<{width}}  {unit:>14}" + (f"  {'polygons':>10}" if drawn else "")]
        for c in self.classes:
            amount = f"{c.pixels:,}" if c.hectares is None else f"{c.hectares:,.4f}"
            lines.append(
                f"  {c.value:>5}  {shortened(c.name):<{width}}  {amount:>14}"
                + (f"  {c.polygons:>10,}" if drawn else "")
            )
        lines.append("")
        if self.merged_areas is not None:
            remaining = self.small_areas_left
            lines.append(
                f"{self.merged_areas:,} small areas joined a neighbour;"
                f" {f'{remaining:,} remain, as they touch no other class' if remaining else 'none remain'}."
            )
        written = (self.cog, self.polygons, self.legend_file)
        lines.append(f"Written: {', '.join(str(path) for path in written if path is not None)}")
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])


OPERATION = Operation(
    name="export_map",
    command="export-map",
    title="Export map",
    summary="Write a class map for other programs: as a cloud optimized GeoTIFF, as polygons, and its legend as a file.",
    group="Classification",
    params=ExportMapParams,
    result=ExportMapResult,
    run="hsi_engine.operations.export_map.run:run",
    example="hsi export-map --map map.tif --cog map_cog.tif --polygons map.gpkg --legend-file map.sld",
)
