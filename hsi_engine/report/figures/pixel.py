"""Figure of the page on a pixel: its spectrum against those of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .canvas import INK, new_figure, png_of, short_name
from .spectrum_axis import broken_curve, finish_spectrum_axes, spectrum_axis, usual_limits

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassCurve:
    """Mean and deviation of a class, each (bands,), with its name and colour."""

    name: str
    colour: str
    mean: FloatArray
    deviation: FloatArray


def pixel_figure(
    wavelength_nm: Sequence[float | None], bands: Sequence[int], spectrum: FloatArray, classes: Sequence[ClassCurve]
) -> tuple[bytes, list[int]]:
    """The spectrum of a pixel over mean ± standard deviation of classes, and the bands off the chart, from 1.

    Parameters
    ----------
    wavelength_nm : of all bands of the scene.
    bands : 0-based bands of the scene that were used.
    spectrum : of the pixel, (bands,).
    classes : drawn from the last to the first.
    """
    figure = new_figure(9.2, 3.8)
    axes = figure.add_subplot()
    x, gaps = spectrum_axis(wavelength_nm, bands)
    for number, one in reversed(list(enumerate(classes))):
        places, low = broken_curve(x, gaps, one.mean - one.deviation)
        _, high = broken_curve(x, gaps, one.mean + one.deviation)
        axes.fill_between(places, low, high, color=one.colour, alpha=0.32 if number == 0 else 0.18, lw=0)
        places, mean = broken_curve(x, gaps, one.mean)
        # Pale colours stay visible on white.
        axes.plot(places, mean, color="#6b7280", lw=2.1, alpha=0.5)
        axes.plot(places, mean, color=one.colour, lw=1.5, label=short_name(one.name), zorder=3)
    places, values = broken_curve(x, gaps, spectrum)
    alone = len(spectrum) == 1
    axes.plot(places, values, color=INK, lw=1.8, marker="o" if alone else None, label="this pixel", zorder=4)
    low = np.min([spectrum, *(one.mean - one.deviation for one in classes)], axis=0)
    high = np.max([spectrum, *(one.mean + one.deviation for one in classes)], axis=0)
    limits, beyond = usual_limits(low, high)
    finish_spectrum_axes(axes, gaps, limits, nm=all(w is not None for w in wavelength_nm))
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1],
        labels[::-1],
        frameon=False,
        fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0,
    )
    return png_of(figure), [bands[at] + 1 for at in beyond]
