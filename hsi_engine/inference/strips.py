"""A scene as strips of components with the margin that patches need, each pixel read and reduced once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..io.scenes.scene import SceneReader
from ..pixels.window import Window
from ..preprocess.chain import Preprocessing
from ..runtime.read_ahead import read_ahead

# Pixels read at once: a tile of 256×256; 200 bands as float32 are 52 MB.
_BLOCK_PX = 65_536


@dataclass(frozen=True, kw_only=True, eq=False)
class ReducedStrip:
    """Some rows of a scene over its whole width, or over that of a part of it.

    The arrays are views of a store that the next strip overwrites.

    Parameters
    ----------
    window : the rows, over the whole width, counted from the upper left pixel of the part.
    padded : float32 (components, height + 2 · radius, cols + 2 · radius); beyond the scene and without data what
        :attr:`hsi_engine.preprocess.chain.Preprocessing.empty` says, which is zero as a rule.
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
    part: Window | None = None,
    tiles: Sequence[Window] | None = None,
    columns_of: Sequence[Window] | None = None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> Generator[ReducedStrip, None, None]:
    """The strips of a scene, or of a part of it, from top to bottom.

    The scene is read by the blocks of its file and reduced in a thread, ahead of the caller and each block once; rows
    that two strips share are kept. Held are the components of a strip with its margin and of the blocks that reach
    beyond it, about as many that are waiting to be taken, and one block with all its bands.

    Parameters
    ----------
    band_indices : bands of the scene in the order of the preprocessing.
    radius : margin in pixels. Around a part it holds what the scene holds there.
    strip_rows : rows of a strip; the last one may have fewer.
    first_row : first row of the first strip. The numbers do not depend on it.
    part : the pixels of the scene that are cut into strips; all if None. Rows are counted from its first one.
    tiles : the windows that the caller will look at, with their margins, counted as the rows are. Strips without one
        are left out, and pixels that none of them needs are not read: they are zero and not valid. None for all.
    columns_of : whose columns are read in the rows of ``tiles``; the same if None. A job that resumes names all its tiles.
    check_cancelled : called while the caller waits; raises what is to end the pass.

    Raises
    ------
    SceneError : the file ends early or is damaged.
    """
    part = Window.of_shape(reader.scene.grid.shape) if part is None else part
    strips = _strips(part.shape, strip_rows, first_row, tiles)
    if not strips:
        return
    needed_of = _needed_blocks(reader, part, strips if tiles is None else tiles, columns_of, radius)
    windows = list(needed_of.values())
    reduced = _reduced(reader, preprocessing, band_indices, part, windows)
    # Blocks come in rows: of those next to one another, the last may hold the first row that is needed.
    tallest = max(*(block.height for block in needed_of), min(reader.scene.block_shape[0], part.height))
    store = _Store(
        preprocessing.empty,
        windows,
        part.shape,
        store_rows=min(strip_rows, part.height) + 2 * radius + tallest,
        top=strips[0].row - radius,
        radius=radius,
    )
    ahead = 1 + strip_rows * part.width // max(window.height * window.width for window in windows)
    with closing(read_ahead(reduced, ahead=ahead, check_cancelled=check_cancelled)) as reduced_blocks:
        for strip in strips:
            store.drop_rows_above(strip.row - radius)
            while store.lacks(strip):
                check_cancelled()
                store.put(next(reduced_blocks))
            yield store.strip(strip)


@dataclass(frozen=True, kw_only=True, eq=False)
class _ReducedBlock:
    window: Window
    components: npt.NDArray[np.float32]
    valid: npt.NDArray[np.bool_]


def _needed_blocks(
    reader: SceneReader, part: Window, tiles: Sequence[Window], columns_of: Sequence[Window] | None, radius: int
) -> dict[Window, Window]:
    """The blocks of the file that tiles with their margins need, and the window of each that they need."""
    needed = _NeededPixels(tiles, radius)
    wide = needed if columns_of is None else _NeededPixels(columns_of, radius)
    around = Window.of_shape(part.shape).grow(radius)
    blocks = [block.relative_to(part).intersect(around) for block in reader.block_windows(_BLOCK_PX)]
    met = {block: window for block in blocks if not (window := needed.of(block)).is_empty}
    if wide is needed:
        return met
    columns = {block: wide.of(block) for block in met}
    return {block: replace(window, col=columns[block].col, width=columns[block].width) for block, window in met.items()}


def _reduced(
    reader: SceneReader,
    preprocessing: Preprocessing,
    band_indices: Sequence[int],
    part: Window,
    windows: Sequence[Window],
) -> Iterator[_ReducedBlock]:
    """What the windows of a part hold, reduced, in their order."""
    for window in windows:
        block = reader.read(window.absolute(part), band_indices)
        yield _ReducedBlock(window=window, components=preprocessing.apply(block), valid=block.valid)


def _strips(shape: tuple[int, int], strip_rows: int, first_row: int, tiles: Sequence[Window] | None) -> list[Window]:
    """The strips of a part of this shape that hold one of the tiles; all if None."""
    rows, cols = shape
    strips = [
        Window(row=row, col=0, height=strip_rows, width=cols).clip(shape) for row in range(first_row, rows, strip_rows)
    ]
    if tiles is None:
        return strips
    looked_at = {(tile.row - first_row) // strip_rows for tile in tiles}
    return [strip for number, strip in enumerate(strips) if number in looked_at]


class _NeededPixels:
    """What tiles with their margins need of a block of the file."""

    def __init__(self, tiles: Sequence[Window], radius: int) -> None:
        grown = [tile.grow(radius) for tile in tiles]
        self._row, self._row_end, self._col, self._col_end = np.array(
            [(tile.row, tile.row_end, tile.col, tile.col_end) for tile in grown]
        ).T

    def of(self, block: Window) -> Window:
        """The smallest window around the needed pixels of a block; empty if there are none."""
        row, row_end = np.maximum(self._row, block.row), np.minimum(self._row_end, block.row_end)
        col, col_end = np.maximum(self._col, block.col), np.minimum(self._col_end, block.col_end)
        met = (row < row_end) & (col < col_end)
        if not met.any():
            return Window(row=block.row, col=block.col, height=0, width=0)
        top, left = int(row[met].min()), int(col[met].min())
        return Window(row=top, col=left, height=int(row_end[met].max()) - top, width=int(col_end[met].max()) - left)


class _Store:
    """Rows of components from ``top`` on, counted as strips are.

    Parameters
    ----------
    empty : what the components hold beyond the scene, (components,).
    windows : the blocks that will come.
    shape : (rows, cols) of the part, without its margin.
    """

    def __init__(
        self,
        empty: npt.NDArray[np.float32],
        windows: Sequence[Window],
        shape: tuple[int, int],
        *,
        store_rows: int,
        top: int,
        radius: int,
    ) -> None:
        rows, cols = shape
        self._empty = empty
        self._components = np.zeros((len(empty), store_rows, cols + 2 * radius), np.float32)
        self._components[empty != 0] = empty[empty != 0, None, None]  # zeros cost no memory before they are written to
        self._valid = np.zeros((store_rows, cols + 2 * radius), bool)
        self._missing = np.zeros(rows + 2 * radius, int)  # of each row, how many pixels have not come yet
        for window in windows:
            self._missing[window.row + radius : window.row_end + radius] += window.width
        self._top = top
        self._end = top  # first row of which nothing has come
        self._radius = radius

    def drop_rows_above(self, top: int) -> None:
        """Make room: the rows from ``top`` on come first."""
        gone, filled = top - self._top, self._end - self._top
        if gone == 0:
            return
        kept = max(0, filled - gone)
        for plane, empty in zip((*self._components, self._valid), (*self._empty, 0), strict=True):
            plane[:kept] = plane[gone : gone + kept]
            plane[kept:filled] = empty
        self._top, self._end = top, top + kept

    def lacks(self, strip: Window) -> bool:
        """True where pixels of the strip or of its margin have not come yet."""
        return bool(self._missing[strip.row : strip.row_end + 2 * self._radius].any())

    def put(self, block: _ReducedBlock) -> None:
        """Take in a block; the part of it that lies above the first row is dropped."""
        window = block.window
        above = max(0, self._top - window.row)
        rows = slice(window.row + above - self._top, window.row_end - self._top)
        cols = slice(window.col + self._radius, window.col_end + self._radius)
        self._components[:, rows, cols] = block.components[:, above:]
        self._valid[rows, cols] = block.valid[above:]
        self._missing[window.row + self._radius : window.row_end + self._radius] -= window.width
        self._end = max(self._end, window.row_end)

    def strip(self, window: Window) -> ReducedStrip:
        """The rows of ``window``, which come first, with their margin."""
        return ReducedStrip(
            window=window,
            padded=self._components[:, : window.height + 2 * self._radius],
            valid=self._valid[: window.height + 2 * self._radius],
        )
