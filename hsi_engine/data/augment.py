"""Flips and quarter turns: the eight symmetries of a square patch."""

from __future__ import annotations

import torch
from torch import Tensor

SYMMETRIES = 8


def apply_symmetry(patches: Tensor, symmetry: int) -> Tensor:
    """One of the eight symmetries of (n, components, p, p): quarter turns 0–3, then the same after a flip."""
    if symmetry >= 4:
        patches = patches.flip(3)
    return patches.rot90(symmetry % 4, (2, 3))


def random_symmetries(patches: Tensor, generator: torch.Generator) -> Tensor:
    """Each patch of (n, components, p, p) under a symmetry of its own, drawn from a CPU generator."""
    chosen = torch.randint(SYMMETRIES, (len(patches),), generator=generator).to(patches.device)
    out = torch.empty_like(patches, memory_format=torch.contiguous_format)
    for symmetry in range(SYMMETRIES):
        mask = chosen == symmetry
        out[mask] = apply_symmetry(patches[mask], symmetry)
    return out
