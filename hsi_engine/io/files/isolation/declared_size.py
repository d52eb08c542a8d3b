"""Rasters that declare far more pixels than their files hold: read pixel by pixel, they would keep a job busy for days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ....errors import SceneError

# 300,000 pixels squared; the largest rasters that are mapped are a hundredth of it.
_MOST_PIXELS = 90_000_000_000
# From here on a raster has to hold something: packed pixels, most of one value, take a thousandth of their size.
_SMALL_BYTES = 2_000_000_000
_LEAST_SHARE = 3_000


def check_declared_size(dataset: Any, path: Path) -> None:
    """Make sure that the size of an open raster is one that can be worked through.

    Raises
    ------
    SceneError : it has more pixels than any raster that is used, or is nearly empty although it is large.
    """
    rows, cols = dataset.shape
    declared = rows * cols * sum(np.dtype(kind).itemsize for kind in dataset.dtypes)
    held = _bytes_held(dataset)
    if rows * cols <= _MOST_PIXELS and (declared <= _SMALL_BYTES or held is None or declared <= held * _LEAST_SHARE):
        return
    of_files = "" if held is None else f", {_amount(declared)}, and its files hold {_amount(held)}"
    raise SceneError(
        f"{path} declares {cols:,} × {rows:,} pixels in {dataset.count} band{'s' * (dataset.count > 1)}{of_files}.",
        code="declared_size",
        hint="A raster of this size is nearly empty, or its header is damaged. Clip it to the part that has data, for example"
        " in QGIS: Raster ▸ Extraction ▸ Clip Raster by Extent.",
    )


def _bytes_held(dataset: Any) -> int | None:
    """The size of all files of a dataset; None if one of them is not a plain file."""
    try:
        return sum(Path(file).stat().st_size for file in dataset.files) or None
    except (OSError, ValueError):
        return None


def _amount(count: int) -> str:
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:,.0f} {unit}"
    return f"{count} bytes"
