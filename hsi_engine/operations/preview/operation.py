"""A quick map of a small part of a scene, while labels are still being drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from ...phrases import counted_with, shortened
from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..definition.label_input import ClassField, LabelReading, labels_parameter
from ..definition.output_layer import OutputLayer
from ..definition.scene_input import (
    BandChoice,
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    wavelengths_parameter,
)

DEFAULT_SIZE_PX = 512
LARGEST_SIZE_PX = 1024


class _Files(OperationParams):
    """What is read and written."""

    scene: Path = parameter(title="Scene", description="The scene that is to be mapped.", kind="scene")
    labels: Path = labels_parameter()
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    output: Path = parameter(
        title="Preview",
        description="GeoTIFF to write: the map of the part, with a style for QGIS next to it.",
        kind="class_map_out",
        layer=OutputLayer(name="preview", content="class_map"),
    )


class _Part(OperationParams):
    """Which part is mapped."""

    extent: str | None = parameter(
        None,
        title="Extent",
        description=(
            'The part to map: "xmin,ymin,xmax,ymax" in the CRS of the scene, or with a CRS at the end,'
            ' "xmin,ymin,xmax,ymax,EPSG:4326". The middle 512×512 pixels of the scene if not given.'
        ),
        kind="extent",
    )
    largest_size: int = parameter(
        LARGEST_SIZE_PX,
        title="Largest size",
        description="A part with longer sides is cut to its middle, so that a preview stays quick.",
        kind="integer",
        unit="px",
        ge=16,
        le=8192,
        advanced=True,
    )
    cache: Path | None = parameter(
        None,
        title="Folder of preview models",
        description="Where trained preview models are kept for the next preview; a folder in your cache if not given.",
        kind="folder_out",
        advanced=True,
    )


class PreviewParams(BandChoice, LabelReading, _Part, ClassField, _Files):
    """Parameters of :data:`OPERATION`; labels are read as a training reads them."""


class PreviewedClass(BaseModel):
    """One class and how much of the part it covers; ``hectares`` is null if the size of the pixels is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: int
    name: str
    color: str
    pixels: int
    hectares: float | None


class PreviewResult(OperationResult):
    """The map of a part, and the model behind it.

    ``window`` is the part in pixels of the scene (row, col, height, width); ``cut`` whether the extent was larger.
    ``trained`` states whether the model was trained now; if not, the one kept in ``model`` was used again.
    ``quick_check`` is the share of labelled pixels that the same methods find in places they were not trained on,
    0 to 1; null if labels allow no such test. The preview itself is not tested.
    """

    output: Path
    window: dict[str, int]
    cut: bool
    classes: list[PreviewedClass]
    nodata_pixels: int
    method: str
    trained: bool
    training_seconds: float
    mapping_seconds: float
    seconds: float
    quick_check: dict[str, Any] | None
    accuracy: str
    model: Path | None
    model_id: str
    notes: list[str]

    def to_text(self) -> str:
        total = max(1, sum(c.pixels for c in self.classes))
        width = max(len(shortened(c.name)) for c in self.classes)
        size = f"{self.window['height']:,} × {self.window['width']:,} pixels"
        lines = [
            f"Preview   {self.output} ({size})",
            *(
                f"  {c.value:>5}  {shortened(c.name):<{width}}  {c.pixels:>9,} px  {100 * c.pixels / total:5.1f} %"
                for c in self.classes
            ),
        ]
        if self.nodata_pixels:
            lines.append(f"  {counted_with(self.nodata_pixels, 'pixel', 'have')} no data.")
        how = f"trained in {self.training_seconds:.1f} s" if self.trained else "trained before, used again"
        lines += [
            f"Method    {self.method}, {how}",
            f"Accuracy  {self.accuracy}",
            f"Time      {self.seconds:.1f} s, {self.mapping_seconds:.1f} s of it mapping",
        ]
        return "\n".join(lines)


OPERATION = Operation(
    name="preview",
    command="preview",
    title="Preview map",
    summary="Map a small part of a scene within seconds, with a quick method that is kept while scene and labels stay the same.",
    group="Classification",
    params=PreviewParams,
    result=PreviewResult,
    run="hsi_engine.operations.preview.run:run",
    example="hsi preview --scene scene.tif --labels polygons.gpkg --class-field class_name --output preview.tif",
)
