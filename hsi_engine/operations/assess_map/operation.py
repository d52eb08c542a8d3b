"""Compare a class map with a reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from ...phrases import shortened
from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.label_input import ClassField, LabelReading
from .sample_text import sample_text

WHICH_QUESTION = (
    "The figures show how well the map agrees with these reference pixels, not how accurate it is as a whole; only points drawn"
    " at random over the map can show that (Sample reference points; or state the sampling design of your points)."
)


class AssessMapParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    map: Path = parameter(title="Class map", description="Raster of class values to assess.", kind="class_map")
    reference: Path = parameter(
        title="Reference",
        description="Places whose class is known: polygons or points, or a raster of class values (0: unknown).",
        kind="labels",
    )
    report: Path | None = parameter(
        None,
        title="Report",
        description="HTML report with all accuracies, the confusion matrix and the map; with a sample also class areas.",
        kind="report_out",
    )
    picture: Path | None = parameter(
        None,
        title="Picture",
        description="PNG of the map with its legend; if the scene is given, next to it in false colour.",
        kind="picture_out",
    )
    metrics: Path | None = parameter(
        None, title="Metrics", description="JSON file with all accuracies.", kind="json_out"
    )
    table: Path | None = parameter(
        None,
        title="Table",
        description="CSV file with one row per class: accuracies and confusion matrix.",
        kind="csv_out",
    )
    class_field: str | None = same_as(
        ClassField,
        "class_field",
        description="Field with the class of each feature: class values of the map, or its class names.",
        of="reference",
    )
    design: Literal["auto", "none", "simple", "systematic", "stratified", "post_stratified"] = parameter(
        "auto",
        title="Sampling design",
        description="How the reference points were drawn. Only points drawn at random show how accurate the map is as a whole,"
        " with intervals and areas; a file from Sample reference points states its design itself.",
        kind="choice",
        choices={
            "auto": "As the reference states; without a design count how pixels agree",
            "none": "No design: count how pixels agree",
            "simple": "Simple random points over the whole map",
            "systematic": "Regular grid with a random start",
            "stratified": "Random points within each class of the map, or each stratum",
            "post_stratified": "Simple random points, weighted by the classes of the map",
        },
    )
    other_maps: str | None = parameter(
        None,
        title="Other maps",
        description="Further class maps to assess with the same points and to compare with the map: paths, separated by"
        " semicolons.",
        kind="text",
    )
    interpreter_fields: str | None = parameter(
        None,
        title="Fields of further interpreters",
        description="Fields of the points in which further interpreters wrote the class, separated by commas; how far all"
        " agree is reported.",
        kind="text",
        advanced=True,
    )
    stratum_field: str | None = parameter(
        None,
        title="Stratum field",
        description="Field of the points with the stratum, if strata are not the classes of the map.",
        kind="field",
        of="reference",
        advanced=True,
    )
    strata: Path | None = parameter(
        None,
        title="Table of strata",
        description="CSV file with the columns stratum and pixels: how many pixels of the map each stratum has.",
        kind="table",
        advanced=True,
    )
    interval: Literal["wilson", "clopper_pearson", "wald"] = parameter(
        "wilson",
        title="Intervals",
        description="How the 95 % intervals of a sample are computed; the last is too narrow near 0 and 100 %.",
        kind="choice",
        choices={
            "wilson": "Wilson, on the effective number of points",
            "clopper_pearson": "Clopper–Pearson (wider)",
            "wald": "± 1.96 standard errors (Wald)",
        },
        advanced=True,
    )
    subset: Path | None = parameter(
        None,
        title="Subset",
        description="Raster or vector layer that limits which pixels are assessed, such as the split raster from "
        "training.",
        kind="split_source",
    )
    subset_value: int = parameter(
        3,
        title="Subset value",
        description="Only pixels with this value in the subset are assessed; in a split raster 1 is training, 2 "
        "validation, 3 test.",
        kind="integer",
        ge=1,
        le=65535,
    )
    subset_field: str | None = parameter(
        None,
        title="Subset field",
        description="Field of a vector subset that holds these values.",
        kind="field",
        of="subset",
        advanced=True,
    )
    model: Path | None = parameter(
        None,
        title="Model file",
        description="Model that made the map; used to recognise the pixels it was trained on, and for the report.",
        kind="model",
    )
    scene: Path | None = parameter(
        None,
        title="Scene",
        description="Scene that was mapped; report and picture show it in false colour next to the map.",
        kind="scene",
    )
    unclassified: Literal["wrong", "leave_out"] = parameter(
        "wrong",
        title="Unclassified pixels",
        description="How to count reference pixels that have no class in the map: as wrong, or not at all.",
        kind="choice",
        choices={"wrong": "Count as wrong", "leave_out": "Leave out"},
    )
    layer: str | None = same_as(LabelReading, "layer", of="reference")
    overlap: Literal["drop", "first", "last", "error"] = same_as(
        LabelReading,
        "overlap",
        description="Reference class of a pixel covered by polygons of different classes: none, the first, the last; "
        "or stop with an error.",
    )
    all_touched: bool = same_as(
        LabelReading,
        "all_touched",
        description="Use every pixel a polygon touches, not only those whose centre lies inside.",
    )
    resampling: Literal["refuse", "nearest", "majority"] = same_as(
        LabelReading,
        "resampling",
        title="Resampling of the reference",
        description="How to resample a reference raster that is not on the grid of the map.",
    )
    legend: Path | None = same_as(
        LabelReading,
        "legend",
        description="JSON file, QGIS style (.qml) or colour file (.clr) with class values, names and colours to use instead of those of "
        "the map.",
    )


class AssessMapResult(OperationResult):
    """Accuracies of the map; shares are 0 to 1, what is not defined is null.

    ``question`` is the one that the figures answer: "this_map" if the reference is a sample of known design, and then they are
    estimates for the whole map, which ``sample`` holds with standard errors, intervals and areas (see
    :func:`hsi_engine.operations.assess_map.sampled.figures.sample_json`); "these_pixels" otherwise.

    Rows of ``confusion_matrix`` are classes of the reference, columns classes of the map, both in the order of
    ``classes``, whose entries hold value, name, color, producers_accuracy, users_accuracy, f1, iou, support, mapped
    and unclassified. ``warnings`` are those of the ``notes`` that may make the accuracies meaningless or say that the map is no better than one class everywhere; ``advice`` says
    what to label or check next.
    """

    map: Path
    reference: Path
    question: Literal["this_map", "these_pixels"]
    overall_accuracy: float | None
    overall_accuracy_interval_95: tuple[float | None, float | None]
    average_accuracy: float | None
    kappa: float | None
    mean_iou: float | None
    samples: int
    correct: int
    unclassified: int
    confusion_matrix: list[list[int]]
    classes: list[dict[str, Any]]
    report: Path | None
    picture: Path | None
    metrics: Path | None
    table: Path | None
    notes: list[str]
    warnings: list[str]
    advice: list[str]
    sample: dict[str, Any] | None = None

    def to_text(self) -> str:
        written = [str(path) for path in (self.report, self.picture, self.metrics, self.table) if path is not None]
        lines = [f"Warning: {warning}" for warning in self.warnings]
        lines += self._agreement() if self.sample is None else sample_text(self.sample)
        lines += ["", *(f"Next: {sentence}" for sentence in self.advice)] if self.advice else []
        return "\n".join([*lines, *(["", "Written: " + ", ".join(written)] if written else [])])

    def _agreement(self) -> list[str]:
        low, high = self.overall_accuracy_interval_95
        width = max(5, *(len(shortened(c["name"])) for c in self.classes))
        lines = [
            WHICH_QUESTION,
            "",
            f"Overall accuracy  {_percent(self.overall_accuracy)}  (95 % interval {_percent(low)} to {_percent(high)}, as if"
            " pixels were independent: too narrow if they lie in groups)",
            *self._one_class(),
            f"Average accuracy  {_percent(self.average_accuracy)}",
            f"Kappa             {'–' if self.kappa is None else format(self.kappa, '.4f')}",
            f"Pixels            {self.samples:,}, of which {self.correct:,} correct and {self.unclassified:,} unclassified",
            "",
            f"  value  {'class':<{width}}  producer's    user's        F1    support",
        ]
        lines += [
            f"  {c['value']:>5}  {shortened(c['name']):<{width}}  {_percent(c['producers_accuracy']):>10}"
            f"  {_percent(c['users_accuracy']):>8}  {_percent(c['f1']):>8}  {c['support']:>9,}"
            for c in self.classes
        ]
        return lines

    def _one_class(self) -> list[str]:
        """The overall accuracy of the most frequent class of the reference everywhere."""
        tested = [c for c in self.classes if c["support"]]
        if len(tested) < 2:
            return []
        most = max(tested, key=lambda c: c["support"])
        return [f"One class         {_percent(most['support'] / self.samples)}  (if every pixel were {most['name']})"]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"


OPERATION = Operation(
    name="assess_map",
    command="assess",
    title="Assess map",
    summary="Measure how accurate a class map is: accuracies, class areas and their intervals from reference points drawn at random, or how"
    " it agrees with any other reference.",
    group="Accuracy",
    params=AssessMapParams,
    result=AssessMapResult,
    run="hsi_engine.operations.assess_map.run:run",
    example="hsi assess --map map.tif --reference polygons.gpkg --class-field class_name --report report.html",
)
