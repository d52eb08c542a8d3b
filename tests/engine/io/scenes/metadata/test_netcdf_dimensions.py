"""netCDF: the coordinate of the bands, and dimensions in another order than bands, rows, columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import netcdf_file

from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window

SIZES = {"y": 6, "x": 9}
COORDINATES = {"y": 5_400_000.0 - 10 * np.arange(6), "x": 500_000.0 + 10 * np.arange(9)}
STANDARD = {"y": "projection_y_coordinate", "x": "projection_x_coordinate"}


def write(
    path: Path,
    dimensions: tuple[str, ...],
    coordinate: np.ndarray | None,
    *,
    spectral: str = "wavelength",
    unit: str | None = "nm",
    spatial: bool = True,
) -> Path:
    """A variable ``reflectance`` over ``dimensions``, one of them ``spectral``; numbers count up along the bands."""
    sizes = SIZES | {spectral: 4}
    with netcdf_file(path, "w") as file:
        for name in dimensions:
            file.createDimension(name, sizes[name])
            if name == spectral and coordinate is not None:
                variable = file.createVariable(name, "d", (name,))
                variable[:] = coordinate
                if unit is not None:
                    variable.units = unit
            elif name in COORDINATES and spatial:
                variable = file.createVariable(name, "d", (name,))
                variable[:] = COORDINATES[name]
                variable.standard_name, variable.units = STANDARD[name], "m"
        cube = np.zeros(tuple(sizes[name] for name in dimensions), np.float32)
        along = [-1 if name == spectral else 1 for name in dimensions]
        file.createVariable("reflectance", "f", dimensions)[:] = cube + np.arange(4).reshape(along)
    return path


@pytest.mark.parametrize(
    ("spectral", "unit", "values"),
    [
        ("wavelength", "nm", [450.5, 550, 650, 750]),
        ("wavelength", "um", [0.4505, 0.55, 0.65, 0.75]),
        ("wavelengths", None, [450.5, 550, 650, 750]),
        ("band", "nanometers", [450.5, 550, 650, 750]),
        ("sensor_wavelength", "nm", [450.5, 550, 650, 750]),
        ("wavenumber", "cm-1", [1e7 / 450.5, 1e7 / 550, 1e7 / 650, 1e7 / 750]),
    ],
)
def test_the_coordinate_of_the_bands_are_wavelengths(
    tmp_path: Path, spectral: str, unit: str | None, values: list[float]
) -> None:
    path = write(tmp_path / "a.nc", (spectral, "y", "x"), np.array(values), spectral=spectral, unit=unit)
    with open_scene(path) as reader:
        assert reader.scene.bands.wavelength_nm == pytest.approx([450.5, 550, 650, 750])
        assert reader.scene.grid.shape == (6, 9)
        block = reader.read(Window(row=0, col=0, height=6, width=9), range(4))
    assert block.data[:, 3, 4].tolist() == [0, 1, 2, 3]
    assert not [w for w in reader.scene.warnings if "GDAL" in w and spectral != "band"]


@pytest.mark.parametrize(("spectral", "unit"), [("z", "m"), ("time", "days since 2018-01-01"), ("band", "1")])
def test_another_coordinate_is_no_wavelength(tmp_path: Path, spectral: str, unit: str) -> None:
    path = write(
        tmp_path / "a.nc", (spectral, "y", "x"), np.array([500.0, 600, 700, 800]), spectral=spectral, unit=unit
    )
    assert describe_scene(path).bands.wavelength_nm == (None,) * 4


def test_a_coordinate_in_no_unit_of_wavelength_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nc", ("wavelength", "y", "x"), np.array([2018.1, 2018.2, 2018.3, 2018.4]), unit="year")
    scene = describe_scene(path)
    assert scene.bands.wavelength_nm == (None,) * 4
    assert any("'year' is not a unit of wavelength" in w for w in scene.warnings)


@pytest.mark.parametrize("spatial", [True, False], ids=["with coordinates", "without"])
@pytest.mark.parametrize("dimensions", [("y", "x", "wavelength"), ("y", "wavelength", "x"), ("x", "y", "wavelength")])
def test_bands_that_do_not_come_first_are_refused(tmp_path: Path, dimensions: tuple[str, ...], spatial: bool) -> None:
    path = write(tmp_path / "a.nc", dimensions, np.array([450.0, 550, 650, 750]), spatial=spatial)
    with pytest.raises(
        SceneError, match=r"not in the order bands, rows, columns: dimension .*transpose=\[2,0,1\]"
    ) as caught:
        describe_scene(path)
    assert caught.value.code == "scene.axes"


def test_bands_without_a_coordinate_that_come_last_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nc", ("y", "x", "wavelength"), None, spatial=False)
    with pytest.raises(SceneError, match="not in the order bands, rows, columns"):
        describe_scene(path)


@pytest.mark.parametrize(
    ("spectral", "spatial", "known"), [("d0", True, True), ("band", False, True), ("d0", False, False)]
)
def test_either_bands_or_rows_and_columns_have_to_be_known(
    tmp_path: Path, spectral: str, spatial: bool, known: bool
) -> None:
    path = write(tmp_path / "a.nc", (spectral, "y", "x"), None, spectral=spectral, spatial=spatial)
    if known:
        assert len(describe_scene(path).bands) == 4
        return
    with pytest.raises(SceneError, match=r"array of 4×6×9 numbers .* which dimension holds the bands") as caught:
        describe_scene(path)
    assert caught.value.code == "scene.axes"


def test_a_refusal_lists_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "b.nc"
    with netcdf_file(path, "w") as file:
        for name, size in zip(("d0", "d1", "d2"), (4, 6, 9), strict=True):
            file.createDimension(name, size)
        file.createVariable("angle", "f", ("d1", "d2"))[:] = 1
        file.createVariable("reflectance", "f", ("d0", "d1", "d2"))[:] = 1
    with pytest.raises(SceneError) as caught:
        describe_scene(f'NETCDF:"{path}":reflectance')
    assert caught.value.message.endswith("The file holds reflectance (4×6×9), angle (6×9).")
    with pytest.raises(SceneError) as caught:
        describe_scene(path)
    assert f'Choose one of them: NETCDF:"{path}":reflectance (4×6×9), NETCDF:"{path}":angle (6×9).' in (
        caught.value.hint or ""
    )
