"""Which pixels of a scene a map is to cover, from an extent and a mask, and what has to be said if it holds next to nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...bundle.model_bundle import ModelBundle
from ...errors import SceneError
from ...io.maps.map_extent import extent_window, parse_extent
from ...io.maps.map_mask import MaskedPart, read_mask
from ...io.maps.unfinished_map import FinishedTile
from ...io.scenes.scene import Scene
from ...phrases import counted
from ...pixels.grid import Grid
from ...pixels.scene_part import ScenePart
from .operation import ClassifySceneParams
from .resume import NO_VALID_PIXEL

# A single class in a smaller map, or in less than half of the scene, may well be all there is.
_NO_SMALL_MAP_PX = 1000


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


def single_class_note(class_pixels: npt.NDArray[np.int64], bundle: ModelBundle, part: ScenePart, scene: Scene) -> str:
    """A sentence if a map of most of a scene holds a single one of several classes; otherwise empty."""
    total, largest = int(class_pixels.sum()), int(class_pixels.argmax())
    rows, cols = scene.grid.shape
    small = total < _NO_SMALL_MAP_PX or 2 * part.n_pixels < rows * cols
    if small or len(class_pixels) < 2 or class_pixels[largest] < total:
        return ""
    only = list(bundle.legend)[largest]
    name = "" if only.name == str(only.value) else f" ({only.name})"
    return (
        f"All {total:,} classified pixels were given class {only.value}{name}. A map of a single class is rarely right:"
        " check that the scene has the scale, the bands and the land cover of the training scene."
    )


def not_finite_note(count: int, with_data: int) -> str:
    """A sentence if ``count`` of the mapped pixels ``with_data`` have no class because their scores are not finite; else empty."""
    if not count:
        return ""
    return (
        f"The model gives no class to {count:,} of {counted(with_data, 'pixel')} with data: its scores there are not finite numbers,"
        " because the scene's values or the model's weights are so large that they overflow. Check the scene with Scene"
        " information; if its values are as usual, train the model again."
    )


def require_data(tiles: Sequence[FinishedTile], scene: Scene, part: ScenePart, bands: Sequence[int]) -> None:
    """Make sure that at least one pixel of ``part`` was mapped; ``bands`` are those that the model needs.

    Raises
    ------
    SceneError : none has data in all of them.
    """
    if sum(tile.nodata_pixels for tile in tiles) < part.n_pixels:
        return
    count = len(bands)
    rasters = (
        str(scene.path) if scene.second is None else f"{scene.path} and the second raster {scene.second.raster.path}"
    )
    needed = "the band that the model needs" if count == 1 else f"all {count} bands that the model needs"
    if part.n_pixels < scene.grid.shape[0] * scene.grid.shape[1]:
        raise SceneError(
            f"No pixel of {rasters} that is to be mapped ({counted(part.n_pixels, 'pixel')}) has data in {needed}"
            f" (nodata value: {scene.nodata_text}): there is nothing to classify.",
            code=NO_VALID_PIXEL,
            hint="Choose an extent and a mask with data in the scene.",
        )
    raise SceneError(
        f"No pixel of {rasters} has data in {needed} (nodata value: {scene.nodata_text}): there is nothing to classify.",
        code=NO_VALID_PIXEL,
        hint="Check the nodata value of the file, and that it is the right file.",
    )
