"""Small images to compare a graph with the engine on: windows of a scene, or synthetic ones with the spectra of the training."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..bundle.model_bundle import ModelBundle
from ..errors import SceneError
from ..io.scenes.scene import SceneReader
from ..pixels.window import Window
from ..spectrum.class_spectra import class_spectra_of_record

Values = npt.NDArray[np.float32]

_EDGE_PX = 24
_MOST_WINDOWS = 4
# Synthetic images: neither square nor a multiple of anything.
_SHAPE = (19, 23)
_BLOCK_PX = 5
# Of the deviation of a class, what all bands share and what each has alone; without spectra of classes, of the mean.
_SHARED, _ALONE = 1.0, 0.2
_DEVIATION = 0.2


def images_of_scene(bundle: ModelBundle, reader: SceneReader) -> list[Values]:
    """Windows from all over a scene that hold data: float32 (bands, rows, cols), NaN without data.

    Raises
    ------
    MismatchError : the scene does not fit the model.
    SceneError : the scene cannot be read, or none of the windows that are looked at holds data.
    """
    bands = bundle.check_scene(reader.scene)
    rows, cols = reader.scene.grid.shape
    found = []
    # The middle first, then the corners of it.
    for down, across in ((2, 2), (1, 1), (3, 3), (1, 3), (3, 1), (0, 0), (4, 4), (0, 4), (4, 0)):
        height, width = min(_EDGE_PX, rows), min(_EDGE_PX, cols)
        window = Window(row=(rows - height) * down // 4, col=(cols - width) * across // 4, height=height, width=width)
        block = reader.read(window, bands)
        if block.valid.any():
            found.append(np.where(block.valid, block.data, np.nan).astype(np.float32))
        if len(found) == _MOST_WINDOWS:
            break
    if not found:
        raise SceneError(
            f"The scene {reader.scene.path} holds no data in the nine places where the export was to be compared with the model.",
            code="no_data",
            hint="Name another scene, or none: the comparison is then made on spectra like those of the training.",
        )
    return found


def synthetic_images(bundle: ModelBundle) -> list[Values]:
    """An image of blocks of classes with the spectra that the model keeps of them, else around the mean; a few pixels empty.

    The same model gives the same image.
    """
    rng = np.random.default_rng(0)
    mean = bundle.preprocessing.mean_spectrum
    centres = [mean]
    deviations = [_DEVIATION * np.abs(mean)]
    known = class_spectra_of_record(
        bundle.training.get("class_spectra"), classes=len(bundle.legend), bands=len(bundle.preprocessing.bands)
    )
    if known is not None:
        spectra = [one for one in known if one is not None]
        centres, deviations = [one.mean for one in spectra], [one.deviation for one in spectra]
    rows, cols = _SHAPE
    blocks = rng.integers(len(centres), size=(rows // _BLOCK_PX + 1, cols // _BLOCK_PX + 1))
    which = np.kron(blocks, np.ones((_BLOCK_PX, _BLOCK_PX), int))[:rows, :cols]
    noise = _SHARED * rng.normal(size=(1, rows, cols)) + _ALONE * rng.normal(size=(len(mean), rows, cols))
    image = (np.array(centres)[which] + np.array(deviations)[which] * noise.transpose(1, 2, 0)).transpose(2, 0, 1)
    image[:, 3:5, 7] = np.nan
    image[-1, -1, -1] = np.nan
    return [image.astype(np.float32)]
