"""How a map and its reference agree: read both sides, bring them together, count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import LabelError
from ..grid import Grid
from ..io.class_map import read_class_map
from ..io.labels import Labels, read_labels, read_legend, read_split
from ..legend import NODATA_VALUE, Legend
from ..metrics import Accuracy, accuracy_from_indices
from ..reporting import Reporter
from .assess_map import AssessMapParams
from .fold_values import FIRST_FOLD, MOST_FOLDS, TRAINED_ONLY


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
        _refuse_folds(params, subset)
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


def _refuse_folds(params: AssessMapParams, subset: npt.NDArray[np.int32]) -> None:
    """Folds of a cross-fitted training keep no pixel back from the model: none of them can test its map."""
    found = set(np.unique(subset).tolist()) - {0, TRAINED_ONLY}
    if found and found <= set(range(FIRST_FOLD, FIRST_FOLD + MOST_FOLDS)):
        raise LabelError(
            f"The subset {params.subset} holds the folds of a training (values {min(found)} to {max(found)}), and the model"
            " was trained with all of their pixels: they cannot test its map.",
            code="subset_of_folds",
            hint="The accuracy from the folds is in the report of the training. To assess the map itself, take reference"
            " pixels that were not trained on.",
        )
