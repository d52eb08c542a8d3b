"""How many pixels the quality layers of a product mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ....phrases import counted, listed
from ....reporting import Reporter
from ..reader import SceneReader
from ..source import QualityLayer

_COUNT_PX = 2**20


@dataclass(frozen=True, kw_only=True)
class LayerCount:
    """A quality layer, whether pixels that it marks hold no data, and how many these are."""

    layer: QualityLayer
    masked: bool
    pixels: int


def count_quality(
    reader: SceneReader, reporter: Reporter, layers: Sequence[int] | None = None
) -> tuple[LayerCount, ...]:
    """Count the pixels that quality layers mark, in the whole scene, block by block.

    Parameters
    ----------
    layers : 0-based; all if None.

    Raises
    ------
    SceneError : a layer cannot be read.
    """
    scene = reader.scene
    wanted = range(len(scene.quality_layers)) if layers is None else layers
    if not wanted:
        return ()
    pixels = np.zeros(len(wanted), np.int64)
    for window in reader.block_windows(_COUNT_PX):
        reporter.check_cancelled()
        pixels += np.count_nonzero(reader.read_quality(window, wanted), axis=(1, 2))
    return tuple(
        LayerCount(layer=scene.quality_layers[layer], masked=layer in scene.masking_layers, pixels=int(count))
        for layer, count in zip(wanted, pixels, strict=True)
    )


def quality_notes(reader: SceneReader, reporter: Reporter) -> tuple[str, ...]:
    """A sentence on the pixels under clouds and their shadows, and what happens to them; empty without such layers.

    Raises
    ------
    SceneError : a layer cannot be read.
    """
    scene = reader.scene
    found = count_quality(reader, reporter, [i for i, layer in enumerate(scene.quality_layers) if layer.masks])
    if not found:
        return ()
    marked = [f"{counted(count.pixels, 'pixel')} as {count.layer.name}" for count in found if count.pixels]
    marks = f"Quality layers mark {listed(marked)}" if marked else "Quality layers mark no pixel"
    outcome = (
        "they hold no data; set quality to keep to use them"
        if scene.masking_layers
        else "they are used like all others; set quality to mask to leave them out"
    )
    return (f"{marks}: {outcome}." if marked else f"{marks}.",)
