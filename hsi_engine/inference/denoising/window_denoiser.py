"""Removing the noise of a window of a scene with a fitted denoiser."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ...bundle.denoiser import Denoiser
from ...preprocess.filling import fill_from_around
from ...preprocess.noise import SignalSubspace

# No value is changed by more than so many standard deviations of the noise of its band.
_MOST_DEVIATIONS = 8


class WindowDenoiser:
    """Denoises windows, each with its margin; a pure function of what it is given.

    Windows of the same size with the same pixels get the same bytes. To denoise a scene, cut it into windows of one
    size; what lies beyond the scene is handed in as without data.

    Parameters
    ----------
    denoiser : fitted.
    device : where the network runs.

    Attributes
    ----------
    margin_px : pixels around a window that are needed: those that the network sees, and as many again, from which those of
        them that hold no data are filled.
    """

    def __init__(self, denoiser: Denoiser, device: torch.device) -> None:
        self._subspace = denoiser.subspace
        self._network = denoiser.network().to(device)
        self._device = device
        self.margin_px = 2 * self._network.margin_px

    def __call__(self, values: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
        """The spectra of a window without noise.

        Parameters
        ----------
        values : float32 or float64 (bands, rows + 2 · margin, cols + 2 · margin), in the unit of the scene it was fitted
            to; any finite number where not valid.
        valid : True where a pixel holds data, the same size.

        Returns
        -------
        (bands, rows, cols) of the type of ``values``; without meaning where not valid.
        """
        images = prepared(self._subspace, values, valid, self._network.margin_px)
        with torch.inference_mode():
            clean = self._network(torch.from_numpy(images)[None].to(self._device))[0]
        found = self._subspace.spectra(clean.float().cpu().numpy(), values.dtype)
        margin = self.margin_px
        seen = values[:, margin:-margin, margin:-margin]
        # What the components do not know of, such as a material that the training scene lacked, is no noise.
        most = (_MOST_DEVIATIONS * self._subspace.noise).astype(values.dtype)[:, None, None]
        bounded: npt.NDArray[Any] = np.clip(found, seen - most, seen + most)
        return bounded


def prepared(
    subspace: SignalSubspace, values: npt.NDArray[Any], valid: npt.NDArray[np.bool_], margin_px: int
) -> npt.NDArray[np.float32]:
    """Component images of a window with the margin of a network, filled where there is no data.

    Parameters
    ----------
    values, valid : of the window with twice the margin on each side.
    margin_px : what the network needs on each side.

    Returns
    -------
    float32 (components, rows + 2 · margin, cols + 2 · margin).
    """
    images = fill_from_around(subspace.components(values, valid), valid, margin_px)
    return np.ascontiguousarray(images[:, margin_px:-margin_px, margin_px:-margin_px])
