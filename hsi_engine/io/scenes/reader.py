"""The open handle that reads the pixels of a scene: numbers, values, and which of them are data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from ...errors import SceneError
from ...pixels.window import Window
from .block_windows import block_windows
from .formats.catalogue import format_that_described
from .pixel_values import PixelValues, row_by_row
from .source import QualitySource, Scene


@dataclass(frozen=True)
class SceneBlock:
    """The pixels of one window.

    Parameters
    ----------
    data : (bands, rows, cols), float32 (float64 for wide types), scaled; invalid pixels are 0 in every band. Bands
        may be the axis that changes fastest in memory, if the file is interleaved by pixel.
    valid : (rows, cols); True where every band that was asked for holds a finite number that is not nodata
        and not masked.
    """

    data: npt.NDArray[np.floating[Any]]
    valid: npt.NDArray[np.bool_]


class SceneReader:
    """An open scene. A context manager; to be used by one thread at a time."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._source = format_that_described(scene).open(scene)

    def __enter__(self) -> SceneReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Further reads fail."""
        self._source.close()

    @property
    def is_masked(self) -> bool:
        """True if the file has a mask or a quality layer in addition to its numbers and bands of transparency."""
        if self.scene.masking_layers:
            return True
        corner = Window(row=0, col=0, height=1, width=1)
        with self._reading(corner):
            return self._source.mask(corner, range(len(self.scene.bands))) is not None

    def read(self, window: Window, bands: Sequence[int]) -> SceneBlock:
        """Read a window of some bands in one pass over the file.

        Parameters
        ----------
        window : inside the scene.
        bands : 0-based, at least one, in the order wanted.

        Raises
        ------
        SceneError : the file ends early or is damaged there.
        """
        numbers, mask = self._numbers_and_mask(window, bands)
        data, valid = self._values(bands).of(numbers, None if mask is None else np.all(mask, axis=0))
        return SceneBlock(data=data, valid=valid)

    def read_validity(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_]:
        """True where a band holds a finite number that is not nodata and not masked; (bands, rows, cols)."""
        return self.read_each(window, bands)[1]

    def read_numbers(self, window: Window, bands: Sequence[int]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Numbers as in the file, (bands, rows, cols), and where all bands hold data, (rows, cols)."""
        numbers, valid = self.read_each(window, bands)
        return numbers, np.all(valid, axis=0)

    def read_each(self, window: Window, bands: Sequence[int]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Numbers as in the file, and where each single band holds data; both (bands, rows, cols)."""
        numbers, mask = self._numbers_and_mask(window, bands)
        valid = self._values(bands).valid(numbers)
        return numbers, valid if mask is None else valid & mask

    def read_quality(self, window: Window, layers: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Where quality layers mark a pixel, (layers, rows, cols); ``layers`` are 0-based, at least one.

        Raises
        ------
        SceneError : as for :meth:`read`.
        """
        with self._reading(window):
            return cast(QualitySource, self._source).quality(window, layers)

    def block_windows(self, max_pixels: int) -> Iterator[Window]:
        """Windows that cover the scene once, of whole blocks of the file if they hold no more than ``max_pixels``.

        See :func:`hsi_engine.io.scenes.block_windows.block_windows`.
        """
        return block_windows(self.scene.grid.shape, self.scene.block_shape, max_pixels)

    def _numbers_and_mask(
        self, window: Window, bands: Sequence[int]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
        """Numbers (bands, rows, cols), and False for those that the file itself declares as no data, (bands or 1, rows, cols).

        The mask is None if the file has none. Transparency is read in the same pass.
        """
        if not bands or window.is_empty or window.clip(self.scene.grid.shape) != window:
            raise ValueError(f"nothing to read, or beyond the scene: {window}, {len(bands)} bands")
        if min(bands) < 0 or max(bands) >= len(self.scene.bands):
            raise ValueError(f"bands are counted from 0 to {len(self.scene.bands) - 1}: {list(bands)}")
        with self._reading(window):
            numbers = row_by_row(self._source.read(window, [*bands, *self.scene.transparent]))
            mask = self._source.mask(window, bands)
        if self.scene.masking_layers:
            marked = self.read_quality(window, self.scene.masking_layers)
            clear: npt.NDArray[np.bool_] = ~np.any(marked, axis=0, keepdims=True)
            mask = clear if mask is None else mask & clear
        if self.scene.transparent:
            opaque: npt.NDArray[np.bool_] = np.all(numbers[len(bands) :] > 0, axis=0, keepdims=True)
            mask = opaque if mask is None else mask & opaque
        return numbers[: len(bands)], mask

    @contextmanager
    def _reading(self, window: Window) -> Iterator[None]:
        """Say which part of the scene could not be read."""
        try:
            yield
        except OSError as error:
            raise SceneError(
                f"Reading rows {window.row}–{window.row_end - 1}, columns {window.col}–{window.col_end - 1} of"
                f" {self.scene.path} failed: {str(error).rstrip('.')}.",
                code="read_failed",
                hint="The file is truncated or damaged, or a file it refers to is missing; copy it again.",
            ) from error

    def _values(self, bands: Sequence[int]) -> PixelValues:
        scene = self.scene
        return PixelValues(
            scene.dtype,
            nodata=[scene.band_nodata[band] for band in bands],
            also_nodata=scene.also_nodata,
            scale=[scene.scale[band] for band in bands],
            offset=[scene.offset[band] for band in bands],
        )
