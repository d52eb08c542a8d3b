"""A scene that is denoised as it is read, as a model with a denoiser sees it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ...bundle.denoiser import Denoiser
from ...bundle.model_bundle import ModelBundle
from ...io.scenes.scene import SceneBlock, SceneReader
from ...pixels.window import Window
from .window_denoiser import WindowDenoiser

# Edge of the blocks that are denoised, counted from the corner of the scene: a value does not depend on the window it is read with.
BLOCK_PX = 64
_KEPT_BYTES = 128 * 2**20


@dataclass(frozen=True, kw_only=True, eq=False)
class _Block:
    """A denoised block, whole or cut at the border of the scene.

    Parameters
    ----------
    window : its pixels in the scene.
    data : values of the bands of the denoiser, (bands, rows, cols), 0 where not valid.
    valid : where all of these bands hold data, (rows, cols).
    """

    window: Window
    data: npt.NDArray[Any]
    valid: npt.NDArray[np.bool_]


class DenoisedReader(SceneReader):
    """Reads what another reader reads, and removes the noise of the bands of a denoiser.

    A pixel that lacks data in any of these bands keeps its values. What :meth:`read_each` gives, the numbers of the file
    and where they are data, stays as it is. Blocks of one size are denoised, with their margin, and some are kept.

    Parameters
    ----------
    reader : the open scene; whoever opened it closes it.
    bands : those of the denoiser in the scene, 0-based, in its order.
    device : where the network runs.
    """

    def __init__(self, reader: SceneReader, denoiser: Denoiser, bands: Sequence[int], device: torch.device) -> None:
        self.scene = reader.scene
        self._reader, self._bands = reader, tuple(bands)
        self._denoiser = WindowDenoiser(denoiser, device)
        self._kept: OrderedDict[Window, _Block] = OrderedDict()

    def close(self) -> None:
        """Close the reader underneath."""
        self._reader.close()

    @property
    def is_masked(self) -> bool:
        """As that of the reader underneath."""
        return self._reader.is_masked

    def read_each(self, window: Window, bands: Sequence[int]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """As :meth:`.SceneReader.read_each`, not denoised."""
        return self._reader.read_each(window, bands)

    def read_quality(self, window: Window, layers: Sequence[int]) -> npt.NDArray[np.bool_]:
        """As :meth:`.SceneReader.read_quality`."""
        return self._reader.read_quality(window, layers)

    def read(self, window: Window, bands: Sequence[int]) -> SceneBlock:
        """As :meth:`.SceneReader.read`, the bands of the denoiser without noise."""
        place = {band: at for at, band in enumerate(self._bands)}
        own = [at for at, band in enumerate(bands) if band in place]
        if not own:
            return self._reader.read(window, bands)
        sources = [place[bands[at]] for at in own]
        # Each band of the denoiser once: the blocks then know where all that is asked for holds data.
        whole = len(own) == len(bands) and sorted(sources) == list(range(len(self._bands)))
        read = None if whole else self._reader.read(window, bands)
        data = None if read is None else np.ascontiguousarray(read.data)
        valid = np.zeros(window.shape, bool) if read is None else read.valid
        for block in self._blocks(window):
            common = block.window.intersect(window)
            inside, there = common.relative_to(window).slices(), common.relative_to(block.window).slices()
            clean, good = block.data[(sources, *there)], block.valid[there]
            if data is None:
                data = np.zeros((len(bands), *window.shape), clean.dtype)
            if whole:
                data[(own, *inside)], valid[inside] = clean, good
            else:
                data[(own, *inside)] = np.where(good & valid[inside], clean, data[(own, *inside)])
        if data is None:
            raise ValueError(f"an empty window: {window}")
        return SceneBlock(data=data, valid=valid)

    def _blocks(self, window: Window) -> Iterator[_Block]:
        """The blocks that a window meets, row by row; those that are not kept are read together."""
        first, end = window.col // BLOCK_PX, -(-window.col_end // BLOCK_PX)
        for row in range(window.row // BLOCK_PX, -(-window.row_end // BLOCK_PX)):
            places = [_block_at(row, col) for col in range(first, end)]
            missing = [place for place in places if place not in self._kept]
            made = self._made(missing) if missing else {}
            for place in places:
                if place in self._kept:
                    self._kept.move_to_end(place)
                yield made[place] if place in made else self._kept[place]
            self._keep(made)

    def _made(self, places: Sequence[Window]) -> dict[Window, _Block]:
        """Blocks of one row, read with all that lies between them."""
        shape, margin = self.scene.grid.shape, self._denoiser.margin_px
        left, right = places[0].col, places[-1].col_end
        row = Window(row=places[0].row, col=left, height=BLOCK_PX, width=right - left)
        known = row.grow(margin).clip(shape)
        read = self._reader.read(known, self._bands)
        return {place: self._denoised(place, known, read) for place in places}

    def _denoised(self, place: Window, known: Window, read: SceneBlock) -> _Block:
        around = place.grow(self._denoiser.margin_px)
        common, window = around.intersect(known), place.clip(self.scene.grid.shape)
        part, there = common.relative_to(known).slices(), common.relative_to(around).slices()
        everywhere = np.zeros(around.shape, bool)
        everywhere[there] = read.valid[part]
        inside = window.relative_to(known).slices()
        valid = read.valid[inside].copy()
        if not valid.any():
            return _Block(window=window, data=np.zeros((len(self._bands), *window.shape), read.data.dtype), valid=valid)
        values = np.zeros((len(self._bands), *around.shape), read.data.dtype)
        values[(slice(None), *there)] = read.data[(slice(None), *part)]
        clean = self._denoiser(values, everywhere)[:, : window.height, : window.width] * valid
        return _Block(window=window, data=clean, valid=valid)

    def _keep(self, made: dict[Window, _Block]) -> None:
        """Keep new blocks, and drop those that were used longest ago."""
        self._kept.update(made)
        held = sum(block.data.nbytes for block in self._kept.values())
        while held > _KEPT_BYTES:
            held -= self._kept.popitem(last=False)[1].data.nbytes


def _block_at(row: int, col: int) -> Window:
    return Window(row=row * BLOCK_PX, col=col * BLOCK_PX, height=BLOCK_PX, width=BLOCK_PX)


def as_seen_by(bundle: ModelBundle, reader: SceneReader, device: torch.device) -> SceneReader:
    """The scene as a model sees it: denoised, if that is its first step; otherwise the reader itself.

    Raises
    ------
    MismatchError : the scene lacks bands of the model.
    """
    step = bundle.denoising
    if step is None:
        return reader
    indices = bundle.check_scene(reader.scene)
    return DenoisedReader(reader, step.denoiser, [indices[position] for position in step.positions], device)
