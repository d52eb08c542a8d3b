"""A few thousand spectra from all over a scene, at the cost of a few reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...pixels.window import Window
from .reader import SceneReader

_PROBE_PX = 32
# Along both diagonals of the window.
_SHARES = (0.5, 0.25, 0.75, 0.1, 0.9)


@dataclass(frozen=True, kw_only=True, eq=False)
class SpectralSample:
    """Spectra of the pixels with data in small windows along the diagonals of a window.

    Parameters
    ----------
    spectra : (bands, pixels), scaled as the file states; no pixels if the windows hold no data.
    looked_at : pixels in these windows, with and without data.
    """

    spectra: npt.NDArray[np.floating[Any]]
    looked_at: int

    @property
    def mean(self) -> npt.NDArray[np.floating[Any]] | None:
        """Mean spectrum (bands,); None without pixels."""
        return self.spectra.mean(axis=1) if self.spectra.size else None


def sample_spectra(
    reader: SceneReader,
    window: Window,
    bands: Sequence[int],
    *,
    check_cancelled: Callable[[], None] = lambda: None,
) -> SpectralSample:
    """Read the sample of ``window``, which lies inside the scene; ``bands`` count from 0.

    Raises
    ------
    SceneError : the file cannot be read.
    """
    spectra, looked_at = [], 0
    for share in _SHARES:
        for flip in dict.fromkeys((share, 1 - share)):
            check_cancelled()
            row, col = int(share * window.height), int(flip * window.width)
            probe = Window(row=row, col=col, height=_PROBE_PX, width=_PROBE_PX).clip(window.shape)
            block = reader.read(probe.absolute(window), bands)
            looked_at += block.valid.size
            spectra.append(block.data[:, block.valid])
    return SpectralSample(spectra=np.concatenate(spectra, axis=1), looked_at=looked_at)
