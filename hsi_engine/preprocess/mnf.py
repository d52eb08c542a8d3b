"""Minimum noise fraction: components ordered by their signal-to-noise ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError, SceneError
from .covariance import StreamedCovariance
from .linear import Floats, project
from .pca import require_enough_bands, require_variance


@dataclass(frozen=True, kw_only=True, eq=False)
class MNF:
    """A linear map from bands to the components with the least noise (Green et al. 1988; Lee et al. 1990).

    Parameters
    ----------
    mean : mean spectrum, (bands,), in the unit of the scene.
    matrix : what a centred spectrum is multiplied with, (components, bands); falling in signal-to-noise ratio.
    """

    mean: Floats
    matrix: Floats

    def __post_init__(self) -> None:
        for name in ("mean", "matrix"):
            frozen = np.array(getattr(self, name), dtype=np.float64)
            if not np.isfinite(frozen).all():
                raise ValueError(f"{name} of an MNF holds NaN or infinite numbers")
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)
        k, bands = self.matrix.shape if self.matrix.ndim == 2 else (0, 0)
        if not 1 <= k <= bands or self.mean.shape != (bands,):
            raise ValueError(f"shapes of an MNF do not fit: mean {self.mean.shape}, matrix {self.matrix.shape}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MNF):
            return NotImplemented
        return np.array_equal(self.mean, other.mean) and np.array_equal(self.matrix, other.matrix)

    @property
    def n_components(self) -> int:
        return len(self.matrix)

    @property
    def n_bands(self) -> int:
        return len(self.mean)

    def transform(self, data: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Components of every pixel; arrays as in :func:`hsi_engine.preprocess.linear.project`."""
        return project(data, valid, mean=self.mean, matrix=self.matrix)


def mnf_of(signal: StreamedCovariance, noise: StreamedCovariance, n_components: int) -> MNF:
    """The MNF of pixels and of the differences of horizontal neighbours, both summed up already.

    The noise is half the covariance of the differences. Components are divided by one common number, so that their
    mean variance is 1 while the order of their signal-to-noise ratios remains.

    Raises
    ------
    ParameterError : more components than bands.
    SceneError : too few pixels, no variance, or a noise that cannot be estimated because bands depend on each other.
    """
    from spectral.algorithms.algorithms import GaussianStats, mnf

    bands = len(signal.mean)
    require_enough_bands(n_components, bands)
    if min(signal.pixels, noise.pixels) <= bands:
        raise SceneError(
            f"An MNF of {bands} bands needs more than {bands} valid pixels with a neighbour; the scene has {noise.pixels}.",
            code="too_few_pixels",
            hint="Use PCA or the bands as they are, or a scene with more valid pixels.",
        )
    require_variance(signal.mean, signal.covariance)
    noise_covariance = noise.covariance / 2
    if np.linalg.matrix_rank(noise_covariance) < bands:
        raise ParameterError(
            "The noise of the bands cannot be told apart: some bands repeat others, or do not vary.",
            code="mnf_noise",
            hint="Leave these bands out, or use PCA or the bands as they are.",
        )
    result = mnf(
        GaussianStats(mean=signal.mean, cov=signal.covariance, nsamples=signal.pixels),
        GaussianStats(mean=np.zeros(bands), cov=noise_covariance, nsamples=noise.pixels),
    )
    matrix = np.real(result.napc.eigenvectors[:, :n_components].T @ result.noise.sqrt_inv_cov)
    variances = np.einsum("ij,jk,ik->i", matrix, signal.covariance, matrix)
    largest = np.abs(matrix).argmax(axis=1)
    signs = np.sign(matrix[np.arange(n_components), largest])
    return MNF(mean=signal.mean, matrix=matrix * (signs / np.sqrt(variances.mean()))[:, None])
