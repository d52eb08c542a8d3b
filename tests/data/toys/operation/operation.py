"""A toy operation: hsi_engine/operations/mean_band/operation.py in the copy that a test makes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..definition.output_layer import OutputLayer
from ..definition.scene_input import nodata_parameter


class MeanBandParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    scene: Path = parameter(title="Scene", description="The scene to average.", kind="scene")
    nodata: float | None = nodata_parameter()
    output: Path = parameter(
        title="Mean of the bands",
        description="GeoTIFF to write.",
        kind="raster_out",
        layer=OutputLayer(name="mean of the bands", content="components"),
    )
    table: Path | None = parameter(None, title="Table", description="CSV file with the figure.", kind="csv_out")
    sign: Literal["keep", "flip"] = parameter(
        "keep", title="Sign", description="Of the mean.", kind="choice", choices={"keep": "Keep it", "flip": "Flip it"}
    )


class MeanBandResult(OperationResult):
    """What was written, and the mean of all valid pixels."""

    output: Path
    table: Path | None
    mean: float


OPERATION = Operation(
    name="mean_band",
    command="mean-band",
    title="Mean of the bands",
    summary="Average the bands of a scene.",
    group="Scene",
    params=MeanBandParams,
    result=MeanBandResult,
    run="hsi_engine.operations.mean_band.run:run",
)
