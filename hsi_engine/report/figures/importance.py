"""Figures of the page on the importance of bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .canvas import INK, QUIET, SERIES, new_figure, png_of
from .spectrum_axis import GRID, broken_curve, spectrum_axis, usual_limits

FloatArray = npt.NDArray[np.float64]


def importance_figure(
    wavelength_nm: Sequence[float | None],
    numbers: Sequence[int],
    groups: Sequence[Mapping[str, Any]],
    mean_spectrum: npt.NDArray[np.floating],
) -> bytes:
    """Loss of accuracy of each group over its bands, with the deviation of the repeats, above the mean spectrum.

    Parameters
    ----------
    wavelength_nm, numbers : of the bands that the model sees, numbers counted from 1.
    groups : as in the result; ``bands`` are such numbers.
    mean_spectrum : of the tested pixels, (bands,).
    """
    figure = new_figure(9.2, 4.4)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.6, 1))
    x, gaps = spectrum_axis(wavelength_nm, range(len(numbers)))
    if any(w is None for w in wavelength_nm):
        x = np.array(numbers, dtype=np.float64)
    at = dict(zip(numbers, x.tolist(), strict=True))
    step = float(np.median(np.diff(np.sort(x)))) if len(x) > 1 else 1.0
    for group in groups:
        places = np.sort([at[number] for number in group["bands"]])
        drop, deviation = 100 * group["drop"], 100 * group["deviation"]
        # A bar does not cover a stretch without bands.
        for run in np.split(places, np.flatnonzero(np.diff(places) > 4 * step) + 1):
            left, right = run[0] - step / 2, run[-1] + step / 2
            upper.bar(left, drop, right - left, align="edge", color=SERIES[0], alpha=0.75, edgecolor="white", lw=0.6)
        middle = places[len(places) // 2]
        upper.plot([middle] * 2, [drop - deviation, drop + deviation], color=INK, lw=1.1)
    upper.axhline(0, color=QUIET, lw=0.8)
    upper.set_ylabel("loss of average\naccuracy (points)", fontsize=8)
    places, values = broken_curve(x, gaps, np.asarray(mean_spectrum, dtype=np.float64))
    lower.plot(places, values, color=QUIET, lw=1.3)
    limits, _ = usual_limits(np.asarray(mean_spectrum, np.float64), np.asarray(mean_spectrum, np.float64))
    if limits is not None:
        lower.set_ylim(*limits)
    lower.set_ylabel("mean spectrum", fontsize=8)
    lower.set_xlabel("wavelength (nm)" if all(w is not None for w in wavelength_nm) else "band number", fontsize=8)
    for axes in (upper, lower):
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(QUIET)
        axes.grid(axis="y", color=GRID, lw=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=7.5, length=2.5, colors=INK)
        axes.margins(x=0.01)
    return png_of(figure)


def components_figure(components: Sequence[Mapping[str, Any]]) -> bytes:
    """Loss of accuracy of each component, with the deviation of the repeats."""
    figure = new_figure(9.2, 2.3)
    axes = figure.add_subplot()
    several = len({one["reduction"] for one in components}) > 1
    names = [f"{one['reduction']} {one['number']}" if several else str(one["number"]) for one in components]
    drops = [100 * one["drop"] for one in components]
    axes.bar(range(len(drops)), drops, color=SERIES[0], alpha=0.75)
    for place, one in enumerate(components):
        low, high = (100 * (one["drop"] + sign * one["deviation"]) for sign in (-1, 1))
        axes.plot([place] * 2, [low, high], color=INK, lw=1.1)
    axes.axhline(0, color=QUIET, lw=0.8)
    axes.set_xticks(range(len(names)), names, rotation=90 if several else 0)
    axes.set_xlabel("component", fontsize=8)
    axes.set_ylabel("loss of average\naccuracy (points)", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=7.5, length=2.5, colors=INK)
    axes.margins(x=0.01)
    return png_of(figure)
