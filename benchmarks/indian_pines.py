"""Indian Pines as arrays, for recipes that know neither files nor windows."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hsi_engine.demo.indian_pines import write_indian_pines
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.operations.parts.scene_preprocessing import fit_to_scene
from hsi_engine.pixels.window import Window
from hsi_engine.preprocess.branch import ReductionSettings
from hsi_engine.reporting import SilentReporter

N_CLASSES = 16


@dataclass(frozen=True, kw_only=True, eq=False)
class ReducedScene:
    """The scene after PCA, and its ground truth.

    Parameters
    ----------
    cube : whitened components, float32 (components, rows, cols).
    truth : 1 to 16, 0 if unknown, (rows, cols).
    """

    cube: npt.NDArray[np.float32]
    truth: npt.NDArray[np.uint8]

    @property
    def labelled(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows, columns and class indices (from 0) of the labelled pixels, row by row."""
        rows, cols = np.nonzero(self.truth)
        return rows, cols, self.truth[rows, cols].astype(np.int64) - 1


def whitened_components(n_components: int) -> ReductionSettings:
    """Principal components of unit variance, as the literature uses them."""
    return ReductionSettings(kind="pca", n_components=n_components, whiten=1.0)


def reduced_scene(reduction: ReductionSettings | None = None) -> ReducedScene:
    """The 145×145 pixels of Indian Pines after a reduction by the engine; 30 whitened principal components if None."""
    with tempfile.TemporaryDirectory() as folder:
        files = write_indian_pines(Path(folder))
        with open_scene(files.scene) as reader:
            usable, preprocessing = fit_to_scene(reader, None, [reduction or whitened_components(30)], SilentReporter())
            window = Window.of_shape(reader.scene.grid.shape)
            cube = preprocessing.apply(reader.read(window, usable.indices))
        with open_scene(files.ground_truth) as reader:
            truth = reader.read(Window.of_shape(reader.scene.grid.shape), (0,)).data[0]
    return ReducedScene(cube=cube, truth=truth.astype(np.uint8))
