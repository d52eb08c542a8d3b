"""Flips and quarter turns: the eight symmetries of a square patch."""

from __future__ import annotations

import torch
from torch import Tensor

SYMMETRIES = 8


def symmetry_table(patch_size: int) -> Tensor:
    """The pixel of a patch that each symmetry puts in each place: int64 (8, p²), positions in the flattened patch.

    Quarter turns are 0 to 3, then the same after a flip of the columns.
    """
    places = torch.arange(patch_size**2).view(patch_size, patch_size)
    turned = [image.rot90(turns) for image in (places, places.flip(1)) for turns in range(4)]
    return torch.stack([image.flatten() for image in turned])


def apply_symmetries(patches: Tensor, symmetries: Tensor, table: Tensor) -> Tensor:
    """Each patch under its symmetry; nothing here waits for the device.

    Parameters
    ----------
    patches : (n, components, p, p).
    symmetries : int64 (n,), 0 to 7.
    table : of :func:`symmetry_table`. All three lie on one device.
    """
    places = table[symmetries][:, None].expand(-1, patches.shape[1], -1)
    return patches.flatten(2).gather(2, places).view(patches.shape)
