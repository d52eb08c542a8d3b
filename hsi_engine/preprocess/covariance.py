"""Mean and covariance of more pixels than fit in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .product_threads import single_threaded_products

# Pixels centred and multiplied at once: 200 bands in float64 are 3 MB, which stay in the cache while they are worked on.
_CHUNK_PX = 2048


class StreamedCovariance:
    """Sums up pixels block by block in float64.

    Every chunk is centred on its own mean before it is squared, and chunks are merged with the update
    of Chan, Golub and LeVeque (1983), so a large common offset costs no digits. All values are taken
    relative to the first pixel seen, so a constant band has a variance of exactly zero.

    Parameters
    ----------
    bands : number of bands of a pixel.
    """

    def __init__(self, bands: int) -> None:
        self.pixels = 0
        self._origin: npt.NDArray[np.float64] | None = None
        self._mean = np.zeros(bands)
        self._scatter = np.zeros((bands, bands))

    def add(self, pixels: npt.NDArray[Any]) -> None:
        """Take in ``pixels`` of shape (pixels, bands), any real dtype, in the unit of the scene."""
        by_band = pixels.T
        if by_band.shape[0] != self._mean.size:
            raise ValueError(f"expected pixels of {self._mean.size} bands, found {by_band.shape[0]}")
        # Overflow shows as a covariance that is not finite, which the caller reports as an error.
        with np.errstate(over="ignore", invalid="ignore"), single_threaded_products():
            for start in range(0, by_band.shape[1], _CHUNK_PX):
                self._add_chunk(by_band[:, start : start + _CHUNK_PX])

    def _add_chunk(self, by_band: npt.NDArray[Any]) -> None:
        if self._origin is None:
            self._origin = by_band[:, 0].astype(np.float64)
        # Contiguous in either order, so that the product with the own transpose is one symmetric rank-k update.
        centred = np.subtract(by_band, self._origin[:, None], dtype=np.float64, order="K")
        count = centred.shape[1]
        mean = centred.mean(axis=1)
        centred -= mean[:, None]
        self._scatter += centred @ centred.T
        step = mean - self._mean
        total = self.pixels + count
        self._scatter += np.outer(step, step) * (self.pixels * count / total)
        self._mean += step * (count / total)
        self.pixels = total

    def part(self, bands: slice) -> StreamedCovariance:
        """The sums of some of the bands, as if no others had been taken in."""
        found = StreamedCovariance(len(self._mean[bands]))
        found.pixels = self.pixels
        found._origin = None if self._origin is None else self._origin[bands]
        found._mean, found._scatter = self._mean[bands], self._scatter[bands, bands]
        return found

    def may_hold(self, size: float) -> bool:
        """Whether a value of ``size`` or more, of either sign, may be among the pixels; False only if there is none."""
        if self.pixels < 2:
            return False
        # No value is further from the mean than the root of the sum of squares.
        with np.errstate(over="ignore", invalid="ignore"):
            reach = np.abs(self.mean) + np.sqrt(np.diag(self._scatter))
        return not bool((reach < size).all())

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """Mean of each band, shape (bands,)."""
        return self._mean if self._origin is None else self._origin + self._mean

    @property
    def covariance(self) -> npt.NDArray[np.float64]:
        """Unbiased covariance (divided by pixels - 1), shape (bands, bands)."""
        if self.pixels < 2:
            raise ValueError(f"a covariance needs at least two pixels, found {self.pixels}")
        return self._scatter / (self.pixels - 1)
