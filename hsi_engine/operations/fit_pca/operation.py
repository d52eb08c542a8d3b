"""The principal components of a scene, as a raster to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.output_layer import OutputLayer
from ..definition.scene_input import (
    BandChoice,
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    wavelengths_parameter,
)


class FitPcaParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    scene: Path = parameter(title="Scene", description="Raster whose bands are to be reduced.", kind="scene")
    output: Path = parameter(
        title="Components",
        description="GeoTIFF to write, one float32 band per component, NaN for nodata.",
        kind="raster_out",
        layer=OutputLayer(name="components", content="components"),
    )
    components: int = parameter(
        10,
        title="Number of components",
        description="Number of principal components to write.",
        kind="integer",
        ge=1,
        le=500,
    )
    whiten: bool = parameter(
        False, title="Whiten", description="Scale every component to unit variance.", kind="boolean"
    )
    bands: str | None = same_as(BandChoice, "bands")
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    statistics: Path | None = parameter(
        None,
        title="Statistics",
        description="JSON file to write: mean spectrum, loadings and explained variance.",
        kind="json_out",
        advanced=True,
    )


class PcaComponent(BaseModel):
    """One component, counted from 1; ``share`` of the total variance, ``cumulative`` with those before it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    variance: float
    share: float
    cumulative: float


class FitPcaResult(OperationResult):
    """What was written, and how much each component explains. Variances are in squared units of the scene."""

    output: Path
    statistics: Path | None
    components: list[PcaComponent]
    total_variance: float
    whiten: bool
    bands_used: int
    valid_pixels: int
    notes: list[str]
    seconds: float

    def to_text(self) -> str:
        lines = [
            f"Components  {self.output}",
            f"Bands       {self.bands_used} used",
            f"Pixels      {self.valid_pixels:,} with data",
            "Component   share of variance   cumulative",
        ]
        lines += [f"  {c.number:>7}   {c.share:>17.2%}   {c.cumulative:>10.2%}" for c in self.components]
        return "\n".join(lines)


OPERATION = Operation(
    name="fit_pca",
    command="pca",
    title="Principal components (PCA image)",
    summary="Reduce the bands of a scene to its principal components and write them as a raster.",
    group="Scene",
    params=FitPcaParams,
    result=FitPcaResult,
    run="hsi_engine.operations.fit_pca.run:run",
    example="hsi pca --scene scene.tif --components 10 --output components.tif",
)
