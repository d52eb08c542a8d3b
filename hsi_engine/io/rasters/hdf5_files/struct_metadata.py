"""The text by which HDF-EOS5 describes its grids: ``StructMetadata.0``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .attributes import as_text

_PLACE = "HDFEOS INFORMATION"
_GRID = re.compile(r"GROUP\s*=\s*(GRID_\d+)\b(.*?)END_GROUP\s*=\s*\1\b", re.DOTALL)
_ENTRY = re.compile(r"^\s*(\w+)\s*=\s*(.+?)\s*$", re.MULTILINE)
# Numbers, such as those of a point in parentheses.
_NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")
_LONGEST = 1 << 20


def grid_entries(file: Any, name: str) -> Mapping[str, str] | None:
    """The entries of a grid by their key, without quotation marks; None if the file describes no grid of this name.

    Parameters
    ----------
    file : as h5py opened it.
    """
    for grid in _GRID.finditer(_text(file)):
        entries = {
            key: value.strip('"') for key, value in _ENTRY.findall(grid.group(2).partition("GROUP=Dimension")[0])
        }
        if entries.get("GridName") == name:
            return entries
    return None


def numbers_of(text: str | None) -> list[float]:
    """The numbers of an entry such as ``(298305.000000,4430655.000000)``."""
    return [float(number) for number in _NUMBER.findall(text or "")]


def _text(file: Any) -> str:
    """The text, which long ones have in several parts."""
    parts = []
    for i in range(10):
        item = file.get(f"{_PLACE}/StructMetadata.{i}")
        if item is None or not hasattr(item, "shape") or item.dtype.itemsize > _LONGEST:
            break
        parts.append(as_text(item[()]) or "")
    return "".join(parts)
