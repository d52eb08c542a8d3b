"""The preprocessing of a scene: fitted block by block, applied block by block, found again in another scene."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from sklearn import decomposition

import fitted
import make_scenes
from fitted import pca
from hsi_engine.errors import Cancelled, MismatchError, ParameterError, SceneError
from hsi_engine.io.scenes.scene import UsableBands, open_scene
from hsi_engine.pixels.window import Window
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.preprocess.fitting import fit_preprocessing
from hsi_engine.preprocess.pca import PCA
from hsi_engine.reporting import SilentReporter
from hsi_engine.spectrum.bands import BandTable

MakeScene = Callable[..., Path]


class Listener(SilentReporter):
    def __init__(self) -> None:
        super().__init__()
        self.fractions: list[float] = []
        self.messages: list[str] = []
        self.warnings: list[str] = []

    def progress(self, fraction: float, message: str = "") -> None:
        self.fractions.append(fraction)
        self.messages.append(message)

    def log(self, message: str, level: str = "info") -> None:
        assert level == "warning"
        self.warnings.append(message)


def fit(path: Path, n_components: int = 5, *, whiten: bool = True, max_pixels: int = 100) -> Preprocessing:
    with open_scene(path) as reader:
        return fitted.fit(reader, pca(n_components, whitened=whiten), max_pixels=max_pixels)


def pca_of(preprocessing: Preprocessing) -> PCA:
    (branch,) = preprocessing.branches
    assert isinstance(branch.reduction, PCA)
    return branch.reduction


def valid_spectra(path: Path, bands: tuple[int, ...]) -> np.ndarray:
    """Physical values (pixels, bands) of the pixels that are not nodata, read without the engine."""
    with rasterio.open(path) as file:
        numbers = file.read([b + 1 for b in bands])
        inside = (numbers != file.nodata).all(axis=0)
        return numbers[:, inside].T * file.scales[0] + file.offsets[0]


@pytest.mark.parametrize("dtype", ["int16", "uint16", "int32"])
def test_equals_scikit_learn_on_the_valid_pixels_and_usable_bands(make_scene: MakeScene, dtype: str) -> None:
    path = make_scene(dtype=dtype, bad_bands=[2], empty_bands=[7])
    bands = tuple(i for i in range(12) if i not in (2, 7))
    preprocessing = fit(path)
    spectra = valid_spectra(path, bands)
    expected = decomposition.PCA(5, whiten=True, svd_solver="full").fit(spectra)
    assert preprocessing.band_indices == bands
    assert preprocessing.pixels == len(spectra) < 37 * 29
    assert preprocessing.scene_dtype == dtype
    np.testing.assert_allclose(pca_of(preprocessing).mean, expected.mean_, rtol=1e-6)
    np.testing.assert_array_equal(preprocessing.mean_spectrum, pca_of(preprocessing).mean)
    np.testing.assert_allclose(pca_of(preprocessing).explained_variance, expected.explained_variance_, rtol=1e-5)
    # Only the first components stand apart from the noise of this scene.
    found, of_sklearn = pca_of(preprocessing).components[:2], expected.components_[:2]
    # Before 1.5, scikit-learn chose the sign by the pixels.
    signs = np.sign((found * of_sklearn).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(found, signs * of_sklearn, atol=1e-5)


def test_does_not_depend_on_the_size_of_the_blocks(scene_path: Path) -> None:
    whole = fit(scene_path, max_pixels=10**6)
    for max_pixels in (1, 50, 300):
        other = fit(scene_path, max_pixels=max_pixels)
        assert other.pixels == whole.pixels
        np.testing.assert_allclose(pca_of(other).mean, pca_of(whole).mean, rtol=1e-12)
        np.testing.assert_allclose(pca_of(other).components, pca_of(whole).components, atol=1e-8)


def test_apply_is_the_same_for_a_window_and_for_the_whole_scene(scene_path: Path) -> None:
    preprocessing = fit(scene_path)
    window = Window(row=11, col=3, height=14, width=20)
    with open_scene(scene_path) as reader:
        block = reader.read(Window.of_shape(reader.scene.grid.shape), preprocessing.band_indices)
        whole = preprocessing.apply(block)
        part = preprocessing.apply(reader.read(window, preprocessing.band_indices))
    assert whole.shape == (5, 37, 29)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(part, whole[(slice(None), *window.slices())], atol=1e-5)
    assert (whole[:, ~block.valid] == 0).all()
    assert not block.valid.all()
    np.testing.assert_allclose(whole[:, block.valid].mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(whole[:, block.valid].std(axis=1, ddof=1), 1, atol=1e-4)


def test_progress_rises_to_one_and_says_what_is_done(scene_path: Path) -> None:
    listener = Listener()
    with open_scene(scene_path) as reader:
        usable = UsableBands(indices=tuple(range(12)))
        fit_preprocessing(reader, usable, [pca(3)], reporter=listener, max_pixels=200)
    assert len(listener.fractions) > 3
    assert listener.fractions == sorted(listener.fractions)
    assert listener.fractions[-1] == 1
    assert listener.messages[-1] == "Reading spectra: 1,073 of 1,073 pixels"


def test_a_part_of_a_large_scene_is_enough_where_that_is_asked_for(make_scene: MakeScene) -> None:
    path = make_scene("large.tif", rows=160, cols=120, bands=3)
    usable = UsableBands(indices=(0, 1, 2))
    with open_scene(path) as reader:
        whole = fit_preprocessing(reader, usable, [pca(2)], reporter=Listener())
        part = fit_preprocessing(reader, usable, [pca(2)], reporter=Listener(), enough_pixels=6_000)
        all_of_it = fit_preprocessing(reader, usable, [pca(2)], reporter=Listener(), enough_pixels=160 * 120)
    assert 3_000 < part.pixels < 9_000
    assert all_of_it.pixels == whole.pixels > part.pixels
    np.testing.assert_allclose(part.mean_spectrum, whole.mean_spectrum, rtol=0.1)


def test_where_the_part_holds_no_data_the_rest_is_read_too(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance(rows=160, cols=120, bands=3)
    cube[:, :, :] = np.where(np.arange(160)[:, None] == 77, cube, np.nan)
    path = make_scene("empty.tif", rows=160, cols=120, bands=3, cube=cube, dtype="float32", nodata=None)
    with open_scene(path) as reader:
        usable = UsableBands(indices=(0, 1, 2))
        part = fit_preprocessing(reader, usable, [pca(2)], reporter=Listener(), enough_pixels=800)
        whole = fit_preprocessing(reader, usable, [pca(2)], reporter=Listener())
    assert part.pixels == whole.pixels > 0
    np.testing.assert_allclose(part.mean_spectrum, whole.mean_spectrum, rtol=1e-12)


def test_cancel_is_heard_before_the_next_block(scene_path: Path) -> None:
    cancel = threading.Event()

    class CancelAfterFirst(SilentReporter):
        blocks = 0

        def progress(self, fraction: float, message: str = "") -> None:
            self.blocks += 1
            self.cancel.set()

    reporter = CancelAfterFirst(cancel)
    usable = UsableBands(indices=tuple(range(12)))
    with open_scene(scene_path) as reader, pytest.raises(Cancelled):
        fit_preprocessing(reader, usable, [pca(3)], reporter=reporter, max_pixels=100)
    assert reporter.blocks == 1


def test_more_components_than_usable_bands_is_refused_before_reading(make_scene: MakeScene) -> None:
    path = make_scene(bad_bands=[0, 1])
    with pytest.raises(ParameterError, match=r"11 components were requested, but only 10 bands of the scene"):
        fit(path, 11)


def test_constant_scene(make_scene: MakeScene) -> None:
    with pytest.raises(SceneError, match="same spectrum"):
        fit(make_scene(cube=np.full((4, 9, 7), 0.3), with_hole=False), 2)


def test_fewer_valid_pixels_than_components(make_scene: MakeScene) -> None:
    cube = np.full((6, 9, 7), np.nan)
    cube[:, 0, :3] = np.random.default_rng(0).uniform(0.1, 0.5, (6, 3))
    with pytest.raises(SceneError, match=r"PCA of 5 component.* needs at least 5 valid pixels; the scene has 3"):
        fit(make_scene(cube=cube, with_hole=False), 5)


def test_components_without_variance(make_scene: MakeScene) -> None:
    cube = np.random.default_rng(0).integers(1000, 3000, (3, 9, 7)) / 1e4
    path = make_scene(cube=np.concatenate([cube, cube]), with_hole=False)
    with pytest.raises(ParameterError, match="Only 3 of the 4 components have variance"):
        fit(path, 4)
    listener = Listener()
    with open_scene(path) as reader:
        usable = UsableBands(indices=tuple(range(6)))
        fit_preprocessing(reader, usable, [pca(4, whitened=False)], reporter=listener)
    assert listener.warnings == ["1 of the 4 components have no variance beyond rounding error; 3 are enough."]


def test_round_trip_through_json_and_arrays(make_scene: MakeScene) -> None:
    preprocessing = fit(make_scene(empty_bands=[3]))
    data = json.loads(json.dumps(preprocessing.to_json()))
    assert Preprocessing.from_parts(data, preprocessing.arrays()) == preprocessing


def test_parts_that_do_not_belong_together(scene_path: Path) -> None:
    preprocessing = fit(scene_path)
    data, arrays = preprocessing.to_json(), preprocessing.arrays()
    with pytest.raises(ValueError, match=r"branch 0 lacks 'components'"):
        Preprocessing.from_parts(data, {"branches.0.mean": arrays["branches.0.mean"]})
    with pytest.raises(ValueError, match=r"the array 'mean_spectrum' is missing"):
        Preprocessing.from_parts(data, {n: a for n, a in arrays.items() if n != "mean_spectrum"})
    with pytest.raises(ValueError, match=r"expected the arrays .*branches\.0\.mean.*found .*branches\.1\.mean"):
        Preprocessing.from_parts(data, arrays | {"branches.1.mean": arrays["branches.0.mean"]})
    (branch,) = data["branches"]
    with pytest.raises(ValueError, match="4 components are stated, 5 are there"):
        Preprocessing.from_parts(data | {"branches": [branch | {"n_components": 4}]}, arrays)
    with pytest.raises(ValueError, match="at least one branch"):
        Preprocessing.from_parts(data | {"branches": []}, arrays)
    with pytest.raises(ValueError, match="do not fit a branch of 12 bands"):
        Preprocessing.from_parts(data | {"bands": preprocessing.bands.select(range(9)).to_json()}, arrays)
    for indices in ([0] * 12, list(range(1, 13))):
        with pytest.raises(ValueError, match="positions of bands"):
            Preprocessing.from_parts(data | {"fitted_on": data["fitted_on"] | {"band_indices": indices}}, arrays)


def without_wavelengths(count: int) -> BandTable:
    unknown = (None,) * count
    names = tuple(f"Band {i + 1}" for i in range(count))
    return BandTable(names=names, wavelength_nm=unknown, fwhm_nm=unknown, good=(True,) * count)


def test_bands_are_located_by_wavelength_in_any_order(make_scene: MakeScene) -> None:
    preprocessing = fit(make_scene(bad_bands=[2]))
    with open_scene(make_scene("other.tif")) as reader:
        table = reader.scene.bands
    shuffled = [5, 0, 11, 3, 2, 1, 4, 6, 7, 10, 9, 8]
    found = preprocessing.locate_bands(table.select(shuffled))
    assert [shuffled[i] for i in found] == list(preprocessing.band_indices)
    with pytest.raises(MismatchError, match="1 of the 11 bands that are needed is missing: band 1 "):
        preprocessing.locate_bands(table.select(range(1, 12)))


def test_bands_are_located_by_position_where_wavelengths_are_unknown(make_scene: MakeScene) -> None:
    preprocessing = fit(make_scene(wavelengths=False, empty_bands=[4]))
    assert preprocessing.locate_bands(without_wavelengths(12)) == (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11)
    assert preprocessing.locate_bands(without_wavelengths(11)) == tuple(range(11))
    with pytest.raises(MismatchError, match="11 bands are needed and 13 were found"):
        preprocessing.locate_bands(without_wavelengths(13))
