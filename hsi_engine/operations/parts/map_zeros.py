"""Pixels of value 0 in a class map that does not declare 0 as nodata."""

from __future__ import annotations

from ...io.labels.class_zero import judge_zero
from ...io.maps.class_map_reader import ClassMapReader


def notes_on_zeros(
    reader: ClassMapReader, *, legend_given: bool, outcome: str = "count as pixels without a class"
) -> list[str]:
    """Notes on pixels of value 0 of a map that was read, and whose legend was asked for.

    Parameters
    ----------
    outcome : what becomes of such pixels, as the end of a sentence about them.

    Raises
    ------
    LabelError : the map calls 0 by the name of a class, and no legend without it was given.
    """
    if not reader.nodata_zeros:
        return []
    _, warnings = judge_zero(
        reader.nodata_zeros,
        what="pixels",
        place=reader.path.name,
        name=reader.name_of_zero,
        excused=legend_given,
    )
    return list(warnings) or [
        f"{reader.nodata_zeros:,} pixels have the value 0, which the map does not declare as nodata; they {outcome}."
    ]
