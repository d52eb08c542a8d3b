"""From an open scene and a denoiser to the denoised scene, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...inference.denoising.window_denoiser import WindowDenoiser
from ...io.scenes.output.scene_writer import BLOCK_PX, SceneWriter
from ...io.scenes.output.stored_numbers import StoredNumbers
from ...io.scenes.reader import SceneReader
from ...pixels.window import TilePlan, Window
from ...reporting import Reporter, TimedReporter
from ...runtime.read_ahead import read_ahead
from ...runtime.write_behind import WriteBehind

_MIB = 2**20
# Tiles held at once: one that is worked on, one that is read, and what reading one takes on top.
_HELD_TILES = 3


@dataclass
class Counts:
    """Pixels and values of what was written so far."""

    denoised_pixels: int = 0
    copied_pixels: int = 0
    clipped_values: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tile:
    """Some blocks side by side, with margin.

    ``around`` is the window of the arrays, inside the scene; numbers are those of the file, ``valid`` tells for each band
    where it holds data; both (bands, rows, cols).
    """

    window: Window
    around: Window
    numbers: npt.NDArray[Any]
    valid: npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class DenoisingPipeline:
    """Denoises a scene in blocks of one size, so that the result does not depend on how many are read at once.

    Parameters
    ----------
    bands : 0-based, those of the denoiser in its order.
    stored : how these are stored.
    nodata : the number of the copy that means no data; it replaces any other that does.
    """

    reader: SceneReader
    denoiser: WindowDenoiser
    bands: Sequence[int]
    stored: StoredNumbers
    nodata: int | float | None
    writer: SceneWriter
    reporter: Reporter

    def run(self, memory_mb: int) -> Counts:
        """Denoise and write all blocks; reading, computing and writing run at the same time."""
        counts = Counts()
        shape = self.reader.scene.grid.shape
        plan = TilePlan(shape=shape, strip_rows=BLOCK_PX, tile_cols=self._tile_cols(memory_mb))
        timed, check = TimedReporter(self.reporter), self.reporter.check_cancelled
        done, total = 0, shape[0] * shape[1]

        def write(block: tuple[Window, npt.NDArray[Any], npt.NDArray[np.bool_]]) -> None:
            self.writer.write(*block)

        with (
            WriteBehind(write, check_cancelled=check) as behind,
            closing(read_ahead(self._tiles(plan), check_cancelled=check)) as tiles,
        ):
            for tile in tiles:
                for window in TilePlan(shape=shape, strip_rows=BLOCK_PX, tile_cols=BLOCK_PX).tiles_of(tile.window):
                    check()
                    behind.put((window, *self._block(tile, window, counts)))
                    done += window.height * window.width
                    timed.progress(done / total, f"Denoising the scene: {done:,} of {total:,} pixels")
            behind.finish()
        return counts

    def _tile_cols(self, memory_mb: int) -> int:
        """Columns of a tile, whole blocks of them."""
        scene, margin = self.reader.scene, self.denoiser.margin_px
        # Numbers, whether each is valid, and what finding that out takes.
        pixel_bytes = len(scene.bands) * (np.dtype(scene.dtype).itemsize + 2)
        cols = memory_mb * _MIB // (_HELD_TILES * pixel_bytes * (BLOCK_PX + 2 * margin)) - 2 * margin
        return max(1, cols // BLOCK_PX) * BLOCK_PX

    def _tiles(self, plan: TilePlan) -> Iterator[_Tile]:
        every = range(len(self.reader.scene.bands))
        for window in plan:
            around = window.grow(self.denoiser.margin_px).clip(self.reader.scene.grid.shape)
            numbers, valid = self.reader.read_each(around, every)
            yield _Tile(window=window, around=around, numbers=numbers, valid=valid)

    def _block(self, tile: _Tile, window: Window, counts: Counts) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """The numbers of a block as they are to be written, and where any band holds data."""
        inside = (slice(None), *window.relative_to(tile.around).slices())
        numbers, valid = tile.numbers[inside].copy(), tile.valid[inside]
        measured = [band for band in range(len(numbers)) if band not in self.reader.scene.transparent]
        if self.nodata is not None:
            for band in measured:
                numbers[band][~valid[band]] = self.nodata
        good = np.all(valid[list(self.bands)], axis=0)
        if good.any():
            clean, clipped = self.stored.numbers(self._clean(tile, window))
            for position, band in enumerate(self.bands):
                np.copyto(numbers[band], clean[position], where=good)
            counts.clipped_values += int((clipped & good).sum())
        counts.denoised_pixels += int(good.sum())
        counts.copied_pixels += int(good.size - good.sum())
        return numbers, np.any(valid[measured], axis=0)

    def _clean(self, tile: _Tile, window: Window) -> npt.NDArray[Any]:
        """Denoised values of a block, as far as it lies in the scene: always computed for a whole block."""
        whole = Window(row=window.row, col=window.col, height=BLOCK_PX, width=BLOCK_PX)
        around = whole.grow(self.denoiser.margin_px)
        known = around.intersect(tile.around)
        part = (slice(None), *known.relative_to(tile.around).slices())
        bands = list(self.bands)
        valid = np.all(tile.valid[part][bands], axis=0)
        there = known.relative_to(around).slices()
        everywhere = np.zeros(around.shape, bool)
        everywhere[there] = valid
        values = self.stored.values(tile.numbers[part][bands], valid)
        padded = np.zeros((len(bands), *around.shape), values.dtype)
        padded[(slice(None), *there)] = values
        return self.denoiser(padded, everywhere)[:, : window.height, : window.width]
