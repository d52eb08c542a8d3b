"""The noise of the bands of a scene, and the components that hold more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from hsi_engine.errors import SceneError
from hsi_engine.preprocess.noise import SignalSubspace, noise_variance, signal_subspace_of, varying_bands

BANDS, PIXELS, SIGNALS = 30, 6000, 4
NOISE = np.linspace(10.0, 40.0, BANDS)


def spectra(noise: npt.NDArray[np.float64] = NOISE, seed: int = 0) -> npt.NDArray[np.float64]:
    """(bands, pixels): mixtures of four smooth spectra, and noise of its own in each band."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, len(noise))
    endmembers = np.array([np.sin((3 + 2 * k) * x) for k in range(SIGNALS)])
    signal = 3000 + 500 * (rng.gamma(1.0, size=(PIXELS, SIGNALS)) @ endmembers).T
    return np.asarray(signal + rng.normal(size=signal.shape) * noise[:, None])


def subspace_of(data: npt.NDArray[np.float64], rounding: float = 0.0) -> SignalSubspace:
    return signal_subspace_of(data.mean(axis=1), np.cov(data), data.shape[1], np.full(len(data), rounding))


def test_noise_is_what_other_bands_do_not_explain() -> None:
    data = spectra()
    np.testing.assert_allclose(np.sqrt(noise_variance(np.cov(data), PIXELS)), NOISE, rtol=0.08)


def test_few_pixels_do_not_hide_noise() -> None:
    data = spectra()[:, : 4 * BANDS]
    ratio = np.sqrt(noise_variance(np.cov(data), data.shape[1])) / NOISE
    assert ratio.mean() == pytest.approx(1.0, abs=0.12)


def test_components_hold_the_signal_and_have_unit_noise() -> None:
    clean, data = spectra(np.full(BANDS, 1e-9)), spectra()
    subspace = subspace_of(data)
    assert subspace.n_components == SIGNALS
    valid = np.ones((60, 100), bool)
    noise = subspace.components((data - clean + data.mean(axis=1)[:, None]).reshape(BANDS, 60, 100), valid)
    np.testing.assert_allclose(noise.std(axis=(1, 2)), 1.0, rtol=0.1)
    components = subspace.components(data.reshape(BANDS, 60, 100), valid)
    restored = subspace.spectra(components, np.dtype(np.float64)).reshape(BANDS, -1)
    error, added = np.mean((restored - clean) ** 2), np.mean((data - clean) ** 2)
    assert error < 0.25 * added


def test_a_band_has_at_least_the_noise_of_rounding() -> None:
    rounding = 15.0**2
    assert subspace_of(spectra(), rounding).noise.min() == pytest.approx(15.0)


def test_bands_that_repeat_others_do_no_harm() -> None:
    data = spectra()
    doubled = np.vstack([data, data[:3]])
    subspace = subspace_of(doubled)
    assert np.isfinite(subspace.vectors).all()
    assert (subspace.noise > 0).all()


def test_bands_without_variance_are_found() -> None:
    data = spectra()
    data[7] = 12_345.678
    np.testing.assert_array_equal(varying_bands(data.mean(axis=1), np.cov(data)), [b for b in range(BANDS) if b != 7])


@pytest.mark.parametrize(
    ("bands", "pixels", "code", "words"),
    [
        (3, 5000, "scene.too_few_bands", "at least 10 bands that can be used; the scene has 3"),
        (BANDS, 60, "scene.too_few_pixels", "at least 90 pixels with data in all of them; the scene has 60"),
    ],
)
def test_too_little_to_tell_noise_from_signal(bands: int, pixels: int, code: str, words: str) -> None:
    with pytest.raises(SceneError, match=words) as caught:
        subspace_of(spectra()[:bands, :pixels])
    assert caught.value.code == code


def test_nothing_but_noise() -> None:
    with pytest.raises(SceneError, match="nothing but noise"):
        subspace_of(np.random.default_rng(3).normal(500, 10, (BANDS, PIXELS)))


@pytest.mark.parametrize("name", ["mean", "noise", "vectors", "variances"])
def test_numbers_that_are_none_are_refused(name: str) -> None:
    arrays = {key: array.copy() for key, array in subspace_of(spectra()).arrays().items()}
    arrays[name].flat[0] = np.nan
    with pytest.raises(ValueError, match=name):
        SignalSubspace.of_arrays(arrays)
