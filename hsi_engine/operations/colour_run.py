"""Showing a scene in colour: choose the bands, look at a sample of the pixels for the limits, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from ..composites import CHANNELS, ColourBands, choose_colour_bands, possible_composites
from ..errors import SceneError
from ..io.colour_raster import ColourWriter, to_colours
from ..io.colour_style import StretchedBand, colour_qml
from ..io.outputs import StagedOutputs, check_output, check_outputs
from ..io.scene import Scene, SceneReader, open_scene
from ..io.thinned import ThinnedBands, read_thinned, step_for_pixels
from ..io.usable_bands import bands_without_data
from ..report.pictures import png, thinning_step, upright
from ..reporting import PhaseReporter, Reporter, TimedReporter
from .colour_scene import ColourChannel, ColourSceneParams, ColourSceneResult
from .notes import Notes

# The limits are exact for scenes of up to this many pixels.
_SAMPLE_PIXELS = 1 << 20
_BLOCK_PIXELS = 1 << 18
_FEWEST_FILL_PIXELS = 10
_ASKED_BANDS = 8
_CHOSEN, _SAMPLED = 0.1, 0.5


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """What is shown: the bands, per band the numbers of the file that become dark and bright, and the sample."""

    chosen: ColourBands
    limits: tuple[tuple[float, float], ...]
    sample: ThinnedBands


def run(params: ColourSceneParams, reporter: Reporter) -> ColourSceneResult:
    """Choose bands and limits; the files that are asked for appear when all of them are finished.

    Raises
    ------
    SceneError : the scene cannot be read or holds no data, or its wavelengths do not allow the composite.
    OutputError : a file cannot be written.
    """
    files = {"style": params.style, "picture": params.picture, "raster": params.image}
    suffixes = {"style": (".qml",), "picture": (".png",), "raster": (".tif", ".tiff")}
    check_outputs([path for path in files.values() if path is not None], inputs=[params.scene])
    for kind, path in files.items():
        if path is not None:
            check_output(path, suffixes=suffixes[kind])
    notes = Notes(reporter)
    with open_scene(params.scene, nodata=params.nodata) as reader, StagedOutputs() as stage:
        notes.add(*reader.scene.warnings, warn=True)
        candidates = _candidates(reader.scene, notes)
        chosen = _choose(params, reader, candidates, PhaseReporter(reporter, 0.0, _CHOSEN))
        if chosen.note:
            notes.add(chosen.note, warn=True)
        stretch = _stretch(params, reader, chosen, notes, PhaseReporter(reporter, _CHOSEN, _SAMPLED))
        channels = _channels(reader, stretch)
        if params.style is not None:
            stage.path(params.style).write_text(_style(params, reader, channels), encoding="utf-8")
        if params.picture is not None:
            stage.path(params.picture).write_bytes(_picture(reader.scene, stretch))
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
    """Bands that are not flagged bad; where all are, all of them: to look at, they may do."""
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


def _stretch(
    params: ColourSceneParams, reader: SceneReader, chosen: ColourBands, notes: Notes, reporter: Reporter
) -> _Stretch:
    shape = reader.scene.grid.shape
    sample = read_thinned(
        reader,
        chosen.bands,
        step_for_pixels(shape, _SAMPLE_PIXELS),
        check_cancelled=reporter.check_cancelled,
        progress=lambda share: reporter.progress(share, "Reading pixels"),
    )
    if not sample.valid.any():
        looked = "" if sample.step == 1 else f" of the {sample.valid.size:,} that were looked at"
        raise SceneError(
            f"No pixel{looked} holds data in all of the bands that are to be shown"
            f" ({chosen.describe(reader.scene.bands)}).",
            code="no_valid_pixel",
            hint="Choose another composite, or check the nodata value.",
        )
    if sample.step > 1:
        notes.add(
            f"The limits come from {sample.valid.size:,} pixels, every {_ordinal(sample.step)} in both directions over the"
            " whole scene."
        )
    numbers = sample.numbers[:, sample.valid]
    counted = ~_undeclared_fill(reader, chosen, sample, notes, reporter)
    percentiles = (params.lower_percent, params.upper_percent)
    limits = tuple(
        _limits(band[counted], percentiles, reader.scene.bands.label(index), notes)
        for band, index in zip(numbers, chosen.bands, strict=True)
    )
    return _Stretch(chosen=chosen, limits=limits, sample=sample)


def _undeclared_fill(
    reader: SceneReader, chosen: ColourBands, sample: ThinnedBands, notes: Notes, reporter: Reporter
) -> npt.NDArray[np.bool_]:
    """True for valid pixels of the sample, (n,), that look like missing data: they would spoil the limits.

    They hold one number in all bands which no other pixel goes beyond; more bands than those that are shown are asked, as
    dark water may be 0 in three of them.
    """
    numbers = sample.numbers[:, sample.valid]
    fill = np.zeros(numbers.shape[1], dtype=bool)
    same = (numbers == numbers[0]).all(axis=0)
    others = numbers[:, ~same]
    if len(numbers) < len(CHANNELS) or not others.size:
        return fill
    values, counts = np.unique(numbers[0][same], return_counts=True)
    suspects = values[(counts >= _FEWEST_FILL_PIXELS) & ((values <= others.min()) | (values >= others.max()))]
    if suspects.size:
        every = range(len(reader.scene.bands))
        asked = sorted({every[round(share * (len(every) - 1))] for share in np.linspace(0, 1, _ASKED_BANDS)})
        more = read_thinned(reader, asked, sample.step, check_cancelled=reporter.check_cancelled)
        same &= (more.numbers[:, sample.valid] == numbers[0]).all(axis=0)
    for value in suspects:
        here = same & (numbers[0] == value)
        if here.sum() >= _FEWEST_FILL_PIXELS:
            fill |= here
            notes.add(
                f"{int(here.sum()):,} of {here.size:,} pixels hold {value:.10g} in all bands, which looks like missing data that"
                f" the file does not declare. They are left out of the stretch; with the no data value {value:.10g} they are"
                " not shown either.",
                warn=True,
            )
    return fill


def _limits(numbers: npt.NDArray[Any], percentiles: Sequence[float], name: str, notes: Notes) -> tuple[float, float]:
    """The numbers of a band that become dark and bright; never the same."""
    values = numbers.astype(np.float64)
    low, high = (float(value) for value in np.percentile(values, percentiles))
    if low == high:
        low, high = float(values.min()), float(values.max())
        if low == high:
            notes.add(f"All pixels of {name} hold {low:.10g}; the band shows nothing.", warn=True)
            return low, low + max(1.0, abs(low))
        notes.add(f"Most pixels of {name} hold one value; it is stretched from its lowest to its highest.")
    return low, high


def _channels(reader: SceneReader, stretch: _Stretch) -> list[ColourChannel]:
    colours = CHANNELS if len(stretch.chosen.bands) > 1 else ("grey",)
    channels = []
    for colour, band, (low, high) in zip(colours, stretch.chosen.bands, stretch.limits, strict=True):
        scale, offset = reader.shown_scaling(band)
        channels.append(
            ColourChannel(
                colour=cast(Any, colour),
                band=band + 1,
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
        scale, offset = reader.shown_scaling(channel.band - 1)
        nodata = None if params.nodata is None else params.nodata * scale + offset
        low, high = sorted((channel.shown_low, channel.shown_high))
        bands.append(StretchedBand(number=channel.band, low=low, high=high, nodata=nodata))
    return colour_qml(bands)


def _picture(scene: Scene, stretch: _Stretch) -> bytes:
    """PNG with transparent pixels where there is no data."""
    step = thinning_step(stretch.sample.valid.shape)
    valid = stretch.sample.valid[::step, ::step]
    colours = to_colours(stretch.sample.numbers[:, ::step, ::step], valid, stretch.limits)
    channels = colours if len(colours) > 1 else np.repeat(colours, 3, axis=0)
    rgba = np.concatenate([channels, np.where(valid, 255, 0).astype(np.uint8)[None]])
    return png(upright(np.moveaxis(rgba, 0, -1), scene.grid))


def _write_image(path: Path, reader: SceneReader, stretch: _Stretch, reporter: Reporter) -> None:
    grid, bands = reader.scene.grid, stretch.chosen.bands
    timed = TimedReporter(reporter)
    with ColourWriter(path, grid, [reader.scene.bands.label(band) for band in bands]) as writer:
        for window in reader.block_windows(_BLOCK_PIXELS):
            reporter.check_cancelled()
            timed.progress(window.row / grid.shape[0], "Writing the image")
            numbers, valid = reader.read_numbers(window, bands)
            writer.write(window, to_colours(numbers, valid, stretch.limits))


def _ordinal(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{suffix}"
