"""From an attribute of a layer to class values, names and colours."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import LabelError
from ..legend import NODATA_VALUE, Legend
from .class_values import check_class_values
from .vector_layers import VectorLayer, field_type

if TYPE_CHECKING:
    from collections.abc import Sequence

CLASS_FIELDS = ("class_id", "class", "class_value", "value", "label", "class_name", "landcover", "land_cover")
NAME_FIELDS = ("class_name", "name", "classname", "label", "class")
COLOUR_FIELDS = ("color", "colour")


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassColumn:
    """Class of each feature.

    Parameters
    ----------
    values : 1 to 65535, 0 where the feature has no class; shape (features,), int64.
    names : name by value where the attribute is text.
    notes : what was left out or decided.
    """

    values: npt.NDArray[np.int64]
    names: dict[int, str]
    notes: tuple[str, ...]


def choose_field(layer: VectorLayer, field: str | None, usual: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The field a user named, or one with a usual name, or the only one there is; and a note where it was chosen.

    Raises
    ------
    LabelError : the field does not exist, or none was named and none stands out; the fields are listed.
    """
    if field is not None:
        require_field(layer, field)
        return field, ()
    by_lower = {name.lower(): name for name in layer.fields}
    found = next((by_lower[name] for name in usual if name in by_lower), None)
    usable = [name for name in layer.fields if field_type(layer.frame[name]) != "date"]
    if found is None and len(usable) == 1:
        found = usable[0]
    if found is None:
        raise LabelError(
            f"No field was named for {layer.place}, and none has a usual name ({', '.join(usual)})."
            f" Its fields are: {layer.describe_fields()}.",
            code="field_not_named",
            hint="Name the field to read.",
        )
    return found, (f"Field '{found}' was chosen, as none was named.",) if len(layer.fields) > 1 else ()


def require_field(layer: VectorLayer, field: str) -> None:
    """Raise :class:`LabelError` listing the fields where ``field`` is none of them."""
    if field in layer.fields:
        return
    near = difflib.get_close_matches(field.lower(), [name.lower() for name in layer.fields], n=1)
    meant = [name for name in layer.fields if near and name.lower() == near[0]]
    raise LabelError(
        f"{layer.place} has no field '{field}'; its fields are: {layer.describe_fields()}.",
        code="field_missing",
        hint=f"Did you mean '{meant[0]}'?" if meant else "Choose one of these fields.",
    )


def read_class_column(layer: VectorLayer, field: str, legend: Legend | None) -> ClassColumn:
    """Class values from a field of whole numbers (kept as they are) or text.

    Text that is a whole number throughout is read as numbers. Other text gets the value of the class of that name
    in ``legend``, or without one the numbers 1 to n in sorted order.

    Raises
    ------
    LabelError : numbers that are not whole or lie outside 1 to 65535, a date, or text the legend does not name.
    """
    column = layer.frame[field]
    kind = field_type(column)
    if kind == "date":
        raise LabelError(
            f"Field '{field}' of {layer.place} holds dates; a class is a whole number or a text.",
            code="field_type",
            hint=f"Its fields are: {layer.describe_fields()}.",
        )
    place = f"Field '{field}' of {layer.place}"
    notes: list[str] = []
    null = column.isna().to_numpy(dtype=bool)
    if kind in ("integer", "real"):
        numbers = column.to_numpy(dtype=np.float64 if kind == "real" else None, na_value=0 if null.any() else None)
        names: dict[int, str] = {}
    else:
        texts = column.astype(object).where(~null, "").map(lambda text: str(text).strip())
        null = null | (texts == "").to_numpy(dtype=bool)
        as_numbers = pd.to_numeric(texts[~null], errors="coerce").to_numpy(dtype=np.float64)
        if len(as_numbers) and (as_numbers == np.rint(as_numbers)).all():
            notes.append(f"{place} is text that holds whole numbers; these are the class values.")
            numbers, names = np.zeros(len(column)), {}
            numbers[~null] = as_numbers
        else:
            if np.isfinite(as_numbers).any():
                notes.append(f"{place} holds numbers and other text; all of it is read as class names.")
            value_of = _number_texts(sorted(set(texts[~null])), legend, place)
            numbers = texts.map(value_of).fillna(NODATA_VALUE).to_numpy(dtype=np.int64)
            names = {value: text for text, value in value_of.items()}
    if null.any():
        notes.append(f"Features without class (empty field '{field}'), left out: {null.sum()} of {len(column)}.")
    numbers = np.where(null, NODATA_VALUE, numbers)
    values = check_class_values(numbers, place)
    zero = (values == NODATA_VALUE) & ~null
    if zero.any():
        notes.append(f"Features of class 0, which means unlabelled, left out: {zero.sum()}.")
    if not values.any():
        raise LabelError(
            f"{place} holds no class (empty: {null.sum()}, class 0: {zero.sum()}).",
            code="no_class",
            hint="Choose the field that holds the class.",
        )
    return ClassColumn(values=values, names=names, notes=tuple(notes))


def read_by_value(
    layer: VectorLayer, field: str, values: npt.NDArray[np.int64], parse: Callable[[str], str | None]
) -> tuple[dict[int, str], tuple[str, ...]]:
    """What ``field`` says about each class value, such as its name: the most frequent entry that can be parsed.

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
        notes.append(f"Entries of field '{field}' that cannot be read, ignored: {unread}, such as {str(example)!r}.")
    found: dict[int, str] = {}
    for value, entries in parsed.dropna().groupby(values[used][parsed.notna().to_numpy()]):
        ranked = entries.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
        found[int(value)] = str(ranked.index[0])
        if len(ranked) > 1:
            others = ", ".join(map(str, ranked.index[1:4]))
            notes.append(f"Class {value} has several entries in '{field}': {ranked.index[0]} is used, not {others}.")
    return found, tuple(notes)


def _number_texts(texts: list[str], legend: Legend | None, place: str) -> dict[str, int]:
    if legend is None:
        return {text: number for number, text in enumerate(texts, 1)}
    by_name = {c.name.casefold(): c.value for c in legend}
    unknown = [text for text in texts if text.casefold() not in by_name]
    if unknown:
        raise LabelError(
            f"{place} holds classes that the legend does not name: {', '.join(unknown[:8])}."
            f" The legend names: {', '.join(legend.names)}.",
            code="class_not_in_legend",
            hint="Add them to the legend, correct their spelling, or choose another field.",
        )
    return {text: by_name[text.casefold()] for text in texts}
