"""The part of a scene that a map covers, and the pixels in it that are mapped."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from affine import Affine

from .grid import Grid
from .window import Window


@dataclass(frozen=True, kw_only=True, eq=False)
class ScenePart:
    """Where a map lies in its scene. All other windows here are counted from the upper left pixel of the map.

    Parameters
    ----------
    window : the pixels of the scene that the map covers, inside the scene.
    inside : True for the pixels that are mapped, (rows, cols) of the map; None if all are.
    """

    window: Window
    inside: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.inside is not None and self.inside.shape != self.window.shape:
            raise ValueError(f"a mask of {self.inside.shape} pixels does not fit {self.window}")

    @classmethod
    def whole(cls, shape: tuple[int, int]) -> ScenePart:
        """A whole scene of ``shape`` (rows, cols)."""
        return cls(window=Window.of_shape(shape))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols) of the map."""
        return self.window.shape

    @property
    def n_pixels(self) -> int:
        """Number of pixels that are mapped."""
        return self.count(Window.of_shape(self.shape))

    @property
    def n_outside(self) -> int:
        """Number of pixels of the map outside the mask."""
        return self.window.height * self.window.width - self.n_pixels

    def count(self, window: Window) -> int:
        """Number of pixels of ``window`` that are mapped."""
        inside = self.inside_of(window)
        return window.height * window.width if inside is None else int(np.count_nonzero(inside))

    def inside_of(self, window: Window) -> npt.NDArray[np.bool_] | None:
        """True for the pixels of ``window`` that are mapped, (rows, cols); None if all are."""
        return None if self.inside is None else self.inside[window.slices()]

    def bounds_in(self, window: Window) -> Window:
        """The smallest window around the pixels of ``window`` that are mapped; empty if none is."""
        inside = self.inside_of(window)
        if inside is None:
            return window
        found = bounds_of(inside)
        return replace(found, row=found.row + window.row, col=found.col + window.col)

    def grid_in(self, scene: Grid) -> Grid:
        """The grid of the map of a scene on the grid ``scene``: pixels of the map are pixels of the scene."""
        if self.window == Window.of_shape(scene.shape):
            return scene
        corner = Affine.translation(self.window.col, self.window.row)
        return replace(scene, transform=scene.shown_transform @ corner, shape=self.shape)


def bounds_of(inside: npt.NDArray[np.bool_]) -> Window:
    """The smallest window around the True pixels of an array (rows, cols); empty if there are none."""
    rows, cols = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return Window(row=0, col=0, height=0, width=0)
    row, col = int(rows[0]), int(cols[0])
    return Window(row=row, col=col, height=int(rows[-1]) + 1 - row, width=int(cols[-1]) + 1 - col)


def window_of(part: Grid, scene: Grid) -> Window | None:
    """The pixels of a scene that a map of a part of it covers; None if ``part`` is not a part of the grid ``scene``."""
    if not scene.explain_mismatch(part):
        return Window.of_shape(scene.shape)
    col, row = ~scene.shown_transform @ (part.transform @ (0.0, 0.0))
    window = Window(row=round(row), col=round(col), height=part.shape[0], width=part.shape[1])
    if window.clip(scene.shape) != window or ScenePart(window=window).grid_in(scene).explain_mismatch(part):
        return None
    return window
