"""Fill values that a file does not declare are noticed, and ordinary extremes are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

from hsi_engine.io.scenes import undeclared_fill as module
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.io.scenes.undeclared_fill import undeclared_fill
from make_scenes import reflectance

MakeScene = Callable[..., Path]


def filled(value: float, pixels: int = 40, *, bands: int = 12) -> np.ndarray:
    """A cube whose first pixels, row by row, hold ``value`` in every band."""
    cube = np.rint(reflectance(bands=bands) * 1000)
    cube.reshape(bands, -1)[:, :pixels] = value
    return cube


def notes(path: Path, nodata: float | None = None) -> tuple[str, ...]:
    with open_scene(path, nodata=nodata) as reader:
        return undeclared_fill(reader, reader.scene.bands.good_indices)


@pytest.mark.parametrize(
    ("value", "dtype", "shown"),
    [
        (-9999, "int16", "-9999"),
        (0, "uint16", "0"),
        (65535, "uint16", "65535"),
        (-1e34, "float32", "-1e+34"),
        (-0.1, "float32", "-0.1"),
    ],
)
@pytest.mark.parametrize("layout", ["geotiff", "bip"])
def test_many_pixels_of_one_extreme_number_are_said(
    make_scene: MakeScene, value: float, dtype: str, shown: str, layout: str
) -> None:
    path = make_scene(
        "scene.tif" if layout == "geotiff" else "scene.bip",
        cube=filled(value), dtype=dtype, scale=1.0, nodata=None, with_hole=False, layout=layout,
    )  # fmt: skip
    (note,) = notes(path)
    assert note.startswith(f"40 of 1,073 pixels hold {shown} in all bands, which looks like missing data")
    assert f"(nodata {shown})" in note
    assert notes(path, nodata=value) == ()


def test_both_ends_may_be_fill(make_scene: MakeScene) -> None:
    cube = filled(0)
    cube[:, -1] = 3000
    path = make_scene(cube=cube, dtype="uint16", scale=1.0, nodata=None, with_hole=False)
    (note,) = notes(path)
    assert note.startswith("Of 1,073 pixels, 40 hold 0 in all bands and 29 hold 3000 in all bands, which looks like")
    assert "If so, state 0 as no data value (nodata 0) and, as only one can be stated, write 3000 into the file" in note
    assert "gdal_edit.py -a_nodata 3000:" in note
    (rest,) = notes(path, nodata=0)
    assert (
        "If so, write 3000 into the file as its no data value, such as with gdal_edit.py -a_nodata 3000, as another"
        in rest
    )
    with rasterio.open(path, "r+") as file:
        file.nodata = 3000
    assert notes(path, nodata=0) == (), "the advice helps"


def test_more_fill_than_can_be_stated_is_to_be_replaced(make_scene: MakeScene) -> None:
    cube = filled(0)
    cube[:, -1] = 3000
    cube[:, -2] = 2999
    (note,) = notes(make_scene(cube=cube, dtype="uint16", scale=1.0, nodata=2999, with_hole=False))
    assert (
        "state 0 as no data value (nodata 0) and, as only one can be stated, replace 3000 by 0 in a copy of the file"
        in note
    )


def test_scales_that_differ_by_band_do_not_hide_it(make_scene: MakeScene) -> None:
    path = make_scene(cube=filled(-9999), dtype="int16", scale=1.0, nodata=None, with_hole=False)
    with rasterio.open(path, "r+") as file:
        file.scales = tuple(0.001 * (band + 1) for band in range(12))
    assert len(notes(path)) == 1


@pytest.mark.parametrize(
    "cube",
    [filled(-9999, 9), filled(300), np.full((12, 37, 29), 7.0), filled(-9999, bands=2)],
    ids=["few", "not extreme", "nothing to compare", "two bands"],
)
def test_nothing_is_said_of_other_pixels(make_scene: MakeScene, cube: np.ndarray) -> None:
    assert notes(make_scene(cube=cube, dtype="int16", scale=1.0, nodata=None, with_hole=False)) == ()


def test_declared_nodata_is_no_concern(scene_path: Path) -> None:
    assert notes(scene_path) == ()


def test_of_a_large_scene_parts_are_looked_at(make_scene: MakeScene, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_scene(cube=filled(-9999), dtype="int16", scale=1.0, nodata=None, with_hole=False, block=None)
    monkeypatch.setattr(module, "_LOOK_BYTES", 12 * 2 * 29 * 10)
    monkeypatch.setattr(module, "_WINDOWS", 4)
    (note,) = notes(path)
    assert note.startswith("40 of 232 pixels that were looked at hold -9999 in all bands")


@pytest.mark.parametrize("value", [-9999, -32768])
def test_a_usual_fill_value_in_some_bands_is_said(make_scene: MakeScene, value: float) -> None:
    cube = np.rint(reflectance() * 1000)
    cube[2:5].reshape(3, -1)[:, :40] = value
    path = make_scene(cube=cube, dtype="int16", scale=1.0, nodata=None, with_hole=False)
    (note,) = notes(path)
    assert note.startswith(f"40 of 1,073 pixels hold {value} in some bands, which looks like missing data")
    assert notes(path, nodata=value) == ()


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-3.4028234663852886e38, "-3.4028235e+38"), (1e36, "1e+36"), (1e20, "1e+20"), (-9999, "-9999")],
)
def test_a_usual_fill_value_in_one_band_of_real_numbers_is_said(
    make_scene: MakeScene, value: float, shown: str
) -> None:
    cube = reflectance()
    cube[3].reshape(-1)[:40] = value
    path = make_scene(cube=cube, dtype="float32", scale=1.0, nodata=None, with_hole=False)
    (note,) = notes(path)
    assert note.startswith(f"40 of 1,073 pixels hold {shown} in some bands, which looks like missing data")
    assert f"If so, state it as no data value (nodata {shown}):" in note
    assert notes(path, nodata=value) == ()


def test_one_value_in_all_bands_here_and_in_some_there_is_advised_once(make_scene: MakeScene) -> None:
    cube = filled(1e20)
    cube[3, -1] = 1e20
    (note,) = notes(make_scene(cube=cube, dtype="float32", scale=1.0, nodata=None, with_hole=False))
    assert note.startswith("Of 1,073 pixels, 40 hold 1e+20 in all bands and 29 hold 1e+20 in some bands, which")
    assert "If so, state it as no data value (nodata 1e+20): otherwise" in note


def test_fill_values_at_both_ends_are_said(make_scene: MakeScene) -> None:
    cube = reflectance()
    cube[3, 0], cube[4, 1] = -1e30, 1e20
    (note,) = notes(make_scene(cube=cube, dtype="float32", scale=1.0, nodata=None, with_hole=False))
    assert note.startswith("Of 1,073 pixels, 29 hold -1e+30 in some bands and 29 hold 1e+20 in some bands, which")


def test_an_ordinary_lowest_number_in_some_bands_is_not_said(make_scene: MakeScene) -> None:
    cube = np.rint(reflectance() * 1000)
    cube[2:5].reshape(3, -1)[:, :40] = -50
    assert notes(make_scene(cube=cube, dtype="int16", scale=1.0, nodata=None, with_hole=False)) == ()
