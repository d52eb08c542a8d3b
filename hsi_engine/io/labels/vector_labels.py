"""Labels drawn as polygons or points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...classes.class_names import name_key, one_line
from ...classes.legend import NODATA_VALUE, Legend
from ...errors import LabelError
from ...foreign.numbers import whole_number
from ...pixels.grid import Grid
from ...pixels.split_side import SIDE_OF_WORD, SPLIT_LEGEND, SplitSide
from ..files.source_hash import sha256_of_source
from ..legends.class_values import check_class_values
from ..legends.colour_text import parse_colour
from ..legends.legend_files import LEGEND_SUPPLIES_ALL, LEGEND_SUPPLIES_NAMES, compose_legend
from ..vectors.burn_features import Overlap, burn_features
from ..vectors.geometry import place_features
from ..vectors.layers import VectorLayer, field_type, read_layer
from .class_column import (
    COLOUR_FIELDS,
    NAME_FIELDS,
    ClassColumn,
    choose_class_field,
    choose_field,
    read_by_value,
    read_class_column,
    require_field,
)
from .class_zero import judge_zero
from .layer_style import read_layer_style
from .types import LabelFeatures, Labels

SPLIT_FIELDS = ("split", "subset", "set", "role")


def read_vector_labels(
    path: Path,
    grid: Grid,
    *,
    layer: str | None,
    class_field: str | None,
    name_field: str | None,
    colour_field: str | None,
    overlap: Overlap,
    all_touched: bool,
    legend: Legend | None,
    shown: str,
) -> Labels:
    """Labels from one layer of a vector file; parameters and errors as in :func:`hsi_engine.io.labels.labels.read_labels`."""
    features = read_vector_features(
        path,
        grid,
        layer=layer,
        class_field=class_field,
        name_field=name_field,
        colour_field=colour_field,
        legend=legend,
        shown=shown,
    )
    burnt = burn_features(
        features.parts,
        features.values,
        grid,
        overlap=overlap,
        all_touched=all_touched,
        names=features.names,
        place=features.place,
        shown=shown,
    )
    occurring = np.unique(burnt.pixels.values)
    if not len(occurring):
        raise LabelError(
            f"All labelled pixels of {features.place} are covered by {burnt.kinds} of different classes, so none can be "
            f"used.",
            code="overlap",
            hint=f"Correct the {burnt.kinds}, or use the first or last one.",
        )
    names = features.names
    composed, composing = compose_legend(occurring, given=legend, names=names, colours=features.colours)
    lost = np.setdiff1d(features.values[features.values > 0], occurring)
    gone = (f"Classes without a labelled pixel: {', '.join(names.get(int(v), str(v)) for v in lost)}.",)
    return Labels(
        pixels=burnt.pixels,
        features=burnt.features,
        legend=composed,
        notes=(*features.notes, *burnt.notes, *(gone if len(lost) else ()), *composing),
        source=_source(path, features) | {"overlap": overlap, "all_touched": all_touched},
        warnings=features.warnings,
        zeros=features.zeros,
        texts=features.texts,
        numbered=features.numbered,
        file_names=features.file_names,
    )


def _source(path: Path, features: LabelFeatures) -> dict[str, Any]:
    return {"path": str(path), **_hashes(path), "layer": features.layer, "class_field": features.class_field}


def read_vector_features(
    path: Path,
    grid: Grid,
    *,
    layer: str | None,
    class_field: str | None,
    name_field: str | None,
    colour_field: str | None,
    legend: Legend | None,
    shown: str,
) -> LabelFeatures:
    """The features of one layer with their classes, not yet drawn; parameters and errors as :func:`read_vector_labels`."""
    source = read_layer(path, layer)
    field, chosen = choose_class_field(source, class_field)
    column = read_class_column(source, field, legend)
    names, colours, described = _names_and_colours(source, field, column, name_field, colour_field, legend)
    zeros, warnings = judge_zero(
        int(column.zero.sum()),
        what="features",
        place=source.place,
        name=names.pop(NODATA_VALUE, None),
        drawn=True,
        excused=legend is not None,
    )
    placed = place_features(source, grid, shown)
    return LabelFeatures(
        parts=placed,
        values=column.values,
        names=names,
        colours=colours,
        place=source.place,
        layer=source.name,
        class_field=field,
        notes=(*source.notes, *chosen, *column.notes, *described, *zeros, *placed.notes),
        warnings=(*column.warnings, *warnings),
        zeros=int(column.zero.sum()),
        texts=column.texts,
        numbered=column.numbered,
        file_names={} if legend is None else _names_in_file(source, field, column, name_field),
    )


def read_vector_split(
    path: Path,
    grid: Grid,
    rows: npt.NDArray[Any],
    cols: npt.NDArray[Any],
    *,
    layer: str | None,
    split_field: str | None,
    shown: str,
) -> npt.NDArray[np.int32]:
    """Split values (n,) at pixels, from a field of whole numbers or of the words train, validation and test.

    Raises
    ------
    LabelError : other words, or polygons of different sides overlap; and whatever reading labels raises.
    """
    source = read_layer(path, layer)
    field, _ = choose_field(source, split_field, SPLIT_FIELDS)
    column = source.frame[field]
    if field_type(column) == "text":
        words = column.fillna("").astype(str).str.strip().str.lower()
        is_number = words.str.fullmatch("[0-9]{1,5}")
        unknown = sorted(set(words[~is_number & (words != "")]) - set(SIDE_OF_WORD))
        if unknown:
            raise LabelError(
                f"Field '{field}' of {source.place} must say train, validation or test (or 1, 2, 3);"
                f" found {', '.join(unknown[:5])}.",
                code="split_values",
                hint="Correct these entries, or choose another field.",
            )
        numbers = words.map(lambda word: whole_number(word) or int(SIDE_OF_WORD.get(word, SplitSide.UNUSED))).to_numpy()
    else:
        numbers = column.fillna(0).to_numpy()
    values = check_class_values(numbers, f"Field '{field}' of {source.place}")
    names = {c.value: c.name for c in SPLIT_LEGEND}
    placed = place_features(source, grid, shown)
    burnt = burn_features(
        placed, values, grid, overlap="error", all_touched=False, names=names, place=source.place, shown=shown
    )
    return burnt.pixels.values_at(rows, cols)


def _names_and_colours(
    source: VectorLayer,
    field: str,
    column: ClassColumn,
    name_field: str | None,
    colour_field: str | None,
    legend: Legend | None,
) -> tuple[dict[int, str], dict[int, str], tuple[str, ...]]:
    """From the given legend; of classes that it lacks from the layer's fields, then from a QGIS style next to the file.

    The names hold that of value 0, if features have it and the layer names it.
    """
    given = {} if legend is None else {c.value: c.name for c in legend}
    lacking = np.where(np.isin(column.values, list(given)), NODATA_VALUE, column.values)
    coloured = given.keys() - (frozenset() if legend is None else legend.uncoloured)
    plain = np.where(np.isin(column.values, list(coloured)), NODATA_VALUE, column.values)
    if legend is not None and not lacking.any():
        asked = (name_field, None if plain.any() else colour_field)
        unused = [_find_field(source, wanted, (), field) for wanted in asked if wanted]
        ignored = (f"Names and colours from these fields are not used: {', '.join(map(str, unused))}.",)
        colour_field = _find_field(source, colour_field, COLOUR_FIELDS, field) if plain.any() else None
        colours, said = _colours(source, colour_field, plain, " of classes without one in the given legend")
        supplied = LEGEND_SUPPLIES_NAMES if plain.any() else LEGEND_SUPPLIES_ALL
        return given, colours, (supplied, *said, *(ignored if unused else ()))
    notes: list[str] = []
    names = column.names | given
    whose = " of classes missing in the given legend" if legend is not None else ""
    name_field = _find_field(source, name_field, NAME_FIELDS, field) if not column.names or name_field else None
    if name_field:
        found, said = read_by_value(source, name_field, lacking, lambda text: one_line(text) or None)
        names |= found | _name_of_zero(source, name_field, column)
        notes += [f"Class names{whose} come from field '{name_field}'.", *said]
    colour_field = _find_field(source, colour_field, COLOUR_FIELDS, field)
    colours, said = _colours(source, colour_field, plain, whose)
    notes += said
    if not (name_field and colour_field):
        value_of = {name_key(text): value for value, text in column.names.items()}
        styled_names, styled_colours, styling = read_layer_style(source, field, column.values, value_of, whose)
        names, colours = styled_names | names, styled_colours | colours
        notes += styling
    return names, colours, tuple(notes)


def _colours(
    source: VectorLayer, colour_field: str | None, values: npt.NDArray[np.int64], whose: str
) -> tuple[dict[int, str], tuple[str, ...]]:
    """Colours of class values from a field, and notes; none without a field."""
    if colour_field is None:
        return {}, ()
    colours, said = read_by_value(source, colour_field, values, parse_colour)
    return colours, (f"Colours{whose} come from field '{colour_field}'.", *said)


def _names_in_file(source: VectorLayer, field: str, column: ClassColumn, name_field: str | None) -> dict[int, str]:
    """The names of the classes in the fields of the layer, whatever a given legend calls them."""
    name_field = _find_field(source, name_field, NAME_FIELDS, field)
    if column.names or name_field is None:
        return column.names
    return read_by_value(source, name_field, column.values, lambda text: one_line(text) or None)[0]


def _name_of_zero(source: VectorLayer, name_field: str, column: ClassColumn) -> dict[int, str]:
    """What the features of class 0 are called most often, under the value 0; empty if there are none."""
    called, _ = read_by_value(source, name_field, column.zero.astype(np.int64), lambda text: one_line(text) or None)
    return dict(zip([NODATA_VALUE], called.values(), strict=False))


def _find_field(source: VectorLayer, asked: str | None, usual: tuple[str, ...], class_field: str) -> str | None:
    if asked is not None:
        return require_field(source, asked)
    by_lower = {name.lower(): name for name in source.fields if field_type(source.frame[name]) == "text"}
    return next((by_lower[name] for name in usual if name in by_lower and by_lower[name] != class_field), None)


def _hashes(path: Path) -> dict[str, str]:
    """Hash of the file; of a shapefile also of its attributes."""
    hashes = {"sha256": sha256_of_source(path)}
    attributes = path.with_suffix(".dbf")
    if path.suffix.lower() == ".shp" and attributes.is_file():
        hashes["sha256_attributes"] = sha256_of_source(attributes)
    return hashes
