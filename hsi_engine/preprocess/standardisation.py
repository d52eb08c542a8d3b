"""Every band with mean zero and unit variance over the scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import SceneError
from .covariance import StreamedCovariance
from .linear import Floats, require_spectra
from .pca import require_variance


@dataclass(frozen=True, kw_only=True, eq=False)
class Standardisation:
    """Bands as they are, each centred and scaled.

    Parameters
    ----------
    mean : mean of each band, (bands,), in the unit of the scene.
    deviation : standard deviation of each band, (bands,), above zero; 1 for a band that does not vary.
    """

    mean: Floats
    deviation: Floats

    def __post_init__(self) -> None:
        for name in ("mean", "deviation"):
            frozen = np.array(getattr(self, name), dtype=np.float64)
            if frozen.ndim != 1 or not np.isfinite(frozen).all():
                raise ValueError(f"{name} of a standardisation must be a list of finite numbers")
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)
        if self.mean.shape != self.deviation.shape or (self.deviation <= 0).any():
            raise ValueError("a standardisation needs one mean and one deviation above zero per band")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Standardisation):
            return NotImplemented
        return np.array_equal(self.mean, other.mean) and np.array_equal(self.deviation, other.deviation)

    @property
    def n_components(self) -> int:
        """Number of channels that come out: one per band."""
        return len(self.mean)

    @property
    def n_bands(self) -> int:
        return len(self.mean)

    @property
    def matrix(self) -> Floats:
        """What a centred spectrum is multiplied with, (bands, bands): a diagonal."""
        return np.diag(1 / self.deviation)

    def transform(self, data: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Standardised bands of every pixel.

        Parameters
        ----------
        data : spectra in the unit of the scene, (bands, rows, cols).
        valid : True where a pixel holds data, (rows, cols).

        Returns
        -------
        float32 (bands, rows, cols), zero where not valid.
        """
        require_spectra(data, valid, self.n_bands)
        result = np.empty(data.shape, dtype=np.float32)
        dtype = np.float64 if data.dtype == np.float64 else np.float32
        mean, factor = self.mean.astype(dtype), (1 / self.deviation).astype(dtype)
        for band, target in enumerate(result):
            np.multiply(np.subtract(data[band], mean[band], dtype=dtype), factor[band], out=target, casting="same_kind")
        if not valid.all():
            result[:, ~valid] = 0
        return result


def standardisation_of(sums: StreamedCovariance) -> Standardisation:
    """The standardisation of pixels that are summed up.

    Raises
    ------
    SceneError : fewer than two pixels, or the pixels do not vary at all, or their values are beyond float64.
    """
    if sums.pixels < 2:
        raise SceneError(
            f"Standardising bands needs at least 2 valid pixels; the scene has {sums.pixels}.",
            code="too_few_pixels",
            hint="Check the nodata value of the scene.",
        )
    mean, covariance = sums.mean, sums.covariance
    require_variance(mean, covariance)
    variance = np.diag(covariance)
    varies = variance > (64 * np.finfo(np.float64).eps * mean) ** 2
    return Standardisation(mean=mean, deviation=np.sqrt(np.where(varies, variance, 1.0)))
