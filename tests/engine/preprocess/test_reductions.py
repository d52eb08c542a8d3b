"""Standardised and decorrelated bands, minimum noise fraction, normalised spectra, and several branches at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.linalg
from sklearn.preprocessing import StandardScaler
from spectral.algorithms.algorithms import GaussianStats, mnf

import fitted
from hsi_engine.errors import ParameterError, SceneError
from hsi_engine.io.scenes.scene import SceneBlock, SceneReader, open_scene
from hsi_engine.operations.train_classifier.parameters import TrainClassifierParams
from hsi_engine.pixels.window import Window
from hsi_engine.preprocess.branch import Branch, ReductionSettings
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.preprocess.linear_reduction import LinearReduction
from hsi_engine.preprocess.spectra import n_channels, normalise
from hsi_engine.preprocess.standardisation import Standardisation

MakeScene = Callable[..., Path]
Floats = npt.NDArray[np.float64]
ROWS, COLS, BANDS = 41, 53, 8
ALL = slice(None)


def settings(kind: Any, **more: Any) -> ReductionSettings:
    return ReductionSettings(kind=kind, **more)


@pytest.fixture
def scene(make_scene: MakeScene) -> Path:
    """Bands of very different variance, with a hole without data."""
    rng = np.random.default_rng(0)
    smooth = np.cumsum(np.cumsum(rng.normal(size=(3, ROWS, COLS)), axis=1), axis=2) / 200
    mixing = rng.normal(size=(BANDS, 3))
    cube = np.einsum("bk,krc->brc", mixing, smooth) + rng.normal(size=(BANDS, ROWS, COLS)) * np.linspace(
        0.02, 0.3, BANDS
    ).reshape(-1, 1, 1)
    return make_scene(cube=cube + 5, dtype="float64")


def fitted_to(scene: Path, *reductions: ReductionSettings, max_pixels: int = 500) -> tuple[Preprocessing, SceneBlock]:
    with open_scene(scene) as reader:
        preprocessing = fitted.fit(reader, *reductions, max_pixels=max_pixels)
        return preprocessing, whole(reader)


def whole(reader: SceneReader) -> SceneBlock:
    return reader.read(Window.of_shape(reader.scene.grid.shape), tuple(range(len(reader.scene.bands))))


def spectra_of(block: SceneBlock, how: Any = "none") -> Floats:
    """Normalised spectra of the valid pixels, (pixels, channels)."""
    return normalise(block.data, how)[:, block.valid].T.astype(np.float64)


def differences(image: Floats, valid: npt.NDArray[np.bool_]) -> Floats:
    """Of horizontal and vertical neighbours that both have data, (pairs, bands)."""
    parts = []
    for after, before in (((ALL, slice(1, None)), (ALL, slice(-1))), ((slice(1, None), ALL), (slice(-1), ALL))):
        both = valid[after] & valid[before]
        parts.append((image[(ALL, *after)] - image[(ALL, *before)])[:, both].T)
    return np.concatenate(parts)


@pytest.mark.parametrize("max_pixels", [60, 10_000])
def test_standardised_bands_equal_scikit_learn(scene: Path, max_pixels: int) -> None:
    preprocessing, block = fitted_to(scene, settings("bands"), max_pixels=max_pixels)
    spectra = spectra_of(block)
    expected = StandardScaler().fit(spectra)
    (branch,) = preprocessing.branches
    assert isinstance(branch.reduction, Standardisation)
    np.testing.assert_allclose(branch.reduction.mean, expected.mean_, rtol=1e-10)
    # The engine divides by pixels - 1 throughout.
    factor = np.sqrt(len(spectra) / (len(spectra) - 1))
    np.testing.assert_allclose(branch.reduction.deviation, expected.scale_ * factor, rtol=1e-10)
    found = preprocessing.apply(block)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, block.valid].T, expected.transform(spectra) / factor, atol=1e-5)
    assert (found[:, ~block.valid] == 0).all()
    assert not block.valid.all()


def test_a_band_that_does_not_vary_becomes_zero_not_noise(make_scene: MakeScene) -> None:
    cube = np.random.default_rng(1).uniform(0.1, 0.5, (4, 12, 9))
    cube[2] = 0.3
    for kind in ("bands", "decorrelated"):
        preprocessing, block = fitted_to(make_scene(f"{kind}.tif", cube=cube, dtype="float64"), settings(kind))
        found = preprocessing.apply(block)
        assert np.isfinite(found).all()
        if kind == "bands":
            assert np.abs(found[2]).max() < 1e-4


def test_a_large_offset_costs_standardised_bands_no_digits() -> None:
    data = (np.random.default_rng(2).normal(size=(3, 20, 20)) + 1e4).astype(np.float32)
    flat = data.reshape(3, -1).astype(np.float64)
    standard = Standardisation(mean=flat.mean(axis=1), deviation=flat.std(axis=1, ddof=1))
    exact = (flat - flat.mean(axis=1, keepdims=True)) / flat.std(axis=1, ddof=1, keepdims=True)
    found = standard.transform(data, np.ones((20, 20), bool))
    np.testing.assert_allclose(found.reshape(3, -1), exact, atol=1e-3)
    with pytest.raises(ValueError, match="expected data of 3 bands"):
        standard.transform(data[:2], np.ones((20, 20), bool))


@pytest.mark.parametrize("whiten", [0.0, 0.5, 1.0])
def test_decorrelated_bands_have_falling_variances_and_no_covariance(scene: Path, whiten: float) -> None:
    preprocessing, block = fitted_to(scene, settings("decorrelated", whiten=whiten))
    assert preprocessing.n_components == BANDS
    found = preprocessing.apply(block)[:, block.valid].astype(np.float64)
    covariance = np.cov(found)
    variances = np.diag(covariance)
    assert np.abs(covariance - np.diag(variances)).max() < 1e-3
    values = np.linalg.eigvalsh(np.corrcoef(spectra_of(block).T))[::-1]
    expected = values / (values + 1e-3 * values.mean()) ** whiten
    np.testing.assert_allclose(variances / variances.sum(), expected / expected.sum(), rtol=1e-3)
    assert variances.mean() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("n_components", [3, BANDS])
def test_mnf_equals_that_of_spectral_on_the_same_noise(scene: Path, n_components: int) -> None:
    preprocessing, block = fitted_to(scene, settings("mnf", n_components=n_components), max_pixels=10**6)
    spectra, noise = spectra_of(block), differences(block.data, block.valid)
    signal_covariance, noise_covariance = np.cov(spectra, rowvar=False), np.cov(noise, rowvar=False) / 2
    expected = (
        mnf(
            GaussianStats(mean=spectra.mean(axis=0), cov=signal_covariance, nsamples=len(spectra)),
            GaussianStats(mean=np.zeros(BANDS), cov=noise_covariance, nsamples=len(noise)),
        )
        .reduce(spectra[:, None], num=n_components)
        .reshape(len(spectra), -1)
    )
    found = preprocessing.apply(block)[:, block.valid].T
    assert expected.shape == found.shape
    # The same directions; a common factor, and signs, are the engine's own. Those that hold noise alone have nearly the
    # same ratio, and may be turned among each other.
    overlap = np.abs(np.corrcoef(found.T, expected.T)[:n_components, n_components:])
    np.testing.assert_allclose(np.diag(overlap)[:3], 1, atol=1e-3)
    factors = found.std(axis=0) / expected.std(axis=0)
    np.testing.assert_allclose(factors, factors[0], rtol=1e-2)
    # And those of the textbook: signal and noise made diagonal together, the best ratio first.
    ratios = scipy.linalg.eigh(signal_covariance, noise_covariance, eigvals_only=True)[::-1][:n_components]
    (branch,) = preprocessing.branches
    matrix = branch.reduction.matrix
    own = np.einsum("ij,jk,ik->i", matrix, signal_covariance, matrix) / np.einsum(
        "ij,jk,ik->i", matrix, noise_covariance, matrix
    )
    np.testing.assert_allclose(own, ratios, rtol=1e-2)
    assert (np.diff(own) < 0).all()
    assert found.var(axis=0, ddof=1).mean() == pytest.approx(1, abs=0.02)


def test_mnf_does_not_depend_on_blocks_of_whole_rows(scene: Path) -> None:
    """Differences across a border of blocks are left out, so the noise may differ a little, not the components."""
    first, block = fitted_to(scene, settings("mnf", n_components=3), max_pixels=16 * COLS)
    second, _ = fitted_to(scene, settings("mnf", n_components=3), max_pixels=10**6)
    ours, theirs = (p.apply(block)[:, block.valid] for p in (first, second))
    assert np.abs(np.diag(np.corrcoef(ours, theirs)[:3, 3:])).min() > 0.99


def test_mnf_of_bands_that_repeat_each_other_is_finite(make_scene: MakeScene) -> None:
    cube = np.random.default_rng(3).uniform(0.1, 0.5, (3, 20, 20))
    scene = make_scene(cube=np.concatenate([cube, cube]), dtype="float64")
    preprocessing, block = fitted_to(scene, settings("mnf", n_components=3))
    found = preprocessing.apply(block)
    assert np.isfinite(found).all()
    assert np.linalg.matrix_rank(found[:, block.valid].astype(np.float64)) == 3


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        (settings("mnf", n_components=9), ParameterError, r"9 components were requested, but only 8 band"),
        (
            settings("mnf", n_components=8, normalisation="derivative"),
            ParameterError,
            r"8 components were requested, but only 7",
        ),
    ],
)
def test_more_components_than_channels(scene: Path, wanted: ReductionSettings, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        fitted_to(scene, wanted)


def test_too_few_pixels_for_an_mnf(make_scene: MakeScene) -> None:
    cube = np.random.default_rng(0).uniform(0.1, 0.5, (6, 2, 3))
    with pytest.raises(SceneError, match=r"An MNF of 6 bands needs at least 7 valid pixels; the scene has 6"):
        fitted_to(make_scene(cube=cube, with_hole=False), settings("mnf", n_components=2))


@pytest.mark.parametrize("whiten", [0.0, 0.3, 1.0])
def test_principal_components_can_be_whitened_partly(scene: Path, whiten: float) -> None:
    plain, block = fitted_to(scene, settings("pca", n_components=4))
    partly, _ = fitted_to(scene, settings("pca", n_components=4, whiten=whiten))
    ours, theirs = (p.apply(block)[:, block.valid].astype(np.float64) for p in (partly, plain))
    deviations = theirs.std(axis=1)
    expected = deviations / (deviations**2 + 1e-3 * np.mean(deviations**2) * (0 < whiten < 1)) ** (whiten / 2)
    np.testing.assert_allclose(ours.std(axis=1) / ours[0].std(), expected / expected[0], rtol=1e-4)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_brightness_divides_by_the_root_mean_square(dtype: type) -> None:
    spectra = np.array([[300, 0, 30], [400, 0, 40]], dtype)
    found = normalise(spectra, "brightness")
    assert found.dtype == (np.float64 if dtype is np.float64 else np.float32)
    np.testing.assert_allclose(np.sqrt(np.mean(found[:, [0, 2]] ** 2, axis=0)), 1, rtol=1e-6)
    np.testing.assert_allclose(found[:, 0], found[:, 2], rtol=1e-6)  # a darker pixel of the same material
    assert (found[:, 1] == 0).all()


def test_the_help_says_what_brightness_divides_by() -> None:
    said = TrainClassifierParams.model_fields["normalisation"].description
    assert said is not None
    assert "brightness: divide each spectrum by its root mean square over the bands" in said


def test_derivatives_of_unsigned_numbers_may_be_negative() -> None:
    spectra = np.array([[5], [3], [9]], np.uint16)
    assert normalise(spectra, "derivative").tolist() == [[-2], [6]]
    assert n_channels(3, "derivative") == 2
    assert normalise(spectra, "none") is spectra


def test_a_brighter_copy_of_a_pixel_has_the_same_channels_after_brightness(scene: Path) -> None:
    preprocessing, block = fitted_to(scene, settings("bands", normalisation="brightness"))
    (branch,) = preprocessing.branches
    darker = branch.apply(block.data * 0.4, block.valid)
    np.testing.assert_allclose(darker, preprocessing.apply(block), atol=1e-4)


MANY = (
    settings("pca", n_components=3, whiten=1.0),
    settings("bands"),
    settings("mnf", n_components=2, whiten=0.5),
    settings("decorrelated", normalisation="derivative", whiten=0.5),
    settings("bands", normalisation="brightness"),
    settings("pca", n_components=2, whiten=0.5),
)


def test_several_branches_are_stacked_and_each_is_what_it_is_alone(scene: Path) -> None:
    together, block = fitted_to(scene, *MANY)
    assert tuple(branch.settings for branch in together.branches) == MANY
    channels = together.apply(block)
    counts = [3, BANDS, 2, BANDS - 1, BANDS, 2]
    assert len(channels) == together.n_components == sum(counts)
    for number, wanted in enumerate(MANY):
        place = together.channels_of(number)
        assert place.stop - place.start == counts[number]
        alone, _ = fitted_to(scene, wanted)
        np.testing.assert_allclose(channels[place], alone.apply(block), atol=1e-4)
    some = together.select([4, 0])
    np.testing.assert_array_equal(
        some.apply(block), np.concatenate([channels[together.channels_of(n)] for n in (4, 0)])
    )
    spectra = spectra_of(block)
    np.testing.assert_allclose(together.mean_spectrum, spectra.mean(axis=0), rtol=1e-10)
    assert together.pixels == len(spectra)


def test_round_trip_of_several_branches(scene: Path) -> None:
    preprocessing, block = fitted_to(scene, *MANY)
    data = json.loads(json.dumps(preprocessing.to_json()))
    found = Preprocessing.from_parts(data, preprocessing.arrays())
    assert found == preprocessing
    assert found != preprocessing.select([0, 1])
    np.testing.assert_array_equal(found.apply(block), preprocessing.apply(block))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Standardisation(mean=np.zeros(3), deviation=np.array([1, 0, 1.0])), "above zero"),
        (lambda: Standardisation(mean=np.zeros(3), deviation=np.ones(2)), "one deviation above zero per band"),
        (lambda: Standardisation(mean=np.array([np.nan]), deviation=np.ones(1)), "finite"),
        (lambda: linear(mean=np.zeros(2), matrix=np.ones((3, 2))), "shapes of a linear reduction do not fit"),
        (lambda: linear(mean=np.zeros(2), matrix=np.ones(2)), "shapes of a linear reduction do not fit"),
        (lambda: linear(mean=np.zeros(2), matrix=np.full((1, 2), np.inf)), "matrix .* NaN or infinite"),
        (
            lambda: Branch(n_bands=3, normalisation="derivative", reduction=linear(mean=np.zeros(3), matrix=np.eye(3))),
            "3 channels does not fit 3 bands",
        ),
    ],
)
def test_parts_that_mean_nothing_are_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def linear(**arrays: Any) -> LinearReduction:
    return LinearReduction(kind="mnf", whiten=0.0, **arrays)
