"""Arrays in HDF5 files: listed with their shapes, and refused if nothing says which dimension holds the bands."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import rasterio
import rasterio.shutil

from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene

BANDS, ROWS, COLS = 4, 6, 9


def hdf5(folder: Path, **tags: str) -> Path:
    """An HDF5 file: an array for each band, or a single one if ``tags`` describe its first dimension to netCDF."""
    with rasterio.open(
        folder / "a.tif", "w", driver="GTiff", count=BANDS, height=ROWS, width=COLS, dtype="float32", crs=None,
        transform=rasterio.Affine(10, 0, 500_000, 0, -10, 5_400_000),
    ) as file:  # fmt: skip
        file.write(np.arange(BANDS * ROWS * COLS, dtype=np.float32).reshape(BANDS, ROWS, COLS))
        file.update_tags(**tags)
        for band in range(1, BANDS + 1) if tags else ():
            file.update_tags(band, NETCDF_VARNAME="cube", NETCDF_DIM_d0=str(band))
    rasterio.shutil.copy(folder / "a.tif", folder / "a.nc", driver="netCDF", FORMAT="NC4", GDAL_PAM_ENABLED="NO")
    return (folder / "a.nc").rename(folder / "a.h5")


def test_a_cube_is_refused_with_its_shape(tmp_path: Path) -> None:
    path = hdf5(tmp_path, NETCDF_DIM_EXTRA="{d0}", NETCDF_DIM_d0_DEF="{4,6}", NETCDF_DIM_d0_VALUES="{1,2,3,4}")
    with pytest.raises(SceneError, match=r"a\.h5 holds an array of 4×6×9 numbers") as caught:
        describe_scene(path)
    assert caught.value.code == "scene.axes"
    assert "does not say which dimension holds the bands" in caught.value.message
    assert "GeoTIFF or an ENVI file" in (caught.value.hint or "")


def test_a_single_array_is_named_with_what_else_is_there(tmp_path: Path) -> None:
    path = tmp_path / "cube.h5"
    with h5py.File(path, "w") as file:
        file["site/cube"], file["site/wavelength"] = np.zeros((6, 9, 4)), np.arange(4.0)
    with pytest.raises(SceneError, match=r"holds an array of 6×9×4 numbers") as caught:
        describe_scene(path)
    assert "The file holds site/cube (6×9×4), site/wavelength (4)." in caught.value.message
    with h5py.File(path, "r+") as file:
        del file["site/cube"]
    with pytest.raises(SceneError, match=r"has no bands. It holds site/wavelength \(4\)"):
        describe_scene(path)


def test_cubes_among_several_arrays_are_not_offered_to_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "plain.h5"
    with h5py.File(path, "w") as file:
        file["cube"], file["noise"], file["truth"] = np.zeros((6, 9, 4)), np.ones((6, 9, 4)), np.ones((6, 9), np.uint8)
    with pytest.raises(SceneError, match="does not say which dimension of its cubes holds the bands") as caught:
        describe_scene(path)
    assert caught.value.code == "scene.axes"
    assert "It holds cube (6×9×4), noise (6×9×4), truth (6×9)." in caught.value.message
    hint = caught.value.hint or ""
    assert "to a GeoTIFF or an ENVI file, bands first" in hint
    assert hint.endswith(f'Of the others, choose one: HDF5:"{path}"://truth (6×9).')
    assert "cube (6" not in hint
    with pytest.raises(SceneError, match="holds an array of 6×9×4 numbers"):
        describe_scene(f'HDF5:"{path}"://cube')


def test_several_arrays_are_listed_with_their_shapes(tmp_path: Path) -> None:
    path = hdf5(tmp_path)
    with pytest.raises(SceneError, match="holds 4 rasters, and none was chosen") as caught:
        describe_scene(path)
    names = [f'HDF5:"{path}"://Band{number}' for number in range(1, BANDS + 1)]
    assert ", ".join(f"{name} (6×9)" for name in names) in (caught.value.hint or "")
    assert describe_scene(names[1]).grid.shape == (ROWS, COLS), "of two dimensions there is no doubt"
