"""Which pixels of a scene a map is to cover, from an extent and a mask."""

from __future__ import annotations

from ..grid import Grid
from ..io.map_extent import extent_window, parse_extent
from ..scene_part import ScenePart
from .classify_scene import ClassifySceneParams


def read_part(params: ClassifySceneParams, grid: Grid) -> ScenePart:
    """The part of a scene on ``grid`` that is asked for; the whole scene where nothing is.

    Raises
    ------
    ParameterError : the extent is written in another way.
    MismatchError : the extent does not lie on the scene.
    """
    if params.extent is None:
        return ScenePart.whole(grid.shape)
    return ScenePart(window=extent_window(parse_extent(params.extent), grid))
