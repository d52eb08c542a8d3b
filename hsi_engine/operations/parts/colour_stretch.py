"""The stretch of a scene that is shown in colour: from a sample of its pixels to limits and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import SceneError
from ...io.scenes.colour_raster import to_colours
from ...io.scenes.scene import Scene, SceneReader
from ...io.scenes.thinned import ThinnedBands, read_thinned, step_for_pixels
from ...report.figures.pictures import thinning_step, upright
from ...reporting import Reporter
from ...spectrum.composites import CHANNELS, ColourBands
from .notes import Notes

# The limits are exact for scenes of up to this many pixels.
_SAMPLE_PIXELS = 1 << 20
_FEWEST_FILL_PIXELS = 10
_ASKED_BANDS = 8


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What is shown: the bands, per band the numbers of the file that become dark and bright, and a sample of all pixels."""

    chosen: ColourBands
    limits: tuple[tuple[float, float], ...]
    sample: ThinnedBands


def read_stretch(
    reader: SceneReader, chosen: ColourBands, percentiles: tuple[float, float], notes: Notes, reporter: Reporter
) -> Stretch:
    """Look at a sample of the pixels, on a regular grid over the whole scene, for the limits of each band.

    Parameters
    ----------
    percentiles : of the valid pixels, 0 to 100; they become dark and bright.
    notes : receives what was left out, and why.

    Raises
    ------
    SceneError : no pixel holds data in all of the bands, or the file is damaged.
    """
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
    limits = tuple(
        _limits(band[counted], percentiles, reader.scene.bands.label(index), notes)
        for band, index in zip(numbers, chosen.bands, strict=True)
    )
    return Stretch(chosen=chosen, limits=limits, sample=sample)


def colour_picture(scene: Scene, stretch: Stretch) -> npt.NDArray[np.uint8]:
    """The scene as a picture (rows, cols, 4), north up, with transparent pixels where there is no data."""
    step = thinning_step(stretch.sample.valid.shape)
    valid = stretch.sample.valid[::step, ::step]
    colours = to_colours(stretch.sample.numbers[:, ::step, ::step], valid, stretch.limits)
    channels = colours if len(colours) > 1 else np.repeat(colours, 3, axis=0)
    rgba = np.concatenate([channels, np.where(valid, 255, 0).astype(np.uint8)[None]])
    return np.asarray(upright(np.moveaxis(rgba, 0, -1), scene.grid))


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


def _ordinal(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{suffix}"
