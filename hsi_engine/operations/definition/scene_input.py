"""What every operation that reads a scene asks about it."""

from __future__ import annotations

from typing import Any

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
