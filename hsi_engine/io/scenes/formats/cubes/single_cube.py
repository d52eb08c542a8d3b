"""Products with one cube in an HDF5 file, and quality layers of its size in the same file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .....pixels.window import Window
from ....rasters.hdf5_files.opening import reading
from ....rasters.hdf5_files.product_file import ProductFile
from ...source import QualityLayer, Scene
from .hdf5_cube import Axes, Hdf5Cube


@dataclass(frozen=True, kw_only=True)
class LayerPlace:
    """An array (rows, cols) of the file that marks the pixels in which it holds one of some numbers."""

    layer: QualityLayer
    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class CubeSource:
    """Where the pixels of a scene are stored.

    Parameters
    ----------
    file, what : the product, and what it is called in messages.
    cube : the name of its array.
    axes : position of (bands, rows, cols) among those of the array.
    layers : in the order of the quality layers of the scene.
    missing : marks the pixels without data; None if only their numbers do.
    """

    file: Path
    what: str
    cube: str
    axes: Axes
    layers: tuple[LayerPlace, ...] = ()
    missing: LayerPlace | None = None


class CubePixels:
    """The open cube. See :class:`hsi_engine.io.scenes.source.QualitySource`."""

    def __init__(self, scene: Scene) -> None:
        self._source: CubeSource = scene.source
        self._product = ProductFile.kept_open(self._source.file, self._source.what)
        self._cube = Hdf5Cube(self._product.dataset(self._source.cube, 3), self._source.axes)

    def read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        return self._cube.read(window, bands)

    def mask(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_] | None:
        return None if self._source.missing is None else ~self._marks(self._source.missing, window)[None]

    def quality(self, window: Window, layers: Sequence[int]) -> npt.NDArray[np.bool_]:
        marked = np.zeros((len(layers), *window.shape), bool)
        for i, layer in enumerate(layers):
            marked[i] = self._marks(self._source.layers[layer], window)
        return marked

    def close(self) -> None:
        self._cube.close()
        self._product.close()

    def _marks(self, place: LayerPlace, window: Window) -> npt.NDArray[np.bool_]:
        with reading():
            return np.isin(self._product.file[place.name][window.slices()], place.values)


def usable_layers(
    product: ProductFile, wanted: Sequence[LayerPlace], shape: tuple[int, int]
) -> tuple[tuple[LayerPlace, ...], tuple[str, ...]]:
    """Those of some layers that are there and have the size of the cube, and a note on each of another size."""
    found, notes = [], []
    for place in wanted:
        item = product.file.get(place.name)
        if item is None:
            continue
        if getattr(item, "shape", None) == shape and item.dtype.kind in "iufb":
            found.append(place)
        else:
            notes.append(f"The quality layer {place.name} is not used: it has another size than the cube.")
    return tuple(found), tuple(notes)
