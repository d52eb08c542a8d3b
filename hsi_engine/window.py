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
        """The pixels that lie in both windows; an empty window where there are none."""
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

    def slices(self) -> tuple[slice, slice]:
        """(rows, cols) slices into an array that starts at pixel (0, 0)."""
        if self.row < 0 or self.col < 0:
            raise ValueError(f"{self} reaches beyond the upper or left border; clip it first")
        return slice(self.row, self.row_end), slice(self.col, self.col_end)


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One step of a :class:`TilePlan`: the pixels to produce and the pixels to read for them."""

    core: Window
    read: Window


@dataclass(frozen=True, kw_only=True)
class TilePlan:
    """A scene cut into tiles whose cores cover every pixel exactly once.

    Parameters
    ----------
    shape : (rows, cols) of the scene.
    core : edge of a core in pixels; cores at the lower and right border are smaller.
    halo : pixels read around each core, clipped at the border of the scene.
    """

    shape: tuple[int, int]
    core: int
    halo: int = 0

    def __post_init__(self) -> None:
        if self.core < 1 or self.halo < 0:
            raise ValueError(f"core must be at least 1 and halo at least 0: {self.core}, {self.halo}")

    def __len__(self) -> int:
        rows, cols = self.shape
        return -(-rows // self.core) * -(-cols // self.core)

    def __iter__(self) -> Iterator[Tile]:
        rows, cols = self.shape
        for row in range(0, rows, self.core):
            for col in range(0, cols, self.core):
                core = Window(row=row, col=col, height=self.core, width=self.core).clip(self.shape)
                yield Tile(core=core, read=core.grow(self.halo).clip(self.shape))
