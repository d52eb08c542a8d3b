"""What an HDF5 file holds, for a person."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ....errors import SceneError
from .attributes import as_text
from .opening import has_h5py, hdf5_file, is_hdf5

_SHOWN = 8
_MOST = 2000
_NO_NUMBERS = "This is a netCDF dimension but not a netCDF variable"


def listed_arrays(path: Path) -> str:
    """The arrays with their shapes, largest first: ``cube (60×40×30), map (40×30)``; empty if that cannot be said."""
    if not is_hdf5(path) or not has_h5py():
        return ""
    found: list[tuple[str, tuple[int, ...]]] = []

    def visit(name: str, item: Any) -> bool | None:
        shape = getattr(item, "shape", None)
        # A dimension of netCDF, which is kept as an array without numbers.
        if shape and not (as_text(item.attrs.get("NAME")) or "").startswith(_NO_NUMBERS):
            found.append((name, shape))
        return True if len(found) >= _MOST else None

    try:
        with hdf5_file(path, "an HDF5 file") as file:
            file.visititems(visit)
    except SceneError:
        return ""
    found.sort(key=lambda named: -math.prod(named[1]))
    shown = ", ".join(f"{name} ({'×'.join(map(str, shape))})" for name, shape in found[:_SHOWN])
    return shown + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
