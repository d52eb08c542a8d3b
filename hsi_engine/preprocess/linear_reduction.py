"""Linear reductions but for the PCA of the literature: decorrelated bands, minimum noise fraction, partial whitening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import SceneError
from .covariance import StreamedCovariance
from .linear import Floats, project
from .pca import PCA, require_enough_bands, require_variance

TOO_FEW_PIXELS = "too_few_pixels"
"""Code of the error for too few valid pixels for a reduction."""

LinearKind = Literal["pca", "mnf", "decorrelated"]

# Of the mean variance of a component, added to each before whitening: noise alone is not blown up.
_FLOOR = 1e-3
# Of the mean noise of the bands, added to each before the noise is made one.
_NOISE_ADDED = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearReduction:
    """A linear map from bands to components.

    Parameters
    ----------
    kind : how it was found.
    whiten : each component was divided by its deviation to this power: 0 leaves the deviation, 1 makes it 1.
    mean : mean spectrum, (bands,), in the unit of the scene.
    matrix : what a centred spectrum is multiplied with, (components, bands).
    """

    kind: LinearKind
    whiten: float
    mean: Floats
    matrix: Floats

    def __post_init__(self) -> None:
        for name in ("mean", "matrix"):
            frozen = np.array(getattr(self, name), dtype=np.float64)
            if not np.isfinite(frozen).all():
                raise ValueError(f"{name} of a linear reduction holds NaN or infinite numbers")
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)
        k, bands = self.matrix.shape if self.matrix.ndim == 2 else (0, 0)
        if not 1 <= k <= bands or self.mean.shape != (bands,):
            raise ValueError(
                f"shapes of a linear reduction do not fit: mean {self.mean.shape}, matrix {self.matrix.shape}"
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LinearReduction):
            return NotImplemented
        return (self.kind, self.whiten) == (other.kind, other.whiten) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in ("mean", "matrix")
        )

    __hash__ = None  # type: ignore[assignment]  # arrays are compared by value

    @property
    def n_components(self) -> int:
        return len(self.matrix)

    @property
    def n_bands(self) -> int:
        return len(self.mean)

    def transform(self, data: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Components of every pixel; arrays as in :func:`hsi_engine.preprocess.linear.project`."""
        return project(data, valid, mean=self.mean, matrix=self.matrix)


def decorrelation_of(sums: StreamedCovariance, whiten: float) -> LinearReduction:
    """Standardised bands turned into their principal components, all of them, each scaled towards unit variance.

    The components are scaled by one common number, so that their mean variance is 1. Half whitening (``whiten`` 0.5)
    gives directions of little variance a say without raising noise to the level of the signal.

    Raises
    ------
    SceneError : too few pixels, no variance, or values beyond float64.
    """
    _require_pixels(sums, 2, "Decorrelating bands")
    mean, covariance = sums.mean, sums.covariance
    require_variance(mean, covariance)
    variance = np.diag(covariance)
    varies = variance > (64 * np.finfo(np.float64).eps * mean) ** 2
    deviation = np.sqrt(np.where(varies, variance, 1.0))
    values, vectors = np.linalg.eigh(covariance / np.outer(deviation, deviation))
    directions = _signed(vectors.T[::-1])
    return _scaled("decorrelated", mean, directions / deviation, values[::-1], whiten)


def mnf_of(signal: StreamedCovariance, noise: StreamedCovariance, n_components: int, whiten: float) -> LinearReduction:
    """Minimum noise fraction (Green et al. 1988; Lee et al. 1990) of pixels and of the differences of neighbours.

    The noise is half the covariance of the differences, with a little of the same variance added to every band: bands
    that repeat others, or have no noise, do no harm. Components fall in their signal-to-noise ratio.

    Raises
    ------
    ParameterError : more components than bands.
    SceneError : too few pixels, or no variance.
    """
    from spectral.algorithms.algorithms import GaussianStats, mnf

    bands = len(signal.mean)
    require_enough_bands(n_components, bands)
    _require_pixels(signal, bands + 1, f"An MNF of {bands} bands")
    _require_pixels(noise, bands + 1, f"The noise of {bands} bands")
    require_variance(signal.mean, signal.covariance)
    noise_covariance = noise.covariance / 2
    added = _NOISE_ADDED * max(np.trace(noise_covariance), _NOISE_ADDED * np.trace(signal.covariance)) / bands
    noise_covariance = noise_covariance + added * np.eye(bands)
    result = mnf(
        GaussianStats(mean=signal.mean, cov=signal.covariance, nsamples=signal.pixels),
        GaussianStats(mean=np.zeros(bands), cov=noise_covariance, nsamples=noise.pixels),
    )
    matrix = _signed(np.real(result.napc.eigenvectors[:, :n_components].T @ result.noise.sqrt_inv_cov))
    variances = np.einsum("ij,jk,ik->i", matrix, signal.covariance, matrix)
    return _scaled("mnf", signal.mean, matrix, variances, whiten)


def partly_whitened(pca: PCA, whiten: float) -> LinearReduction:
    """A PCA without whitening, each component divided by its deviation to a power below 1."""
    return _scaled("pca", pca.mean, pca.components, pca.explained_variance, whiten)


def _scaled(kind: LinearKind, mean: Floats, matrix: Floats, variances: Floats, whiten: float) -> LinearReduction:
    floored = np.maximum(variances, 0) + _FLOOR * variances.mean()
    scale = floored ** (-whiten / 2)
    scale /= np.sqrt((floored * scale**2).mean())
    return LinearReduction(kind=kind, whiten=whiten, mean=mean, matrix=matrix * scale[:, None])


def _signed(matrix: Floats) -> Floats:
    """Each row with the sign that makes its largest weight positive."""
    largest = np.abs(matrix).argmax(axis=1)
    signed: Floats = matrix * np.sign(matrix[np.arange(len(matrix)), largest])[:, None]
    return signed


def _require_pixels(sums: StreamedCovariance, least: int, what: str) -> None:
    if sums.pixels < least:
        raise SceneError(
            f"{what} needs at least {least} valid pixels; the scene has {sums.pixels}.",
            code=TOO_FEW_PIXELS,
            hint="Use the bands as they are, or a scene with more valid pixels.",
        )
