"""Rectangles of pixels, and the tiling of a scene into them. Pixel space: row, col, height, width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Window:
    """A rectangle of pixels. ``row`` and ``col`` may be negative: a window may reach beyond the scene."""

    row: int
    col: int
    height: int
    width: int

    def __post_init__(self) -> None:
        if self.height < 0 or self.width < 0:
            raise ValueError(f"a window cannot have a negative size: {self.height}×{self.width}")

    @classmethod
    def of_shape(cls, shape: tuple[int, int]) -> Window:
        """The window that covers a whole scene of ``shape`` (rows, cols)."""
        return cls(row=0, col=0, height=shape[0], width=shape[1])

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self.height, self.width

    @property
    def is_empty(self) -> bool:
        return self.height == 0 or self.width == 0

    @property
    def row_end(self) -> int:
        """First row after the window."""
        return self.row + self.height

    @property
    def col_end(self) -> int:
        """First column after the window."""
        return self.col + self.width

    def grow(self, margin: int) -> Window:
        """The window with ``margin`` pixels added on each of its four sides."""
        return Window(
            row=self.row - margin,
            col=self.col - margin,
            height=self.height + 2 * margin,
            width=self.width + 2 * margin,
        )

    def intersect(self, other: Window) -> Window:
        """The pixels that lie in both windows; an empty window if there are none."""
        row, col = max(self.row, other.row), max(self.col, other.col)
        height = max(0, min(self.row_end, other.row_end) - row)
        width = max(0, min(self.col_end, other.col_end) - col)
        return Window(row=row, col=col, height=height, width=width)

    def clip(self, shape: tuple[int, int]) -> Window:
        """The part of the window that lies inside a scene of ``shape`` (rows, cols)."""
        return self.intersect(Window.of_shape(shape))

    def relative_to(self, origin: Window) -> Window:
        """The same pixels, counted from the upper left corner of ``origin``."""
        return Window(
            row=self.row - origin.row,
            col=self.col - origin.col,
            height=self.height,
            width=self.width,
        )

    def absolute(self, origin: Window) -> Window:
        """The same pixels if this window is counted from the upper left corner of ``origin``: undoes :meth:`relative_to`."""
        return Window(
            row=self.row + origin.row,
            col=self.col + origin.col,
            height=self.height,
            width=self.width,
        )

    def slices(self) -> tuple[slice, slice]:
        """(rows, cols) slices into an array that starts at pixel (0, 0)."""
        if self.row < 0 or self.col < 0:
            raise ValueError(f"{self} reaches beyond the upper or left border; clip it first")
        return slice(self.row, self.row_end), slice(self.col, self.col_end)


@dataclass(frozen=True, kw_only=True)
class TilePlan:
    """A scene cut into strips over its whole width, and each strip into tiles: every pixel lies in exactly one tile.

    Parameters
    ----------
    shape : (rows, cols) of the scene.
    strip_rows : rows of a strip; the last strip may have fewer.
    tile_cols : columns of a tile; the last tile of a strip may have fewer.
    first_row : first row of the first strip; the rows before it belong to no tile.
    """

    shape: tuple[int, int]
    strip_rows: int
    tile_cols: int
    first_row: int = 0

    def __post_init__(self) -> None:
        if self.strip_rows < 1 or self.tile_cols < 1 or self.first_row < 0:
            raise ValueError(
                "strips and tiles must have at least one pixel and lie inside the scene:"
                f" {self.strip_rows}×{self.tile_cols} from row {self.first_row}"
            )

    def __len__(self) -> int:
        rows, cols = self.shape
        return -(-max(0, rows - self.first_row) // self.strip_rows) * -(-cols // self.tile_cols)

    def __iter__(self) -> Iterator[Window]:
        rows, cols = self.shape
        for row in range(self.first_row, rows, self.strip_rows):
            yield from self.tiles_of(Window(row=row, col=0, height=self.strip_rows, width=cols).clip(self.shape))

    def tiles_of(self, strip: Window) -> Iterator[Window]:
        """The tiles of one strip from left to right."""
        for col in range(strip.col, strip.col_end, self.tile_cols):
            yield Window(row=strip.row, col=col, height=strip.height, width=self.tile_cols).intersect(strip)
