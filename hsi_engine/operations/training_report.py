"""The report of a training run: split, accuracies, learning curves, and what is needed to repeat it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..bundle.model_bundle import ModelBundle
from ..grid import Grid
from ..io.class_map import ClassMapWriter
from ..io.outputs import StagedOutputs
from ..io.style import sidecar_paths, write_class_map_style
from ..legend import Legend
from ..metrics import Accuracy
from ..report.content import Assessment, MapPicture, ReportContent, SplitSummary
from ..report.html import render_report
from ..report.record import curves_of_record, facts_of_record
from ..report.wording import strategy_name
from ..samples import SampleSet
from ..splitting.folds import Folds
from ..splitting.split import Split
from ..splitting.strategies import TEST, TRAIN, VALIDATION
from ..window import Window

# Rows written at once, as high as the blocks of the file.
_STRIP_ROWS = 256

SPLIT_LEGEND = Legend.of(
    {TRAIN: "training", VALIDATION: "validation", TEST: "test"},
    {TRAIN: "#0072b2", VALIDATION: "#f0e442", TEST: "#d55e00"},
)


def assessments_of(bundle: ModelBundle) -> tuple[Assessment, ...]:
    """The accuracies a model carries: its own test, and that of the split it was compared with."""
    record = bundle.training
    comparison = record.get("comparison") or {}
    tests = ((bundle.metrics.get("test"), record["split"]), (comparison.get("test"), comparison.get("split")))
    return tuple(_assessment(test, split, bundle.patch_size) for test, split in tests if test and split)


def write_training_report(
    bundle: ModelBundle, path: Path, *, title: str, map_picture: MapPicture | None = None
) -> None:
    """Write the HTML report of a model to ``path``, a staged name; with the map where one was made of its scene."""
    record = bundle.training
    content = ReportContent(
        title=title,
        subtitle=f"Trained on {Path(record['settings']['scene']).name} with {Path(record['settings']['labels']).name}.",
        created=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        assessments=assessments_of(bundle),
        map_picture=map_picture,
        curves=curves_of_record(record),
        facts=facts_of_record(record),
        notes=tuple(record["notes"]),
    )
    path.write_text(render_report(content), encoding="utf-8")


def write_split_map(grid: Grid, samples: SampleSet, split: Split, target: Path, stage: StagedOutputs) -> None:
    """Write a split as a styled raster: 1 training, 2 validation, 3 test, 0 unused or unlabelled."""
    side = np.zeros(len(samples), dtype=np.uint8)
    for value, members in ((TRAIN, split.train), (VALIDATION, split.validation), (TEST, split.test)):
        side[members] = value
    _write_sides(grid, samples, side, SPLIT_LEGEND, target, stage)


def write_folds_map(grid: Grid, samples: SampleSet, folds: Folds | None, target: Path, stage: StagedOutputs) -> None:
    """Write folds as a styled raster: the number of the fold that tests a pixel, from 1; one more: only trained on."""
    count = 0 if folds is None else folds.n_folds
    legend = Legend.of(
        {fold + 1: f"tested in fold {fold + 1}" for fold in range(count)} | {count + 1: "trained on, not tested"}
    )
    fold = np.full(len(samples), -1) if folds is None else folds.fold
    side = np.where(fold < 0, count + 1, fold + 1).astype(np.uint8)
    _write_sides(grid, samples, side, legend, target, stage)


def _write_sides(
    grid: Grid,
    samples: SampleSet,
    side: npt.NDArray[np.uint8],
    legend: Legend,
    target: Path,
    stage: StagedOutputs,
) -> None:
    raster = stage.path(target)
    for sidecar in sidecar_paths(target):
        stage.path(sidecar)
    with ClassMapWriter(raster, grid, legend) as writer:
        for row in range(0, grid.shape[0], _STRIP_ROWS):
            strip = Window(row=row, col=0, height=_STRIP_ROWS, width=grid.shape[1]).clip(grid.shape)
            inside = (samples.rows >= strip.row) & (samples.rows < strip.row_end)
            values = np.zeros(strip.shape, dtype=np.uint8)
            values[samples.rows[inside] - strip.row, samples.cols[inside]] = side[inside]
            writer.write(strip, values)
    write_class_map_style(raster, legend)


def _assessment(test: dict[str, Any], split: dict[str, Any], patch_size: int) -> Assessment:
    summary = SplitSummary.from_json(split, patch_size)
    return Assessment(name=strategy_name(summary), accuracy=Accuracy.from_json(test), split=summary)
