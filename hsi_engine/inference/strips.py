"""A scene as strips of components with the margin that patches need, each pixel read and reduced once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..io.read_ahead import read_ahead
from ..io.scene import SceneReader
from ..preprocess.chain import Preprocessing
from ..window import Window

# Pixels read at once: 200 bands as float32 are 26 MB.
_BLOCK_PX = 32_768


@dataclass(frozen=True, kw_only=True, eq=False)
class ReducedStrip:
    """Some rows of a scene over its whole width.

    The arrays are views of a store that the next strip overwrites.

    Parameters
    ----------
    window : the rows, over the whole width.
    padded : float32 (components, height + 2 · radius, cols + 2 · radius); zero beyond the scene and without data.
    valid : True where the scene has data, (height, cols).
    """

    window: Window
    padded: npt.NDArray[np.float32]
    valid: npt.NDArray[np.bool_]


def reduced_strips(
    reader: SceneReader,
    preprocessing: Preprocessing,
    band_indices: Sequence[int],
    *,
    radius: int,
    strip_rows: int,
    first_row: int = 0,
    check_cancelled: Callable[[], None] = lambda: None,
) -> Generator[ReducedStrip, None, None]:
    """The strips of a scene from top to bottom.

    The scene is read by the blocks of its file, ahead of the caller and each block once; rows that two strips share
    are kept. Held are the rows of a strip with their margin and those of the block that reached beyond it.

    Parameters
    ----------
    band_indices : bands of the scene in the order of the preprocessing.
    radius : margin in pixels.
    strip_rows : rows of a strip; the last one may have fewer.
    first_row : first row of the first strip. The numbers do not depend on it.
    check_cancelled : called between blocks; raises what is to end the pass.

    Raises
    ------
    SceneError : the file ends early or is damaged.
    """
    rows, cols = reader.scene.grid.shape
    windows = [w for w in reader.block_windows(_BLOCK_PX) if w.row_end > first_row - radius]
    tallest = max(window.height for window in windows)
    store = _Store(
        np.zeros((preprocessing.n_components, strip_rows + 2 * radius + tallest, cols + 2 * radius), np.float32),
        np.zeros((strip_rows + 2 * radius + tallest, cols), bool),
        top=first_row - radius,
        radius=radius,
    )
    with closing(read_ahead(reader, windows, band_indices, check_cancelled=check_cancelled)) as blocks:
        for row in range(first_row, rows, strip_rows):
            strip = Window(row=row, col=0, height=strip_rows, width=cols).clip((rows, cols))
            store.drop_rows_above(row - radius)
            while store.filled_to < min(strip.row_end + radius, rows):
                check_cancelled()
                window, block = next(blocks)
                store.put(window, preprocessing.apply(block), block.valid)
            yield store.strip(strip)


class _Store:
    """Rows of components from ``top`` on, in scene coordinates; rows and columns beyond the scene are zero."""

    def __init__(
        self, components: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_], *, top: int, radius: int
    ) -> None:
        self._components = components
        self._valid = valid
        self._top = top
        self._radius = radius
        self.filled_to = 0
        """The first row of which some pixel is missing."""

    def drop_rows_above(self, top: int) -> None:
        """Make room: the rows from ``top`` on come first, all rows after them become zero."""
        gone = top - self._top
        if gone == 0:
            return
        for plane in (*self._components, self._valid):
            plane[:-gone] = plane[gone:]
            plane[-gone:] = 0
        self._top = top

    def put(self, window: Window, components: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_]) -> None:
        """Take in a window; windows come row by row, and from left to right."""
        missing = max(0, self._top - window.row)
        rows = slice(window.row + missing - self._top, window.row_end - self._top)
        self._components[:, rows, window.col + self._radius : window.col_end + self._radius] = components[:, missing:]
        self._valid[rows, window.col : window.col_end] = valid[missing:]
        if window.col_end == self._valid.shape[1]:
            self.filled_to = window.row_end

    def strip(self, window: Window) -> ReducedStrip:
        first = window.row - self._radius - self._top
        return ReducedStrip(
            window=window,
            padded=self._components[:, first : first + window.height + 2 * self._radius],
            valid=self._valid[first + self._radius : first + self._radius + window.height],
        )
