"""Writing a scene block by block, as a GeoTIFF whose bands say where they lie in the spectrum."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.enums import ColorInterp

from ....pixels.window import Window
from ...maps.map_writer import as_output_error, require_threads
from ...rasters.rasterio_values import rasterio_window
from ..metadata.nodata import NoData
from ..source import Scene
from ..writer import band_tags, envi_tags, imagery_tags

BLOCK_PX = 128
"""Edge of the blocks of the file; each is written once, and whole."""


class SceneWriter:
    """A copy of a scene with other pixels: the same bands, names, wavelengths, flags, data type, scale and offset.

    Use as a context manager, then call :meth:`check`: GDAL is silent about what it could not write while it closed a
    file. Held are the blocks that GDAL has not written yet.

    Parameters
    ----------
    path : the file to write; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.
    scene : what is copied.
    nodata : number of pixels without data, None if none has that meaning.
    mask : write a mask of the pixels with data, because no number says it.
    tags : facts about the whole scene.
    all_dialects : state wavelengths and flags in the words of GDAL and of ENVI too, for other programs.
    """

    def __init__(
        self,
        path: Path,
        scene: Scene,
        *,
        nodata: NoData,
        mask: bool = False,
        tags: Mapping[str, str] | None = None,
        all_dialects: bool = False,
    ) -> None:
        self._path = path
        self._scene = scene
        self._mask = mask
        self._all_dialects = all_dialects
        self._tags = dict(tags or {})
        self._written: dict[Window, tuple[int, int]] = {}
        self._profile: dict[str, Any] = {
            "driver": "GTiff",
            "count": len(scene.bands),
            "height": scene.grid.shape[0],
            "width": scene.grid.shape[1],
            "dtype": scene.dtype,
            "crs": scene.grid.crs,
            "transform": scene.grid.transform if scene.grid.is_georeferenced else None,
            "nodata": nodata,
            "tiled": True,
            "blockxsize": BLOCK_PX,
            "blockysize": BLOCK_PX,
            "interleave": "band",
            "compress": "deflate",
            "predictor": 3 if np.dtype(scene.dtype).kind == "f" else 2,
            "BIGTIFF": "IF_SAFER",
            "NUM_THREADS": "ALL_CPUS",
        }
        self._stack = ExitStack()
        self._file: Any = None

    def __enter__(self) -> SceneWriter:
        with as_output_error(self._path, "Scene"), ExitStack() as stack:
            require_threads()
            stack.enter_context(rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True))
            self._file = stack.enter_context(rasterio.open(self._path, "w", **self._profile))
            self._describe()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with as_output_error(self._path, "Scene"):
            self._stack.close()

    def write(self, window: Window, numbers: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> None:
        """Write one block, as far as it lies in the scene.

        Parameters
        ----------
        window : begins at a multiple of :data:`BLOCK_PX` and reaches to the next, or to the end of the scene.
        numbers : (bands, rows, cols) in the data type of the scene.
        valid : (rows, cols), for the mask.
        """
        whole = Window(row=window.row, col=window.col, height=BLOCK_PX, width=BLOCK_PX).clip(self._scene.grid.shape)
        if window.row % BLOCK_PX or window.col % BLOCK_PX or window != whole or numbers.shape[1:] != window.shape:
            raise ValueError(f"{numbers.shape} numbers are not the block at {window}")
        with as_output_error(self._path, "Scene"):
            self._file.write(numbers, window=rasterio_window(window))
            if self._mask:
                self._file.write_mask(valid, window=rasterio_window(window))
        self._written[window] = _checksums(numbers, valid if self._mask else None)

    def check(
        self, check_cancelled: Callable[[], None], progress: Callable[[float], None], path: Path | None = None
    ) -> None:
        """Read back what was written, or a copy of it under another ``path``.

        Raises
        ------
        OutputError : something is missing or differs.
        """
        with as_output_error(self._path, "Scene"), rasterio.open(path or self._path) as file:
            for number, (window, expected) in enumerate(self._written.items()):
                check_cancelled()
                progress(number / len(self._written))
                place = rasterio_window(window)
                mask = file.dataset_mask(window=place) > 0 if self._mask else None
                if _checksums(file.read(window=place), mask) != expected:
                    raise OSError(f"the block at row {window.row} and column {window.col} cannot be read back")

    def _describe(self) -> None:
        scene, file = self._scene, self._file
        file.update_tags(**self._tags)
        file.scales, file.offsets = scene.scale, scene.offset
        for index in range(len(scene.bands)):
            file.set_band_description(index + 1, scene.bands.names[index])
            file.update_tags(index + 1, **band_tags(scene.bands, index))
        if self._all_dialects:
            # In a COG, GDAL keeps the second of these only.
            file.update_tags(ns="ENVI", **envi_tags(scene.bands))
            file.update_tags(**envi_tags(scene.bands))
            for index in range(len(scene.bands)):
                file.update_tags(index + 1, ns="IMAGERY", **imagery_tags(scene.bands, index))
        if scene.transparent:
            roles = [ColorInterp.gray, *(ColorInterp.undefined,) * (len(scene.bands) - 1)]
            for band in scene.transparent:
                roles[band] = ColorInterp.alpha
            file.colorinterp = roles


def _checksums(numbers: npt.NDArray[Any], mask: npt.NDArray[np.bool_] | None) -> tuple[int, int]:
    of_mask = 0 if mask is None else zlib.crc32(np.packbits(mask).tobytes())
    return zlib.crc32(np.ascontiguousarray(numbers).data), of_mask
