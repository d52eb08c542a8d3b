"""What charts of spectra share: the axis of the bands, gaps in it, and limits that a few bands do not decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .canvas import INK, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = npt.NDArray[np.float64]
Gaps = Sequence[tuple[float, float]]

GRID = "#e5e7eb"
_SHADE = "#eceef1"
_USUAL, _BEYOND = 29 / 30, 0.25


def spectrum_axis(
    wavelength_nm: Sequence[float | None], used: Sequence[int]
) -> tuple[FloatArray, list[tuple[float, float]]]:
    """Place of each band used on the horizontal axis, and the stretches of bands between them that are not used.

    The axis is in nm if every band has a wavelength, otherwise it counts bands from 1.

    Parameters
    ----------
    wavelength_nm : of all bands of the scene.
    used : 0-based bands.
    """
    known = [w for w in wavelength_nm if w is not None]
    centres = np.array(known if len(known) == len(wavelength_nm) else range(1, len(wavelength_nm) + 1), float)
    x = centres[list(used)]
    order = np.sort(centres)
    step = float(np.median(np.diff(order))) if len(order) > 1 else 1.0
    unused = np.sort(np.delete(centres, list(used)))
    gaps: list[tuple[float, float]] = []
    for place in unused:
        if gaps and place - gaps[-1][1] <= 1.6 * step:
            gaps[-1] = (gaps[-1][0], place + step / 2)
        else:
            gaps.append((place - step / 2, place + step / 2))
    # A stretch that the sensor or the product left out has no bands at all, and no line leads across it either.
    jumps = np.flatnonzero(np.diff(order) > 4 * step)
    gaps += [(order[at] + step / 2, order[at + 1] - step / 2) for at in jumps]
    return x, sorted(gaps)


def usual_limits(low: FloatArray, high: FloatArray) -> tuple[tuple[float, float] | None, list[int]]:
    """Where a chart ends, if a few bands would squeeze all others, and the places of these bands in the arrays.

    Bands next to an absorption of the air often do. They are few, one in thirty at most, and reach a quarter beyond the
    others; with others the chart shows everything, and there is no limit.

    Parameters
    ----------
    low, high : of each band, what is to be shown, (bands,).
    """
    lowest, highest = np.quantile(low, 1 - _USUAL), np.quantile(high, _USUAL)
    room = _BEYOND * (highest - lowest)
    if low.min() >= lowest - room and high.max() <= highest + room:
        return None, []
    limits = max(float(low.min()), lowest - room / 2), min(float(high.max()), highest + room / 2)
    return limits, np.flatnonzero((low < limits[0]) | (high > limits[1])).tolist()


def broken_curve(x: FloatArray, gaps: Gaps, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The curve in the order of ``x``, with a break in the middle of each gap."""
    middles = np.array([(low + high) / 2 for low, high in gaps])
    places = np.concatenate([x, middles])
    heights = np.concatenate([values, np.full(len(middles), np.nan)])
    order = np.argsort(places, kind="stable")
    return places[order], heights[order]


def finish_spectrum_axes(axes: Axes, gaps: Gaps, limits: tuple[float, float] | None, *, nm: bool | None) -> None:
    """Shade the gaps, draw grid and frame; ``nm`` is whether x is in nm, None leaves the axes without labels."""
    for low, high in gaps:
        axes.axvspan(low, high, color=_SHADE, lw=0, zorder=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(QUIET)
    axes.grid(axis="y", color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=7.5, length=2.5, colors=INK)
    axes.margins(x=0.01)
    if limits is not None:
        axes.set_ylim(*limits)
    if nm is not None:
        axes.set_xlabel("wavelength (nm)" if nm else "band number", fontsize=8)
        axes.set_ylabel("value in the scene", fontsize=8)
