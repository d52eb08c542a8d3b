"""Describing a scene: what its header says and, if asked for, what its pixels hold."""

from __future__ import annotations

import numpy as np
from pyproj import CRS

from ..grid import describe_crs
from ..io.scene import Scene, SceneReader, UsableBands, describe_scene, find_usable_bands, open_scene
from ..io.undeclared_fill import undeclared_fill
from ..reporting import PhaseReporter, Reporter
from .inspect_scene import BandDescription, InspectSceneParams, InspectSceneResult

_BLOCK_BYTES = 64 << 20


def run(params: InspectSceneParams, reporter: Reporter) -> InspectSceneResult:
    """Describe the scene; with ``statistics`` read it once, block by block.

    Raises
    ------
    SceneError : the scene cannot be opened or read or, with ``statistics``, holds nothing that can be used.
    """
    scene = describe_scene(params.scene, nodata=params.nodata)
    usable: UsableBands | None = None
    valid_pixels: int | None = None
    ranges: dict[int, tuple[float, float, float]] = {}
    fill: tuple[str, ...] = ()
    if params.statistics:
        with open_scene(scene) as reader:
            usable = find_usable_bands(reader, PhaseReporter(reporter, 0.0, 0.2))
            fill = undeclared_fill(reader, usable.indices, check_cancelled=reporter.check_cancelled)
            valid_pixels, ranges = _value_ranges(reader, usable.indices, PhaseReporter(reporter, 0.2, 1.0))
    rows, cols = scene.grid.shape
    bands = scene.bands
    return InspectSceneResult(
        scene=scene.path,
        format=scene.driver,
        rows=rows,
        cols=cols,
        dtype=scene.dtype,
        block_shape=scene.block_shape,
        crs=describe_crs(scene.grid.crs) if scene.grid.crs else None,
        crs_wkt=scene.grid.crs,
        crs_unit=_unit_of(scene.grid.crs),
        transform=tuple(scene.grid.transform)[:6],
        pixel_size=scene.grid.pixel_size,
        nodata=scene.nodata,
        nodata_given=params.nodata,
        bands=[_describe_band(scene, index, ranges.get(index)) for index in range(len(bands))],
        bands_flagged_bad=[i + 1 for i, good in enumerate(bands.good) if not good],
        bands_without_data=None if usable is None else [i + 1 for i in usable.empty],
        bands_usable=None if usable is None else [i + 1 for i in usable.indices],
        valid_pixels=valid_pixels,
        valid_share=None if valid_pixels is None else valid_pixels / (rows * cols),
        notes=[*scene.warnings, *fill],
    )


def _describe_band(scene: Scene, index: int, values: tuple[float, float, float] | None) -> BandDescription:
    minimum, mean, maximum = values or (None, None, None)
    return BandDescription(
        number=index + 1,
        name=scene.bands.names[index],
        wavelength_nm=scene.bands.wavelength_nm[index],
        fwhm_nm=scene.bands.fwhm_nm[index],
        good=scene.bands.good[index],
        scale=scene.scale[index],
        offset=scene.offset[index],
        minimum=minimum,
        mean=mean,
        maximum=maximum,
    )


def _value_ranges(
    reader: SceneReader, bands: tuple[int, ...], reporter: Reporter
) -> tuple[int, dict[int, tuple[float, float, float]]]:
    """Number of valid pixels, and (minimum, mean, maximum) of each band over them."""
    count = 0
    total = np.zeros(len(bands))
    low, high = np.full(len(bands), np.inf), np.full(len(bands), -np.inf)
    for window in reader.block_windows(max(1, _BLOCK_BYTES // reader.scene.pixel_bytes)):
        reporter.check_cancelled()
        reporter.progress(window.row / reader.scene.grid.shape[0], "Reading values")
        block = reader.read(window, bands)
        spectra = block.data[:, block.valid]
        if spectra.shape[1]:
            count += spectra.shape[1]
            total += spectra.sum(axis=1, dtype=np.float64)
            low, high = np.minimum(low, spectra.min(axis=1)), np.maximum(high, spectra.max(axis=1))
    mean = total / count  # usable bands have at least one pixel in common
    return count, {band: (float(low[i]), float(mean[i]), float(high[i])) for i, band in enumerate(bands)}


def _unit_of(crs: str | None) -> str | None:
    if crs is None:
        return None
    axes = CRS.from_user_input(crs).axis_info
    return axes[0].unit_name if axes else None
