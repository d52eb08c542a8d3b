"""Pixels of the pictures in a report: class map, false colour, scale bar."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...classes.legend import NO_CLASS, Legend
from ...io.scenes.thinned import read_thinned
from ...pixels.grid import Grid
from ...pixels.window import Window
from ...spectrum.bands import BandTable
from ...spectrum.composites import FALSE_COLOUR_NM, nearest_bands, spread_bands
from ..content import FalseColour

if TYPE_CHECKING:
    from ...io.scenes.scene import Scene, SceneReader

MAX_EDGE = 1200
PERCENTILES = (2.0, 98.0)


def thinning_step(shape: tuple[int, int], max_edge: int = MAX_EDGE) -> int:
    """The subsampling step of a picture, so that its longer edge has at most ``max_edge``."""
    return max(1, math.ceil(max(shape) / max_edge))


def upright(picture: npt.NDArray[Any], grid: Grid) -> npt.NDArray[Any]:
    """The picture (rows, cols, …) with north up also if the raster is stored south-up; the first row is up without map coordinates."""
    return picture[::-1] if grid.shown_transform.e > 0 else picture


def class_map_rgba(values: npt.NDArray[Any], legend: Legend) -> npt.NDArray[np.uint8]:
    """Colours (rows, cols, 4) of raster values (rows, cols); transparent for values that are not in the legend."""
    table = np.array([(*c.rgb, 255) for c in legend] + [(0, 0, 0, 0)], dtype=np.uint8)
    indices = legend.to_index(values)
    return np.asarray(table[np.where(indices == NO_CLASS, len(legend), indices)])


def false_colour_bands(bands: BandTable, usable: Sequence[int] | None = None) -> tuple[int, ...]:
    """0-based bands nearest to 860, 650 and 550 nm, or spread over the scene if wavelengths are unknown."""
    candidates = list(bands.good_indices if usable is None else usable) or list(range(len(bands)))
    return nearest_bands(bands, candidates, FALSE_COLOUR_NM) or spread_bands(candidates)


def read_false_colour(
    reader: SceneReader,
    usable: Sequence[int] | None = None,
    max_edge: int = MAX_EDGE,
    part: Window | None = None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> FalseColour:
    """A picture of a scene or a part of it, read piece by piece.

    Parameters
    ----------
    reader : the open scene.
    usable : 0-based bands to choose from; those not flagged bad if None.
    max_edge : larger scenes are thinned to this many pixels.
    part : the pixels that are shown, inside the scene; all if None.
    check_cancelled : called before each piece; what it raises ends the reading.
    """
    scene = reader.scene
    chosen = false_colour_bands(scene.bands, usable)
    shape = scene.grid.shape if part is None else part.shape
    thinned = read_thinned(reader, chosen, thinning_step(shape, max_edge), part, check_cancelled)
    names = [scene.bands.label(index) for index in chosen]
    return FalseColour(
        rgb=stretch(scaled(thinned.numbers, scene, chosen), thinned.valid),
        caption=f"red {names[0]}, green {names[1]}, blue {names[2]}; each stretched from its 2nd to its 98th percentile",
    )


def scaled(numbers: npt.NDArray[Any], scene: Scene, bands: Sequence[int]) -> npt.NDArray[np.float64]:
    """Numbers of a file (bands, …) as values, by scale and offset of each band."""
    values: npt.NDArray[np.float64] = numbers.astype(np.float64)
    for row, band in zip(values, bands, strict=True):
        row *= scene.scale[band]
        row += scene.offset[band]
    return values


def stretch(data: npt.NDArray[np.floating[Any]], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Bands (3, rows, cols) as a picture (rows, cols, 3): 2nd to 98th percentile over 0 to 255, white where invalid."""
    picture = np.full((*valid.shape, 3), 255, dtype=np.uint8)
    for channel, band in enumerate(data):
        if valid.any():
            low, high = np.percentile(band[valid], PERCENTILES)
            span = high - low if high > low else 1.0
            picture[..., channel][valid] = np.clip((band[valid] - low) / span * 255, 0, 255)
    return picture


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """A picture (rows, cols, 3 or 4) as PNG, pixel by pixel."""
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    # C order: a flipped view is refused by the encoder.
    imsave(buffer, np.ascontiguousarray(picture), format="png")
    return buffer.getvalue()


def scale_bar(grid: Grid) -> tuple[float, str] | None:
    """A round length of about a quarter of the raster's width: (share of the width, ``"2 km"``).

    None if lengths are unknown: no CRS, or one in degrees.
    """
    from pyproj import CRS

    if grid.crs is None or not grid.is_georeferenced:
        return None
    crs = CRS.from_user_input(grid.crs)
    if not crs.is_projected:
        return None
    metres = crs.axis_info[0].unit_conversion_factor
    width_m = grid.shape[1] * grid.pixel_size[0] * metres
    power = 10.0 ** math.floor(math.log10(width_m / 4))
    length_m = max(m * power for m in (1, 2, 5) if m * power <= width_m / 4)
    label = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    return length_m / width_m, label
