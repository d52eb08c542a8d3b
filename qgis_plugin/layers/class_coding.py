"""From the classes of a style to values that the engine reads and a legend in its format."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..translation import tr
from .class_style import ClassStyle, StyledClass

_WHOLE = re.compile(r"[+-]?\d+(\.0*)?")
LARGEST_VALUE = 65535


@dataclass(frozen=True)
class ClassCoding:
    """How the values of a field become classes.

    Parameters
    ----------
    recode : new value of each value that occurs; None if the field is used as it is.
    legend : ``{"value", "name", "color"}`` of each class, in the order of the style.
    notes : what had to be decided, for the log.
    values : value of each value that occurs, changed or not.
    """

    recode: Mapping[str, int | str] | None
    legend: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    values: Mapping[str, int | str]

    @property
    def described(self) -> dict[int | str, tuple[str, str | None]]:
        """Name and colour of each class by its value in :attr:`values`."""
        key = "name" if any(isinstance(value, str) for value in self.values.values()) else "value"
        return {item[key]: (item["name"], item.get("color")) for item in self.legend}


def code_classes(style: ClassStyle, occurring: Collection[str], known_names: Collection[str] = ()) -> ClassCoding:
    """Match a style with the values that occur in its field.

    Whole numbers stay the values of the classes. Other values become the labels of the style, because the engine knows a
    class without a number by its name; their numbers follow the order of the style.

    Parameters
    ----------
    style : has classes.
    occurring : the values in the field as strings, without the empty one.
    known_names : names the engine will look for; if all values are among them, they stay as they are.
    """
    names, notes = _unique_names(style.classes)
    if all(_WHOLE.fullmatch(text) for text in occurring) and not _differ_as_text_only(style.classes):
        return _numbers(style, names, notes, occurring)
    return _texts(style, names, notes, occurring, known_names)


def raster_legend(style: ClassStyle) -> ClassCoding:
    """Legend of a raster style, whose values are those of the classes."""
    names, notes = _unique_names(style.classes)
    return _numbers(style, names, notes, ())


def _numbers(style: ClassStyle, names: list[str], notes: list[str], occurring: Collection[str]) -> ClassCoding:
    legend = []
    recode: dict[str, int | str] = {text: int(float(text)) for text in occurring}
    for item, name in zip(style.classes, names):
        numbers = [int(float(text)) for text in item.values if _WHOLE.fullmatch(text)]
        used = [number for number in numbers if 1 <= number <= LARGEST_VALUE]
        if not used:
            continue  # 0 means unlabelled, and the engine refuses other values if they occur
        legend.append(_entry(used[0], name, item.colour))
        merged = {text: used[0] for text in item.values if text in recode and int(float(text)) in used}
        recode.update(merged)
        if len(used) > 1:
            note = tr("The style merges the values {values} into class '{name}', which gets the value {value}.")
            notes.append(note.format(values=", ".join(map(str, used)), name=name, value=used[0]))
    changed = any(int(float(text)) != value for text, value in recode.items())
    return ClassCoding(recode if changed else None, tuple(legend), tuple(notes), recode)


def class_number(text: str) -> int | None:
    """The class value that text writes, from 0; None if it is a name or out of range."""
    number = int(float(text)) if _WHOLE.fullmatch(text) else -1
    return number if 0 <= number <= LARGEST_VALUE else None


def _texts(
    style: ClassStyle, names: list[str], notes: list[str], occurring: Collection[str], known_names: Collection[str]
) -> ClassCoding:
    name_of = {text: name for item, name in zip(style.classes, names) for text in item.values}
    legend = [_entry(number, name, item.colour) for number, (item, name) in enumerate(zip(style.classes, names), 1)]
    missing = sorted(set(occurring) - set(name_of))
    for text in missing:
        name_of[text] = _free_name(text, "", {name.casefold() for name in name_of.values()})
        legend.append(_entry(len(legend) + 1, name_of[text], None))
    if missing:
        note = tr("The style has no category for {values}; these classes keep their names and get default colours.")
        notes.append(note.format(values=", ".join(missing)))
    recode: dict[str, int | str] = {text: name_of[text] for text in occurring}
    known = {name.casefold() for name in known_names}
    changed = any(text != name for text, name in recode.items())
    if changed and known and all(text.casefold() in known for text in occurring):
        return ClassCoding(None, tuple(legend), tuple(notes), recode)
    if changed:
        notes.append(tr("Class names are the labels of the style, not the values of the field."))
    return ClassCoding(recode if changed else None, tuple(legend), tuple(notes), recode)


def _differ_as_text_only(classes: tuple[StyledClass, ...]) -> bool:
    """Whether classes have values such as 01 and 1, which are two codes, but one number."""
    numbers = [{int(float(text)) for text in item.values if _WHOLE.fullmatch(text)} for item in classes]
    return sum(map(len, numbers)) > len(set().union(*numbers))


def _entry(value: int, name: str, colour: str | None) -> dict[str, Any]:
    return {"value": value, "name": name, "color": colour} if colour else {"value": value, "name": name}


def _unique_names(classes: tuple[StyledClass, ...]) -> tuple[list[str], list[str]]:
    """Labels, made different if they differ only by case, as the engine takes such names for one class."""
    folded = [item.label.casefold() for item in classes]
    # Names that are numbers throughout would be read as class values.
    numbers = all(_WHOLE.fullmatch(label) for label in folded) and (
        _differ_as_text_only(classes) or not all(_WHOLE.fullmatch(text) for item in classes for text in item.values)
    )
    names: list[str] = []
    repeated: list[str] = []
    for item, label in zip(classes, folded):
        if folded.count(label) == 1 and not numbers:
            names.append(item.label)
            continue
        names.append(_free_name(item.label, ", ".join(item.values), {name.casefold() for name in names}))
        repeated.append(names[-1])
    if not repeated:
        return names, []
    note = tr("Some style labels were numbers or used twice; they became: {names}.")
    return names, [note.format(names=", ".join(repeated))]


def _free_name(label: str, addition: str, taken: Collection[str]) -> str:
    name = f"{label} ({addition})" if addition else label
    number = 2
    while name.casefold() in taken:
        name = f"{label} ({addition} {number})" if addition else f"{label} ({number})"
        number += 1
    return name
