"""What is done to each spectrum alone, with nothing that was fitted to a scene: before a reduction, or in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from .linear import require_spectra

Normalisation = Literal["none", "brightness", "derivative"]
"""``brightness``: divide a spectrum by its root mean square, so that shade and slope play no part;
``derivative``: differences of neighbouring bands, one fewer than there are bands."""


def normalise(data: npt.NDArray[Any], how: Normalisation) -> npt.NDArray[Any]:
    """Spectra (bands, …) normalised; ``"none"`` returns ``data`` itself, the others float32 or float64.

    A spectrum that is zero in all bands stays zero.
    """
    if how == "none":
        return data
    dtype = np.float64 if data.dtype == np.float64 else np.float32
    spectra = data.astype(dtype, copy=False)
    if how == "derivative":
        return np.asarray(np.diff(spectra, axis=0))
    level = np.sqrt(np.mean(np.square(spectra), axis=0))
    return np.asarray(np.divide(spectra, level, out=np.zeros_like(spectra), where=level > 0))


def n_channels(bands: int, how: Normalisation) -> int:
    """Channels that :func:`normalise` makes of ``bands`` bands."""
    return bands - 1 if how == "derivative" else bands


@dataclass(frozen=True, kw_only=True)
class RawBands:
    """The values of a scene, NaN for pixels without data.

    Parameters
    ----------
    n_bands : bands that are fed in, and that come out.
    """

    n_bands: int
    empty: ClassVar[float] = float("nan")
    """What stands beyond the border of a scene; the other reductions have 0 there, the mean spectrum."""

    @property
    def n_components(self) -> int:
        return self.n_bands

    def transform(self, data: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """float32 (bands, rows, cols) of ``data`` (bands, rows, cols), NaN if not ``valid`` (rows, cols)."""
        require_spectra(data, valid, self.n_bands)
        values = data.astype(np.float32)
        values[:, ~valid] = np.nan
        return values
