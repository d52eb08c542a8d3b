"""Cutting a scene into windows along the blocks of its file."""

from __future__ import annotations

from collections.abc import Iterator

from ...pixels.window import Window


def block_windows(shape: tuple[int, int], block_shape: tuple[int, int], max_pixels: int) -> Iterator[Window]:
    """Windows that cover a scene once, row by row, each of as many whole blocks as ``max_pixels`` allow.

    A block that is larger is cut into rows. They follow one another before the next block begins, so that what was
    unpacked for the first of them is still there for the last.

    Parameters
    ----------
    shape : (rows, cols) of the scene.
    block_shape : (rows, cols) that the file stores together.
    max_pixels : largest number of pixels of a window; a single row of a block may exceed it.
    """
    rows, cols = shape
    block_rows, block_cols = min(block_shape[0], rows), min(block_shape[1], cols)
    height, width = block_rows, block_cols
    if block_rows * cols <= max_pixels:
        height, width = max_pixels // (block_rows * cols) * block_rows, cols
    elif block_rows * block_cols <= max_pixels:
        width = max_pixels // (block_rows * block_cols) * block_cols
    step = min(height, max(1, max_pixels // width))
    for row in range(0, rows, height):
        for col in range(0, cols, width):
            blocks = Window(row=row, col=col, height=height, width=width).clip(shape)
            for top in range(row, blocks.row_end, step):
                yield Window(row=top, col=col, height=step, width=width).intersect(blocks)
