"""The steps of assessing one map: read both sides, compare, write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import LabelError
from ..grid import Grid
from ..io.class_map import read_class_map
from ..io.labels import Labels, read_labels, read_legend, read_split
from ..io.outputs import StagedOutputs, check_output, check_outputs
from ..legend import NODATA_VALUE, Legend
from ..metrics import Accuracy, accuracy_from_indices
from ..report.figures import map_figure
from ..reporting import Reporter
from .assessment_files import accuracy_csv, accuracy_json
from .assessment_report import picture_of, write_assessment_report

if TYPE_CHECKING:
    from .assess_map import AssessMapParams, AssessMapResult


@dataclass(frozen=True, kw_only=True, eq=False)
class AssessedMap:
    """A map that was compared: its values (rows, cols), its grid and legend, its accuracy, and what to know of it.

    ``sides`` counts the reference pixels with value 1, 2 and 3 in the subset; None without a subset.
    """

    values: npt.NDArray[Any]
    grid: Grid
    legend: Legend
    accuracy: Accuracy
    notes: tuple[str, ...]
    sides: tuple[int, int, int] | None = None


def assess(params: AssessMapParams, reporter: Reporter) -> AssessMapResult:
    """Do all of it.

    Raises
    ------
    HsiError : of the family of whatever is wrong: outputs, map, reference, their grids, model, scene.
    """
    from .assess_map import AssessMapResult

    named = (params.map, params.reference, params.subset, params.model, params.scene, params.legend)
    wanted = [path for path in (params.report, params.picture, params.metrics, params.table) if path is not None]
    check_outputs(wanted, inputs=[path for path in named if path is not None])
    for path, suffixes in ((params.report, (".html", ".htm")), (params.picture, (".png",))):
        if path is not None:
            check_output(path, suffixes=suffixes)
    if params.report is None and params.model is not None:
        reporter.log("The model is used in the report only, which was not asked for.", "warning")
    if params.report is None and params.picture is None and params.scene is not None:
        reporter.log("The scene is used in report and picture only, which were not asked for.", "warning")
    assessed = compare(params, reporter)
    reporter.check_cancelled()
    reporter.progress(0.6, "Writing")
    with StagedOutputs() as stage:
        if params.metrics is not None:
            text = accuracy_json(assessed.accuracy, params.map, params.reference, assessed.notes)
            stage.path(params.metrics).write_text(text, encoding="utf-8")
        if params.table is not None:
            stage.path(params.table).write_text(accuracy_csv(assessed.accuracy), encoding="utf-8", newline="")
        if params.report is not None:
            write_assessment_report(params, assessed, stage.path(params.report), reporter)
        if params.picture is not None:
            stage.path(params.picture).write_bytes(map_figure(picture_of(params, assessed, reporter)))
        reporter.check_cancelled()
    for kind, path in (
        ("report", params.report),
        ("picture", params.picture),
        ("json", params.metrics),
        ("csv", params.table),
    ):
        if path is not None:
            reporter.artifact(kind, path)
    return AssessMapResult(
        map=params.map,
        reference=params.reference,
        report=params.report,
        picture=params.picture,
        metrics=params.metrics,
        table=params.table,
        notes=list(assessed.notes),
        **assessed.accuracy.to_json(),
    )


def compare(params: AssessMapParams, reporter: Reporter) -> AssessedMap:
    """Read map and reference, and count how they agree.

    Raises
    ------
    LabelError : one of them cannot be read, or no reference pixel is left to compare.
    MismatchError : the reference lies elsewhere or on another grid.
    """
    reporter.progress(0.0, "Reading the map")
    values, grid, map_legend = read_class_map(params.map)
    if params.legend is not None:
        map_legend = read_legend(params.legend)
    reporter.progress(0.2, "Reading the reference")
    labels, naming = _read_reference(params, grid, map_legend)
    notes = [*labels.notes, *naming]
    rows, cols, known = labels.pixels.rows, labels.pixels.cols, labels.pixels.values
    mapped = values[rows, cols]
    chosen, sides = np.ones(len(known), dtype=bool), None
    if params.subset is not None:
        subset = read_split(params.subset, grid, rows, cols, split_field=params.subset_field, shown="map")
        training, validation, test = (int((subset == side).sum()) for side in (1, 2, 3))
        sides = (training, validation, test)
        chosen = subset == params.subset_value
        notes.append(
            f"Assessed on the {chosen.sum():,} of {len(known):,} reference pixels with value {params.subset_value}"
            f" in {params.subset.name}."
        )
    without_class = chosen & (mapped == NODATA_VALUE)
    if params.unclassified == "leave_out":
        chosen = chosen & ~without_class
    if without_class.any():
        counted = "left out" if params.unclassified == "leave_out" else "counted as wrong"
        notes.append(f"{without_class.sum():,} reference pixels lie where the map holds no class; they are {counted}.")
    if not chosen.any():
        raise LabelError(
            f"No pixel of reference '{params.reference}' is left to compare with map '{params.map}'.",
            code="nothing_to_assess",
            hint="Check the subset and its value, and that map and reference show the same place.",
        )
    for note in notes:
        reporter.log(note)
    reporter.progress(0.4, "Comparing")
    legend = _joint_legend(values, labels, map_legend)
    known, mapped = known[chosen], mapped[chosen]
    assessed = legend.subset(np.unique(np.concatenate([known, mapped])))
    accuracy = accuracy_from_indices(assessed.to_index(known), assessed.to_index(mapped), assessed)
    return AssessedMap(values=values, grid=grid, legend=legend, accuracy=accuracy, notes=tuple(notes), sides=sides)


def _read_reference(params: AssessMapParams, grid: Grid, legend: Legend | None) -> tuple[Labels, tuple[str, ...]]:
    """The reference on the grid of the map, and notes on classes that the two call differently.

    Text classes take the values of the classes of that name in the map; numbers stand for themselves.
    """

    def read(given: Legend | None) -> Labels:
        return read_labels(
            params.reference,
            grid,
            layer=params.layer,
            class_field=params.class_field,
            overlap=params.overlap,
            all_touched=params.all_touched,
            resampling=params.resampling,
            legend=given,
            shown="map",
        )

    own = read(None)
    if legend is None or all(c.name == str(c.value) for c in legend):
        return own, ("The map names no classes; they are called as in the reference.",)
    labels = read(legend)
    if not np.array_equal(own.pixels.values, labels.pixels.values):
        return labels, ("Classes of the reference are matched with those of the map by name.",)
    in_map = {c.value: c.name for c in legend}
    return labels, tuple(
        f"Class {c.value} is called “{in_map[c.value]}” in the map but “{c.name}” in the reference;"
        " classes are compared by value."
        for c in own.legend
        if c.name != str(c.value) and c.name.casefold() != in_map.get(c.value, c.name).casefold()
    )


def _joint_legend(values: npt.NDArray[Any], labels: Labels, map_legend: Legend | None) -> Legend:
    """All classes of map and reference: as the map calls them, or the reference where the map has no name."""
    names = {int(value): str(value) for value in np.unique(values) if value != NODATA_VALUE}
    colours: dict[int, str] = {}
    for legend in (labels.legend, map_legend or labels.legend):
        names.update({c.value: c.name for c in legend if c.name != str(c.value) or c.value not in names})
        colours.update({c.value: c.colour for c in legend})
    return Legend.of(names, colours)
