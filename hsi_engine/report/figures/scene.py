"""Figures of the page on a scene: its mean spectrum, and how often each value occurs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...spectrum.bands import BandTable
from .canvas import INK, QUIET, SERIES, new_figure, png_of
from .spectrum_axis import GRID, broken_curve, finish_spectrum_axes, spectrum_axis, usual_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = npt.NDArray[np.float64]

# Where water vapour lets hardly any sunlight through (Gao et al. 2009).
WATER_VAPOUR_NM = ((1340.0, 1450.0), (1790.0, 1960.0))
_WIDTH, _HEIGHT = 10.2, 3.5
_BINS = 120
_CURVES = (
    ("blue", 470.0, "#2f6fd0"),
    ("green", 550.0, "#2e8b3d"),
    ("red", 650.0, "#c9302c"),
    ("near infrared", 860.0, "#7b2d8b"),
    ("short-wave infrared", 2200.0, "#b0741a"),
)
_NEAR_NM = 40.0


def mean_spectrum_figure(
    bands: BandTable, used: Sequence[int], mean: FloatArray, deviation: FloatArray
) -> tuple[bytes, list[int]]:
    """Mean ± standard deviation over wavelength, and the 0-based bands off the chart.

    Parameters
    ----------
    used : 0-based bands, in rising order.
    mean, deviation : of each of them.
    """
    figure = new_figure(_WIDTH, _HEIGHT)
    axes = figure.add_subplot()
    x, gaps, nm = place_of_bands(bands, used)
    places, low = broken_curve(x, gaps, mean - deviation)
    _, high = broken_curve(x, gaps, mean + deviation)
    axes.fill_between(places, low, high, color=SERIES[0], alpha=0.18, lw=0, label="± standard deviation")
    alone = len(used) < 20
    axes.plot(*broken_curve(x, gaps, mean), color=SERIES[0], lw=1.6, marker="o" if alone else None, ms=4, label="mean")
    limits, beyond = usual_limits(mean - deviation, mean + deviation) if len(used) > 1 else (None, [])
    finish_spectrum_axes(axes, gaps, limits, nm=nm)
    if nm:
        _name_water_vapour(axes)
    axes.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
    return png_of(figure), [used[at] for at in beyond]


def place_of_bands(bands: BandTable, used: Sequence[int]) -> tuple[FloatArray, list[tuple[float, float]], bool]:
    """Place of each band used, gaps between them, and whether places are in nm; else bands are counted from 1.

    A band that is not used and has no wavelength, such as transparency, does not matter.
    """
    if any(bands.wavelength_nm[band] is None for band in used):
        return (*spectrum_axis((None,) * len(bands), used), False)
    known = [band for band, w in enumerate(bands.wavelength_nm) if w is not None]
    at = {band: place for place, band in enumerate(known)}
    return (*spectrum_axis([bands.wavelength_nm[b] for b in known], [at[b] for b in used]), True)


def _name_water_vapour(axes: Axes) -> None:
    left, right = axes.get_xlim()
    for low, high in WATER_VAPOUR_NM:
        if left < (low + high) / 2 < right:
            axes.axvspan(low, high, ymax=0.035, color="#9cc3e6", lw=0, zorder=1)
            axes.text(
                (low + high) / 2,
                0.05,
                "water vapour",
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="bottom",
                fontsize=7,
                color=QUIET,
            )
    axes.set_xlim(left, right)


def histogram_figure(bands: BandTable, used: Sequence[int], sample: npt.NDArray[np.float32]) -> tuple[bytes, float]:
    """How often each value occurs: all bands in grey, single bands as lines; and the share of values beyond the chart.

    Parameters
    ----------
    used : 0-based bands.
    sample : values (pixels, bands used), at least one pixel.
    """
    # Not of a whole band, and from the same pixels for all: a hundredth of a percent at each end means nothing.
    low, high = (float(v) for v in np.percentile(sample, (0.1, 99.9)))
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, _BINS + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    figure = new_figure(_WIDTH, 2.7)
    axes = figure.add_subplot()
    everything = _shares(sample, edges)
    axes.stairs(everything, edges, fill=True, color="#c9cfd6", lw=0, label="all usable bands")
    tops = [float(everything.max())]
    for title, (position, colour) in _curves(bands, used).items():
        shares = _shares(sample[:, position], edges)
        axes.plot(middles, shares, color=colour, lw=1.3, drawstyle="steps-mid", label=title)
        tops.append(float(np.sort(shares)[-2]))  # a pile at one value would flatten all others
    axes.set_xlim(low, high)
    axes.set_ylim(0, 1.08 * max(max(tops), 1e-9))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
    axes.grid(axis="y", color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=7.5, length=2.5, colors=INK)
    axes.set_xlabel("value in the scene", fontsize=8)
    axes.set_ylabel("share of values (%)", fontsize=8)
    axes.legend(frameon=False, fontsize=8, loc="upper right")
    inside = ((sample >= low) & (sample <= high)).mean()
    return png_of(figure), float(1 - inside)


def _shares(values: npt.NDArray[np.float32], edges: FloatArray) -> FloatArray:
    counts, _ = np.histogram(values, edges)
    return 100 * counts / max(1, values.size)


def _curves(bands: BandTable, used: Sequence[int]) -> Mapping[str, tuple[int, str]]:
    """Single bands for the chart: title → (place among those used, colour)."""
    known = [(position, w) for position, band in enumerate(used) if (w := bands.wavelength_nm[band]) is not None]
    curves: dict[str, tuple[int, str]] = {}
    for title, target, colour in _CURVES:
        if known:
            position, nearest = min(known, key=lambda item: abs(item[1] - target))
            if abs(nearest - target) <= _NEAR_NM:
                curves[f"{title} ({nearest:.0f} nm)"] = (position, colour)
    return curves
