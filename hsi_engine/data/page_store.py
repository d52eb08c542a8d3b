"""Storage of the pages of a reduced cube: in memory, or in a file if they do not fit."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import OutputError
from ..phrases import writing_hint

# Training has to stay below 2 GB with torch, the network and one block of the scene next to the pages.
IN_MEMORY_BYTES = 512 * 2**20
_PIECE = 8 * 2**20


def zero_pages(shape: tuple[int, ...], folder: Path | None) -> tuple[Tensor, bool]:
    """Zeros, float32, and whether they lie in a file.

    Parameters
    ----------
    shape : of the tensor.
    folder : for the file of a tensor of more than ``IN_MEMORY_BYTES``; None keeps all in memory. The file is
        gone with the tensor, or with the process however that ends.

    Raises
    ------
    OutputError : the disk has no room for it.
    """
    size = 4 * math.prod(shape)
    if folder is None or size <= IN_MEMORY_BYTES:
        return torch.zeros(shape), False
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".tmp-") as file:
            # Written, not only sized: a write into a mapped hole on a full disk kills the process.
            for start in range(0, size, _PIECE):
                file.write(bytes(min(_PIECE, size - start)))
            file.flush()
            return torch.from_numpy(np.memmap(file, dtype=np.float32, mode="r+", shape=shape)), True
    except OSError as error:
        raise OutputError(
            f"Training needs {size / 1e9:.1f} GB for a temporary file in '{folder}': {error.strerror}.",
            code="write_failed",
            hint=writing_hint(error, "Free some disk space, write the model to another folder, or label fewer places."),
        ) from error
