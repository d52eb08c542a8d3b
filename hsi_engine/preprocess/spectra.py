"""What is done to each spectrum alone before a reduction that was fitted to a scene."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

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
