"""Points of the user, with the design that the user states."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ....errors import LabelError, ParameterError
from ....evaluation.design_based.reference_sample import Design
from ....io.labels.interpreted_points import PROBABILITY
from ....io.maps.class_map import read_grid
from ....io.maps.pixel_areas import pixel_areas
from ....io.samples.lost_design import design_is_elsewhere, lost_its_design
from ....io.samples.own_points import OwnPoints, read_own_points
from ....phrases import counted
from ....pixels.grid import Grid
from ..operation import AssessMapParams
from .points import KnownStratum, ReferencePoints, listed_briefly, varying


def read_stated_sample(params: AssessMapParams, design: Design, interpreters: Sequence[str]) -> ReferencePoints:
    """The points of a layer whose design the user states.

    Raises
    ------
    LabelError, MismatchError : the points cannot be used; see :func:`hsi_engine.io.samples.own_points.read_own_points`.
    ParameterError : strata are stated for a design without them, or by halves.
    """
    by_field = params.stratum_field is not None
    if by_field != (params.strata is not None):
        given, lacking = ("stratum field", "table of strata") if by_field else ("table of strata", "stratum field")
        raise ParameterError(
            f"A {given} was given, but no {lacking}: both are needed for strata that are not the classes of the map.",
            code="strata_by_halves",
            hint="The table (CSV) has the columns stratum and pixels, the field says which stratum a point is of.",
        )
    if by_field and design != "stratified":
        raise ParameterError(
            f"Strata were given, but the stated design is {design}.",
            code="strata_without_design",
            hint="State the design stratified, or leave the strata out.",
        )
    grid = read_grid(params.map)
    fields = [*interpreters, *([params.stratum_field] if params.stratum_field else [])]
    own = read_own_points(params.reference, grid, layer=params.layer, class_field=params.class_field, others=fields)
    if not any(text is not None for text in own.classes):
        raise LabelError(
            f"No point of {params.reference.name} has a class.",
            code="nothing_labelled",
            hint="Choose the field that holds the class, and give the points their class.",
        )
    _refuse_unequal(params, design, own)
    strata, known = _strata(params, own)
    return ReferencePoints(
        design=design,
        grid=grid,
        rows=own.rows,
        cols=own.cols,
        strata=strata,
        known_strata=known,
        reference=own.classes,
        interpreters={name: own.others[name] for name in interpreters},
        pixel_areas=_areas(grid, own.rows),
        strata_are_classes=not known,
        stated=True,
        undecided=own.undecided,
        notes=own.notes,
        warnings=tuple(_warnings(params, design, own)),
    )


def _warnings(params: AssessMapParams, design: Design, own: OwnPoints) -> Iterator[str]:
    if lost_its_design(params.reference, params.layer):
        yield design_is_elsewhere(params.reference.name)
    yield (
        f"The design was stated, not read from the file: the figures hold if the points of {params.reference.name} were"
        f" drawn at random ({_IN_WORDS[design]}), not chosen."
    )
    if own.repeated:
        one = own.repeated == 1
        others = f" {own.differing:,} of them {'names' if own.differing == 1 else 'name'} another class than that one."
        yield (
            f"{counted(own.repeated, 'point')} {'lies' if one else 'lie'} in a pixel with an earlier point and {'is' if one else 'are'}"
            f" left out: a pixel counts once, however often it was drawn or copied.{others if own.differing else ''}"
        )


def _refuse_unequal(params: AssessMapParams, design: Design, own: OwnPoints) -> None:
    """Points that were drawn with different probabilities are no simple sample."""
    found = own.probabilities
    if design == "stratified" or found is None or not np.isfinite(found).any():
        return
    low, high = float(np.nanmin(found)), float(np.nanmax(found))
    if high - low <= _SAME_PROBABILITY * high:
        return
    raise ParameterError(
        f"The design {design} was stated, but the points of {params.reference.name} were drawn with unequal probabilities"
        f" (field {PROBABILITY}: {low:.3g} to {high:.3g}).",
        code="unequal_probabilities",
        hint="Assess with the original file from Sample reference points, which holds the design. Without it, state the design"
        " stratified: by the classes of the map, or with a stratum field and a table of strata.",
    )


_SAME_PROBABILITY = 1e-6
_IN_WORDS = {
    "simple": "each pixel of the map with the same probability",
    "post_stratified": "each pixel of the map with the same probability",
    "systematic": "on a regular grid with a random start",
    "stratified": "within each stratum, each pixel with the same probability",
}


def _areas(grid: Grid, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64] | None:
    found = pixel_areas(grid).rows_m2
    return None if found is None else varying(found[np.clip(rows, 0, grid.shape[0] - 1)])


def _strata(params: AssessMapParams, own: OwnPoints) -> tuple[npt.NDArray[np.int64], tuple[KnownStratum, ...]]:
    unknown = np.full(len(own.rows), -1, np.int64)
    if params.stratum_field is None or params.strata is None:
        return unknown, ()
    sizes, texts = read_strata_table(params.strata), own.others[params.stratum_field]
    empty = sum(text is None for text in texts)
    if empty:
        raise LabelError(
            f"{counted(empty, 'point')} of {params.reference.name} have no stratum (field {params.stratum_field}).",
            code="no_stratum",
            hint="Give every point the stratum it was drawn in.",
        )
    missing = sorted({text for text in texts if text is not None} - sizes.keys())
    if missing:
        raise LabelError(
            f"The table {params.strata.name} lacks the strata {listed_briefly(missing)} of the points; it holds"
            f" {listed_briefly(list(sizes))}.",
            code="strata_missing",
            hint="Add their pixels to the table, or correct the field of the points.",
        )
    drawn = Counter(texts)
    place = {name: number for number, name in enumerate(sizes)}
    known = tuple(
        KnownStratum(name=name, pixels=pixels, area_m2=None, drawn=drawn[name]) for name, pixels in sizes.items()
    )
    return np.array([place[text or ""] for text in texts], np.int64), known


def read_strata_table(path: Path) -> dict[str, float]:
    """Pixels of each stratum from a CSV file with the columns ``stratum`` and ``pixels``, in the order of the file.

    Raises
    ------
    LabelError : the file is missing, lacks a column, names a stratum twice, or a size is not a number above 0.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelError(
            f"The table of strata '{path}' cannot be read: {error}.", code="strata_table", hint="Check its name."
        ) from error
    columns = list(rows[0]) if rows else []
    if not {"stratum", "pixels"} <= set(columns):
        raise LabelError(
            f"The table of strata '{path}' needs the columns stratum and pixels, separated by commas; found"
            f" {listed_briefly(columns) or 'no row'}.",
            code="strata_table",
            hint="One row for each stratum: its name, and how many pixels of the map it has.",
        )
    sizes: dict[str, float] = {}
    for number, row in enumerate(rows, start=2):
        name, size = (row["stratum"] or "").strip(), _number(row["pixels"])
        if not name or name in sizes or size is None:
            what = (
                "no name"
                if not name
                else "a stratum that stands there already"
                if name in sizes
                else "no pixels above 0"
            )
            raise LabelError(
                f"Line {number} of the table of strata '{path}' has {what} ({row['stratum']!r}, {row['pixels']!r}).",
                code="strata_table",
                hint="Name each stratum once, with its number of pixels.",
            )
        sizes[name] = size
    return sizes


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) and found > 0 else None
