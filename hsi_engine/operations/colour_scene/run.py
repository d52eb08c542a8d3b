"""Showing a scene in colour: choose the bands, look at a sample of the pixels for the limits, write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from ...errors import SceneError
from ...io.files.outputs import StagedOutputs
from ...io.scenes.colour_raster import ColourWriter, to_colours
from ...io.scenes.colour_style import StretchedBand, colour_qml
from ...io.scenes.scene import Scene, SceneReader, open_scene
from ...io.scenes.usable_bands import bands_without_data
from ...report.figures.pictures import png
from ...reporting import PhaseReporter, Reporter, TimedReporter
from ...spectrum.composites import CHANNELS, ColourBands, choose_colour_bands, possible_composites
from ..definition.output_check import check_scene_is_kept
from ..definition.scene_input import scene_reading
from ..parts.colour_stretch import Stretch, colour_picture, read_stretch
from ..parts.notes import Notes
from .operation import ColourChannel, ColourSceneParams, ColourSceneResult

_BLOCK_PIXELS = 1 << 18
_CHOSEN, _SAMPLED = 0.1, 0.5


def run(params: ColourSceneParams, reporter: Reporter) -> ColourSceneResult:
    """Choose bands and limits; the files that are asked for appear when all of them are finished.

    Raises
    ------
    SceneError : the scene cannot be read or holds no data, or its wavelengths do not allow the composite.
    OutputError : a file cannot be written.
    """
    files = {"style": params.style, "picture": params.picture, "raster": params.image}
    notes = Notes(reporter)
    with open_scene(params.scene, **scene_reading(params)) as reader, StagedOutputs() as stage:
        check_scene_is_kept(params, reader.scene)
        notes.add(*reader.scene.warnings, warn=True)
        candidates = _candidates(reader.scene, notes)
        chosen = _choose(params, reader, candidates, PhaseReporter(reporter, 0.0, _CHOSEN))
        if chosen.note:
            notes.add(chosen.note, warn=True)
        stretch = read_stretch(
            reader,
            chosen,
            (params.lower_percent, params.upper_percent),
            notes,
            PhaseReporter(reporter, _CHOSEN, _SAMPLED),
        )
        channels = _channels(reader, stretch)
        if params.style is not None:
            stage.path(params.style).write_text(_style(params, reader, channels), encoding="utf-8")
        if params.picture is not None:
            stage.path(params.picture).write_bytes(png(colour_picture(reader.scene, stretch)))
        if params.image is not None:
            _write_image(stage.path(params.image), reader, stretch, PhaseReporter(reporter, _SAMPLED, 1.0))
        reporter.check_cancelled()
    for kind, path in files.items():
        if path is not None:
            reporter.artifact(kind, path)
    return ColourSceneResult(
        scene=params.scene,
        composite=cast(Any, chosen.composite),
        title=chosen.title,
        channels=channels,
        possible=list(possible_composites(reader.scene.bands, candidates)),
        lower_percent=params.lower_percent,
        upper_percent=params.upper_percent,
        nodata_given=params.nodata,
        sampled_pixels=stretch.sample.valid.size,
        valid_pixels=int(stretch.sample.valid.sum()),
        style=params.style,
        picture=params.picture,
        image=params.image,
        notes=notes.texts,
    )


def _candidates(scene: Scene, notes: Notes) -> tuple[int, ...]:
    """Bands that are not flagged bad; if all are, all of them: to look at, they may do."""
    if scene.bands.good_indices:
        return scene.bands.good_indices
    notes.add("The file flags all of its bands as bad; they are shown all the same.", warn=True)
    return tuple(range(len(scene.bands)))


def _choose(
    params: ColourSceneParams, reader: SceneReader, candidates: Sequence[int], reporter: Reporter
) -> ColourBands:
    """The bands of the composite that hold data."""
    scene, empty = reader.scene, set[int]()

    def without_data(bands: Sequence[int]) -> set[int]:
        found = bands_without_data(reader, reporter, bands)
        empty.update(found)
        if len(empty) == len(candidates):
            raise SceneError(
                f"{scene.path} holds no data: none of its pixels is valid in any of the {len(candidates)} bands examined"
                f" (nodata value: {scene.nodata_text}).",
                code="no_data",
                hint="Check the nodata value of the file, and that the right file was chosen.",
            )
        return found

    return choose_colour_bands(scene.bands, candidates, params.composite, without_data)


def _channels(reader: SceneReader, stretch: Stretch) -> list[ColourChannel]:
    colours = CHANNELS if len(stretch.chosen.bands) > 1 else ("grey",)
    channels = []
    for colour, band, (low, high) in zip(colours, stretch.chosen.bands, stretch.limits, strict=True):
        scale, offset = reader.scene.shown_scaling[band]
        channels.append(
            ColourChannel(
                colour=cast(Any, colour),
                band=band + 1,
                shown_band=(reader.scene.shown_bands[band] if reader.scene.shown_bands else band) + 1,
                wavelength_nm=reader.scene.bands.wavelength_nm[band],
                low=low,
                high=high,
                shown_low=low * scale + offset,
                shown_high=high * scale + offset,
            )
        )
    return channels


def _style(params: ColourSceneParams, reader: SceneReader, channels: Sequence[ColourChannel]) -> str:
    bands = []
    for channel in channels:
        scale, offset = reader.scene.shown_scaling[channel.band - 1]
        nodata = None if params.nodata is None else params.nodata * scale + offset
        low, high = sorted((channel.shown_low, channel.shown_high))
        bands.append(StretchedBand(number=channel.shown_band, low=low, high=high, nodata=nodata))
    return colour_qml(bands)


def _write_image(path: Path, reader: SceneReader, stretch: Stretch, reporter: Reporter) -> None:
    grid, bands = reader.scene.grid, stretch.chosen.bands
    timed = TimedReporter(reporter)
    with ColourWriter(path, grid, [reader.scene.bands.label(band) for band in bands]) as writer:
        for window in reader.block_windows(_BLOCK_PIXELS):
            reporter.check_cancelled()
            timed.progress(window.row / grid.shape[0], "Writing the image")
            numbers, valid = reader.read_numbers(window, bands)
            writer.write(window, to_colours(numbers, valid, stretch.limits))
