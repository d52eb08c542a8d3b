"""Continuing with smaller tiles if the memory of a device does not hold one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from ..errors import DeviceError

Floats = npt.NDArray[np.float32]

_LEAST_PX = 16
_MPS_MESSAGE = "MPS backend out of memory"


class TilesWithinMemory:
    """A computation on tiles that halves a tile when the memory of the device runs out.

    What did not fit once is not tried again: later tiles are cut to the size that did. The result is that of the
    whole tile up to rounding, since every part keeps its margin.

    Parameters
    ----------
    compute : float32 (components, rows + 2 · margin, cols + 2 · margin) to float32 (classes, rows, cols), both in the
        memory of the computer.
    margin_px : pixels of margin on each side of a tile.
    device : that computes; for the messages.
    """

    def __init__(self, compute: Callable[[Floats], Floats], *, margin_px: int, device: torch.device) -> None:
        self._compute = compute
        self._margin_px = margin_px
        self._device = device
        self._most_px: int | None = None

    def __call__(self, tile: Floats, warn: Callable[[str], None]) -> Floats:
        """The result for the tile without its margin, (classes, rows, cols).

        ``warn`` receives a sentence each time the tiles become smaller.

        Raises
        ------
        DeviceError : not even a tile of less than 32×32 pixels fits.
        """
        rows, cols = (edge - 2 * self._margin_px for edge in tile.shape[1:])
        if self._most_px is None or rows * cols <= self._most_px:
            result, reason = self._try(tile)
            if result is not None:
                return result
            warn(self._shrink(rows, cols, reason))
        along = 1 if rows >= cols else 2
        half = -(-max(rows, cols) // 2)
        first = tile.take(range(half + 2 * self._margin_px), axis=along)
        second = tile.take(range(half, tile.shape[along]), axis=along)
        return np.concatenate([self(first, warn), self(second, warn)], axis=along)

    def _try(self, tile: Floats) -> tuple[Floats | None, str]:
        """The result, or None and torch's reason. Only after the return is all released that the attempt held."""
        try:
            return self._compute(tile), ""
        except RuntimeError as error:
            # The name is known to every torch; from 2.5 on it stands for all devices that raise such an error.
            if not isinstance(error, torch.cuda.OutOfMemoryError) and _MPS_MESSAGE not in str(error):
                raise
            return None, str(error).partition("\n")[0]

    def _shrink(self, rows: int, cols: int, reason: str) -> str:
        """Let later tiles have half of these pixels; the sentence that says so."""
        torch.cuda.empty_cache()
        long, short = max(rows, cols), min(rows, cols)
        if long < 2 * _LEAST_PX:
            raise DeviceError(
                f"The memory of device {self._device} does not hold the network and a tile of {rows}×{cols} pixels:"
                f" {reason}",
                code="out_of_memory",
                hint="Close other programs that use the device, or use device cpu.",
            )
        half = -(-long // 2)
        self._most_px = half * short
        after = f"{half}×{cols}" if rows >= cols else f"{rows}×{half}"
        return (
            f"The memory of device {self._device} does not hold a tile of {rows}×{cols} pixels; continuing with "
            f"{after}."
        )
