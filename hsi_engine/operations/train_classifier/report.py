"""The report of a training run: accuracies, how the method was chosen, and what is needed to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ...bundle.model_bundle import ModelBundle
from ...classes.legend import Legend
from ...evaluation.accuracy import Accuracy
from ...evaluation.clustered import ClusteredAccuracy
from ...evaluation.trust.selective import RiskCoverage
from ...io.files.outputs import StagedOutputs
from ...io.legends.style_files import sidecar_paths, write_class_map_style
from ...io.maps.class_map import ClassMapWriter
from ...moment import shown_time
from ...pixels.grid import Grid
from ...pixels.samples import SampleSet
from ...pixels.split_side import SIDES, SPLIT_LEGEND
from ...pixels.window import Window
from ...report.content import Assessment, FactTable, MapPicture, ReportContent, SplitSummary, Verdict
from ...report.evidence import Calibration, DrawnUnits, FoldsPicture, Places, TrainingEvidence
from ...report.record import SettingWords, curves_of_record, fact_table, facts_of_record
from ...report.views.classes import advice_on
from ...report.wording import strategy_name
from ...splitting.distances import DistanceComparison
from ...splitting.folds import Folds
from ...splitting.split import Split, guard_of
from ..definition.parameter_spec import parameter_specs
from ..parts.fold_values import FIRST_FOLD, TRAINED_ONLY
from .parameters import TrainClassifierParams
from .recipes import BASELINE

# Rows written at once, as high as the blocks of the file.
_STRIP_ROWS = 256

ONE_CLASS_TESTED = "The accuracy is not known: the test pixels are all of one class, which does not show how well classes are told apart."

_CHOSEN_ON_TRAINING_SIDE = Verdict(
    level="good",
    headline="Tested in places that the model had not seen, on the training side of the split only",
    text="The method was chosen by this comparison. It used no test pixel of the split.",
)


def assessments_of(bundle: ModelBundle) -> tuple[Assessment, ...]:
    """The accuracies a model carries: its own test, cross-fitting if that was not the test, and a second split."""
    record, metrics = bundle.training, bundle.metrics
    comparison = record.get("comparison") or {}
    split = record["split"]
    found = []
    if metrics.get("test"):
        own = _assessment(metrics["test"], split, bundle.patch_size, metrics.get("test_intervals"))
        found.append(replace(own, places=_places(bundle)) if split["strategy"] == "folds" else own)
    if split["strategy"] != "folds" and metrics.get("cross_fitted") and record.get("folds"):
        found.append(_cross_fitted_next_to_split(bundle))
    if comparison.get("test") and comparison.get("split"):
        found.append(
            _assessment(comparison["test"], comparison["split"], bundle.patch_size, comparison.get("intervals"))
        )
    return tuple(found)


def recorded_facts(record: Mapping[str, Any]) -> tuple[FactTable, ...]:
    """The facts of a training record, with the titles that settings have in forms and help."""
    words = {
        name: SettingWords(title=spec.title, choices=spec.choice_titles)
        for name, spec in parameter_specs(TrainClassifierParams).items()
    }
    return facts_of_record(record, words)


def training_advice(bundle: ModelBundle) -> list[str]:
    """What to label or check next, by the test that a model carries; empty if it carries none."""
    found = assessments_of(bundle)
    return advice_on(found[0]) if found else []


def write_training_report(
    bundle: ModelBundle,
    path: Path,
    *,
    title: str,
    map_picture: MapPicture | None = None,
    folds_picture: FoldsPicture | None = None,
    part_mapped: str = "",
    mapping: Mapping[str, Any] | None = None,
) -> None:
    """Write the HTML report of a model to ``path``, a staged name.

    Parameters
    ----------
    title : which training this is, under the heading.
    map_picture : the map, if one was made of the scene.
    part_mapped, mapping : what the map leaves out, in sentences, and the settings it was made with.
    folds_picture : from :func:`picture_of_folds` after a training, or :func:`picture_in_page` of an earlier report.
    """
    record = bundle.training
    scene, labels = (Path(record["settings"][name]).name for name in ("scene", "labels"))
    content = ReportContent(
        title=f"Model trained on {scene}" if map_picture is None else f"Class map of {scene}",
        subtitle=f"{title} on {scene} with {labels}",
        created=shown_time(),
        assessments=assessments_of(bundle),
        evidence=evidence_of(bundle, "model" if map_picture is None else "map", folds_picture),
        map_picture=map_picture,
        curves=curves_of_record(record),
        part_mapped=part_mapped,
        facts=(*([fact_table("Map", mapping, as_labels=False)] if mapping else []), *recorded_facts(record)),
        notes=tuple(record["notes"]),
    )
    from ...report.html import render_report

    path.write_text(render_report(content), encoding="utf-8")


def write_split_map(grid: Grid, samples: SampleSet, split: Split, target: Path, stage: StagedOutputs) -> None:
    """Write a split as a styled raster: 1 training, 2 validation, 3 test, 0 unused or unlabelled."""
    side = np.zeros(len(samples), dtype=np.uint8)
    for value, members in zip(SIDES, (split.train, split.validation, split.test), strict=True):
        side[members] = value
    _write_sides(grid, samples, side, SPLIT_LEGEND, target, stage)


def write_folds_map(grid: Grid, samples: SampleSet, folds: Folds | None, target: Path, stage: StagedOutputs) -> None:
    """Write folds as a styled raster, with the values of :mod:`.fold_values`."""
    count = 0 if folds is None else folds.n_folds
    legend = Legend.of(
        {TRAINED_ONLY: "trained on, not tested"}
        | {FIRST_FOLD + fold: f"tested in fold {fold + 1}" for fold in range(count)}
    )
    fold = np.full(len(samples), -1) if folds is None else folds.fold
    side = np.where(fold < 0, TRAINED_ONLY, FIRST_FOLD + fold).astype(np.uint8)
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


def _assessment(
    test: dict[str, Any], split: dict[str, Any], patch_size: int, intervals: dict[str, Any] | None
) -> Assessment:
    """``intervals`` are those of the test side of a split; None if only single pixels could be drawn."""
    summary = SplitSummary.from_json(split, patch_size)
    drawn = None
    if intervals:
        drawn = DrawnUnits(unit_name=split["unit_name"], intervals=ClusteredAccuracy.from_json(intervals))
    return Assessment(name=strategy_name(summary), accuracy=Accuracy.from_json(test), split=summary, test_units=drawn)


def _cross_fitted_next_to_split(bundle: ModelBundle) -> Assessment:
    """Cross-fitting on the training side of a split, which chose the method."""
    folds, radius = bundle.training["folds"], bundle.patch_size // 2
    summary = SplitSummary(
        strategy="folds",
        train_samples=folds["samples"],
        validation_samples=0,
        test_samples=folds["tested"],
        guard_px=guard_of(radius),
        # Each fold keeps its training samples farther than the radius of the patch from those that it tests.
        leakage=0.0,
        patch_size=bundle.patch_size,
        notes=tuple(folds["notes"]),
    )
    return Assessment(
        name=strategy_name(summary),
        accuracy=Accuracy.from_json(bundle.metrics["cross_fitted"]),
        split=summary,
        verdict=_CHOSEN_ON_TRAINING_SIDE,
        places=_places(bundle),
    )


def _places(bundle: ModelBundle) -> Places | None:
    folds = bundle.training.get("folds")
    return Places.from_json(folds, bundle.metrics.get("intervals"), bundle.legend) if folds else None


def _only_one_class(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a split that has test pixels does not give an accuracy."""
    return (ONE_CLASS_TESTED,) if ONE_CLASS_TESTED in record.get("notes", ()) else ()


def evidence_of(
    bundle: ModelBundle, subject: Literal["map", "model"], folds_picture: FoldsPicture | None = None
) -> TrainingEvidence:
    """What the record of a model holds beyond its accuracies; ``subject`` is what the report is about."""
    record, metrics = bundle.training, bundle.metrics
    split, folds = record["split"], record.get("folds") or {}
    calibration, baseline = metrics.get("calibration"), metrics.get("baseline")
    return TrainingEvidence(
        subject=subject,
        labelled=split.get("train_samples", 0),
        trained_on_all=split["strategy"] in ("folds", "none"),
        unknown=()
        if metrics.get("test") or metrics.get("cross_fitted")
        else (*folds.get("notes", ()), *_only_one_class(record)),
        selection=record.get("selection"),
        asked_for=record["settings"].get("model", "auto") != "auto",
        baseline_name=BASELINE,
        baseline=Accuracy.from_json(baseline) if baseline else None,
        calibration=Calibration.from_json(calibration) if calibration else None,
        selective=RiskCoverage.from_json(metrics["selective"]) if metrics.get("selective") else None,
        sets=metrics.get("conformal"),
        folds_picture=folds_picture,
        distances=DistanceComparison.from_json(metrics["distances"]) if metrics.get("distances") else None,
    )
