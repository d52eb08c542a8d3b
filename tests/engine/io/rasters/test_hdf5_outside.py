"""HDF5 files that refer to other files are refused, whichever library would read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hsi_engine.errors import SceneError
from hsi_engine.io.rasters.hdf5_files.opening import hdf5_file
from hsi_engine.io.scenes.scene import open_scene

SHAPE = (4, 5, 6)


def link(file: Any, other: Path) -> None:
    file["cube"] = h5py.ExternalLink(str(other), "/cube")


def link_in_a_group(file: Any, other: Path) -> None:
    file.create_group("a/b")["cube"] = h5py.ExternalLink(str(other), "/cube")


def stored_elsewhere(file: Any, other: Path) -> None:
    file.create_dataset("cube", SHAPE, "u1", external=[(str(other), 0, 120)])


def virtual(file: Any, other: Path) -> None:
    layout = h5py.VirtualLayout(SHAPE, "f4")
    layout[:] = h5py.VirtualSource(str(other), "cube", SHAPE)
    file.create_virtual_dataset("cube", layout)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["cube"] = np.ones(SHAPE, "f4")
    return tmp_path / "other.h5"


@pytest.mark.parametrize("refer", [link, link_in_a_group, stored_elsewhere, virtual])
@pytest.mark.parametrize("name", ["{}", "HDF5:{}://cube", "NETCDF:{}:cube"])
def test_it_is_refused_with_the_part_and_the_other_file(
    tmp_path: Path, other: Path, refer: Callable[[Any, Path], None], name: str
) -> None:
    path = tmp_path / "scene.h5"
    with h5py.File(path, "w") as file:
        refer(file, other)
    part = "/a/b/cube" if refer is link_in_a_group else "/cube"
    with pytest.raises(SceneError) as caught:
        open_scene(name.format(path))
    assert caught.value.code == "scene.refers_outside"
    assert caught.value.message == f"{path} is not read: {part} in it refers to another file, {other}."


def test_by_h5py_too(tmp_path: Path, other: Path) -> None:
    with h5py.File(tmp_path / "a.mat", "w") as file:
        link(file, other)
    with pytest.raises(SceneError, match="refers to another file"), hdf5_file(tmp_path / "a.mat", "a file"):
        pytest.fail("it was opened")


def test_links_and_virtual_arrays_inside_a_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["cube"] = np.ones(SHAPE, "f4")
        file["again"] = h5py.SoftLink("/cube")
        file["group/loop"] = file["/"]
        layout = h5py.VirtualLayout(SHAPE, "f4")
        layout[:] = h5py.VirtualSource(".", "cube", SHAPE)
        file.create_virtual_dataset("view", layout)
    with hdf5_file(path, "a file") as file:
        assert float(file["again"][0, 0, 0]) == 1
