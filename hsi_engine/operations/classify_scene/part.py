"""Which pixels of a scene a map is to cover, from an extent and a mask."""

from __future__ import annotations

from ...io.maps.map_extent import extent_window, parse_extent
from ...io.maps.map_mask import MaskedPart, read_mask
from ...pixels.grid import Grid
from ...pixels.scene_part import ScenePart
from .operation import ClassifySceneParams


def read_part(params: ClassifySceneParams, grid: Grid) -> MaskedPart:
    """The part of a scene on ``grid`` that is asked for; the whole scene if nothing is.

    Raises
    ------
    ParameterError : the extent is written in another way.
    LabelError : the mask cannot be read, or does not state where it lies.
    MismatchError : extent and mask do not lie on the scene, or not on one another; a raster is on another grid.
    """
    extent = None if params.extent is None else extent_window(parse_extent(params.extent), grid)
    if params.mask is not None:
        return read_mask(params.mask, grid, extent)
    return MaskedPart(part=ScenePart.whole(grid.shape) if extent is None else ScenePart(window=extent), notes=())
