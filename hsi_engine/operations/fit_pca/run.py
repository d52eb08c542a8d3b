"""Writing the principal components of a scene: fit them to all pixels, then apply them block by block."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from ...io.files.outputs import StagedOutputs
from ...io.maps.class_map import NumberMapWriter
from ...io.scenes.scene import SceneReader, open_scene
from ...io.scenes.undeclared_fill import undeclared_fill
from ...pixels.window import Window
from ...preprocess.branch import ReductionSettings
from ...preprocess.chain import Preprocessing
from ...preprocess.pca import PCA
from ...reporting import PhaseReporter, Reporter, TimedReporter
from ...runtime.read_ahead import read_ahead
from ..definition.output_check import check_scene_is_kept
from ..definition.scene_input import scene_reading
from ..parts.scene_preprocessing import fit_to_scene
from .operation import FitPcaParams, FitPcaResult, PcaComponent

_MAX_BLOCK_PX = 65_536


def run(params: FitPcaParams, reporter: Reporter) -> FitPcaResult:
    """Fit the components to all valid pixels, then write them; two passes over the scene, block by block."""
    started = time.perf_counter()
    with open_scene(params.scene, **scene_reading(params)) as reader, StagedOutputs() as stage:
        scene = reader.scene
        check_scene_is_kept(params, scene)
        for warning in scene.warnings:
            reporter.log(warning, "warning")
        usable, preprocessing = fit_to_scene(
            reader,
            params.bands,
            [ReductionSettings(kind="pca", n_components=params.components, whiten=float(params.whiten))],
            PhaseReporter(reporter, 0.0, 0.5),
        )
        reporter.log(usable.describe(scene))
        fill = undeclared_fill(reader, usable.indices, check_cancelled=reporter.check_cancelled)
        for note in fill:
            reporter.log(note, "warning")
        _write_components(reader, preprocessing, stage.path(params.output), PhaseReporter(reporter, 0.5, 1.0))
        if params.statistics is not None:
            record = json.dumps(_statistics(preprocessing), indent=1, allow_nan=False)
            stage.path(params.statistics).write_text(record, encoding="utf-8")
        reporter.check_cancelled()
    reporter.artifact("raster", params.output)
    if params.statistics is not None:
        reporter.artifact("json", params.statistics)
    pca = _pca_of(preprocessing)
    shares = pca.explained_variance_ratio
    return FitPcaResult(
        output=params.output,
        statistics=params.statistics,
        components=[
            PcaComponent(number=i + 1, variance=variance, share=share, cumulative=cumulative)
            for i, (variance, share, cumulative) in enumerate(
                zip(pca.explained_variance, shares, shares.cumsum(), strict=True)
            )
        ],
        total_variance=pca.total_variance,
        whiten=pca.whiten,
        bands_used=pca.n_bands,
        valid_pixels=preprocessing.pixels,
        notes=[*scene.warnings, usable.describe(scene), *fill],
        seconds=time.perf_counter() - started,
    )


def _write_components(reader: SceneReader, preprocessing: Preprocessing, path: Path, reporter: Reporter) -> None:
    rows, cols = reader.scene.grid.shape
    shares = _pca_of(preprocessing).explained_variance_ratio
    names = [f"PC {i + 1} ({100 * share:.2f} % of variance)" for i, share in enumerate(shares)]

    def blocks() -> Iterator[tuple[Window, npt.NDArray[np.float32]]]:
        for window in reader.block_windows(_MAX_BLOCK_PX):
            block = reader.read(window, preprocessing.band_indices)
            components = preprocessing.apply(block)
            components[:, ~block.valid] = np.nan
            yield window, components

    timed = TimedReporter(reporter)
    done = 0
    with (
        NumberMapWriter(path, reader.scene.grid, names) as writer,
        closing(read_ahead(blocks(), check_cancelled=reporter.check_cancelled)) as ahead,
    ):
        for window, components in ahead:
            reporter.check_cancelled()
            writer.write(window, components)
            done += window.height * window.width
            timed.progress(done / (rows * cols), f"Writing components: {done:,} of {rows * cols:,} pixels")


def _statistics(preprocessing: Preprocessing) -> dict[str, Any]:
    pca = _pca_of(preprocessing)
    return {
        **preprocessing.to_json(),
        "mean_spectrum": pca.mean.tolist(),
        "explained_variance": pca.explained_variance.tolist(),
        "loadings": pca.components.tolist(),
    }


def _pca_of(preprocessing: Preprocessing) -> PCA:
    return cast(PCA, preprocessing.branches[0].reduction)
