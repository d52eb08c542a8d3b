"""A scene as strips of components with the margin that patches need, each pixel read and reduced once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..io.read_ahead import read_ahead
from ..io.scene import SceneReader
from ..preprocess.chain import Preprocessing
from ..window import Window

# Pixels read at once: a tile of 256×256; 200 bands as float32 are 52 MB.
_BLOCK_PX = 65_536


@dataclass(frozen=True, kw_only=True, eq=False)
class ReducedStrip:
    """Some rows of a scene over its whole width.

    The arrays are views of a store that the next strip overwrites.

    Parameters
    ----------
    window : the rows, over the whole width.
    padded : float32 (components, height + 2 · radius, cols + 2 · radius); zero beyond the scene and without data.
    valid : True where the scene has data, (height + 2 · radius, cols + 2 · radius); False beyond it.
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

    The scene is read by the blocks of its file and reduced in a thread, ahead of the caller and each block once; rows
    that two strips share are kept. Held are the components of a strip with its margin and of the blocks that reach
    beyond it, about as many that are waiting to be taken, and one block with all its bands.

    Parameters
    ----------
    band_indices : bands of the scene in the order of the preprocessing.
    radius : margin in pixels.
    strip_rows : rows of a strip; the last one may have fewer.
    first_row : first row of the first strip. The numbers do not depend on it.
    check_cancelled : called while the caller waits; raises what is to end the pass.

    Raises
    ------
    SceneError : the file ends early or is damaged.
    """
    rows, cols = reader.scene.grid.shape
    windows = [w for w in reader.block_windows(_BLOCK_PX) if w.row_end > first_row - radius]

    def reduced() -> Iterator[_ReducedBlock]:
        for window in windows:
            block = reader.read(window, band_indices)
            yield _ReducedBlock(window=window, components=preprocessing.apply(block), valid=block.valid)

    tallest = max(*(window.height for window in windows), min(reader.scene.block_shape[0], rows))
    store = _Store(
        preprocessing.n_components,
        (rows, cols),
        store_rows=min(strip_rows, rows) + 2 * radius + tallest,
        top=first_row - radius,
        radius=radius,
    )
    ahead = 1 + strip_rows * cols // max(window.height * window.width for window in windows)
    with closing(read_ahead(reduced(), ahead=ahead, check_cancelled=check_cancelled)) as blocks:
        for row in range(first_row, rows, strip_rows):
            strip = Window(row=row, col=0, height=strip_rows, width=cols).clip((rows, cols))
            store.drop_rows_above(row - radius)
            while store.lacks(strip):
                check_cancelled()
                store.put(next(blocks))
            yield store.strip(strip)


@dataclass(frozen=True, kw_only=True, eq=False)
class _ReducedBlock:
    window: Window
    components: npt.NDArray[np.float32]
    valid: npt.NDArray[np.bool_]


class _Store:
    """Rows of components from ``top`` on, in scene coordinates; rows and columns beyond the scene are zero."""

    def __init__(self, components: int, shape: tuple[int, int], *, store_rows: int, top: int, radius: int) -> None:
        rows, cols = shape
        self._components = np.zeros((components, store_rows, cols + 2 * radius), np.float32)
        self._valid = np.zeros((store_rows, cols + 2 * radius), bool)
        self._missing = np.full(rows, cols)  # of each row of the scene, how many pixels have not come yet
        self._top = top
        self._end = top  # first row of the scene of which nothing has come
        self._radius = radius

    def drop_rows_above(self, top: int) -> None:
        """Make room: the rows from ``top`` on come first."""
        gone, filled = top - self._top, self._end - self._top
        if gone == 0:
            return
        kept = max(0, filled - gone)
        for plane in (*self._components, self._valid):
            plane[:kept] = plane[gone : gone + kept]
            plane[kept:filled] = 0
        self._top, self._end = top, top + kept

    def lacks(self, strip: Window) -> bool:
        """True where pixels of the strip, or of its margin inside the scene, have not come yet."""
        return bool(self._missing[max(0, strip.row - self._radius) : strip.row_end + self._radius].any())

    def put(self, block: _ReducedBlock) -> None:
        """Take in a block; the part of it that lies above the first row is dropped."""
        window = block.window
        above = max(0, self._top - window.row)
        rows = slice(window.row + above - self._top, window.row_end - self._top)
        cols = slice(window.col + self._radius, window.col_end + self._radius)
        self._components[:, rows, cols] = block.components[:, above:]
        self._valid[rows, cols] = block.valid[above:]
        self._missing[window.row : window.row_end] -= window.width
        self._end = max(self._end, window.row_end)

    def strip(self, window: Window) -> ReducedStrip:
        """The rows of ``window``, which come first, with their margin."""
        return ReducedStrip(
            window=window,
            padded=self._components[:, : window.height + 2 * self._radius],
            valid=self._valid[: window.height + 2 * self._radius],
        )
