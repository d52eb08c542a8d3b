"""MATLAB files of version 7.3 as MATLAB writes them: HDF5 behind 512 bytes of text, axes in reverse, structs as groups."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np


def write_v73(path: Path, variables: Mapping[str, Any], **options: Any) -> Path:
    """Write arrays, texts and (as mappings) structs; ``options`` are those of the datasets of three axes."""
    with h5py.File(path, "w", userblock_size=512) as file:
        _write(file, variables, options)
    head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan 02 10:00:00 2023 HDF5 schema 1.00 ."
    with path.open("r+b") as raw:
        raw.write(head.ljust(116) + bytes(8) + b"\x00\x02IM")
    return path


def _write(group: Any, variables: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    for name, value in variables.items():
        if isinstance(value, Mapping):
            inner = group.create_group(name)
            inner.attrs["MATLAB_class"] = np.bytes_("struct")
            _write(inner, value, options)
            continue
        if isinstance(value, str):
            array, kind = np.array([[ord(letter) for letter in value]], np.uint16), "char"
        else:
            array = np.atleast_2d(value)
            kind = {"float64": "double", "float32": "single", "bool": "logical"}.get(array.dtype.name, array.dtype.name)
        stored = np.ascontiguousarray(array.T)
        item = group.create_dataset(
            name, data=stored.astype("u1") if kind == "logical" else stored, **(options if array.ndim == 3 else {})
        )
        item.attrs["MATLAB_class"] = np.bytes_(kind)
