"""Raster attribute tables of any program: which column is the value, which the name, which the colours.

GDAL's usages (gdal.h: GDALRATFieldUsage) go first; many programs leave them out, so the usual names of columns
serve as well. A table without a column of values lists the classes in the order of their values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET  # nosec B405 - it walks what others parsed

from ...classes.class_names import one_line
from ...classes.legend import MAX_VALUE
from ...foreign.numbers import finite_number
from .colour_text import parse_colour

_NAME, _MIN, _MAX, _VALUE, _RED, _GREEN, _BLUE = "2", "3", "4", "5", "6", "7", "8"
_REAL, _TEXT = "1", "2"
# Names of columns without their capitals, spaces and signs.
_VALUE_COLUMNS = tuple(
    "value values classvalue classid classcode pixelvalue gridcode code dn class category id key".split()
)
_NAME_COLUMNS = tuple(
    "classname classnames class name names label labels category categories categoryname landcover lcname legend"
    " description desc type".split()
)
_COLOUR_COLUMNS = ("color", "colour", "hex", "htmlcolor", "rgb")
_COLUMNS_OF = {_RED: ("red", "r"), _GREEN: ("green", "g"), _BLUE: ("blue", "b")}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table: its name, its type and usage as GDAL numbers them, and its cells as text."""

    name: str
    kind: str
    usage: str
    cells: tuple[str, ...]

    @property
    def key(self) -> str:
        """The name in small letters without spaces and signs."""
        return "".join(c for c in self.name.casefold() if c.isalnum())

    def numbers(self) -> list[float] | None:
        """All cells as numbers; None if one is not a finite number or there is none."""
        found = [finite_number(cell) for cell in self.cells]
        numbers = [number for number in found if number is not None]
        return numbers if numbers and len(numbers) == len(found) else None


@dataclass(frozen=True, kw_only=True)
class AttributeTable:
    """A raster attribute table; a row without a value stands for ``first + number of the row × step``."""

    columns: tuple[Column, ...]
    first: float = 0.0
    step: float = 1.0

    @classmethod
    def of_xml(cls, table: ET.Element) -> AttributeTable:
        """From GDAL's element ``GDALRasterAttributeTable``."""
        fields = table.findall("FieldDefn")
        rows = [[cell.text or "" for cell in row.iterfind("F")] for row in table.iterfind("Row")]
        columns = tuple(
            Column(
                name=field.findtext("Name") or "",
                kind=field.findtext("Type") or "",
                usage=field.findtext("Usage") or "",
                cells=tuple(row[index] if index < len(row) else "" for row in rows),
            )
            for index, field in enumerate(fields)
        )
        step = finite_number(table.get("BinSize") or "") or 1.0
        return cls(columns=columns, first=finite_number(table.get("Row0Min") or "") or 0.0, step=step)

    def classes(self, occurring: Sequence[int]) -> dict[int, tuple[str, str | None]]:
        """Names and colours (``#rrggbb`` or None) by value, 0 to 65535; empty if the table names nothing.

        ``occurring`` are the values of the raster: a row that stands for a range gives its name to those in it.
        """
        names = self._names()
        if names is None or self._values_are_broken():
            return {}
        colours = self._colours(len(names.cells))
        found: dict[int, tuple[str, str | None]] = {}
        for (low, high), name, colour in zip(self._ranges(names), names.cells, colours, strict=True):
            if not math.isfinite(low) or not math.isfinite(high):
                continue
            values = {value for value in occurring if low <= value <= high}
            values |= {int(low)} if low == high and low.is_integer() else set()
            for value in values:
                if 0 <= value <= MAX_VALUE and one_line(name):
                    found[value] = (one_line(name), colour)
        return found

    def _names(self) -> Column | None:
        texts = [column for column in self.columns if column.kind == _TEXT and any(map(str.strip, column.cells))]
        by_usage = [column for column in texts if column.usage == _NAME]
        if by_usage:
            return by_usage[0]
        by_name = [column for key in _NAME_COLUMNS for column in texts if column.key == key and not column.numbers()]
        if by_name:
            return by_name[0]
        others = [column for column in texts if not column.numbers() and column.key not in _COLOUR_COLUMNS]
        return others[0] if len(others) == 1 and self._values(others[0]) is not None else None

    def _values(self, names: Column) -> Column | None:
        others = [column for column in self.columns if column is not names]
        candidates = [column for column in others if column.usage == _VALUE]
        candidates += [column for key in _VALUE_COLUMNS for column in others if column.key == key]
        return next((column for column in candidates if column.numbers() is not None), None)

    def _values_are_broken(self) -> bool:
        """Whether there is a column of values that holds something else."""
        by_usage = [column for column in self.columns if column.usage in (_VALUE, _MIN, _MAX)]
        return bool(by_usage) and all(column.numbers() is None for column in by_usage)

    def _ranges(self, names: Column) -> list[tuple[float, float]]:
        values = self._values(names)
        if values is not None:
            return [(number, number) for number in values.numbers() or ()]
        ends = [next((c for c in self.columns if c.usage == usage), None) for usage in (_MIN, _MAX)]
        low, high = (None if column is None else column.numbers() for column in ends)
        if low is not None or high is not None:
            return list(zip(low or high or (), high or low or (), strict=True))
        starts = [self.first + row * self.step for row in range(len(names.cells))]
        return [(start, start) for start in starts]

    def _colours(self, rows: int) -> list[str | None]:
        texts = next((c for c in self.columns if c.key in _COLOUR_COLUMNS and c.kind == _TEXT), None)
        channels: list[list[float]] = []
        real = True
        for usage, keys in _COLUMNS_OF.items():
            column = next((c for c in self.columns if c.usage == usage), None)
            column = column or next((c for c in self.columns if c.key in keys), None)
            numbers = None if column is None else column.numbers()
            if column is None or numbers is None:
                return [None] * rows if texts is None else [parse_colour(cell) for cell in texts.cells]
            channels.append(numbers)
            real &= column.kind == _REAL
        largest = max(map(max, channels))
        if largest <= 1 and not real:  # shares of 1 that some program cut to whole numbers
            return [None] * rows
        # Real numbers from 0 to 1, bytes, or 16 bits.
        factor = 255.0 if real and largest <= 1 else 1.0 if largest <= 255 else 1 / 257
        return [_hex([channel * factor for channel in row]) for row in zip(*channels, strict=True)]


def _hex(rgb: Sequence[float]) -> str | None:
    whole = [math.floor(channel + 0.5) for channel in rgb]
    return "#{:02x}{:02x}{:02x}".format(*whole) if all(0 <= channel <= 255 for channel in whole) else None
