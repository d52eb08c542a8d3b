"""The open handle of a scene that is joined with a second raster."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt

from ....pixels.window import Window
from ..reader import SceneBlock, SceneReader
from ..source import Scene, SecondRaster
from .resampling import resampled


class JoinedReader(SceneReader):
    """Reads both rasters; a pixel is valid if every band that was asked for holds data, of either raster.

    Each raster has its own rules for what is data, and its own scale. Values of the second raster are float32.
    """

    def __init__(self, scene: Scene, second: SecondRaster) -> None:
        self.scene = scene
        self._second = second
        self._own_bands = len(scene.bands) - scene.second_bands
        with ExitStack() as stack:
            self._first = stack.enter_context(SceneReader(second.first))
            self._raster = stack.enter_context(SceneReader(second.raster))
            stack.pop_all()

    def close(self) -> None:
        """Close both files. Further reads fail."""
        self._first.close()
        self._raster.close()

    @property
    def is_masked(self) -> bool:
        """True if either file has a mask in addition to its numbers and bands of transparency."""
        return self._first.is_masked or self._raster.is_masked

    def read(self, window: Window, bands: Sequence[int]) -> SceneBlock:
        """As :meth:`.SceneReader.read`, bands of both rasters in any order."""
        own, others = self._sorted(bands)
        if not others:
            return self._first.read(window, bands)
        values, valid_each = self._second_values(window, [bands[i] - self._own_bands for i in others])
        valid: npt.NDArray[np.bool_] = np.all(valid_each, axis=0)
        if not own:
            data: npt.NDArray[np.floating[Any]] = values
        else:
            block = self._first.read(window, [bands[i] for i in own])
            valid = valid & block.valid
            data = np.empty((len(bands), *window.shape), block.data.dtype)
            data[own], data[others] = block.data, values
        data[:, ~valid] = 0
        return SceneBlock(data=data, valid=valid)

    def read_each(self, window: Window, bands: Sequence[int]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """As :meth:`.SceneReader.read_each`; of the second raster values without its scale, on the pixels of the scene."""
        own, others = self._sorted(bands)
        if not others:
            return self._first.read_each(window, bands)
        second = [bands[i] - self._own_bands for i in others]
        values, valid_each = self._second_values(window, second)
        scale, offset = (
            np.array([getattr(self.scene, name)[bands[i]] for i in others])[:, None, None]
            for name in ("scale", "offset")
        )
        numbers = ((values - offset) / scale).astype(np.float32)
        if not own:
            return numbers, valid_each
        first, valid_first = self._first.read_each(window, [bands[i] for i in own])
        joined = np.empty((len(bands), *window.shape), np.result_type(first.dtype, np.float32))
        valid = np.empty(joined.shape, dtype=bool)
        joined[own], joined[others] = first, numbers
        valid[own], valid[others] = valid_first, valid_each
        return joined, valid

    def read_quality(self, window: Window, layers: Sequence[int]) -> npt.NDArray[np.bool_]:
        """As :meth:`.SceneReader.read_quality`, of the scene itself."""
        return self._first.read_quality(window, layers)

    def second_validity(self, window: Window) -> npt.NDArray[np.bool_]:
        """True where every used band of the second raster holds data, (rows, cols)."""
        valid: npt.NDArray[np.bool_] = np.all(self._second_values(window, range(self.scene.second_bands))[1], axis=0)
        return valid

    def _sorted(self, bands: Sequence[int]) -> tuple[list[int], list[int]]:
        """Positions in ``bands`` of those of the scene itself, and of those of the second raster."""
        own = [place for place, band in enumerate(bands) if band < self._own_bands]
        return own, [place for place, band in enumerate(bands) if band >= self._own_bands]

    def _second_values(
        self, window: Window, bands: Sequence[int]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Scaled values of bands of the second raster on the pixels of the scene, and where each holds data."""
        second, wanted = self._second, tuple(self._second.bands[band] for band in bands)
        if second.resampling is not None:
            found, valid = resampled(self._raster, wanted, self.scene.grid, window, second.resampling)
            return found.astype(np.float32), valid
        down, right = second.offset or (0, 0)
        values, valid = np.zeros((len(wanted), *window.shape), np.float32), np.zeros((len(wanted), *window.shape), bool)
        here = Window(row=window.row - down, col=window.col - right, height=window.height, width=window.width)
        there = here.clip(second.raster.grid.shape)
        if there.is_empty:
            return values, valid
        rows, cols = there.relative_to(here).slices()
        numbers, data = self._raster.read_each(there, wanted)
        scale, offset = (
            np.array([getattr(second.raster, name)[band] for band in wanted])[:, None, None]
            for name in ("scale", "offset")
        )
        values[:, rows, cols] = np.where(data, numbers.astype(np.float64), 0.0) * scale + offset
        valid[:, rows, cols] = data
        return values, valid
