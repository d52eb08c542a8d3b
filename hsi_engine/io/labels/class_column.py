"""From an attribute of a layer to class values, names and colours."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...classes.class_names import one_line
from ...classes.legend import NODATA_VALUE, Legend
from ...errors import LabelError
from ..legends.class_values import check_class_values
from ..legends.legend_files import require_values
from ..vectors.layers import VectorLayer, field_type
from .class_texts import number_texts, numbers_of_texts, one_spelling
from .interpreted_points import REFERENCE, are_interpreted, are_of_reference_points, cannot_be_told

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

CLASS_FIELDS = ("class_id", "class", "class_value", "value", "label", "class_name", "landcover", "land_cover")
NAME_FIELDS = ("class_name", "name", "classname", "label", "class")
# How much of a name a field must share, the best of them and those that share as many letters; and how many are named.
_LIKE, _BARELY_LIKE, _MOST_NAMED = 0.6, 0.5, 3
COLOUR_FIELDS = ("color", "colour")


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassColumn:
    """Class of each feature.

    Parameters
    ----------
    values : 1 to 65535, 0 if the feature has no class; shape (features,), int64.
    zero : true where the feature is of class 0, which means none; shape (features,).
    names : name by value if the attribute is text.
    notes : what was left out or decided.
    texts : the attribute is text that is not read as numbers.
    numbered : the values only number these names in their order.
    warnings : what was left out and should be looked at.
    """

    values: npt.NDArray[np.int64]
    zero: npt.NDArray[np.bool_]
    names: dict[int, str]
    notes: tuple[str, ...]
    texts: bool
    numbered: bool
    warnings: tuple[str, ...] = ()


_MOST_CLASSES = 60
# With fewer features, each may be of a different class.
_FEWEST_FEATURES = 12


def choose_class_field(layer: VectorLayer, field: str | None) -> tuple[str, tuple[str, ...]]:
    """As :func:`choose_field`; of reference and suggested points ``reference``; if no field has a usual name, the only one whose values repeat like those of classes.

    Text comes before numbers. Each of a few features may be of a different class: then the only text is taken.

    Raises
    ------
    LabelError : the field does not exist, or none was named and none stands out; the fields are listed.
    """
    if field is None and are_interpreted(layer.fields):
        kind = "reference" if are_of_reference_points(layer.fields) else "suggested"
        return REFERENCE, (f"No class field was given; '{REFERENCE}' of these {kind} points is used.",)
    usual = {name.lower() for name in layer.fields} & set(CLASS_FIELDS)
    if field is None and not usual:
        counts = {name: layer.frame[name].nunique() for name in layer.fields}
        texts = [name for name in layer.fields if field_type(layer.frame[name]) == "text"]
        whole = [name for name in layer.fields if field_type(layer.frame[name]) == "integer"]
        features = len(layer.frame)
        repeated = {name for name, count in counts.items() if 1 < count <= min(_MOST_CLASSES, features - 1)}
        differs = {name for name in texts if counts[name] == features} if 1 < features < _FEWEST_FEATURES else set()
        for found in (
            [name for name in texts if name in repeated],
            [name for name in whole + texts if name in repeated],
            [name for name in texts if name in differs],
        ):
            if len(found) == 1:
                return found[0], (f"No class field was given; '{found[0]}' is used: its values look like classes.",)
    return choose_field(layer, field, CLASS_FIELDS)


def choose_field(layer: VectorLayer, field: str | None, usual: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The field a user named, or one with a usual name, or the only one there is; and a note if it was chosen.

    Raises
    ------
    LabelError : the field does not exist, or none was named and none stands out; the fields are listed.
    """
    if field is not None:
        return require_field(layer, field), ()
    by_lower = {name.lower(): name for name in layer.fields}
    found = next((by_lower[name] for name in usual if name in by_lower), None)
    usable = [name for name in layer.fields if field_type(layer.frame[name]) != "date"]
    if not layer.fields:
        raise LabelError(
            f"{layer.place} has no fields, so nothing says which class its features are of.",
            code="no_fields",
            hint="The fields of a shapefile are in its .dbf file: copy it too. Otherwise add a field for the class in a GIS.",
        )
    if found is None and len(usable) == 1:
        found = usable[0]
    if found is None:
        raise LabelError(
            f"No class field was given for {layer.place}, and none has a usual name ({', '.join(usual)})."
            f" Its fields are: {layer.describe_fields()}.",
            code="field_not_named",
            hint="Choose the field that holds the class.",
        )
    return found, (f"No class field was given; '{found}' is used.",) if len(layer.fields) > 1 else ()


def require_field(layer: VectorLayer, field: str) -> str:
    """The field as the layer spells it, whose accents may be composed or not, with or without spaces around it.

    Raises
    ------
    LabelError : it is not one of the fields, which are listed.
    """
    if field in layer.fields:
        return field
    same = [name for name in layer.fields if one_line(name) == one_line(field)]
    if len(same) == 1:
        return same[0]
    meant = " or ".join(f"'{name}'" for name in _like(field, layer.fields))
    raise LabelError(
        f"{layer.place} has no field '{field}'; its fields are: {layer.describe_fields()}.",
        code="field_missing",
        hint=f"Did you mean {meant}?" if meant else "Choose one of these fields.",
    )


def _like(wanted: str, fields: Sequence[str]) -> list[str]:
    """The fields that share the most letters with a name that is not one of them; of ``klass`` all that begin with class_."""
    found = {name: difflib.SequenceMatcher(None, wanted.lower(), name.lower()) for name in fields}
    shared = {name: sum(block.size for block in match.get_matching_blocks()) for name, match in found.items()}
    most = max((shared[name] for name, match in found.items() if match.ratio() >= _LIKE), default=0)
    alike = [name for name in fields if most and shared[name] == most and found[name].ratio() >= _BARELY_LIKE]
    return sorted(alike, key=lambda name: -found[name].ratio())[:_MOST_NAMED]


def read_class_column(layer: VectorLayer, field: str, legend: Legend | None) -> ClassColumn:
    """Class values from a field of whole numbers (kept as they are) or text.

    Text that is a whole number throughout is read as numbers. Other text gets the value of the class of that name in
    ``legend``, or without one the number in a field that goes with it one to one, or the numbers 1 to n in sorted order.

    Raises
    ------
    LabelError : numbers that are not whole or lie outside 1 to 65535, a date, text the legend does not name, numbers
        although the legend knows names only.
    """
    column = layer.frame[field]
    kind = field_type(column)
    place = f"Field '{field}' of {layer.place}"
    if kind == "date":
        raise LabelError(
            f"{place} holds dates; a class is a whole number or a name.",
            code="field_type",
            hint=f"Its fields are: {layer.describe_fields()}.",
        )
    null = column.isna().to_numpy(dtype=bool)
    empty = int(null.sum())
    notes: list[str] = []
    names: dict[int, str] = {}
    numbered = False
    warnings: tuple[str, ...] = ()
    if kind in ("integer", "real"):
        numbers = column.to_numpy(dtype=np.float64 if kind == "real" else None, na_value=0 if null.any() else None)
    else:
        written = column.astype(object).where(~null, "").map(lambda text: str(text).strip())
        empty = int((null | (written == "").to_numpy(dtype=bool)).sum())
        texts, undecided, warnings = _without_unclassed(layer, written, legend, place)
        notes += undecided
        null = null | (texts == "").to_numpy(dtype=bool)
        value_of, said = numbers_of_texts(sorted(set(texts[~null])), place)
        notes += said
        if value_of is not None:
            kind = "number as text"
            # Codes such as 0110 keep their zeros in the name.
            names = {value: text for text, value in value_of.items() if text.startswith("0") and value}
        else:
            spelling, together = one_spelling(texts[~null])
            texts = texts.map(lambda text: spelling.get(text, ""))
            found = number_texts(layer, field, texts, legend, place)
            notes += [*together, *found.notes]
            value_of, names, numbered = dict(found.value_of), dict(found.names), found.numbered
        numbers = texts.map(value_of).fillna(NODATA_VALUE).to_numpy(dtype=np.float64)
    if empty:
        notes.append(f"Features without class (empty field '{field}'), left out: {empty} of {len(column)}.")
    values = check_class_values(np.where(null, NODATA_VALUE, numbers), place)
    if legend is not None and kind in ("integer", "real", "number as text"):
        values = _merged(values, legend, place, notes)
    zero = (values == NODATA_VALUE) & ~null
    if not values.any():
        raise _no_class(layer, field, f"{place} holds no class (empty: {null.sum()}, class 0: {zero.sum()}).")
    is_text = kind in ("text", "boolean")
    return ClassColumn(
        values=values, zero=zero, names=names, notes=tuple(notes), texts=is_text, numbered=numbered, warnings=warnings
    )


def _no_class(layer: VectorLayer, field: str, message: str) -> LabelError:
    unlabelled = field == REFERENCE and are_interpreted(layer.fields)
    hint = "Label some of the points first." if unlabelled else "Choose the field that holds the class."
    return LabelError(message, code="no_class", hint=hint)


def _without_unclassed(
    layer: VectorLayer, texts: pd.Series[str], legend: Legend | None, place: str
) -> tuple[pd.Series[str], tuple[str, ...], tuple[str, ...]]:
    """What the features say, empty if the interpreter could not tell the class or a program wrote ``nan``; notes and warnings."""
    texts, notes = _without_undecided(layer, texts)
    texts, warnings = _without_nan(texts, legend, place)
    return texts, notes, warnings


def _without_undecided(layer: VectorLayer, texts: pd.Series[str]) -> tuple[pd.Series[str], tuple[str, ...]]:
    """What the features say, empty where the interpreter of points could not tell the class; and a note on them."""
    if not are_interpreted(layer.fields):
        return texts, ()
    undecided = texts.map(cannot_be_told).to_numpy(dtype=bool)
    note = f"Points whose class the interpreter could not tell, left out: {undecided.sum()}."
    return texts.where(~undecided, ""), (note,) if undecided.any() else ()


def _without_nan(texts: pd.Series[str], legend: Legend | None, place: str) -> tuple[pd.Series[str], tuple[str, ...]]:
    """Empty where the text is ``nan`` and no class of the legend is called so; and a warning."""
    is_nan = (texts.str.lower() == "nan").to_numpy(dtype=bool)
    named = () if legend is None else (*legend.names, *(text for text, _ in legend.aliases))
    if not is_nan.any() or "nan" in map(str.lower, named):
        return texts, ()
    return texts.where(~is_nan, ""), (
        f"{place} holds the text 'nan', which programs write for a missing number: these features are left out, {is_nan.sum()} of"
        f" {len(texts)}. If it is the name of a class, give a legend that names it.",
    )


def read_by_value(
    layer: VectorLayer, field: str, values: npt.NDArray[np.int64], parse: Callable[[str], str | None]
) -> tuple[dict[int, str], tuple[str, ...]]:
    """What ``field`` states about each class value, such as its name: the most frequent entry that can be parsed.

    Returns
    -------
    The entries by value, and notes on values with several entries and on entries that cannot be read.
    """
    column = layer.frame[field]
    used = (values != NODATA_VALUE) & column.notna().to_numpy(dtype=bool)
    parsed = column[used].map(lambda entry: parse(str(entry).strip()))
    notes = []
    unread = int(parsed.isna().sum())
    if unread:
        example = column[used][parsed.isna()].iloc[0]
        notes.append(
            f"Entries of field '{field}' that cannot be read and were ignored: {unread}, such as {str(example)!r}."
        )
    found: dict[int, str] = {}
    for value, entries in parsed.dropna().groupby(values[used][parsed.notna().to_numpy()]):
        ranked = entries.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
        found[int(value)] = str(ranked.index[0])
        if len(ranked) > 1:
            others = ", ".join(map(str, ranked.index[1:4]))
            notes.append(f"Class {value} has several entries in '{field}': {ranked.index[0]} is used, not {others}.")
    return found, tuple(notes)


def _merged(values: npt.NDArray[np.int64], legend: Legend, place: str, notes: list[str]) -> npt.NDArray[np.int64]:
    """The values with those of a class that the legend merges in place of its others."""
    require_values(legend, place)
    for text, value in legend.aliases:
        here = values == int(text)
        if here.any():
            values = np.where(here, value, values)
            notes.append(f"The legend merges class {text} into class {value}: {here.sum():,} features.")
    return values
