"""The operation that removes the noise of a scene."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio

import make_scenes
from hsi_engine.errors import Cancelled, HsiError, MismatchError, OutputError, ParameterError, SceneError
from hsi_engine.io.scenes.output.scene_writer import BLOCK_PX
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.operations.denoise_scene.operation import OPERATION, DenoiseSceneResult
from hsi_engine.operations.denoise_scene.pipeline import DenoisingPipeline
from hsi_engine.reporting import SilentReporter

MakeScene = Callable[..., Path]
SIZE: dict[str, Any] = {"rows": 57, "cols": 70, "bands": 16}


def run(scene: Path, output: Path, reporter: SilentReporter | None = None, **params: object) -> DenoiseSceneResult:
    given = {"scene": str(scene), "output": str(output), "steps": 0, "device": "cpu", **params}
    return start(OPERATION, validate(OPERATION, given), reporter or SilentReporter())


def numbers_of(path: Path) -> npt.NDArray[Any]:
    with rasterio.open(path) as file:
        numbers: npt.NDArray[Any] = file.read()
    return numbers


def error_of(path: Path, bands: list[int]) -> float:
    """Root of the mean squared error against the spectra without noise, where there is data."""
    truth = make_scenes.reflectance(**SIZE, noise=1e-9)[bands]
    with rasterio.open(path) as file:
        values = file.read()[bands] * file.scales[0] + file.offsets[0]
    there = np.ones(truth.shape[1:], bool)
    there[make_scenes.hole(SIZE["rows"], SIZE["cols"])] = False
    return float(np.sqrt(np.mean((values - truth)[:, there] ** 2)))


@pytest.mark.parametrize("dtype", ["int16", "uint16", "float32", "float64"])
@pytest.mark.parametrize("layout", ["geotiff", "bil"])
def test_noise_goes_and_everything_else_stays(dtype: str, layout: str, make_scene: MakeScene, tmp_path: Path) -> None:
    name = "scene.tif" if layout == "geotiff" else "scene.bil"
    scene = make_scene(
        name, **SIZE, dtype=dtype, layout=layout, bad_bands=[5], nodata=-9999 if dtype == "float32" else "usual"
    )
    output = tmp_path / "denoised.tif"
    result = run(scene, output, steps=2)
    before, after = describe_scene(scene), describe_scene(output)
    assert after.grid == before.grid
    for fact in ("bands", "dtype", "band_nodata", "scale", "offset"):
        assert str(getattr(after, fact)) == str(getattr(before, fact)), fact  # NaN equals itself as text
    good = [band for band in range(SIZE["bands"]) if band != 5]
    assert error_of(output, good) < 0.5 * error_of(scene, good)
    old, new = numbers_of(scene), numbers_of(output)
    np.testing.assert_array_equal(new[5], old[5])
    hole = make_scenes.hole(SIZE["rows"], SIZE["cols"])
    np.testing.assert_array_equal(new[(slice(None), *hole)], old[(slice(None), *hole)])
    assert result.copied_bands == [6]
    assert [band.band for band in result.bands] == [band + 1 for band in good]
    assert result.copied_pixels == old[0][hole].size
    assert result.denoised_pixels == old[0].size - old[0][hole].size
    assert "Band 6 was copied unchanged." in result.notes
    np.testing.assert_allclose([band.noise for band in result.bands], 0.01, rtol=0.15)


def test_tiles_leave_no_trace(make_scene: MakeScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(rows=150, cols=300, bands=12)
    run(scene, tmp_path / "whole.tif", model_output=str(tmp_path / "d.hsidenoiser"), steps=2)
    cols: list[int] = []
    tile_cols = DenoisingPipeline._tile_cols

    def noted(pipeline: DenoisingPipeline, memory_mb: int) -> int:
        cols.append(tile_cols(pipeline, memory_mb))
        return cols[-1]

    monkeypatch.setattr(DenoisingPipeline, "_tile_cols", noted)
    for unit in (2**20, 2**10):
        monkeypatch.setattr("hsi_engine.operations.denoise_scene.pipeline._MIB", unit)
        run(scene, tmp_path / "tiles.tif", model=str(tmp_path / "d.hsidenoiser"), memory_mb=64)
        assert (tmp_path / "tiles.tif").read_bytes() == (tmp_path / "whole.tif").read_bytes()
    assert cols[0] > 300
    assert cols[1] == BLOCK_PX < 300


def test_the_same_seed_gives_the_same_scene(make_scene: MakeScene, tmp_path: Path) -> None:
    scene = make_scene(**SIZE)
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        run(scene, tmp_path / f"{name}.tif", model_output=str(tmp_path / f"{name}.hsidenoiser"), steps=6, seed=seed)
    for suffix in ("tif", "hsidenoiser"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
    assert (tmp_path / "one.hsidenoiser").read_bytes() != (tmp_path / "three.hsidenoiser").read_bytes()


def test_another_scene_of_the_same_sensor(make_scene: MakeScene, tmp_path: Path) -> None:
    """Bands are found by wavelength, values by scale: the other scene has one band more and another data type."""
    model = tmp_path / "d.hsidenoiser"
    run(make_scene("a.tif", **SIZE), tmp_path / "a_denoised.tif", model_output=str(model), bands="2-16")
    other = make_scene("b.tif", **SIZE, seed=8, dtype="float32", nodata=None, with_hole=False)
    result = run(other, tmp_path / "b_denoised.tif", model=str(model))
    assert result.copied_bands == [1]
    truth = make_scenes.reflectance(**SIZE, seed=8, noise=1e-9)
    before, after = (numbers_of(path)[1:] - truth[1:] for path in (other, tmp_path / "b_denoised.tif"))
    assert after.std() < 0.5 * before.std()


def test_a_denoiser_of_another_sensor_or_unit_is_refused(make_scene: MakeScene, tmp_path: Path) -> None:
    model = tmp_path / "d.hsidenoiser"
    run(make_scene("a.tif", **SIZE), tmp_path / "a_denoised.tif", model_output=str(model))
    before = sorted(tmp_path.iterdir())
    fewer = make_scenes.write_scene(tmp_path / "fewer.tif", rows=57, cols=70, bands=12)
    with pytest.raises(MismatchError, match="bands that are needed are missing"):
        run(fewer, tmp_path / "out.tif", model=str(model))
    flagged = make_scenes.write_scene(tmp_path / "flagged.tif", **SIZE, bad_bands=[4])
    with pytest.raises(MismatchError, match="1 of the 16 bands that are needed is missing: band 5"):
        run(flagged, tmp_path / "out.tif", model=str(model))
    percent = make_scenes.write_scene(
        tmp_path / "percent.tif", **SIZE, cube=100 * make_scenes.reflectance(**SIZE), dtype="float32"
    )
    with pytest.raises(MismatchError, match="another unit than those the denoiser was trained on"):
        run(percent, tmp_path / "out.tif", model=str(model))
    assert set(tmp_path.iterdir()) - set(before) == {fewer, flagged, percent}


def test_reflectance_times_ten_thousand_without_scale(make_scene: MakeScene, tmp_path: Path) -> None:
    cube = np.rint(10_000 * make_scenes.reflectance(**SIZE))
    scene = make_scene(**SIZE, cube=cube, scale=1.0, dtype="int16", with_hole=False)
    run(scene, tmp_path / "denoised.tif")
    truth = 10_000 * make_scenes.reflectance(**SIZE, noise=1e-9)
    assert (numbers_of(tmp_path / "denoised.tif") - truth).std() < 0.5 * (cube - truth).std()


def test_holes_in_single_bands_nan_and_flat_bands(make_scene: MakeScene, tmp_path: Path) -> None:
    cube = make_scenes.reflectance(**SIZE)
    cube[3, 10:14, 20:31] = np.nan
    cube[7] = 0.25
    scene = make_scene(cube=cube, dtype="float32", nodata=None, with_hole=False)
    result = run(scene, tmp_path / "denoised.tif")
    old, new = numbers_of(scene), numbers_of(tmp_path / "denoised.tif")
    np.testing.assert_array_equal(new[:, 10:14, 20:31], old[:, 10:14, 20:31])
    np.testing.assert_array_equal(new[7], old[7])
    changed = new != old
    changed[:, 10:14, 20:31] = True
    assert changed[[band for band in range(SIZE["bands"]) if band != 7]].mean() > 0.99
    assert np.isnan(new).sum() == 44
    assert result.copied_bands == [8]
    assert "Band 8 has the same value everywhere." in result.notes
    assert any(note.startswith("44 pixels without data in at least one denoised band") for note in result.notes)


def test_a_given_value_without_data_is_declared(make_scene: MakeScene, tmp_path: Path) -> None:
    cube = make_scenes.reflectance(**SIZE)
    cube[:, 5:9, 6:20] = -1.0
    scene = make_scene(cube=cube, dtype="float32", nodata=None, with_hole=False)
    run(scene, tmp_path / "denoised.tif", nodata=-1)
    assert describe_scene(tmp_path / "denoised.tif").nodata == -1
    new = numbers_of(tmp_path / "denoised.tif")
    assert (new[:, 5:9, 6:20] == -1).all()
    assert (new == -1).sum() == 16 * 56


def test_a_mask_outlasts_it(make_scene: MakeScene, tmp_path: Path) -> None:
    scene = make_scene(**SIZE, nodata=None, with_hole=False)
    mask = np.random.default_rng(1).random((57, 70)) > 0.1
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(scene, "r+") as file:
        file.write_mask(mask)
    result = run(scene, tmp_path / "denoised.tif")
    with rasterio.open(tmp_path / "denoised.tif") as file:
        np.testing.assert_array_equal(file.dataset_mask() > 0, mask)
    assert result.copied_pixels == (~mask).sum()


def test_values_that_do_not_fit_are_counted(make_scene: MakeScene, tmp_path: Path) -> None:
    """Noise below 0 is cut off in the file already; what the denoiser takes below 0 would mean no data."""
    cube = np.clip(make_scenes.reflectance(**SIZE) - 0.06, 0.005, None)
    scene = make_scene(cube=cube, dtype="uint8", nodata=0.0, scale=0.005, with_hole=True)
    result = run(scene, tmp_path / "denoised.tif")
    old, new = numbers_of(scene), numbers_of(tmp_path / "denoised.tif")
    np.testing.assert_array_equal(new == 0, old == 0)
    assert result.clipped_values > 0
    assert any(f"{result.clipped_values:,} value" in note and "nearest number" in note for note in result.notes)


@pytest.mark.parametrize(("bands", "words"), [(3, "the scene has 3"), (9, "the scene has 9")])
def test_few_bands_are_refused(bands: int, words: str, make_scene: MakeScene, tmp_path: Path) -> None:
    scene = make_scene(bands=bands)
    with pytest.raises(SceneError, match=f"at least 10 bands that can be used; {words}") as caught:
        run(scene, tmp_path / "denoised.tif")
    assert caught.value.code == "scene.too_few_bands"
    assert list(tmp_path.iterdir()) == [scene]


def test_outputs_that_cannot_be(make_scene: MakeScene, tmp_path: Path) -> None:
    scene = make_scene(**SIZE)
    with pytest.raises(OutputError, match="also an input"):
        run(scene, scene)
    with pytest.raises(OutputError, match=r"must end in \.hsidenoiser"):
        run(scene, tmp_path / "out.tif", model_output=str(tmp_path / "d.hsimodel"))
    with pytest.raises(ParameterError, match="'model' and 'model_output' are both given"):
        run(
            scene,
            tmp_path / "out.tif",
            model=str(tmp_path / "a.hsidenoiser"),
            model_output=str(tmp_path / "b.hsidenoiser"),
        )
    with pytest.raises(HsiError, match="does not exist"):
        run(scene, tmp_path / "out.tif", model=str(tmp_path / "a.hsidenoiser"))
    assert list(tmp_path.iterdir()) == [scene]


@pytest.mark.parametrize(
    "message", ["Estimating noise:", "Reading parts", "Training the network:", "Denoising the scene:", "Checking"]
)
def test_cancel_leaves_no_file(message: str, make_scene: MakeScene, tmp_path: Path) -> None:
    class CancelAt(SilentReporter):
        def progress(self, fraction: float, text: str = "") -> None:
            if text.startswith(message):
                self.cancel.set()

    scene = make_scene(**SIZE)
    with pytest.raises(Cancelled):
        run(
            scene,
            tmp_path / "out.tif",
            CancelAt(threading.Event()),
            steps=2,
            model_output=str(tmp_path / "d.hsidenoiser"),
        )
    assert list(tmp_path.iterdir()) == [scene]


def test_text_for_a_person(make_scene: MakeScene, tmp_path: Path) -> None:
    text = run(make_scene(**SIZE), tmp_path / "out.tif").to_text()
    assert "16 denoised, 0 copied" in text
    assert "Signal/noise" in text
