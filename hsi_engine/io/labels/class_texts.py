"""Classes that are written as text: their spellings, and the numbers they get."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...classes.class_names import name_key, one_line
from ...classes.legend import MAX_VALUE, Legend
from ...errors import LabelError
from ...phrases import counted
from ..legends.class_values import whole_numbers
from ..vectors.layers import VectorLayer, field_type
from .suggested_classes import numbers_of_suggested

# Fields that hold the number of a class, without capitals and signs; of "crop" also crop_id, crop_code and the like.
_CODE_FIELDS = ("classid", "classvalue", "classcode", "class", "value", "code", "gridcode", "cid", "mcid")
_CODE_ENDS = ("id", "code", "value", "number", "num", "no", "nr")


@dataclass(frozen=True, kw_only=True)
class NumberedTexts:
    """Value of each name, the name of each value, what was decided; ``numbered`` if the order of the names decided."""

    value_of: Mapping[str, int]
    names: Mapping[int, str]
    notes: tuple[str, ...] = ()
    numbered: bool = False


def numbers_of_texts(texts: Iterable[str], place: str) -> tuple[dict[str, int] | None, tuple[str, ...]]:
    """Text entries that are class values: their numbers; None if they are names, and a note if that is not plain to see.

    They are names if one of them is not a whole number, if one is larger than class values can be, and if two of
    them write the same number, as 7 and 07 do.
    """
    numbers = whole_numbers(texts)
    if not numbers:
        some = [text for text in texts if whole_numbers([text]) is not None]
        return None, (f"{place} holds numbers and other text; all entries are read as class names.",) if some else ()
    large = [text for text, number in numbers.items() if number > MAX_VALUE]
    if large and min(numbers.values()) >= 0:
        note = f"{place} is text that holds numbers beyond {MAX_VALUE}, such as {large[0]}; all entries are read as class names."
        return None, (note,)
    plain = {text: text.partition(".")[0].lstrip("+") for text in numbers}
    if len(set(plain.values())) > len(set(numbers.values())):
        twins = sorted(text for text in plain.values() if list(numbers.values()).count(int(text)) > 1)
        note = f"{place} has different spellings of the same number, such as {' and '.join(twins[:2])}; all entries are read as names."
        return None, (note,)
    return numbers, (f"{place} holds whole numbers stored as text; they are used as class values.",)


def one_spelling(texts: pd.Series[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The name of each text, which is its most frequent spelling, and a note if several were taken together."""
    counts = Counter(texts)
    spellings: dict[str, list[str]] = {}
    for text in sorted(counts, key=lambda text: (-counts[text], text)):
        spellings.setdefault(name_key(text), []).append(text)
    together = [
        f"“{one_line(first)}” (also {', '.join(_other_spelling(other, first, counts[other]) for other in others)})"
        for first, *others in spellings.values()
        if others
    ]
    note = (
        "These spellings count as one class, because they differ only in capitals, spacing, underscores, kind of hyphen or"
        f" Unicode encoding: {', '.join(together)}."
    )
    return {text: one_line(found[0]) for found in spellings.values() for text in found}, (note,) if together else ()


def _other_spelling(other: str, first: str, count: int) -> str:
    """A spelling and how often it occurs; if it looks like the first, that its characters are others."""
    same_look = _look(other) == _look(first)
    return f"“{other}” in {counted(count, 'feature')}{' (different Unicode characters)' if same_look else ''}"


def _look(text: str) -> str:
    """Equal for names that look the same: composed accents or not, kinds of space, characters without width."""
    composed = unicodedata.normalize("NFC", text)
    kinds = ((c, unicodedata.category(c)) for c in composed)
    return "".join(" " if kind == "Zs" else c for c, kind in kinds if kind != "Cf")


def number_texts(
    layer: VectorLayer, field: str, texts: pd.Series[str], legend: Legend | None, place: str
) -> NumberedTexts:
    """Class value of each text of a field: as the legend has it, else from a field of codes, else of suggested points as
    their model has it, else in sorted order.

    Parameters
    ----------
    texts : one for each feature, in one spelling per class, empty if there is none.

    Raises
    ------
    LabelError : the legend does not name one of them, or names two classes so.
    """
    present = sorted(set(texts) - {""})
    if legend is not None:
        value_of = _by_legend(present, legend, place)
        return NumberedTexts(value_of=value_of, names={value: text for text, value in value_of.items()})
    codes = _field_of_codes(layer, field, texts)
    if codes is not None:
        name, value_of = codes
        return NumberedTexts(
            value_of=value_of,
            names={value: text for text, value in value_of.items()},
            notes=(f"Class values come from field '{name}', which has one whole number for each name in '{field}'.",),
        )
    of_model = numbers_of_suggested(layer.path, layer.fields, present)
    if of_model is not None:
        note = "Class values are those of the model that the points were suggested with."
        return NumberedTexts(value_of=of_model, names={n: text for text, n in of_model.items()}, notes=(note,))
    value_of = {text: number for number, text in enumerate(present, 1)}
    return NumberedTexts(value_of=value_of, names={n: text for text, n in value_of.items()}, numbered=True)


def _by_legend(texts: list[str], legend: Legend, place: str) -> dict[str, int]:
    values: dict[str, set[int]] = {}
    for name, value in ((c.name, c.value) for c in legend):
        values.setdefault(name_key(name), set()).add(value)
    # What a style states about the very entries of the field takes precedence over the names that it gives to them.
    values |= {name_key(text): {value} for text, value in legend.aliases}
    unknown = [text for text in texts if name_key(text) not in values]
    if unknown:
        raise LabelError(
            f"{place} holds classes that the legend does not name: {', '.join(unknown[:8])}."
            f" The legend names: {', '.join(legend.names)}.",
            code="class_not_in_legend",
            hint="Add them to the legend, correct their spelling, or choose another field.",
        )
    for text in texts:
        found = sorted(values[name_key(text)])
        if len(found) > 1:
            raise LabelError(
                f"Classes {' and '.join(map(str, found))} of the legend have the same name, “{text}” (ignoring "
                f"capitals, spaces and the form of accents), so this name in {place} cannot be assigned to one of "
                f"them.",
                code="legend_same_name",
                hint="Give each class of the legend a different name, or choose a field that holds class values.",
            )
    return {text: min(values[name_key(text)]) for text in texts}


def _field_of_codes(layer: VectorLayer, field: str, texts: pd.Series[str]) -> tuple[str, dict[str, int]] | None:
    """A field with one whole number from 1 to 65535 for each text, another for each.

    Its name must be that of such a field, unless several features of a class share their number: one feature a class
    would make any field such a one.
    """
    used = (texts != "").to_numpy(dtype=bool)
    several = texts[used].value_counts()
    repeated = int((several > 1).sum()) > 1
    stem = _folded(field).removesuffix("name").removesuffix("text")
    usual = [*_CODE_FIELDS, *(stem + end for end in _CODE_ENDS), *(end + stem for end in _CODE_ENDS)]
    found: dict[str, dict[str, int]] = {}
    for name in layer.fields:
        if name == field or field_type(layer.frame[name]) != "integer" or not (repeated or _folded(name) in usual):
            continue
        column = layer.frame[name][used]
        if column.isna().any():
            continue
        pairs = pd.DataFrame(
            {"text": texts[used].to_numpy(), "code": column.to_numpy(dtype=np.int64)}
        ).drop_duplicates()
        if pairs["text"].is_unique and pairs["code"].is_unique and pairs["code"].between(1, MAX_VALUE).all():
            found[name] = {str(text): int(code) for text, code in zip(pairs["text"], pairs["code"], strict=True)}
    ranked = sorted(found, key=lambda name: usual.index(_folded(name)) if _folded(name) in usual else len(usual))
    if not ranked or (
        _folded(ranked[0]) not in usual and len({tuple(sorted(codes.items())) for codes in found.values()}) > 1
    ):
        return None
    return ranked[0], found[ranked[0]]


def _folded(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
