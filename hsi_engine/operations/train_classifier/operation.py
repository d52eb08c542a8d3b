"""Train a classifier from a scene and labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..definition.base import Operation, OperationResult
from .parameters import TrainClassifierParams


class TrainClassifierResult(OperationResult):
    """What came out. Accuracies as :meth:`hsi_engine.evaluation.accuracy.Accuracy.to_json` gives them.

    ``test`` is None if no sample was tested. With folds it is that of all tested samples, each by a model that was
    trained elsewhere. ``comparison`` holds ``split`` and ``test`` of the second training, if one was asked for;
    ``selection`` the candidates that were compared, ``intervals`` what the cross-fitted figures are worth, ``test_intervals``
    those of a test side of whole blocks or polygons that was held back (None if only single pixels could be drawn; so does
    ``intervals`` in ``comparison``), ``calibration`` the
    reliability of the confidence before and after scaling, ``distances`` how far tested pixels and those of the map lie from
    training pixels. ``advice`` says what to label or check next. ``world_size``
    is the number of processes that trained the model together.
    """

    model: Path
    report: Path | None
    split_output: Path | None
    model_id: str
    classes: list[dict[str, Any]]
    bands_used: int
    method: str
    epochs: int
    best_epoch: int | None
    train_loss: float | None
    validation: dict[str, Any] | None
    test: dict[str, Any] | None
    cross_fitted: dict[str, Any] | None
    intervals: dict[str, Any] | None
    test_intervals: dict[str, Any] | None
    calibration: dict[str, Any] | None
    distances: dict[str, Any] | None
    baseline: dict[str, Any] | None
    selection: dict[str, Any] | None
    folds: dict[str, Any] | None
    split: dict[str, Any]
    comparison: dict[str, Any] | None
    history: list[dict[str, Any]]
    notes: list[str]
    advice: list[str]
    device: str
    world_size: int
    seconds: float

    def to_text(self) -> str:
        split = self.split
        lines = [
            f"Model     {self.model}",
            f"Classes   {', '.join(c['name'] for c in self.classes)}",
            f"Method    {self.method}",
            f"Training  {split['train_samples']:,} labelled pixels, {self.seconds:.0f} s on {self.device}"
            + (f", {self.world_size} processes" if self.world_size > 1 else ""),
        ]
        if self.test is None:
            one = "pixels of one class only were tested" if split["test_samples"] else "no labelled pixel was tested"
            lines.append(f"Test      {one}: the accuracy of this model is not known")
        else:
            lines.append(
                f"Test      overall accuracy {_percent(self.test['overall_accuracy'])},"
                f" average accuracy {_percent(self.test['average_accuracy'])},"
                f" kappa {self.test['kappa']:.4f}"
                f" on {split['test_samples']:,} pixels"
            )
            lines.append(f"          {self._interval_text()}")
            from ...evaluation.accuracy import Accuracy  # loads numpy, which a command line's help has no use for
            from ...evaluation.one_class import one_class_baseline

            least = one_class_baseline(Accuracy.from_json(self.test))
            lines += [f"          {least.text}"] if least else []
            lines.append(f"Check     {_split_text(split)}")
        if self.comparison is not None and self.comparison["test"] is not None:
            test = self.comparison["test"]
            strategy, leaks = _split_text(self.comparison["split"]).split(": ")
            lines.append(
                f"Compared  {strategy}: overall accuracy {_percent(test['overall_accuracy'])} on {test['samples']:,} pixels, of"
                " a second model"
            )
            lines.append(f"          {leaks}")
        if self.report:
            lines.append(f"Report    {self.report}")
        lines += [f"Next      {sentence}" for sentence in self.advice]
        return "\n".join(lines)

    def _interval_text(self) -> str:
        """The 95 % interval of the overall accuracy, and what was drawn for it."""
        test, folds = self.test or {}, self.folds or {}
        cross_fitted = self.split["strategy"] == "folds"
        found, unit = (self.intervals, folds.get("unit_name")) if cross_fitted else (self.test_intervals, None)
        if found is None:
            low, high = test["overall_accuracy_interval_95"]
            return f"95 % interval {_percent(low)} to {_percent(high)}, as if pixels were independent"
        low, high = found["overall_accuracy"]["interval_95"]
        effect = found["design_effect"]
        return (
            f"95 % interval {_percent(low)} to {_percent(high)}, from draws of {found['units']:,} whole"
            f" {unit or self.split['unit_name']}s" + ("" if effect is None else f" (design effect {effect:.1f})")
        )


def _split_text(split: dict[str, Any]) -> str:
    if split["strategy"] == "folds":
        return "separate places, each tested by a model that was trained elsewhere; the model itself is trained on all"
    inside = f"{_percent(split['leakage'])} {{}}lie inside a training patch"
    if split.get("near") is None:  # of a model that an earlier version has written
        return f"{split['strategy']}: {inside.format('of the test pixels ')}"
    near = f"{_percent(split['near'])} of the test pixels have a training pixel within two pixels"
    return f"{split['strategy']}: {near}, {inside.format('')}"


def _percent(share: float | None) -> str:
    return "not defined" if share is None else f"{100 * share:.2f} %"


OPERATION = Operation(
    name="train_classifier",
    command="train",
    title="Train classifier",
    summary="Find the best method for the labelled pixels of a scene, test it, and write a model file.",
    group="Classification",
    params=TrainClassifierParams,
    result=TrainClassifierResult,
    run="hsi_engine.operations.train_classifier.outputs:run",
    example="hsi train --scene scene.tif --labels polygons.gpkg --class-field class_name --output crops.hsimodel",
)
