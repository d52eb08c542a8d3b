"""Choosing the bands of a scene and fitting its preprocessing, as every operation that begins with a scene does."""

from __future__ import annotations

from ..band_selection import parse_band_selection
from ..io.scene import SceneReader, UsableBands, find_usable_bands
from ..preprocess.chain import Preprocessing, fit_preprocessing
from ..reporting import PhaseReporter, Reporter


def fit_to_scene(
    reader: SceneReader, selection: str | None, *, n_components: int, whiten: bool, reporter: Reporter
) -> tuple[UsableBands, Preprocessing]:
    """Fit the preprocessing on the usable bands of an open scene.

    Parameters
    ----------
    selection : the bands a user chose, such as ``"1-100, 450-900nm"``; all of them where None.
    n_components, whiten : as in :func:`hsi_engine.preprocess.chain.fit_preprocessing`.

    Raises
    ------
    ParameterError : the selection cannot be read, or there are too few bands for the components.
    SceneError : nothing of the scene can be used.
    """
    bands = reader.scene.bands
    chosen = set(range(len(bands)) if selection is None else parse_band_selection(selection, bands))
    exclude = tuple(band for band in range(len(bands)) if band not in chosen)
    usable = find_usable_bands(reader, PhaseReporter(reporter, 0.0, 0.2), exclude=exclude)
    preprocessing = fit_preprocessing(
        reader, usable, n_components=n_components, whiten=whiten, reporter=PhaseReporter(reporter, 0.2, 1.0)
    )
    return usable, preprocessing
