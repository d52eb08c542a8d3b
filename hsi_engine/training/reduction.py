"""From an open scene to the reduced cube that training gathers its patches from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..data.reduced_cube import ReducedCube
from ..errors import ParameterError
from ..io.scenes.choices.huge_values import refuse_huge_values
from ..io.scenes.scene import SceneBlock, SceneReader
from ..pixels.labelled_pixels import LabelledPixels
from ..pixels.window import Window
from ..preprocess.chain import Preprocessing
from ..reporting import Reporter, TimedReporter
from ..spectrum.class_spectra import SpectrumSums
from .cubes import CubePlan, Cubes

_MAX_BLOCK_PX = 65_536


def check_patch_fits(patch_size: int, shape: tuple[int, int]) -> tuple[str, ...]:
    """A note if patches are larger than the scene along one axis: much of each is then empty.

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
            hint="Use a smaller patch, or a larger scene.",
        )
    if patch_size > min(shape):
        return (
            f"A patch of {patch_size}×{patch_size} pixels reaches beyond the scene of {rows}×{cols} pixels (rows ×"
            " columns) everywhere; a smaller patch may work better.",
        )
    return ()


def reduce_scene(
    reader: SceneReader,
    preprocessing: Preprocessing,
    plan: CubePlan,
    pixels: LabelledPixels,
    *,
    folder: Path,
    reporter: Reporter,
    sums: SpectrumSums | None = None,
) -> tuple[Cubes, npt.NDArray[np.bool_]]:
    """Apply the preprocessing to what the patches of the labelled pixels need, block by block.

    Parameters
    ----------
    preprocessing : its branches are those of ``plan``.
    plan : the largest patch of each branch.
    pixels : the labelled pixels, whose spectra ``sums`` gets; what none of their patches reaches is not read.
    folder : for a temporary file, if the labels are spread over so much of a large scene that its
        components do not fit into memory; a warning says so.

    Returns
    -------
    The reduced cubes, and which of the labelled pixels have data, bool (n,).

    Raises
    ------
    SceneError : the file ends early or is damaged at the place of a patch, or values there are too large to compute with.
    OutputError : there is not enough space for the temporary file.
    """
    cubes = [
        ReducedCube.empty(
            branch.n_components,
            reader.scene.grid.shape,
            patch_size,
            centres=(pixels.rows, pixels.cols),
            folder=folder,
        )
        for branch, patch_size in zip(preprocessing.branches, plan.patches.values(), strict=True)
    ]
    in_files = sum(cube.n_bytes for cube in cubes if cube.in_file)
    if in_files:
        reporter.log(
            f"The labels are spread so widely that {in_files / 1e9:.1f} GB of components are needed; training keeps "
            f"them in a temporary file next to the model.",
            "warning",
        )
    valid, windows = np.zeros(len(pixels), dtype=bool), _needed_windows(reader, cubes, pixels)
    timed, done, total = TimedReporter(reporter), 0, sum(window.height * window.width for window in windows)
    for window in windows:
        reporter.check_cancelled()
        block = reader.read(window, preprocessing.band_indices)
        for branch, cube in zip(preprocessing.branches, cubes, strict=True):
            if cube.needs(window):
                components = branch.apply(block.data, block.valid)
                _require_finite(components[:, block.valid], reader, preprocessing, reporter)
                cube.fill(window, components)
        _look_at(block, window, pixels, valid, sums)
        done += window.height * window.width
        timed.progress(done / total, f"Computing components: {done:,} of {total:,} pixels")
    return Cubes(preprocessing=preprocessing, by_branch=tuple(cubes)), valid


def _require_finite(
    components: npt.NDArray[np.float32], reader: SceneReader, preprocessing: Preprocessing, reporter: Reporter
) -> None:
    if not np.isfinite(components).all():
        refuse_huge_values(reader, preprocessing.band_indices, reporter.check_cancelled)


def _look_at(
    block: SceneBlock,
    window: Window,
    pixels: LabelledPixels,
    valid: npt.NDArray[np.bool_],
    sums: SpectrumSums | None,
) -> None:
    """Note in ``valid`` (n,) which of the labelled pixels inside a window have data; ``sums`` gets their spectra."""
    inside = _pixels_in(pixels, window)
    rows, cols = pixels.rows[inside] - window.row, pixels.cols[inside] - window.col
    known = block.valid[rows, cols]
    valid[inside] = known
    if sums is not None:
        sums.add(pixels.values[inside[known]], block.data[:, rows[known], cols[known]])


def _needed_windows(reader: SceneReader, cubes: list[ReducedCube], pixels: LabelledPixels) -> list[Window]:
    windows = [w for w in reader.block_windows(_MAX_BLOCK_PX) if any(cube.needs(w) for cube in cubes)]
    if any(cube.margin_px for cube in cubes):
        return windows
    around = (_around(pixels, window) for window in windows)  # no surroundings are asked for
    return [window for window in around if not window.is_empty]


def _around(pixels: LabelledPixels, window: Window) -> Window:
    """The smallest window around the pixels inside a window; empty if there are none."""
    inside = _pixels_in(pixels, window)
    if not len(inside):
        return Window(row=window.row, col=window.col, height=0, width=0)
    rows, cols = pixels.rows[inside], pixels.cols[inside]
    top, left = int(rows.min()), int(cols.min())
    return Window(row=top, col=left, height=int(rows.max()) + 1 - top, width=int(cols.max()) + 1 - left)


def _pixels_in(pixels: LabelledPixels, window: Window) -> npt.NDArray[np.int64]:
    """Positions in ``pixels``, which lie row by row, of those inside the window."""
    first, end = (int(np.searchsorted(pixels.rows, row)) for row in (window.row, window.row_end))
    cols = pixels.cols[first:end]
    return first + np.flatnonzero((cols >= window.col) & (cols < window.col_end))
