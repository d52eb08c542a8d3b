"""MATLAB files of version 7.3, which are HDF5: axes in reverse, text as numbers, structs as groups."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ..hdf5_files.attributes import as_text
from .variables import Kind, MatVariable

_DEEPEST = 6
# What MATLAB keeps for itself, and the elements of cells.
_HIDDEN = "#"


def variables_of(file: Any) -> tuple[MatVariable, ...]:
    """The variables of an open file, the fields of structs among them."""
    return tuple(_variables(file, "", 0))


def dataset_name(variable: MatVariable) -> str:
    """The name of a variable in the file."""
    return variable.name.replace(".", "/")


def _variables(group: Any, prefix: str, depth: int) -> Iterator[MatVariable]:
    for name, item in group.items():
        if name.startswith(_HIDDEN) or item is None:
            continue
        if not hasattr(item, "shape"):  # a group
            if depth < _DEEPEST:
                yield from _variables(item, f"{prefix}{name}.", depth + 1)
            continue
        yield MatVariable(name=prefix + name, shape=_shape(item), kind=_kind(item))


def _shape(item: Any) -> tuple[int, ...]:
    if "MATLAB_empty" in item.attrs:
        return (0, 0)  # its shape stands in the place of its numbers
    return tuple(item.shape[::-1]) or (1, 1)


def _kind(item: Any) -> Kind:
    matlab_class = (as_text(item.attrs.get("MATLAB_class")) or "").lower()
    if matlab_class == "char":
        return "text"
    if item.dtype.kind not in "iufb" or "MATLAB_sparse" in item.attrs or not math.prod(item.shape):
        return "other"
    return "logical" if matlab_class == "logical" or item.dtype.kind == "b" else "numbers"
