"""Classes of a map: raster value, name and colour.

A raster *value* is what stands in a file; a class *index* is what a network puts out. Only
:class:`Legend` turns one into the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import LabelError
from .class_names import one_line
from .colours import class_colours

NODATA_VALUE = 0
NO_CLASS = -1
MAX_VALUE = 65535

_JSON_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, kw_only=True)
class LegendClass:
    """One class. ``value`` 1 to 65535 as in the file, ``name`` on one line, ``colour`` as ``#rrggbb``."""

    value: int
    name: str
    colour: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", one_line(self.name))
        if not 1 <= self.value <= MAX_VALUE:
            raise LabelError(
                f"Class value {self.value} cannot be written to a class map:"
                f" values must be whole numbers from 1 to {MAX_VALUE}.",
                code="class_value",
                hint="0 means no data. Renumber the classes, or store the classes as text.",
            )
        if not _COLOUR.fullmatch(self.colour):
            raise LabelError(
                f"Colour {self.colour!r} of class {self.value} ({self.name}) is not of the form #rrggbb.",
                code="colour",
                hint="Write six hexadecimal digits in lower case, such as #00aa55.",
            )

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green, blue, each 0 to 255."""
        red, green, blue = (int(self.colour[i : i + 2], 16) for i in (1, 3, 5))
        return red, green, blue


@dataclass(frozen=True)
class Legend:
    """The classes of a map in rising order of their values; the position is the class index.

    Parameters
    ----------
    aliases : further names of a class, and its value, such as the entries of a field that a style merges.
    numbered : the values only number class names and are in no file, so that numbers of a file must not be compared with
        them.
    uncoloured : values of classes that the file of the legend gives no colour, so that theirs was chosen by :meth:`of`.
    """

    classes: tuple[LegendClass, ...] = field()
    aliases: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    numbered: bool = field(default=False, compare=False)
    uncoloured: frozenset[int] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.classes, key=lambda c: c.value))
        object.__setattr__(self, "classes", ordered)
        _refuse_repeated([c.value for c in ordered])

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[LegendClass]:
        return iter(self.classes)

    @property
    def values(self) -> npt.NDArray[np.int64]:
        """Raster values by class index, shape (classes,)."""
        return np.array([c.value for c in self.classes], dtype=np.int64)

    @property
    def names(self) -> list[str]:
        """Class names by class index."""
        return [c.name for c in self.classes]

    @property
    def dtype(self) -> np.dtype[Any]:
        """uint8 if every value fits into it, otherwise uint16."""
        return np.dtype(np.uint8 if not len(self) or self.values.max() <= 255 else np.uint16)

    def to_index(self, values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Class index of each raster value, same shape; -1 if the value is not in the legend."""
        positions = np.searchsorted(self.values, values)
        positions = np.clip(positions, 0, max(len(self) - 1, 0))
        known = self.values[positions] == values if len(self) else np.zeros(np.shape(values), bool)
        return np.where(known, positions, NO_CLASS).astype(np.int64)

    def to_value(self, indices: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Raster value of each class index, same shape, in :attr:`dtype`; 0 if the index is -1."""
        table = np.concatenate([self.values, [NODATA_VALUE]]).astype(self.dtype)
        values: npt.NDArray[Any] = table[indices]
        return values

    def subset(self, values: Iterable[int]) -> Legend:
        """The classes with one of ``values``."""
        wanted = {int(v) for v in values}
        return replace(self, classes=tuple(c for c in self.classes if c.value in wanted))

    def to_json(self) -> list[dict[str, Any]]:
        return [{"value": c.value, "name": c.name, "color": c.colour} for c in self.classes]

    @classmethod
    def from_json(cls, data: Any) -> Legend:
        """Read ``[{"value": 1, "name": "water", "color": "#0000ff"}, …]``; name and color may be left out.

        Raises
        ------
        LabelError : ``data`` is of another shape, or a value occurs twice or is not one of a class.
        """
        fault = _fault_in_shape(data)
        if fault:
            raise LabelError(
                f"A legend is a list of objects with value, name and color; {fault}.",
                code="legend_format",
                hint='For example: [{"value": 1, "name": "water", "color": "#0072b2"}].',
            )
        _refuse_repeated([_whole(d["value"]) for d in data])
        colours = {_whole(d["value"]): str(d["color"]).lower() for d in data if d.get("color")}
        legend = cls.of({_whole(d["value"]): str(d.get("name") or d["value"]) for d in data}, colours)
        return replace(legend, uncoloured=frozenset(legend.values.tolist()) - colours.keys())

    @classmethod
    def of(cls, names: dict[int, str], colours: dict[int, str] | None = None) -> Legend:
        """A legend from names by value; classes without a colour get one that suits their name."""
        values = sorted(names)
        given = {i: colours[v] for i, v in enumerate(values) if colours and colours.get(v)}
        found = class_colours([names[v] for v in values], given)
        return cls(tuple(LegendClass(value=v, name=names[v], colour=c) for v, c in zip(values, found, strict=True)))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else int(str(value).partition(".")[0])


def _fault_in_shape(data: Any) -> str:
    """How JSON differs from the shape of a legend, for a sentence; empty if it does not."""
    if not isinstance(data, list | tuple):
        return f"this one is {_JSON_KINDS.get(type(data), 'a number')}"
    for number, entry in enumerate(data, 1):
        if not isinstance(entry, dict):
            return f"entry {number} of this one is {_JSON_KINDS.get(type(entry), 'a number')}"
        if "value" not in entry:
            keys = ", ".join(repr(str(key)) for key in list(entry)[:5])
            return f"entry {number} of this one has no value{f' (it has {keys})' if keys else ''}"
        value = entry["value"]
        if not (isinstance(value, int) or (isinstance(value, float | str) and _WHOLE.fullmatch(str(value)))):
            return f"the value of entry {number} is {value!r}, not a whole number"
    return ""


def _refuse_repeated(values: list[int]) -> None:
    repeated = sorted(value for value, count in Counter(values).items() if count > 1)
    if repeated:
        raise LabelError(
            f"The legend holds class value {repeated[0]} more than once.",
            code="legend_duplicate",
            hint="Give each class a different value.",
        )
