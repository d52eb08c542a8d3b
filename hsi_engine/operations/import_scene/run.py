"""Importing a scene: block by block into a GeoTIFF, then into a COG if that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...io.files.outputs import StagedOutputs
from ...io.files.temporary_files import temporary_beside
from ...io.scenes.choices.quality_counts import quality_notes
from ...io.scenes.colour_style import StretchedBand, colour_qml
from ...io.scenes.output.cloud_optimized import to_cloud_optimized
from ...io.scenes.output.copy_nodata import nodata_of_copy
from ...io.scenes.output.scene_writer import BLOCK_PX, SceneWriter
from ...io.scenes.scene import Scene, SceneReader, open_scene
from ...io.scenes.usable_bands import bands_without_data
from ...pixels.window import TilePlan, Window
from ...report.figures.pictures import PERCENTILES
from ...reporting import PhaseReporter, Reporter, TimedReporter
from ...spectrum.composites import ColourBands, CompositeName, choose_colour_bands, possible_composites
from ...version import VERSION
from ..definition.output_check import check_scene_is_kept
from ..definition.scene_input import scene_reading
from ..parts.colour_stretch import Stretch, read_stretch
from ..parts.notes import Notes
from .operation import ImportSceneParams, ImportSceneResult

_STRETCHED, _WRITTEN, _COPIED = 0.1, 0.6, 0.9
_NO_WAVELENGTHS = "The scene states no wavelengths, and so the file has none. If you know them, set 'wavelengths' to a file that lists them."
_COMPOSITE: CompositeName = "near_infrared"
# Numbers and whether each is valid, of the tile that is read.
_TILE_BYTES = 128 << 20
# What a file states of the scene as a whole that is worth keeping.
_FACTS = (
    "sensor", "platform", "start_time", "acquisition_time", "processing_level", "product_name", "units", "cloud_cover",
    "sun_elevation", "sun_zenith_angle",
)  # fmt: skip


def run(params: ImportSceneParams, reporter: Reporter) -> ImportSceneResult:
    """Write the scene and its style; both appear when they are finished.

    Raises
    ------
    SceneError : the scene cannot be read, or holds no data.
    OutputError : a file cannot be written.
    """
    notes = Notes(reporter)
    with open_scene(params.scene, **scene_reading(params)) as reader, StagedOutputs() as stage:
        scene = reader.scene
        check_scene_is_kept(params, scene)
        notes.add(*scene.warnings, warn=True)
        if not any(scene.bands.wavelength_nm):
            notes.add(_NO_WAVELENGTHS, warn=True)
        notes.add(*quality_notes(reader, reporter))
        chosen = _composite(reader, reporter)
        stretch = read_stretch(reader, chosen, PERCENTILES, notes, PhaseReporter(reporter, 0.0, _STRETCHED))
        nodata = nodata_of_copy(reader, reporter.check_cancelled)
        output = stage.path(params.output)
        with temporary_beside(params.output) as plain:
            writer = SceneWriter(
                plain if params.format == "cog" else output,
                _with_unit_in_names(scene),
                nodata=nodata,
                mask=nodata is None and reader.is_masked,
                tags=_tags(scene),
                all_dialects=True,
            )
            with writer:
                masked = _write(reader, writer, nodata, PhaseReporter(reporter, _STRETCHED, _WRITTEN))
            if params.format == "cog":
                copying = PhaseReporter(reporter, _WRITTEN, _COPIED)
                to_cloud_optimized(
                    plain,
                    output,
                    reporter.check_cancelled,
                    lambda share: copying.progress(share, "Writing overviews and the final file"),
                )
            checking = PhaseReporter(reporter, _COPIED, 1.0)
            writer.check(
                reporter.check_cancelled, lambda share: checking.progress(share, "Checking the file"), path=output
            )
        stage.path(params.output.with_suffix(".qml")).write_text(_style(scene, stretch), encoding="utf-8")
        reporter.check_cancelled()
    reporter.artifact("raster", params.output)
    return ImportSceneResult(
        scene=params.scene,
        output=params.output,
        format=scene.driver,
        rows=scene.grid.shape[0],
        cols=scene.grid.shape[1],
        bands=len(scene.bands),
        bands_flagged_bad=[band + 1 for band, good in enumerate(scene.bands.good) if not good],
        nodata=nodata,
        masked_values=masked,
        composite=chosen.title,
        shown_bands=[band + 1 for band in chosen.bands],
        notes=notes.texts,
    )


def _composite(reader: SceneReader, reporter: Reporter) -> ColourBands:
    """Near infrared if the wavelengths allow it, or whatever else they do."""
    bands = reader.scene.bands
    candidates = bands.good_indices or tuple(range(len(bands)))

    def without_data(asked: Sequence[int]) -> set[int]:
        return bands_without_data(reader, reporter, asked)

    composite: CompositeName = _COMPOSITE if _COMPOSITE in possible_composites(bands, candidates) else "automatic"
    return choose_colour_bands(bands, candidates, composite, without_data)


def _write(reader: SceneReader, writer: SceneWriter, nodata: int | float | None, reporter: Reporter) -> int:
    """Write all blocks; the values that the scene holds under its masks, which the file lacks."""
    scene, masked = reader.scene, 0
    measured = [band for band in range(len(scene.bands)) if band not in scene.transparent]
    timed = TimedReporter(reporter)
    for tile in _tiles(scene):
        reporter.check_cancelled()
        timed.progress(tile.row / scene.grid.shape[0], "Writing the scene")
        numbers, valid = reader.read_each(tile, range(len(scene.bands)))
        for window in TilePlan(shape=scene.grid.shape, strip_rows=BLOCK_PX, tile_cols=BLOCK_PX).tiles_of(tile):
            inside = (slice(None), *window.relative_to(tile).slices())
            block, holds = numbers[inside].copy(), valid[inside]
            if nodata is not None:
                for band in measured:
                    masked += int(np.count_nonzero(block[band][~holds[band]] != nodata))
                    block[band][~holds[band]] = nodata
            writer.write(window, block, np.any(holds[measured], axis=0))
    return masked


def _tiles(scene: Scene) -> Iterator[Window]:
    """Windows of whole blocks of the file that is written, as wide as memory allows."""
    pixel_bytes = len(scene.bands) * (np.dtype(scene.dtype).itemsize + 2)
    cols = max(1, _TILE_BYTES // (pixel_bytes * BLOCK_PX * BLOCK_PX)) * BLOCK_PX
    yield from TilePlan(shape=scene.grid.shape, strip_rows=BLOCK_PX, tile_cols=cols)


def _with_unit_in_names(scene: Scene) -> Scene:
    """Names that state the wavelength, which is what most programs show in their lists of bands."""
    named = tuple(
        name if wavelength is None or "nm" in name else f"{name} ({wavelength:.1f} nm)"
        for name, wavelength in zip(scene.bands.names, scene.bands.wavelength_nm, strict=True)
    )
    return replace(scene, bands=replace(scene.bands, names=named))


def _style(scene: Scene, stretch: Stretch) -> str:
    """GIS apply scale and offset of the file, which are those of the scene."""
    bands = []
    for band, limits in zip(stretch.chosen.bands, stretch.limits, strict=True):
        low, high = sorted(limit * scene.scale[band] + scene.offset[band] for limit in limits)
        bands.append(StretchedBand(number=band + 1, low=low, high=high))
    return colour_qml(bands)


def _tags(scene: Scene) -> dict[str, str]:
    stated = {key: scene.texts[key] for key in _FACTS if scene.texts.get(key)}
    return {**stated, "processing": f"imported by hsi-engine {VERSION} from {scene.driver}: {scene.path.name}"}
