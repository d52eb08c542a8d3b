"""Names of classes from the attributes ``flag_values``, ``flag_meanings`` and ``flag_masks`` of the CF conventions (netCDF)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ....classes.class_names import one_line
from ....classes.legend import MAX_VALUE
from ....foreign.numbers import finite_number
from ...legends.colour_text import parse_colour
from .raster_classes import RasterClasses

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def classes_of_flags(dataset: Any, path: Path) -> tuple[RasterClasses, str]:
    tags = {key.rpartition("#")[2].lower(): value for key, value in {**dataset.tags(), **dataset.tags(1)}.items()}
    said = f"Class names come from flag_values and flag_meanings of {path.name}."
    if "flag_masks" in tags and ("flag_values" not in tags or len(set(_NUMBER.findall(tags["flag_masks"]))) > 1):
        note = (
            f"{path.name} holds flags that are set bit by bit (flag_masks), so a pixel may have several of them: their meanings are"
            " not names of its values and are not used."
        )
        return RasterClasses(notes=(note,)), ""
    if "flag_values" not in tags or "flag_meanings" not in tags:
        return RasterClasses(), said
    return _flags(tags, unsigned=np.dtype(dataset.dtypes[0]) == np.uint8, place=path.name), said


def _flags(tags: Mapping[str, str], *, unsigned: bool, place: str) -> RasterClasses:
    found = [finite_number(number) for number in _NUMBER.findall(tags["flag_values"])]
    values = [int(number) for number in found if number is not None]
    # Bytes are signed in classic netCDF files, whatever they stand for.
    values = [value + 256 if unsigned and value < 0 else value for value in values]
    meanings = tags["flag_meanings"].split()
    if len(values) != len(meanings):
        note = f"{place} lists {len(values)} flag_values but {len(meanings)} flag_meanings; they are not used."
        return RasterClasses(notes=(note,))
    colours = [parse_colour(text) for text in tags.get("flag_colors", "").split()]
    by_value = dict(zip(values, colours, strict=True)) if len(colours) == len(values) else {}
    return RasterClasses(
        names={value: one_line(name) for value, name in zip(values, meanings, strict=True) if 0 <= value <= MAX_VALUE},
        colours={value: colour for value, colour in by_value.items() if colour and 1 <= value <= MAX_VALUE},
    )
