"""Parts of a scene as component images, to learn from and to judge by."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...inference.denoising.window_denoiser import prepared
from ...io.scenes.scene import SceneReader
from ...pixels.window import Window
from ...preprocess.noise import SignalSubspace
from ...reporting import Reporter

_SQUARE_PX = 64
_SQUARES = 48


@dataclass(frozen=True, kw_only=True, eq=False)
class Square:
    """A part of the scene to learn from.

    Parameters
    ----------
    images : components with the margin of the network, float32 (components, rows, cols).
    valid : True where the scene has data, without the margin.
    """

    images: Tensor
    valid: Tensor


def read_squares(
    reader: SceneReader, bands: Sequence[int], subspace: SignalSubspace, margin_px: int, reporter: Reporter
) -> list[Square]:
    """Squares spread over the scene that hold data, as many as are worth learning from."""
    squares: list[Square] = []
    windows = list(_square_windows(reader.scene.grid.shape))
    for number, window in enumerate(windows):
        reporter.check_cancelled()
        reporter.progress(number / len(windows), "Reading parts to learn from")
        around = window.grow(2 * margin_px)
        inside = around.clip(reader.scene.grid.shape)
        block = reader.read(inside, bands)
        place = inside.relative_to(around).slices()
        valid = np.zeros(around.shape, bool)
        valid[place] = block.valid
        if not valid[2 * margin_px : -2 * margin_px, 2 * margin_px : -2 * margin_px].any():
            continue
        values = np.zeros((len(bands), *around.shape), block.data.dtype)
        values[(slice(None), *place)] = block.data
        images = prepared(subspace, values, valid, margin_px)
        core = valid[2 * margin_px : -2 * margin_px, 2 * margin_px : -2 * margin_px]
        squares.append(Square(images=torch.from_numpy(images), valid=torch.from_numpy(core.copy())))
        if len(squares) == _SQUARES:
            break
    return squares


def held_out(squares: Sequence[Square]) -> tuple[list[Square], list[Square]]:
    """Squares to train on, and every fourth to judge by; none of the latter where there are too few."""
    if len(squares) < 2:
        return list(squares), []
    unseen = [square for number, square in enumerate(squares) if number % 4 == 1]
    return [square for number, square in enumerate(squares) if number % 4 != 1], unseen


def _square_windows(shape: tuple[int, int]) -> Iterator[Window]:
    """Nearly square parts of the scene of nearly one size, in an order that spreads any number of them over it."""
    edges = [np.linspace(0, length, max(2, round(length / _SQUARE_PX)) + 1).round().astype(int) for length in shape]
    every = [
        Window(row=int(row), col=int(col), height=int(row_end - row), width=int(col_end - col))
        for row, row_end in itertools.pairwise(edges[0])
        for col, col_end in itertools.pairwise(edges[1])
    ]
    for index in spread(len(every), len(every), 0):
        if not every[index].is_empty:
            yield every[index]


def spread(count: int, keep: int, start: int) -> list[int]:
    """``keep`` of ``count`` indices, each once, neighbours far apart: a step of about the golden section of them."""
    step = max(1, round(count * 0.618))
    while math.gcd(step, count) != 1:
        step += 1
    return [(start + number * step) % count for number in range(keep)]
