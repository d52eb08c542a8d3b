"""Write a scene of any format as a GeoTIFF that other programs open with its wavelengths."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..definition.output_layer import OutputLayer
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    wavelengths_parameter,
)


class ImportSceneParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    scene: Path = parameter(
        title="Product",
        description="File, folder or archive of a product, such as METADATA.XML, or any other scene.",
        kind="scene",
    )
    output: Path = parameter(
        title="Imported scene",
        description="GeoTIFF to write, with all bands, and a QGIS style in false colour next to it.",
        kind="styled_raster_out",
        layer=OutputLayer(name="imported", content="scene"),
    )
    format: Literal["cog", "geotiff"] = parameter(
        "cog",
        title="Kind of GeoTIFF",
        description="cog: with overviews, quick to draw at any scale and over the network; geotiff: without, smaller and sooner done.",
        kind="choice",
        choices={"cog": "Cloud optimized (COG)", "geotiff": "Plain"},
        advanced=True,
    )
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()


class ImportSceneResult(OperationResult):
    """What was written.

    ``composite`` says what the style shows, in which bands, counted from 1. ``masked_values`` hold data in the product and
    none in the file, because a mask or quality layer of the product says so; they are counted over all bands.
    """

    scene: Path
    output: Path
    format: str
    rows: int
    cols: int
    bands: int
    bands_flagged_bad: list[int]
    nodata: int | float | None
    masked_values: int
    composite: str
    shown_bands: list[int]
    notes: list[str]

    def to_text(self) -> str:
        lines = [
            f"Imported scene  {self.output}",
            f"Product         {self.format}, {self.rows} rows × {self.cols} columns, {self.bands} bands",
            f"Style           {self.composite}{self._bands_shown()}",
        ]
        return "\n".join(lines + [f"Note: {note}" for note in self.notes])

    def _bands_shown(self) -> str:
        """The bands of the style, unless its name lists them."""
        return "" if self.composite.startswith("Bands ") else f", bands {', '.join(map(str, self.shown_bands))}"


OPERATION = Operation(
    name="import_scene",
    command="import",
    title="Import product",
    summary="Write a product as a GeoTIFF with wavelengths, scale and no data that QGIS and other programs read.",
    group="Scene",
    params=ImportSceneParams,
    result=ImportSceneResult,
    run="hsi_engine.operations.import_scene.run:run",
    example="hsi import --scene METADATA.XML --output scene.tif",
)
