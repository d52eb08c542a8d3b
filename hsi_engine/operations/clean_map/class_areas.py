"""The table of the areas of the classes of a map."""

from __future__ import annotations

from collections.abc import Sequence

from ...classes.legend import Legend
from ..parts.area_count import AreaCount
from ..parts.csv_table import csv_text
from .operation import ClassArea


def class_areas(legend: Legend, before: AreaCount, after: AreaCount) -> list[ClassArea]:
    """The classes of the legend with what was counted of each."""
    return [
        ClassArea(
            value=item.value,
            name=item.name,
            color=item.colour,
            pixels_before=before.pixels(item.value),
            pixels_after=after.pixels(item.value),
            hectares_before=before.hectares(item.value),
            hectares_after=after.hectares(item.value),
            share_before=before.share(item.value),
            share_after=after.share(item.value),
        )
        for item in legend
    ]


def area_csv(classes: Sequence[ClassArea]) -> str:
    """One row per class; shares are 0 to 1, hectares are empty if the map has no areas."""
    columns = [name for name in ClassArea.model_fields if name != "color"]
    return csv_text([columns, *([getattr(item, name) for name in columns] for item in classes)])
