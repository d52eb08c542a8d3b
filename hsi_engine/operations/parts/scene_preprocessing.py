"""Choosing the bands of a scene and fitting its preprocessing, as every operation that begins with a scene does."""

from __future__ import annotations

from collections.abc import Sequence

from ...io.scenes.choices.quality_counts import quality_notes
from ...io.scenes.scene import SceneReader, UsableBands, find_usable_bands
from ...preprocess.branch import ReductionSettings
from ...preprocess.chain import Preprocessing
from ...preprocess.fitting import fit_preprocessing
from ...reporting import PhaseReporter, Reporter
from ...spectrum.band_selection import parse_band_selection


def choose_bands(reader: SceneReader, selection: str | None, reporter: Reporter) -> UsableBands:
    """The usable bands of an open scene; the log lists how many pixels are under clouds, if the product says so.

    Parameters
    ----------
    selection : the bands a user chose, such as ``"1-100, 450-900nm"``; all of them if None. A second raster is always
        used whole.

    Raises
    ------
    ParameterError : the selection cannot be read.
    SceneError : nothing of the scene can be used.
    """
    bands, own = reader.scene.bands, len(reader.scene.bands) - reader.scene.second_bands
    chosen = set(range(own) if selection is None else parse_band_selection(selection, bands.select(range(own))))
    chosen |= set(range(own, len(bands)))
    exclude = tuple(band for band in range(len(bands)) if band not in chosen)
    for note in quality_notes(reader, reporter):
        reporter.log(note, "info")
    return find_usable_bands(reader, reporter, exclude=exclude)


def fit_to_scene(
    reader: SceneReader, selection: str | None, reductions: Sequence[ReductionSettings], reporter: Reporter
) -> tuple[UsableBands, Preprocessing]:
    """Fit the preprocessing on the usable bands of an open scene; errors as :func:`choose_bands`.

    Parameters
    ----------
    selection : as in :func:`choose_bands`.
    reductions : as in :func:`hsi_engine.preprocess.fitting.fit_preprocessing`.
    """
    usable = choose_bands(reader, selection, PhaseReporter(reporter, 0.0, 0.2))
    preprocessing = fit_preprocessing(reader, usable, reductions, reporter=PhaseReporter(reporter, 0.2, 1.0))
    return usable, preprocessing
