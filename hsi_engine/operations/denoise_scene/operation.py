"""Remove the noise of a scene."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..definition.output_layer import OutputLayer
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    wavelengths_parameter,
)
from ..parts.computing import device_parameter


class DenoiseSceneParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    scene: Path = parameter(
        title="Scene", description="Hyperspectral raster with at least 10 bands to denoise.", kind="scene"
    )
    output: Path = parameter(
        title="Denoised scene",
        description="GeoTIFF to write, with the bands, wavelengths and data type of the scene.",
        kind="raster_out",
        layer=OutputLayer(name="denoised", content="components"),
    )
    model: Path | None = parameter(
        None,
        title="Denoiser",
        description="Denoiser file (.hsidenoiser) from another run. By default one is trained on the scene itself.",
        kind="denoiser",
    )
    model_output: Path | None = parameter(
        None,
        title="Trained denoiser",
        description="Denoiser file to write, for other scenes of the same sensor and processing.",
        kind="denoiser_out",
    )
    bands: str | None = parameter(
        None,
        title="Bands",
        description='Bands to denoise, such as "1-100, 450-900nm". By default all good bands; others are copied.',
        kind="band_selection",
        advanced=True,
    )
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    steps: int = parameter(
        300,
        title="Training steps",
        description="Training steps of the network. 0: only the linear filter, which takes seconds. Ignored with a denoiser from a file.",
        kind="integer",
        ge=0,
        le=100_000,
        advanced=True,
    )
    memory_mb: int = parameter(
        512,
        title="Memory",
        description="Memory budget for the parts of the scene that are held at once. It does not affect the result.",
        kind="integer",
        unit="MiB",
        ge=64,
        le=1_048_576,
        advanced=True,
    )
    seed: int = parameter(
        0, title="Seed", description="Seed of all random numbers in training.", kind="seed", advanced=True, ge=0
    )
    device: str = device_parameter()


class DenoisedBand(BaseModel):
    """A band, counted from 1, and the standard deviation of its noise, in the unit of the scene.

    ``signal_to_noise`` is the standard deviation of its signal, divided by that of the noise; both are those of the scene that
    the denoiser was trained on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    band: int
    wavelength_nm: float | None
    noise: float
    signal_to_noise: float


class DenoiseSceneResult(OperationResult):
    """What was written, and the noise that was found.

    ``copied_bands``, counted from 1, are as in the scene. ``copied_pixels`` lack data in at least one denoised band, and
    are as in the scene in all bands. ``clipped_values`` did not fit into the data type, or would have meant no data: they
    were replaced by the nearest number.
    """

    output: Path
    model_output: Path | None
    bands: list[DenoisedBand]
    copied_bands: list[int]
    components: int
    denoised_pixels: int
    copied_pixels: int
    clipped_values: int
    notes: list[str]
    device: str
    seconds: float

    def to_text(self) -> str:
        ratios = sorted(band.signal_to_noise for band in self.bands)
        lines = [
            f"Denoised scene  {self.output}",
            f"Bands           {len(self.bands)} denoised, {len(self.copied_bands)} copied",
            f"Signal/noise    {ratios[len(ratios) // 2]:.1f} in the median band, from {ratios[0]:.1f} to {ratios[-1]:.1f}",
            f"Components      {self.components} with signal were kept",
            f"Pixels          {self.denoised_pixels:,} denoised, {self.copied_pixels:,} copied",
        ]
        if self.model_output is not None:
            lines.append(f"Denoiser        {self.model_output}")
        lines.append(f"Time            {self.seconds:.1f} s on {self.device}")
        return "\n".join(lines)


OPERATION = Operation(
    name="denoise_scene",
    command="denoise",
    title="Denoise scene",
    summary="Remove the noise of a hyperspectral scene and write the scene with the same bands and data type.",
    group="Scene",
    params=DenoiseSceneParams,
    result=DenoiseSceneResult,
    run="hsi_engine.operations.denoise_scene.run:run",
    example="hsi denoise --scene scene.tif --output denoised.tif",
)
