"""From an open scene to the reduced cube that training gathers its patches from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..data.reduced_cube import ReducedCube
from ..errors import ParameterError
from ..io.scene import SceneReader
from ..preprocess.chain import Preprocessing
from ..reporting import Reporter

_MAX_BLOCK_PX = 65_536


def check_patch_fits(patch_size: int, shape: tuple[int, int]) -> tuple[str, ...]:
    """A note where patches are larger than the scene along one axis: much of each is then empty.

    Parameters
    ----------
    patch_size : edge of a patch in pixels.
    shape : (rows, cols) of the scene.

    Raises
    ------
    ParameterError : patches are larger than the scene along both axes, so that all of them show all of it.
    """
    rows, cols = shape
    if patch_size > max(shape):
        raise ParameterError(
            f"Parameter 'patch_size' (Patch size): a patch of {patch_size}×{patch_size} pixels is larger than the whole"
            f" scene of {rows}×{cols} pixels (rows × columns).",
            code="patch_larger_than_scene",
            hint="Ask for a smaller patch, or use a larger scene.",
        )
    if patch_size > min(shape):
        return (
            f"A patch of {patch_size}×{patch_size} pixels reaches beyond the scene of {rows}×{cols} pixels (rows ×"
            " columns) everywhere; a smaller one may do better.",
        )
    return ()


def reduce_scene(
    reader: SceneReader,
    preprocessing: Preprocessing,
    band_indices: tuple[int, ...],
    *,
    patch_size: int,
    reporter: Reporter,
) -> tuple[ReducedCube, npt.NDArray[np.bool_]]:
    """Apply the preprocessing to a whole scene, block by block.

    Returns
    -------
    The reduced cube, 4 bytes a pixel and component, and where the scene has data, bool (rows, cols).
    """
    shape = reader.scene.grid.shape
    cube = ReducedCube.empty(preprocessing.n_components, shape, patch_size)
    valid = np.zeros(shape, dtype=bool)
    done = 0
    for window in reader.block_windows(_MAX_BLOCK_PX):
        reporter.check_cancelled()
        block = reader.read(window, band_indices)
        cube.fill(window, preprocessing.apply(block))
        valid[window.slices()] = block.valid
        done += window.height * window.width
        reporter.progress(done / valid.size, f"Reducing: {done:,} of {valid.size:,} pixels")
    return cube, valid
