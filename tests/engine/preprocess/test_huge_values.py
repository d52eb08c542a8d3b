"""Values that are too large to compute with are refused where a preprocessing is fitted: which pixels, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

from hsi_engine.errors import HsiError, SceneError
from hsi_engine.io.scenes.scene import describe_scene, find_usable_bands, open_scene
from hsi_engine.io.scenes.second.joining import join_second
from hsi_engine.preprocess.branch import ReductionSettings
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.preprocess.covariance import StreamedCovariance
from hsi_engine.preprocess.fitting import fit_preprocessing
from hsi_engine.reporting import SilentReporter
from make_scenes import reflectance
from second_rasters import write_second

MakeScene = Callable[..., Path]
KINDS = (
    ReductionSettings(kind="bands"),
    ReductionSettings(kind="decorrelated", whiten=0.5),
    ReductionSettings(kind="pca", n_components=3, whiten=1),
    ReductionSettings(kind="mnf", n_components=3),
)
LOWEST = float(np.finfo(np.float32).min)


def fitted(path: Path, *kinds: ReductionSettings, nodata: float | None = None) -> Preprocessing:
    reporter = SilentReporter()
    with open_scene(path, nodata=nodata) as reader:
        return fit_preprocessing(reader, find_usable_bands(reader, reporter), kinds, reporter=reporter)


def holding(value: float, bands: slice, pixels: int) -> np.ndarray:
    """A cube of 12 bands whose pixels from row 1, column 4 on hold ``value`` in ``bands``."""
    cube = reflectance(bands=12)
    cube[bands, 1, 4 : 4 + pixels] = value
    return cube


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("value", [LOWEST, 1e36, 1e20, -2e15])
def test_huge_values_in_one_band_are_refused_by_every_reduction(
    make_scene: MakeScene, kind: ReductionSettings, value: float
) -> None:
    cube = holding(value, slice(5, 6), 3)
    path = make_scene(cube=cube, dtype="float32", scale=1.0, nodata=None, with_hole=False)
    with pytest.raises(SceneError) as found:
        fitted(path, kind)
    shown = "-3.4028235e+38" if value == LOWEST else f"{value:g}"
    assert found.value.code == "scene.huge_values"
    assert f"3 pixels of {path} hold values that are too large to compute with, such as {shown} in band" in str(
        found.value
    )
    assert "the first is in row 1, column 4. Most probably they are missing data" in str(found.value)
    assert found.value.hint.startswith(f"If so, state it as no data value (nodata {shown});")
    assert fitted(path, kind, nodata=value).pixels == cube[0].size - 3, "the advice helps"


def test_bands_and_several_values_are_named(make_scene: MakeScene) -> None:
    cube = holding(LOWEST, slice(None), 2)
    cube[:6, 30, 20] = 1e20
    with pytest.raises(
        SceneError, match=r"3 pixels of .*, such as -3.4028235e\+38 or 1e\+20 in all 12 bands; the first"
    ):
        fitted(make_scene(cube=cube, dtype="float32", scale=1.0, nodata=None, with_hole=False), KINDS[0])
    cube = holding(1e20, slice(2, 8), 1)
    with pytest.raises(SceneError, match=r"1 pixel of .* holds values .* such as 1e\+20 in 6 of 12 bands; the first"):
        fitted(make_scene(cube=cube, dtype="float32", scale=1.0, nodata=None, with_hole=False), KINDS[0])


def test_a_scale_that_makes_numbers_huge_is_named(make_scene: MakeScene) -> None:
    path = make_scene(dtype="int16", scale=1e-4, nodata=None, with_hole=False)
    with rasterio.open(path, "r+") as file:
        file.scales = (1e20,) * file.count
    with pytest.raises(HsiError) as found:
        fitted(path, KINDS[0])
    assert found.value.hint == "Check the scale and offset that the file states: they make its numbers so large."


def test_a_second_raster_is_named(scene_path: Path, tmp_path: Path) -> None:
    with rasterio.open(scene_path) as scene:
        values = np.random.default_rng(0).normal(300, 20, (1, scene.height, scene.width)).astype(np.float32)
    values[0, 2, 3] = LOWEST
    second, reporter = write_second(tmp_path / "dem.tif", like=scene_path, values=values, nodata=None), SilentReporter()
    with open_scene(join_second(describe_scene(scene_path), second)) as reader:
        usable = find_usable_bands(reader, reporter)
        with pytest.raises(SceneError) as found:
            fit_preprocessing(reader, usable, (ReductionSettings(kind="bands", second_bands=1),), reporter=reporter)
    assert f"1 pixel of {second} holds values" in str(found.value)
    assert "write -3.4028235e+38 into the second raster as its no data value" in found.value.hint


@pytest.mark.parametrize("value", [9e14, -9e14])
def test_smaller_values_are_fitted(make_scene: MakeScene, value: float) -> None:
    path = make_scene(cube=holding(value, slice(5, 6), 3), dtype="float32", scale=1.0, nodata=None, with_hole=False)
    assert np.isfinite(fitted(path, KINDS[0]).mean_spectrum).all()


@pytest.mark.parametrize("at", [0, 5, 999])
def test_no_huge_value_escapes_the_sums(at: int) -> None:
    pixels = np.random.default_rng(0).normal(size=(1000, 2))
    sums = StreamedCovariance(2)
    sums.add(pixels)
    assert not sums.may_hold(1e15)
    pixels[at, 1] = -1e15
    sums = StreamedCovariance(2)
    sums.add(pixels)
    assert sums.may_hold(1e15)
