"""Principal component analysis of spectra."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError, SceneError
from ..phrases import counted
from .covariance import StreamedCovariance
from .linear import Floats, project


@dataclass(frozen=True, kw_only=True, eq=False)
class PCA:
    """A linear map from bands to the components that carry most of the variance.

    Parameters
    ----------
    mean : mean spectrum, (bands,), in the unit of the scene.
    components : orthonormal directions, (components, bands), in falling order of variance.
    explained_variance : variance along each direction (divided by pixels - 1), (components,).
    total_variance : variance of all bands together.
    whiten : divide each component by its standard deviation.
    """

    mean: Floats
    components: Floats
    explained_variance: Floats
    total_variance: float
    whiten: bool

    def __post_init__(self) -> None:
        for name in ("mean", "components", "explained_variance"):
            frozen = np.array(getattr(self, name), dtype=np.float64)
            if not np.isfinite(frozen).all():
                raise ValueError(f"{name} of a PCA holds NaN or infinite numbers")
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)
        k, bands = self.components.shape if self.components.ndim == 2 else (0, 0)
        if not 1 <= k <= bands or self.mean.shape != (bands,) or self.explained_variance.shape != (k,):
            raise ValueError(
                f"shapes of a PCA do not fit: mean {self.mean.shape}, components {self.components.shape},"
                f" explained_variance {self.explained_variance.shape}"
            )
        if not 0 < self.total_variance < np.inf or (self.explained_variance < 0).any():
            raise ValueError("variances of a PCA must not be negative, and their total must be above zero")
        if self.whiten and not self.explained_variance.all():
            raise ValueError("a component without variance cannot be whitened")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PCA):
            return NotImplemented
        return all(np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    @property
    def n_components(self) -> int:
        return len(self.components)

    @property
    def n_bands(self) -> int:
        return len(self.mean)

    @property
    def explained_variance_ratio(self) -> Floats:
        """Share of the total variance along each component, (components,)."""
        return self.explained_variance / self.total_variance

    @cached_property
    def matrix(self) -> Floats:
        """What a centred spectrum is multiplied with, (components, bands); whitening included."""
        if not self.whiten:
            return self.components
        return self.components / np.sqrt(self.explained_variance)[:, None]

    def transform(self, data: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Components of every pixel.

        Computed as :func:`hsi_engine.preprocess.linear.project` does.

        Parameters
        ----------
        data : spectra in the unit of the scene, (bands, rows, cols).
        valid : True where a pixel holds data, (rows, cols).

        Returns
        -------
        float32 (components, rows, cols), zero where not valid.
        """
        return project(data, valid, mean=self.mean, matrix=self.matrix)


def fit_pca(blocks: Iterable[npt.NDArray[Any]], n_components: int, whiten: bool) -> PCA:
    """Fit a PCA to pixels that come block by block.

    Equals ``sklearn.decomposition.PCA`` on the same pixels (up to rounding), signs included: the
    loading with the largest absolute value of each component is positive.

    Parameters
    ----------
    blocks : arrays (pixels, bands) of valid pixels; each is used once and not kept.
    n_components : number of components, 1 to the number of bands.
    whiten : give every component unit variance.

    Raises
    ------
    ParameterError : more components than bands, or whitening of components without variance.
    SceneError : fewer pixels than components, no variance at all, or values beyond float64.
    """
    if n_components < 1:
        raise ParameterError(f"The number of components must be at least 1; found {n_components}.", code="n_components")
    sums: StreamedCovariance | None = None
    for block in blocks:
        if sums is None:
            sums = StreamedCovariance(block.shape[1])
            require_enough_bands(n_components, block.shape[1])
        sums.add(block)
    return pca_of(sums, n_components, whiten)


def pca_of(sums: StreamedCovariance | None, n_components: int, whiten: bool) -> PCA:
    """The PCA of pixels that are summed up already; errors as :func:`fit_pca`."""
    pixels = 0 if sums is None else sums.pixels
    if sums is None or pixels < max(2, n_components):
        raise SceneError(
            f"A PCA of {counted(n_components, 'component')} needs at least {max(2, n_components)} valid pixels;"
            f" the scene has {pixels}.",
            code="too_few_pixels",
            hint="Use fewer components, or a scene with more valid pixels.",
        )
    require_enough_bands(n_components, len(sums.mean))
    return _decompose(sums.mean, sums.covariance, n_components, whiten)


def require_enough_bands(n_components: int, n_bands: int) -> None:
    """Raise ParameterError if ``n_components`` components cannot be made from ``n_bands`` bands."""
    if n_components > n_bands:
        raise ParameterError(
            f"{n_components} components were requested, but only {counted(n_bands, 'band')} of the scene can be used.",
            code="n_components",
            hint=(
                f"Use at most {n_bands} components, or a scene with more bands."
                if n_bands > 1
                else "Check that this is the scene, not a raster of classes."
            ),
        )


def require_variance(mean: Floats, covariance: Floats) -> float:
    """The variance that is nothing but the rounding of the values themselves.

    Raises
    ------
    SceneError : the pixels do not vary at all, or their values are beyond float64.
    """
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise SceneError(
            "The values of the scene are too large, or not finite: their covariance exceeds the range of float64.",
            code="value_range",
            hint="Check the scene's nodata value and scale.",
        )
    rounding = float(np.sum((64 * np.finfo(np.float64).eps * mean) ** 2))
    if float(np.trace(covariance)) <= rounding:
        raise SceneError(
            "All valid pixels of the scene have the same spectrum, so no classes can be told apart.",
            code="constant",
            hint="Check that the scene is an image and that the right bands are used.",
        )
    return rounding


def _decompose(mean: Floats, covariance: Floats, n_components: int, whiten: bool) -> PCA:
    rounding = require_variance(mean, covariance)
    variances, vectors = np.linalg.eigh(covariance)
    variances, vectors = variances[::-1], vectors.T[::-1]
    total = float(np.trace(covariance))
    noise = max(rounding, variances[0] * len(mean) * np.finfo(np.float64).eps)
    carrying = int(np.count_nonzero(variances > noise))
    if whiten and carrying < n_components:
        raise ParameterError(
            f"Only {carrying} of the {n_components} components have variance; the others cannot be scaled to unit "
            f"variance (whitening).",
            code="n_components",
            hint=f"Use at most {counted(carrying, 'component')}, or turn whitening off.",
        )
    variances = np.where(variances > noise, variances, 0.0)[:n_components]
    components = vectors[:n_components]
    largest = np.argmax(np.abs(components), axis=1)
    signs = np.sign(components[np.arange(n_components), largest])
    return PCA(
        mean=mean,
        components=components * signs[:, None],
        explained_variance=variances,
        total_variance=total,
        whiten=whiten,
    )
