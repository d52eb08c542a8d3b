"""The run of a toy operation: hsi_engine/operations/mean_band/run.py in the copy that a test makes."""

from __future__ import annotations

import numpy as np

from ...io.files.outputs import StagedOutputs
from ...io.maps.class_map import NumberMapWriter
from ...io.scenes.scene import open_scene
from ...pixels.window import Window
from ...reporting import Reporter
from .operation import MeanBandParams, MeanBandResult


def run(params: MeanBandParams, reporter: Reporter) -> MeanBandResult:
    """Read the scene at once: it is small."""
    with open_scene(params.scene, nodata=params.nodata) as reader, StagedOutputs() as stage:
        grid = reader.scene.grid
        rows, cols = grid.shape
        whole = Window(row=0, col=0, height=rows, width=cols)
        block = reader.read(whole, range(len(reader.scene.bands)))
        mean = block.data.mean(axis=0) * (-1 if params.sign == "flip" else 1)
        mean[~block.valid] = np.nan
        with NumberMapWriter(stage.path(params.output), grid, ["mean"]) as writer:
            writer.write(whole, mean)
        figure = float(np.nanmean(mean))
        if params.table is not None:
            stage.path(params.table).write_text(f"mean\n{figure}\n", encoding="utf-8")
    for name, path in params.output_files().items():
        reporter.artifact(name, path)
    return MeanBandResult(output=params.output, table=params.table, mean=figure)
