"""What a model keeps of the scene it was trained on, beyond its bands, so that another scene can be compared with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Geod

from ...io.scenes.metadata.acquisition import acquisition_of
from ...io.scenes.scene import SceneReader
from ...io.scenes.spectral_sample import sample_spectra
from ...pixels.grid import Grid, describe_crs
from ...pixels.window import Window
from ...reporting import Reporter

# The rest are single pixels such as clouds, which would stretch the range to no use.
_PERCENTILES = (0.1, 99.9)
_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class TrainedScene:
    """The training scene; what is not known is None.

    Parameters
    ----------
    sensor : as the file states it.
    day : of the acquisition, YYYY-MM-DD.
    rows, cols : size in pixels.
    crs : for a person.
    pixel_size_m : edges of a pixel on the ground in m, along a row and along a column.
    low, high : 0.1 and 99.9 percentile of each band that is fed in, over a sample of pixels, scale and offset applied.
    sampled : pixels in that sample.
    """

    sensor: str | None = None
    day: str | None = None
    rows: int | None = None
    cols: int | None = None
    crs: str | None = None
    pixel_size_m: tuple[float, float] | None = None
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
    sampled: int = 0

    def to_json(self) -> dict[str, Any]:
        """For ``scene`` in the training record of a model."""
        return asdict(self)

    @classmethod
    def of_record(cls, training: Mapping[str, Any], bands: int) -> TrainedScene:
        """From a training record; all unknown in one of an earlier version, or of another program.

        Parameters
        ----------
        bands : bands that the model is fed with; ranges of another number of bands are not used.
        """
        record = training.get("scene")
        if not isinstance(record, Mapping):
            return cls()
        known = {f.name: record[f.name] for f in fields(cls) if record.get(f.name) is not None}
        for name, length in (("pixel_size_m", 2), ("low", bands), ("high", bands)):
            numbers = _numbers(known.get(name), length)
            known.pop(name, None)
            if numbers is not None:
                known[name] = numbers
        for name in ("sensor", "day", "crs"):
            if not isinstance(known.get(name, ""), str):
                del known[name]
        for name in ("rows", "cols", "sampled"):
            if not isinstance(known.get(name, 0), int):
                del known[name]
        return cls(**known)


def describe_trained_scene(reader: SceneReader, bands: tuple[int, ...], reporter: Reporter) -> TrainedScene:
    """Describe the scene of a training; reads a few windows of it.

    Parameters
    ----------
    bands : 0-based, those that the model is fed with, in its order.
    """
    scene = reader.scene
    sample = sample_spectra(
        reader, Window.of_shape(scene.grid.shape), bands, check_cancelled=reporter.check_cancelled
    ).spectra
    low, high = np.percentile(sample, _PERCENTILES, axis=1) if sample.size else (None, None)
    found = acquisition_of(scene)
    return TrainedScene(
        sensor=found.sensor,
        day=found.day,
        rows=scene.grid.shape[0],
        cols=scene.grid.shape[1],
        crs=describe_crs(scene.grid.crs) if scene.grid.crs else None,
        pixel_size_m=pixel_size_m(scene.grid),
        low=_rounded(low),
        high=_rounded(high),
        sampled=sample.shape[1],
    )


def pixel_size_m(grid: Grid) -> tuple[float, float] | None:
    """Edges of a pixel in m, along a row and along a column; in degrees, those of the pixel in the middle. None if unknown."""
    if grid.crs is None or not grid.is_georeferenced:
        return None
    crs = CRS.from_user_input(grid.crs)
    if crs.is_geographic:
        return _on_ellipsoid(grid, crs)
    units = [axis.unit_conversion_factor for axis in crs.axis_info[:2]]
    if not (crs.is_projected and units):
        return None
    along, across = grid.pixel_size
    return round(along * units[0], 3), round(across * units[0], 3)


def _on_ellipsoid(grid: Grid, crs: CRS) -> tuple[float, float] | None:
    degrees = float(np.degrees(crs.axis_info[0].unit_conversion_factor))
    row, col = grid.shape[0] / 2, grid.shape[1] / 2
    middle, right, below = (grid.transform @ (col + x, row + y) for x, y in ((0, 0), (1, 0), (0, 1)))
    if abs(middle[1] * degrees) > 90:
        return None
    geod = crs.get_geod() or Geod(ellps="WGS84")
    start = (middle[0] * degrees, middle[1] * degrees)
    edges = [geod.inv(*start, end[0] * degrees, end[1] * degrees)[2] for end in (right, below)]
    return round(edges[0], 3), round(edges[1], 3)


def _rounded(values: npt.NDArray[Any] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(float(f"{value:.{_DIGITS}g}") for value in values)


def _numbers(value: Any, length: int) -> tuple[float, ...] | None:
    if not isinstance(value, (list, tuple)) or len(value) != length:
        return None
    if not all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in value):
        return None
    return tuple(float(number) for number in value)


def size_text(size_m: Sequence[float]) -> str:
    """``30 m``, or ``20 × 30 m`` if the edges differ."""
    along, across = (f"{edge:.3g}" if edge < 100 else f"{edge:,.0f}" for edge in size_m)
    return f"{along} m" if along == across else f"{along} × {across} m"
