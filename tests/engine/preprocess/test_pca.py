"""PCA: equal to scikit-learn, whatever the offset and however the pixels are cut into blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import decomposition

from hsi_engine.errors import ParameterError, SceneError
from hsi_engine.preprocess.covariance import StreamedCovariance
from hsi_engine.preprocess.pca import PCA, fit_pca


def make_spectra(pixels: int, bands: int, *, offset: float = 0.0, seed: int = 0) -> np.ndarray:
    """Correlated bands with well separated variances along every direction, float64 (pixels, bands)."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(pixels, bands)) * 50 * 0.7 ** np.arange(bands)
    rotation, _ = np.linalg.qr(rng.normal(size=(bands, bands)))
    return scores @ rotation + offset + rng.uniform(0, 10, bands)


def reference(spectra: np.ndarray, **options: Any) -> decomposition.PCA:
    """scikit-learn's, with signs as in 1.5 and later: the largest weight of a component is positive."""
    fitted = decomposition.PCA(svd_solver="full", **options).fit(spectra)
    largest = np.abs(fitted.components_).argmax(axis=1)[:, None]
    fitted.components_ *= np.sign(np.take_along_axis(fitted.components_, largest, axis=1))
    return fitted


def cut(spectra: np.ndarray, size: int) -> list[np.ndarray]:
    return [spectra[i : i + size] for i in range(0, len(spectra), size)]


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("size", [1, 7, 250, 10_000])
def test_equals_scikit_learn(offset: float, size: int, whiten: bool) -> None:
    spectra = make_spectra(1000, 12, offset=offset)
    expected = reference(spectra, n_components=5, whiten=whiten)
    pca = fit_pca(iter(cut(spectra, size)), 5, whiten)
    np.testing.assert_allclose(pca.mean, expected.mean_, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(pca.components, expected.components_, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(pca.explained_variance, expected.explained_variance_, rtol=1e-9)
    np.testing.assert_allclose(pca.explained_variance_ratio, expected.explained_variance_ratio_, rtol=1e-9)
    image = spectra.T.reshape(12, 20, 50)
    components = pca.transform(image, np.ones((20, 50), bool))
    np.testing.assert_allclose(
        components.reshape(5, -1).T, expected.transform(spectra), rtol=1e-6, atol=1e-6 * components.std()
    )


def test_more_pixels_than_one_chunk_equal_scikit_learn() -> None:
    spectra = make_spectra(20_001, 6, offset=1e4)
    expected = reference(spectra, n_components=6)
    pca = fit_pca([spectra], 6, False)
    np.testing.assert_allclose(pca.components, expected.components_, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(pca.explained_variance, expected.explained_variance_, rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, 300), max_size=6), offset=st.sampled_from([0.0, -3e3, 1e6]))
def test_covariance_does_not_depend_on_the_cuts(cuts: list[int], offset: float) -> None:
    spectra = make_spectra(300, 5, offset=offset, seed=3)
    sums = StreamedCovariance(5)
    for part in np.split(spectra, sorted(cuts)):
        sums.add(part)
    assert sums.pixels == 300
    np.testing.assert_allclose(sums.mean, spectra.mean(axis=0), rtol=1e-12, atol=1e-12)
    # The reference is taken from the centred numbers: at 1e6 these still hold ten digits.
    expected = np.cov(spectra - spectra[0], rowvar=False)
    np.testing.assert_allclose(sums.covariance, expected, rtol=1e-10, atol=1e-12 * np.trace(expected))


def test_blocks_that_differ_wildly_in_level_keep_their_digits() -> None:
    spectra = make_spectra(400, 4)
    spectra[200:] += 1e7
    sums = StreamedCovariance(4)
    for part in cut(spectra, 100):
        sums.add(part)
    np.testing.assert_allclose(sums.covariance, np.cov(spectra, rowvar=False), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.float32])
def test_integer_and_float32_blocks_are_summed_in_float64(dtype: type) -> None:
    spectra = make_spectra(500, 4, offset=9000.0).astype(dtype)
    pca = fit_pca(cut(spectra, 60), 4, False)
    expected = reference(spectra.astype(np.float64), n_components=4)
    np.testing.assert_allclose(pca.explained_variance, expected.explained_variance_, rtol=1e-9)


def test_sign_makes_the_largest_loading_positive() -> None:
    spectra = make_spectra(200, 6)
    pca, mirrored = fit_pca([spectra], 6, False), fit_pca([-spectra], 6, False)
    largest = np.take_along_axis(pca.components, np.abs(pca.components).argmax(axis=1)[:, None], axis=1)
    assert (largest > 0).all()
    np.testing.assert_allclose(pca.components, mirrored.components, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_transform_keeps_its_digits_at_a_large_offset(dtype: type, offset: float) -> None:
    spectra = make_spectra(600, 10, offset=offset).astype(dtype)
    pca = fit_pca([spectra], 6, True)
    exact = (pca.matrix @ (spectra.astype(np.float64) - pca.mean).T).reshape(6, 20, 30)
    found = pca.transform(spectra.T.reshape(10, 20, 30), np.ones((20, 30), bool))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, exact, atol=2e-6 if dtype is np.float64 else 2e-5)


def test_transform_of_a_pixel_does_not_depend_on_its_block() -> None:
    image = make_spectra(90 * 110, 8, offset=1e3).astype(np.float32).T.reshape(8, 90, 110)
    valid = np.ones((90, 110), bool)
    pca = fit_pca([image.reshape(8, -1).T], 5, True)
    whole = pca.transform(image, valid)
    for rows, cols in [(slice(0, 1), slice(3, 4)), (slice(17, 60), slice(2, 99)), (slice(40, 90), slice(0, 110))]:
        np.testing.assert_allclose(
            pca.transform(image[:, rows, cols], valid[rows, cols]), whole[:, rows, cols], atol=2e-6
        )


def test_invalid_pixels_become_zero_whatever_they_hold() -> None:
    image = make_spectra(20, 4).T.reshape(4, 4, 5)
    pca = fit_pca([image.reshape(4, -1).T], 3, False)
    valid = np.ones((4, 5), bool)
    valid[1, 2:] = False
    image[:, 1, 2] = 0
    image[:, 1, 3] = np.nan
    found = pca.transform(image, valid)
    assert (found[:, ~valid] == 0).all()
    assert np.isfinite(found).all()
    assert (found[:, valid] != 0).all()


def test_empty_window() -> None:
    pca = fit_pca([make_spectra(20, 4)], 3, False)
    assert pca.transform(np.zeros((4, 0, 7), np.float32), np.zeros((0, 7), bool)).shape == (3, 0, 7)


def test_whitening_says_how_many_components_carry_variance() -> None:
    spectra = make_spectra(300, 3, offset=1e4)
    doubled = np.hstack([spectra, spectra, np.full((300, 1), 0.1)])
    with pytest.raises(ParameterError, match=r"Only 3 of the 5 components have variance.*at most 3.*whitening off"):
        fit_pca(cut(doubled, 77), 5, True)
    assert fit_pca(cut(doubled, 77), 3, True).n_components == 3


def test_without_whitening_a_flat_component_has_exactly_no_variance() -> None:
    spectra = make_spectra(300, 3, offset=1e4)
    pca = fit_pca([np.hstack([spectra, spectra])], 4, False)
    assert pca.explained_variance[3] == 0
    assert (pca.explained_variance[:3] > 0).all()


@pytest.mark.parametrize("value", [0.0, 0.1, 1e4 / 3, -1e9])
def test_constant_scene(value: float) -> None:
    with pytest.raises(SceneError, match="same spectrum"):
        fit_pca([np.full((5000, 4), value), np.full((9, 4), value)], 2, False)


def test_more_components_than_bands() -> None:
    with pytest.raises(ParameterError, match=r"5 components were requested, but only 4 band"):
        fit_pca([make_spectra(20, 4)], 5, False)


@pytest.mark.parametrize("pixels", [0, 1, 2])
def test_too_few_pixels(pixels: int) -> None:
    with pytest.raises(SceneError, match=rf"at least 3 valid pixels; the scene has {pixels}"):
        fit_pca([make_spectra(pixels, 4)], 3, False)


def test_no_component() -> None:
    with pytest.raises(ParameterError, match="at least 1; found 0"):
        fit_pca([make_spectra(20, 4)], 0, False)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_values_that_cannot_be_summed(value: float) -> None:
    spectra = make_spectra(20, 4)
    spectra[3, 2] = value
    with pytest.raises(SceneError, match="too large, or not finite"):
        fit_pca([spectra], 2, False)


def test_pca_is_validated_and_read_only() -> None:
    pca = fit_pca([make_spectra(20, 4)], 2, False)
    with pytest.raises(ValueError, match="read-only"):
        pca.mean[0] = 1
    parts = {"mean": pca.mean, "components": pca.components, "explained_variance": pca.explained_variance}
    rest = {"total_variance": pca.total_variance, "whiten": False}
    assert PCA(**parts, **rest) == pca
    assert PCA(**parts, **(rest | {"whiten": True})) != pca
    for name, value, words in [
        ("mean", pca.mean[:3], "do not fit"),
        ("components", pca.components[0], "do not fit"),
        ("explained_variance", -pca.explained_variance, "negative"),
        ("mean", np.full(4, np.nan), "NaN"),
    ]:
        with pytest.raises(ValueError, match=words):
            PCA(**(parts | {name: value}), **rest)
