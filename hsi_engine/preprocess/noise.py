"""The noise of each band, found from the scene itself, and the few components that hold more than noise.

A band's noise is what the other bands do not explain: the error of its regression on all of them, as HySime estimates it
(Bioucas-Dias and Nascimento 2008, doi:10.1109/TGRS.2008.918089). For band i that error has the variance 1 / (C⁻¹)ᵢᵢ,
where C is the covariance of the bands, so one streamed covariance is all that is needed. That error also holds the noise of
the other bands, by which they predict: with the share h of band i in the components that hold signal, it is the noise divided
by 1 − h (as in factor analysis, Jöreskog 1967), which is taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import SceneError
from .linear import Floats, project
from .pca import require_variance
from .product_threads import single_threaded_products

FEWEST_BANDS = 10
"""Bands below which the others explain a band too badly: its signal would count as noise."""
MOST_COMPONENTS = 64

# Pixels for each band, so that the regression does not fit the noise it is to find.
_PIXELS_A_BAND = 3
# Added to the correlation matrix: bands that repeat others have an inverse too.
_RIDGE = 1e-9
# Shares in the signal and the noise they follow from are found in turn; a band that the signal seems to hold alone keeps
# a quarter of the variance that the others do not explain.
_ROUNDS = 3
_LEAST_REST = 0.25
# No band is known better than to this share of its variance.
_LEAST_SHARE = 1e-6
_CHUNK_PX = 4096


@dataclass(frozen=True, kw_only=True, eq=False)
class SignalSubspace:
    """Where the signal of a scene lies, in units of its noise.

    Parameters
    ----------
    mean : mean spectrum, (bands,), in the unit of the scene.
    noise : standard deviation of the noise of each band, (bands,), above zero, in the unit of the scene.
    vectors : orthonormal rows, (components, bands): directions of spectra whose bands are divided by their noise.
    variances : variance of the scene along each, (components,), falling; noise alone has 1.
    """

    mean: Floats
    noise: Floats
    vectors: Floats
    variances: Floats

    def __post_init__(self) -> None:
        for name in ("mean", "noise", "vectors", "variances"):
            frozen = np.array(getattr(self, name), dtype=np.float64)
            if not np.isfinite(frozen).all():
                raise ValueError(f"{name} of a signal subspace holds NaN or infinite numbers")
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)
        components, bands = self.vectors.shape if self.vectors.ndim == 2 else (0, 0)
        fits = self.mean.shape == self.noise.shape == (bands,) and self.variances.shape == (components,)
        if not (1 <= components <= bands and fits):
            raise ValueError(
                f"shapes of a signal subspace do not fit: mean {self.mean.shape}, noise {self.noise.shape},"
                f" vectors {self.vectors.shape}, variances {self.variances.shape}"
            )
        if (self.noise <= 0).any() or (self.variances <= 0).any():
            raise ValueError("noise and variances of a signal subspace must be above zero")

    @property
    def n_components(self) -> int:
        return len(self.vectors)

    def arrays(self) -> dict[str, Floats]:
        """What :meth:`of_arrays` needs, by name."""
        return {name: getattr(self, name) for name in ("mean", "noise", "vectors", "variances")}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Floats]) -> SignalSubspace:
        """From what :meth:`arrays` gave; ValueError or TypeError where it is something else."""
        return cls(**arrays)

    def components(self, data: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Components of every pixel, their noise uncorrelated and of variance 1; arrays as in :func:`.linear.project`."""
        return project(data, valid, mean=self.mean, matrix=self.vectors / self.noise)

    def spectra(self, components: npt.NDArray[np.float32], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """Spectra of components: what lies outside of the subspace, and is noise, is gone.

        Parameters
        ----------
        components : (components, rows, cols).
        dtype : float32 or float64, of the result.

        Returns
        -------
        (bands, rows, cols) in the unit of the scene.
        """
        back = np.ascontiguousarray((self.vectors * self.noise).T.astype(np.float32))
        flat = components.reshape(self.n_components, -1)
        result = np.empty((len(self.mean), flat.shape[1]), dtype)
        mean = self.mean.astype(dtype)[:, None]
        with single_threaded_products():
            for start in range(0, flat.shape[1], _CHUNK_PX):
                part = slice(start, start + _CHUNK_PX)
                np.add(back @ flat[:, part], mean, out=result[:, part])
        return result.reshape(len(self.mean), *components.shape[1:])


def noise_variance(covariance: Floats, pixels: int) -> Floats:
    """Variance of the noise of each band, (bands,).

    Parameters
    ----------
    covariance : of the bands, (bands, bands), each with a variance above zero.
    pixels : from which it was computed; that many bands as predictors fit a part of the noise, which is made up for.
    """
    bands = len(covariance)
    variance = np.diag(covariance)
    deviation = np.sqrt(variance)
    correlation = covariance / np.outer(deviation, deviation) + _RIDGE * np.eye(bands)
    unexplained = 1 / np.diag(np.linalg.inv(correlation)) * (pixels / (pixels - bands))
    error: Floats = variance * np.clip(unexplained, _LEAST_SHARE, 1.0)
    noise = error
    for _ in range(_ROUNDS):
        variances, vectors = _signal(covariance, noise, pixels)
        share = ((1 - 1 / variances)[:, None] * vectors**2).sum(axis=0)
        noise = error * np.maximum(1 - share, _LEAST_REST)
    return noise


def _signal(covariance: Floats, noise: Floats, pixels: int) -> tuple[Floats, Floats]:
    """Variances (components,), falling, and directions (components, bands) of what varies more than noise alone would."""
    deviation = np.sqrt(noise)
    variances, vectors = np.linalg.eigh(covariance / np.outer(deviation, deviation))
    largest_of_noise = (1 + np.sqrt(len(noise) / pixels)) ** 2
    kept = min(MOST_COMPONENTS, int(np.count_nonzero(variances > largest_of_noise)))
    return variances[::-1][:kept], vectors.T[::-1][:kept]


def signal_subspace_of(mean: Floats, covariance: Floats, pixels: int, rounding: Floats) -> SignalSubspace:
    """The subspace of pixels that are summed up.

    A component is kept if its variance is above the largest that noise alone would have with so many pixels and bands
    (Marchenko and Pastur 1967).

    Parameters
    ----------
    mean, covariance : of the bands, (bands,) and (bands, bands); each band varies.
    pixels : from which they were computed.
    rounding : variance that the number format of the file adds to each band, (bands,): no band has less noise.

    Raises
    ------
    SceneError : too few bands or pixels, no variance, or nothing but noise.
    """
    bands = len(mean)
    require_bands(bands)
    if pixels < _PIXELS_A_BAND * bands:
        raise SceneError(
            f"The noise of {bands} bands needs at least {_PIXELS_A_BAND * bands:,} pixels with data in all of them;"
            f" the scene has {pixels:,}.",
            code="too_few_pixels",
            hint="Use a larger part of the scene, or leave out bands that lack data.",
        )
    require_variance(mean, covariance)
    noise = np.maximum(noise_variance(covariance, pixels), rounding)
    variances, vectors = _signal(covariance, noise, pixels)
    if not len(variances):
        raise SceneError(
            "The scene holds nothing but noise: no combination of its bands varies more than their noise does.",
            code="no_signal",
            hint="Check that the right file and the right bands were chosen.",
        )
    largest = np.abs(vectors).argmax(axis=1)
    signs = np.sign(vectors[np.arange(len(vectors)), largest])
    return SignalSubspace(mean=mean, noise=np.sqrt(noise), vectors=vectors * signs[:, None], variances=variances)


def varying_bands(mean: Floats, covariance: Floats) -> npt.NDArray[np.intp]:
    """Positions of the bands that vary by more than the rounding of their values."""
    found: npt.NDArray[np.intp] = np.flatnonzero(np.diag(covariance) > (64 * np.finfo(np.float64).eps * mean) ** 2)
    return found


def require_bands(bands: int) -> None:
    """Raise SceneError where ``bands`` bands are too few to tell noise from signal."""
    if bands < FEWEST_BANDS:
        raise SceneError(
            f"Denoising needs at least {FEWEST_BANDS} bands that can be used; the scene has {bands}. The noise of a band is"
            " what the other bands do not explain: with few of them, real differences would be removed as noise.",
            code="too_few_bands",
            hint="Use a hyperspectral scene, or a filter made for single images.",
        )
