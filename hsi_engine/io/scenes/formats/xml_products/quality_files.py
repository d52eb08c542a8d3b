"""Quality layers of a product that are rasters on the pixels of its image."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.errors import RasterioError

from .....errors import SceneError
from .....pixels.window import Window
from ....rasters.open_raster import gdal_settings, open_raster
from ....rasters.rasterio_values import rasterio_window
from ...source import QualityLayer

# Layers that are made once and read with the pixels: how often they mark a pixel is not known before that.
CLOUD = QualityLayer(name="cloud", masks=True)
CLOUD_SHADOW = QualityLayer(name="cloud shadow", masks=True)
CIRRUS, HAZE, SNOW, WATER = (QualityLayer(name=name) for name in ("cirrus", "haze", "snow", "water"))
DEFECTIVE, SATURATED = QualityLayer(name="defective in a band"), QualityLayer(name="saturated")


@dataclass(frozen=True, kw_only=True)
class QualityFile:
    """Where a quality layer is stored.

    Parameters
    ----------
    path : a raster of whole numbers, as many rows and columns as the image.
    bands : 0-based, of the raster; the layer marks a pixel if one of them does. All bands if empty.
    values : numbers that mark a pixel.
    bits : marks a pixel too if one of these bits is set.
    """

    layer: QualityLayer
    path: Path
    bands: tuple[int, ...] = ()
    values: tuple[int, ...] = (1,)
    bits: int = 0


def usable_layers(
    wanted: Sequence[QualityFile], shape: tuple[int, int]
) -> tuple[tuple[QualityFile, ...], tuple[str, ...]]:
    """Those of some layers that fit the image, of ``shape`` (rows, cols), and a note on each file that does not."""
    fitting, notes = [], []
    faults: dict[Path, str] = {}
    for layer in wanted:
        fault = faults.setdefault(layer.path, _fault(layer.path, shape))
        needed = max(layer.bands, default=0) + 1
        if not fault and _count(layer.path) < needed:
            fault = f"it has {_count(layer.path)} bands, and {needed} or more are expected"
        if fault:
            notes.append(f"The quality layer {layer.path.name} is not used for {layer.layer.name}: {fault}.")
        else:
            fitting.append(layer)
    return tuple(fitting), tuple(notes)


class QualityRasters:
    """The open quality layers of a product."""

    def __init__(self, layers: Sequence[QualityFile]) -> None:
        self._layers = layers
        self._stack = ExitStack()
        self._open: dict[Path, Any] = {}

    def read(self, window: Window, layers: Sequence[int]) -> npt.NDArray[np.bool_]:
        """As :meth:`.QualitySource.quality`."""
        marked = np.zeros((len(layers), *window.shape), bool)
        for position, layer in enumerate(layers):
            marked[position] = self._marks(self._layers[layer], window)
        return marked

    def close(self) -> None:
        """Close all files."""
        self._stack.close()
        self._open.clear()

    def _marks(self, layer: QualityFile, window: Window) -> npt.NDArray[np.bool_]:
        marked: npt.NDArray[np.bool_] = np.zeros(window.shape, bool)
        try:
            with gdal_settings():
                dataset = self._dataset(layer.path)
                for band in layer.bands or range(dataset.count):
                    numbers = dataset.read(band + 1, window=rasterio_window(window))
                    marked |= np.isin(numbers, layer.values)
                    if layer.bits:
                        marked |= (numbers.astype(np.int64) & layer.bits) != 0
        except RasterioError as error:
            raise OSError(f"{layer.path.name}: {error.__cause__ or error}") from error
        except SceneError as error:
            raise OSError(error.message) from error
        return marked

    def _dataset(self, path: Path) -> Any:
        """Opened when it is first asked for: most runs need clouds and shadows only."""
        if path not in self._open:
            self._open[path], _ = open_raster(path)
            self._stack.callback(self._open[path].close)
        return self._open[path]


def _fault(path: Path, shape: tuple[int, int]) -> str:
    """Why a raster cannot be a quality layer of an image; empty if it can."""
    try:
        with gdal_settings(), open_raster(path)[0] as dataset:
            if tuple(dataset.shape) != shape:
                return "it has {}×{} pixels, the image {}×{}".format(*dataset.shape, *shape)
            kinds = {np.dtype(dtype).kind for dtype in dataset.dtypes}
            return "" if kinds <= {"i", "u", "b"} else f"whole numbers are expected, it holds {dataset.dtypes[0]}"
    except SceneError as error:
        return error.message.rstrip(".")


def _count(path: Path) -> int:
    with gdal_settings(), open_raster(path)[0] as dataset:
        return int(dataset.count)
