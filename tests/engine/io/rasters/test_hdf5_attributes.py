"""Attributes of HDF5 files as text."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from hsi_engine.io.rasters.hdf5_files.attributes import as_text


@pytest.mark.parametrize("content", [b"\xe9t\xe9 2023", b"\xff\xfe"])
def test_text_that_is_not_utf_8_can_be_written_again(tmp_path: Path, content: bytes) -> None:
    """h5py hands such text out with halves of characters if the file calls it UTF-8."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs.create("season", content, dtype=h5py.string_dtype("utf-8"))
    with h5py.File(tmp_path / "a.h5") as file:
        found = as_text(file.attrs["season"])
    assert found is not None
    assert "\N{REPLACEMENT CHARACTER}" in found
    assert found.encode().decode() == found
