"""What holds for every product that is one HDF5 file."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import mission_products
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene

# Folder, part of the name of the file with the spectra, and an array of it.
PRODUCTS = {
    "prisma_l2d": ("PRS_", "HDFEOS/SWATHS/PRS_L2D_HCO/Data Fields/VNIR_Cube"),
    "emit_l2a": ("_RFL_", "reflectance"),
    "neon_aop": ("NEON_", "SJER/Reflectance/Reflectance_Data"),
    "tanager_ortho_sr": ("_ortho_sr_", "HDFEOS/GRIDS/HYP/Data Fields/surface_reflectance"),
}
EVERY = pytest.mark.parametrize("name", PRODUCTS)


def file_of(folder: Path, name: str) -> Path:
    return next(file for file in folder.iterdir() if PRODUCTS[name][0] in file.name)


@EVERY
def test_the_folder_stands_for_the_only_product_in_it(name: str, tmp_path: Path) -> None:
    folder = mission_products.copy_product(name, tmp_path)
    file = file_of(folder, name)
    assert describe_scene(folder) == describe_scene(file)
    assert describe_scene(folder).path == file
    shutil.copy(file, file.with_name(file.name.replace("20", "21")))
    with pytest.raises(SceneError, match=r"holds 2 products\. Choose one of them"):
        describe_scene(folder)


@EVERY
def test_another_name_does_not_matter(name: str, tmp_path: Path) -> None:
    file = file_of(mission_products.copy_product(name, tmp_path), name)
    expected = describe_scene(file)
    found = describe_scene(file.rename(file.with_name("download.h5")))
    assert (found.driver, found.grid, found.bands) == (expected.driver, expected.grid, expected.bands)


@EVERY
@pytest.mark.parametrize("slashes", ["//", "/"])
def test_one_array_of_it_is_not_the_product(name: str, slashes: str) -> None:
    file = file_of(mission_products.FOLDER / name, name)
    with pytest.raises(SceneError, match="is one array of") as caught:
        describe_scene(f'HDF5:"{file}":{slashes}{PRODUCTS[name][1]}')
    assert caught.value.hint == f"Choose the product itself: {file}."


@EVERY
def test_without_h5py_it_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(SceneError, match="needs the package h5py") as caught:
        describe_scene(file_of(mission_products.FOLDER / name, name))
    assert "hsi check" in caught.value.hint


@EVERY
def test_a_file_of_which_the_end_is_missing_is_truncated(name: str, tmp_path: Path) -> None:
    file = file_of(mission_products.copy_product(name, tmp_path), name)
    whole = file.read_bytes()
    for share in (2 / 3, 0.05):
        file.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(SceneError, match=f"truncated or damaged .{len(whole):,} bytes are needed, ") as caught:
            describe_scene(file)
        assert caught.value.code == "scene.truncated"
        assert caught.value.hint == "Copy or download the file again."


@EVERY
def test_a_file_whose_first_block_is_damaged_is_called_that(name: str, tmp_path: Path) -> None:
    file = file_of(mission_products.copy_product(name, tmp_path), name)
    damaged = bytearray(file.read_bytes())
    damaged[8:64] = b"\xff" * 56
    file.write_bytes(damaged)
    with pytest.raises(SceneError, match="truncated or damaged") as caught:
        describe_scene(file)
    assert "ENVI" not in (caught.value.hint or "")
