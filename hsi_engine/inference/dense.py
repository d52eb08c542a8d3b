"""Logits of every pixel of a tile, computed once instead of patch by patch.

A patch network is ``features`` followed by ``head``. ``features`` holds valid convolutions without
stride, so running it once over the tile gives every patch's features at once; neighbouring patches
share almost all of them. Each kind of head knows its dense form: the first fully connected layer of a
:class:`FlattenHead` on a q×q window *is* a q×q convolution over those features. Labels are those of patch-wise prediction; logits differ
by rounding only.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ..models.networks.heads import DenseHead
from ..models.networks.patch_network import PatchNetwork

# Features are computed in squares of about this edge, so that what the convolutions hand on stays in the cache.
_SQUARE_PX = 64
# Components of the squares that run at once; the layers between are some ten times as large.
_BATCH_BYTES = 2 * 2**20
_TYPICAL_TILE = (256, 256)


def can_run_densely(network: PatchNetwork) -> bool:
    """Whether the architecture keeps the contract and its head has a dense form."""
    return network.dense and isinstance(network.head, DenseHead)


class DenseNetwork:
    """A network in eval mode, prepared once for any number of tiles.

    Batch normalisations are folded, weights laid out for the processor, and the first layer of the head is
    transformed if that is cheaper. Later changes of the network's weights are not seen.

    Parameters
    ----------
    network : in eval mode; :func:`can_run_densely` holds for it.
    tile_shape : (rows, cols) of the tiles that will be predicted, nearly. Only speed depends on it, and how
        logits are rounded.
    """

    @torch.inference_mode()
    def __init__(self, network: PatchNetwork, tile_shape: tuple[int, int] = _TYPICAL_TILE) -> None:
        head = network.head
        if not isinstance(head, DenseHead):
            raise TypeError(f"no dense form is known for a head of type {type(head).__name__}")
        self._features = network.inference_features()
        self._head_on_windows = head.on_windows(tile_shape)
        self._channels = head.channels
        self._lost = network.patch_size - head.window

    @torch.inference_mode()
    def logits(self, tile: Tensor) -> Tensor:
        """Logits of every pixel whose patch lies inside the tile.

        Parameters
        ----------
        tile : float32 (components, rows + p − 1, cols + p − 1): the pixels wanted, with a margin of half
            a patch on each side, on the device of the network.

        Returns
        -------
        float (classes, rows, cols).
        """
        return self.head(self.features(tile))

    @torch.inference_mode()
    def features(self, tile: Tensor) -> Tensor:
        """Features (rows + q − 1, cols + q − 1, channels) of a tile as in :meth:`logits`, square by square."""
        rows, cols = (edge - self._lost for edge in tile.shape[1:])
        down, across = (-(-edge // _SQUARE_PX) for edge in (rows, cols))
        # Never one square alone: it would take the slow way that torch has for 3-D convolutions of one small volume.
        down = max(down, 2 // across)
        height, width = -(-rows // down), -(-cols // across)
        padded = functional.pad(tile, (0, width * across - cols, 0, height * down - rows))
        squares = padded.unfold(1, height + self._lost, height).unfold(2, width + self._lost, width)
        squares = squares.permute(1, 2, 0, 3, 4).flatten(0, 1)
        batch = max(2, _BATCH_BYTES // (squares[0].numel() * tile.element_size()))
        image = tile.new_empty(down, height, across, width, self._channels)
        place = 0
        for some in squares.tensor_split(max(1, len(squares) // batch)):
            for part in self._features(some).permute(0, 2, 3, 1):
                image[place // across, :, place % across] = part
                place += 1
        return image.view(height * down, width * across, -1)[:rows, :cols]

    @torch.inference_mode()
    def head(self, features: Tensor) -> Tensor:
        """Logits (classes, rows, cols) from features (rows + q − 1, cols + q − 1, channels)."""
        return self._head_on_windows(features)


def dense_logits(network: PatchNetwork, tile: Tensor) -> Tensor:
    """Logits of a single tile, see :meth:`DenseNetwork.logits`."""
    reach = network.patch_size - 1
    return DenseNetwork(network, (tile.shape[1] - reach, tile.shape[2] - reach)).logits(tile)


@torch.inference_mode()
def patchwise_logits(network: PatchNetwork, tile: Tensor, batch_size: int = 128) -> Tensor:
    """The same as :func:`dense_logits`, one patch at a time: the definition, and the way for other heads."""
    edge = network.patch_size
    patches = tile.unfold(1, edge, 1).unfold(2, edge, 1)
    rows, cols = patches.shape[1:3]
    pixels = [(row, col) for row in range(rows) for col in range(cols)]
    out = []
    for start in range(0, len(pixels), batch_size):
        at = torch.tensor(pixels[start : start + batch_size], device=tile.device)
        out.append(network(patches[:, at[:, 0], at[:, 1]].transpose(0, 1)))
    return torch.cat(out).T.reshape(-1, rows, cols)
