"""How much of a scene may be in work at once within a memory budget."""

from __future__ import annotations

from dataclasses import dataclass

from ..io.scenes.scene import Scene
from .predictor import Predictor

_MIN_EDGE_PX = 16
# Beyond, less than a twentieth is gained: features of the margin are computed twice.
_MAX_EDGE_PX = 512
# A wide scene has lower strips and longer tiles, so that both take as much memory as those of a narrow one.
_MAX_STRIP_PX = 2**20
_MAX_TILE_PX = 2**17
# What the network holds next to the tile: its convolutions and transforms work through it in chunks.
_WORKING_BYTES = 160 * 2**20
_FLOAT_BYTES = 4
# Components of a strip: those in work, and those that its neighbour shares or that are being read.
_STRIP_COPIES = 2
# Features of a tile, once more with the padding of the transforms; logits, probabilities and what is derived.
_FEATURE_COPIES = 2
_CLASS_COPIES = 4


@dataclass(frozen=True, kw_only=True)
class StripPlan:
    """How a scene is cut: strips over its whole width, tiles along each strip.

    Parameters
    ----------
    strip_rows : rows of a strip; the last may have fewer.
    tile_cols : columns of a tile; the last of a strip may have fewer.
    """

    strip_rows: int
    tile_cols: int


def plan_strips(
    predictor: Predictor, scene: Scene, *, budget_bytes: int, shape: tuple[int, int] | None = None
) -> StripPlan:
    """The largest tiles whose prediction stays within ``budget_bytes``, all of nearly one size.

    Never below 16 pixels (a tile is mostly margin then) nor above 512 (nothing is gained beyond), no strip of more than a
    megapixel if it is higher than 16, and no tile of more than an eighth of that. ``shape`` (rows, cols) is that of the
    part of the scene that is mapped; the whole scene if None.
    """
    rows, cols = scene.grid.shape if shape is None else shape
    edge = _MIN_EDGE_PX
    while edge < _MAX_EDGE_PX and _bytes_in_work(predictor, scene, cols, edge + _MIN_EDGE_PX) <= budget_bytes:
        edge += _MIN_EDGE_PX
    height = max(_MIN_EDGE_PX, min(edge, _MAX_STRIP_PX // cols))
    width = min(edge, _MAX_TILE_PX // height)
    return StripPlan(strip_rows=_even(rows, height), tile_cols=_even(cols, width))


def _bytes_in_work(predictor: Predictor, scene: Scene, cols: int, edge: int) -> int:
    reach = 2 * predictor.radius
    components = predictor.preprocessing.n_components
    block_rows, block_cols = scene.block_shape
    # The file's tiles reach beyond a strip by nearly their height; blocks over the whole width are read in parts.
    beyond = block_rows if block_cols < scene.grid.shape[1] else 0
    strip = ((edge + reach) * _STRIP_COPIES + beyond) * (cols + reach) * components
    features = max(member.window_channels for member in predictor.classifier.members)
    tile = (edge + reach) ** 2 * (components + features * _FEATURE_COPIES)
    classes = edge**2 * predictor.n_classes * _CLASS_COPIES
    return _WORKING_BYTES + _FLOAT_BYTES * (strip + tile + classes)


def _even(length: int, largest: int) -> int:
    """Length of equal parts of at most ``largest``; the last part is the shortest."""
    return -(-length // -(-length // largest))
