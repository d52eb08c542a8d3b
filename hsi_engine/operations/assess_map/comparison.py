"""How a map and its reference agree: read both sides, bring them together, count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...bundle.model_bundle import ModelBundle
from ...classes.class_names import is_named
from ...classes.legend import NODATA_VALUE, Legend
from ...errors import LabelError
from ...evaluation.accuracy import Accuracy, accuracy_from_indices
from ...evaluation.one_class import no_better_than_one_class
from ...io.labels.labels import Labels, read_labels, read_legend, read_split
from ...io.legends.legend_files import LEGEND_SUPPLIES_ALL
from ...io.maps.class_map import ClassMap, read_class_map
from ...io.maps.class_map_reader import with_classes_of_map
from ...io.samples.lost_design import design_is_elsewhere, lost_its_design
from ...phrases import counted_with
from ...pixels.grid import Grid
from ...pixels.split_side import SIDES
from ...reporting import Reporter
from ..parts.fold_values import FIRST_FOLD, MOST_FOLDS, TRAINED_ONLY
from .class_matching import MatchedReference, match_classes, renumbering
from .operation import WHICH_QUESTION, AssessMapParams
from .training_pixels import AssessedPixels, RelationToTraining, check_model, relation_to_training


@dataclass(frozen=True, kw_only=True, eq=False)
class AssessedMap:
    """A map that was compared: its values (rows, cols), its grid and legend, its accuracy, and what to know of it.

    ``warnings`` are those of the ``notes`` that may make the accuracy meaningless: ``doubts`` about its classes, and what follows from its
    ``relation`` to the training.
    """

    values: npt.NDArray[Any]
    grid: Grid
    legend: Legend
    accuracy: Accuracy
    notes: tuple[str, ...]
    doubts: tuple[str, ...]
    relation: RelationToTraining
    one_class: str = ""

    @property
    def no_better(self) -> str:
        """That a map of one class only would be as accurate; empty if it would not."""
        return no_better_than_one_class(self.accuracy, "map")

    @property
    def warnings(self) -> tuple[str, ...]:
        one_class = (self.one_class,) if self.one_class else ()
        return (*self.relation.warnings, *self.doubts, *one_class)


def compare(params: AssessMapParams, bundle: ModelBundle | None, reporter: Reporter) -> AssessedMap:
    """Read map and reference, and count how they agree.

    Parameters
    ----------
    bundle : the model that is said to have made the map, if one is.

    Raises
    ------
    MismatchError : the map was made by another model.
    LabelError : one of them cannot be read, or no reference pixel is left to compare.
    MismatchError : the reference lies elsewhere or on another grid.
    """
    reporter.progress(0.0, "Reading the map")
    class_map = read_class_map(params.map)
    values, grid = class_map.values, class_map.grid
    map_legend, lacking = _legend_of_map(params, class_map)
    reporter.progress(0.2, "Reading the reference")
    matched, notes = _matched(params, class_map, map_legend, bundle)
    notes += lacking
    rows, cols, known = matched.labels.pixels.rows, matched.labels.pixels.cols, matched.labels.pixels.values
    mapped = values[rows, cols]
    chosen, sides = np.ones(len(known), dtype=bool), None
    if params.subset is not None:
        subset = read_split(params.subset, grid, rows, cols, split_field=params.subset_field, shown="map")
        _refuse_folds(params, subset)
        sides = {side: int((subset == side).sum()) for side in SIDES}
        chosen = subset == params.subset_value
        notes.append(
            f"Assessed on the {chosen.sum():,} of {len(known):,} reference pixels with value {params.subset_value}"
            f" in {params.subset.name}."
        )
    chosen = _to_compare(params, mapped, chosen, notes)
    relation = relation_to_training(params, class_map.tags, bundle, AssessedPixels(reference=len(known), sides=sides))
    legend = _joint_legend(class_map.occurring, matched.labels, map_legend)
    one_class, accuracy = _only_one_class(known[chosen], legend), _accuracy(known[chosen], mapped[chosen], legend)
    found = (*matched.warnings, *renumbering(accuracy, by_name=matched.by_name), *_lost_design(params))
    doubts = tuple(dict.fromkeys(found))
    no_better = filter(None, [no_better_than_one_class(accuracy, "map")])
    warnings = tuple(dict.fromkeys((*relation.warnings, *doubts, *one_class, *no_better)))
    notes = [note for note in dict.fromkeys((WHICH_QUESTION, *notes)) if note not in warnings]
    _say(warnings, notes, reporter)
    reporter.progress(0.4, "Comparing map and reference")
    return AssessedMap(
        values=values,
        grid=grid,
        legend=legend,
        accuracy=accuracy,
        notes=(*warnings, *notes),
        doubts=doubts,
        relation=relation,
        one_class="".join(one_class),
    )


def _to_compare(
    params: AssessMapParams, mapped: npt.NDArray[np.uint16], chosen: npt.NDArray[np.bool_], notes: list[str]
) -> npt.NDArray[np.bool_]:
    """Which of the chosen reference pixels, (n,), count; what is decided about those without a class is noted."""
    without_class = chosen & (mapped == NODATA_VALUE)
    if params.unclassified == "leave_out":
        chosen = chosen & ~without_class
    if without_class.any():
        outcome = "left out" if params.unclassified == "leave_out" else "counted as wrong"
        pixels = counted_with(int(without_class.sum()), "reference pixel", "have")
        notes.append(f"{pixels} no class in the map and {'is' if without_class.sum() == 1 else 'are'} {outcome}.")
    if not chosen.any():
        raise LabelError(
            f"Reference '{params.reference}' and map '{params.map}' have no pixel to compare.",
            code="nothing_to_assess",
            hint="Check the subset and its value, and that map and reference show the same place.",
        )
    return chosen


def _lost_design(params: AssessMapParams) -> tuple[str, ...]:
    if params.design == "none" or not lost_its_design(params.reference, params.layer):
        return ()
    return (design_is_elsewhere(params.reference.name),)


def _say(warnings: Sequence[str], notes: Sequence[str], reporter: Reporter) -> None:
    for warning in warnings:
        reporter.log(warning, "warning")
    for note in notes:
        reporter.log(note)


def _only_one_class(known: npt.NDArray[Any], legend: Legend) -> tuple[str, ...]:
    found = np.unique(known)
    if len(found) > 1:
        return ()
    name = next(c.name for c in legend if c.value == found[0])
    return (
        f"The reference pixels are all of one class ({name}): the overall accuracy only says how much of {name} the map"
        " finds, not how well it tells classes apart.",
    )


def _accuracy(known: npt.NDArray[Any], mapped: npt.NDArray[Any], legend: Legend) -> Accuracy:
    """Of the classes that occur on either side."""
    assessed = legend.subset(np.unique(np.concatenate([known, mapped])))
    return accuracy_from_indices(assessed.to_index(known), assessed.to_index(mapped), assessed)


def _matched(
    params: AssessMapParams, class_map: ClassMap, map_legend: Legend | None, bundle: ModelBundle | None
) -> tuple[MatchedReference, list[str]]:
    """The reference with the values of the map, and what to know of it and of the model."""
    unchecked = "" if bundle is None else check_model(params, class_map.tags, bundle)
    matched = match_classes(_reference_reader(params, class_map.grid), class_map, map_legend)
    notes = [*filter(None, [unchecked]), *matched.labels.notes, *matched.notes]
    if params.legend is None:  # the reference was read with the legend of the map, which nobody gave
        notes = [note for note in notes if note != LEGEND_SUPPLIES_ALL]
    return matched, notes


def _reference_reader(params: AssessMapParams, grid: Grid) -> Callable[[Legend | None], Labels]:
    """Reads the reference on the grid of the map, with the names of a legend or its own names."""

    def read(legend: Legend | None) -> Labels:
        return read_labels(
            params.reference,
            grid,
            layer=params.layer,
            class_field=params.class_field,
            overlap=params.overlap,
            all_touched=params.all_touched,
            resampling=params.resampling,
            legend=legend,
            shown="map",
        )

    return read


def _legend_of_map(params: AssessMapParams, class_map: ClassMap) -> tuple[Legend | None, tuple[str, ...]]:
    """The classes of the map, and a note on those that a given legend lacks; None if nothing is known of them."""
    own = class_map.legend
    if params.legend is None:
        return own, ()
    names, colours = {c.value: c.name for c in own or ()}, {c.value: c.colour for c in own or ()}
    return with_classes_of_map(_given_legend(params.legend), class_map.occurring, names, colours)


def _given_legend(path: Path) -> Legend:
    legend = read_legend(path)
    if legend.numbered:
        raise LabelError(
            f"The legend {path} is a style of names ({', '.join(legend.names[:5])}); it does not say which class each "
            f"value of the map is.",
            code="legend_of_texts",
            hint="Give a legend with the values of the map: JSON, or the style of the map itself.",
        )
    return legend


def _joint_legend(occurring: Sequence[int], labels: Labels, map_legend: Legend | None) -> Legend:
    """All classes of map and reference: as the map calls them, or the reference if the map has no name."""
    names = {value: str(value) for value in occurring}
    colours: dict[int, str] = {}
    for legend in (labels.legend, map_legend or labels.legend):
        names.update({c.value: c.name for c in legend if is_named(c.value, c.name) or c.value not in names})
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
            hint="The accuracy from the folds is in the report of the training. To assess the map itself, use "
            "reference pixels that were not trained on.",
        )
