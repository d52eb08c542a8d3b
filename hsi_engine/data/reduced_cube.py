"""The reduced cube: a scene after preprocessing, padded so that every pixel has a whole patch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..window import Window


@dataclass(frozen=True, kw_only=True, eq=False)
class ReducedCube:
    """Components of a scene with a zero margin of half a patch.

    Zero is the mean spectrum, since the components are centred; pixels without data are zero too.
    There is never an array of all patches: :meth:`gather` cuts the ones of a batch.

    Parameters
    ----------
    padded : float32 (components, rows + p − 1, cols + p − 1).
    patch_size : p, odd.
    """

    padded: Tensor
    patch_size: int

    @classmethod
    def empty(cls, n_components: int, shape: tuple[int, int], patch_size: int) -> ReducedCube:
        """A cube of zeros for a scene of ``shape`` (rows, cols), to be filled window by window."""
        margin = 2 * (patch_size // 2)
        return cls(padded=torch.zeros(n_components, shape[0] + margin, shape[1] + margin), patch_size=patch_size)

    def fill(self, window: Window, components: npt.NDArray[np.float32]) -> None:
        """Set the pixels of a window inside the scene to float32 (components, rows, cols)."""
        rows, cols = replace(window, row=window.row + self.radius, col=window.col + self.radius).slices()
        self.padded[:, rows, cols] = torch.from_numpy(components)

    @property
    def radius(self) -> int:
        """Pixels between the centre of a patch and its border."""
        return self.patch_size // 2

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols) of the scene."""
        _, rows, cols = self.padded.shape
        return rows - 2 * self.radius, cols - 2 * self.radius

    def to(self, device: torch.device) -> ReducedCube:
        return ReducedCube(padded=self.padded.to(device), patch_size=self.patch_size)

    def gather(self, rows: Tensor, cols: Tensor) -> Tensor:
        """The patches around pixels (rows, cols), both int64 (n,): float32 (n, components, p, p)."""
        views = self.padded.unfold(1, self.patch_size, 1).unfold(2, self.patch_size, 1)
        return views[:, rows, cols].transpose(0, 1)

    def tile(self, window: Window) -> Tensor:
        """The pixels of a window inside the scene with their margin: (components, height + p − 1, width + p − 1)."""
        row_slice, col_slice = Window(
            row=window.row,
            col=window.col,
            height=window.height + 2 * self.radius,
            width=window.width + 2 * self.radius,
        ).slices()
        return self.padded[:, row_slice, col_slice]
