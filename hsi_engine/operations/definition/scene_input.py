"""What every operation that reads a scene asks about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Protocol

from .base import OperationParams, parameter


def nodata_parameter() -> Any:
    """The field ``nodata: float | None`` of an operation."""
    return parameter(
        None,
        title="No data value",
        description="Value that means no data in every band, in addition to those the file declares; such as -9999.",
        kind="number",
        advanced=True,
    )


def quality_parameter() -> Any:
    """The field ``quality: Literal["mask", "keep"]`` of an operation."""
    return parameter(
        "mask",
        title="Quality layers",
        description="For products that mark clouds. mask: pixels under clouds and their shadows count as no data; keep: they are used like all others.",
        kind="choice",
        choices={"mask": "Mask clouds and their shadows", "keep": "Keep all pixels"},
        advanced=True,
    )


def detector_overlap_parameter() -> Any:
    """The field ``detector_overlap: Literal["vnir", "swir", "both"]`` of an operation."""
    return parameter(
        "vnir",
        title="Overlap of the detectors",
        description="Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.",
        kind="choice",
        choices={"vnir": "Those of the VNIR detector", "swir": "Those of the SWIR detector", "both": "Those of both"},
        advanced=True,
    )


def wavelengths_parameter() -> Any:
    """The field ``wavelengths: Path | None`` of an operation."""
    return parameter(
        None,
        title="Wavelengths",
        description="Text file with one wavelength per line and the unit in its first line, for a scene that states none.",
        kind="wavelength_list",
        advanced=True,
    )


class SceneReading(Protocol):
    """Parameters that say how a scene is read."""

    @property
    def nodata(self) -> float | None: ...

    @property
    def quality(self) -> Literal["mask", "keep"]: ...

    @property
    def detector_overlap(self) -> Literal["vnir", "swir", "both"]: ...

    @property
    def wavelengths(self) -> Path | None: ...


READING = ("nodata", "quality", "detector_overlap", "wavelengths")


def scene_reading(params: SceneReading) -> dict[str, Any]:
    """The arguments of :func:`hsi_engine.io.scenes.scene.describe_scene` that parameters hold."""
    return {name: getattr(params, name) for name in READING}


def second_parameter() -> Any:
    """The field ``second: Path | None`` of an operation."""
    return parameter(
        None,
        title="Second raster",
        description="Raster of the same place next to the scene, such as elevation, lidar, multispectral or radar, for the method two_sources.",
        kind="raster",
        advanced=True,
    )


def resample_second_parameter() -> Any:
    """The field ``resample_second: Literal["nearest", "bilinear"] | None`` of an operation."""
    return parameter(
        None,
        title="Resample the second raster",
        description="If its pixels are not those of the scene. bilinear: for measurements; nearest: for classes. By default such a raster is refused.",
        kind="choice",
        choices={"nearest": "Nearest pixel", "bilinear": "Bilinear"},
        advanced=True,
    )


class BandChoice(OperationParams):
    """Which bands of a scene are used."""

    bands: str | None = parameter(
        None,
        title="Bands",
        description='Bands to use, such as "1-100, 450-900nm". By default all good bands.',
        kind="band_selection",
        advanced=True,
    )
