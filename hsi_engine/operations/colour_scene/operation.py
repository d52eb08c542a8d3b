"""Show a scene in colour: which bands, and between which values."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from ...errors import ParameterError
from ...spectrum.composites import CompositeName
from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..definition.output_layer import OutputLayer
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    wavelengths_parameter,
)


class ColourSceneParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    scene: Path = parameter(title="Scene", description="Raster file to show, or an ENVI header.", kind="scene")
    composite: CompositeName = parameter(
        "automatic",
        title="Composite",
        description="Which part of the spectrum red, green and blue show; automatic: true colour if the wavelengths allow it.",
        kind="choice",
        choices={
            "automatic": "Automatic",
            "true_colour": "True colour",
            "near_infrared": "Near infrared",
            "short_wave_infrared": "Short-wave infrared",
        },
    )
    lower_percent: float = parameter(
        2.0,
        title="Darkest",
        description="Percentile of each band that is shown as black; lower values are black too.",
        kind="number",
        unit="%",
        advanced=True,
        ge=0,
        lt=100,
    )
    upper_percent: float = parameter(
        98.0,
        title="Brightest",
        description="Percentile of each band that is shown at full brightness; higher values are too.",
        kind="number",
        unit="%",
        advanced=True,
        gt=0,
        le=100,
    )
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    style: Path | None = parameter(
        None,
        title="Style",
        description="QGIS style (.qml); if it has the name of the scene and lies next to it, QGIS opens the scene in these colours.",
        kind="style_out",
    )
    picture: Path | None = parameter(
        None,
        title="Quick look",
        description="PNG picture of at most 1200 pixels, transparent without data.",
        kind="picture_out",
    )
    image: Path | None = parameter(
        None,
        title="Colour image",
        description="GeoTIFF of the whole scene with 8 bits each for red, green and blue; 0 without data.",
        kind="raster_out",
        layer=OutputLayer(name="in colour", content="picture"),
    )

    @model_validator(mode="after")
    def _dark_before_bright(self) -> ColourSceneParams:
        if self.lower_percent >= self.upper_percent:
            raise ParameterError(
                f"'lower_percent' ({self.lower_percent:g}) must be smaller than 'upper_percent'"
                f" ({self.upper_percent:g}).",
                code="percentiles",
                hint="2 and 98 suit most scenes.",
            )
        return self


class ColourChannel(BaseModel):
    """One colour: the band, counted from 1, and the values from which to which it is stretched.

    ``shown_band`` is its number in the raster that a GIS opens, which may have its bands in another order.
    ``low`` and ``high`` are numbers of the file; ``shown_low`` and ``shown_high`` what a GIS shows for them, with scale and
    offset as GDAL states them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    colour: Literal["red", "green", "blue", "grey"]
    band: int
    shown_band: int
    wavelength_nm: float | None
    low: float
    high: float
    shown_low: float
    shown_high: float


class ColourSceneResult(OperationResult):
    """Bands and limits of a composite, three channels, or one in grey.

    ``possible`` lists the composites that the wavelengths of the scene allow. ``sampled_pixels`` of the scene were looked at
    for the limits, ``valid_pixels`` of them hold data.
    """

    scene: Path
    composite: Literal["true_colour", "near_infrared", "short_wave_infrared", "spread_bands", "grey"]
    title: str
    channels: list[ColourChannel]
    possible: list[str]
    lower_percent: float
    upper_percent: float
    nodata_given: float | None
    sampled_pixels: int
    valid_pixels: int
    style: Path | None
    picture: Path | None
    image: Path | None
    notes: list[str]

    def to_text(self) -> str:
        lines = [f"{self.title} ({self.lower_percent:g}–{self.upper_percent:g} % of the pixels)"]
        for channel in self.channels:
            where = "" if channel.wavelength_nm is None else f"  {channel.wavelength_nm:7.1f} nm"
            limits = f"{channel.shown_low:.6g} to {channel.shown_high:.6g}"
            lines.append(f"  {channel.colour:<6} band {channel.band:>4}{where}   {limits}")
        lines += [f"Note: {note}" for note in self.notes]
        written = [str(path) for path in (self.style, self.picture, self.image) if path is not None]
        return "\n".join([*lines, *(["Written: " + ", ".join(written)] if written else [])])


OPERATION = Operation(
    name="colour_scene",
    command="colour",
    title="Show scene in colour",
    summary="Show a scene in true colour, near infrared or short-wave infrared: bands by wavelength, stretched, as style or picture.",
    group="Scene",
    params=ColourSceneParams,
    result=ColourSceneResult,
    run="hsi_engine.operations.colour_scene.run:run",
    example="hsi colour --scene scene.tif --composite near_infrared --style scene.qml --picture scene.png",
)
