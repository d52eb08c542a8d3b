"""Logits of chosen pixels of a reduced cube, dense or patch by patch, whichever computes less."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..data.reduced_cube import ReducedCube
from ..models.networks.patch_network import PatchNetwork
from ..pixels.window import Window
from .dense import DenseNetwork, can_run_densely
from .macs import count_macs

_TILE_PX = 96
_BATCH = 128


@torch.inference_mode()
def logits_at(
    network: PatchNetwork,
    cube: ReducedCube,
    rows: npt.NDArray[np.int64],
    cols: npt.NDArray[np.int64],
    check_cancelled: Callable[[], None] = lambda: None,
) -> Tensor:
    """Logits of the pixels (rows, cols), both shape (n,): float32 (n, classes) on the CPU.

    ``network`` is in eval mode on the device of ``cube``; ``check_cancelled`` is called between tiles.
    """
    work = count_macs(network, cube.n_components, (_TILE_PX, _TILE_PX)) if can_run_densely(network) else None
    dense: DenseNetwork | None = None
    parts: list[Tensor] = []
    order: list[npt.NDArray[np.int64]] = []
    for members, window in _group_by_tile(rows, cols):
        check_cancelled()
        reach = cube.patch_size - 1
        tile_px = (window.height + reach) * (window.width + reach)
        if work is not None and tile_px * work.dense < len(members) * work.patchwise:
            dense = dense or DenseNetwork(network, (_TILE_PX, _TILE_PX))
            logits = dense.logits(cube.tile(window))
            parts.append(logits[:, rows[members] - window.row, cols[members] - window.col].T.float().cpu())
        else:
            for start in range(0, len(members), _BATCH):
                check_cancelled()
                some = members[start : start + _BATCH]
                patches = cube.gather(torch.from_numpy(rows[some]), torch.from_numpy(cols[some]))
                parts.append(network(patches).float().cpu())
        order.append(members)
    together = torch.cat(parts)
    out = torch.empty_like(together)
    out[torch.from_numpy(np.concatenate(order))] = together
    return out


def _group_by_tile(
    rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64]
) -> Iterator[tuple[npt.NDArray[np.int64], Window]]:
    """Indices of the pixels of each tile, with the smallest window that holds them."""
    across = int(cols.max()) // _TILE_PX + 1
    tiles = rows // _TILE_PX * across + cols // _TILE_PX
    order = np.argsort(tiles, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(tiles[order])) + 1):
        row, col = int(rows[members].min()), int(cols[members].min())
        yield (
            members,
            Window(
                row=row,
                col=col,
                height=int(rows[members].max()) - row + 1,
                width=int(cols[members].max()) - col + 1,
            ),
        )
