"""An 8-bit picture of a scene as a GeoTIFF, for programs that know nothing of bands and wavelengths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp, Resampling

from ...pixels.grid import Grid
from ...pixels.window import Window
from ..maps.map_writer import MapWriter

NO_COLOUR = 0
"""Value of pixels without data; pixels with data hold 1 to 255."""


class ColourWriter(MapWriter):
    """Writes red, green and blue, or grey, as uint8 with nodata 0.

    Parameters
    ----------
    path, grid : as for :class:`~.map_writer.MapWriter`.
    bands : what each band shows, which becomes its description; three of them, or one for grey.

    Raises
    ------
    OutputError
        The file cannot be written, for example because the disk is full.
    """

    def __init__(self, path: str | Path, grid: Grid, bands: Sequence[str]) -> None:
        super().__init__(
            path,
            grid,
            count=len(bands),
            dtype=np.dtype(np.uint8),
            nodata=NO_COLOUR,
            predictor=2,
            overviews=Resampling.average,
            tile=256,
        )
        self.bands = tuple(bands)

    def write(self, window: Window, colours: npt.NDArray[np.uint8]) -> None:
        """Write ``colours`` (bands, rows, cols) to ``window``."""
        self.write_bands(window, colours)

    def describe_bands(self, file: Any) -> None:
        for number, name in enumerate(self.bands, start=1):
            file.set_band_description(number, name)
        colours = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
        file.colorinterp = colours if len(self.bands) == len(colours) else (ColorInterp.gray,)


def to_colours(
    numbers: npt.NDArray[Any], valid: npt.NDArray[np.bool_], limits: Sequence[tuple[float, float]]
) -> npt.NDArray[np.uint8]:
    """Numbers of a file as 1 to 255, clipped at the limits of their band; 0 without data.

    Parameters
    ----------
    numbers : (bands, rows, cols), of any type.
    valid : (rows, cols).
    limits : per band, the numbers that become 1 and 255; the first may be the larger one.
    """
    colours = np.zeros(numbers.shape, dtype=np.uint8)
    for target, band, (low, high) in zip(colours, numbers, limits, strict=True):
        share = (band[valid].astype(np.float64) - low) / (high - low)
        target[valid] = np.rint(1 + 254 * np.clip(share, 0.0, 1.0))
    return colours
