"""Seeds as named children of one integer, so that no draw depends on how many were made before it."""

from __future__ import annotations

import zlib

import numpy as np
import torch


def child_seed(seed: int, *names: str | int) -> int:
    """A 63-bit seed that belongs to ``names``, such as ``child_seed(0, "shuffle", epoch)``."""
    keys = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    state = np.random.SeedSequence(seed, spawn_key=tuple(keys)).generate_state(1, np.uint64)
    return int(state[0]) >> 1  # numpy 1 has no shift of an unsigned number by an int


def generator(seed: int, *names: str | int) -> torch.Generator:
    """A CPU generator seeded with :func:`child_seed`."""
    return torch.Generator().manual_seed(child_seed(seed, *names))
