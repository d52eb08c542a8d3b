"""Figures of the page on labels: spectra of the classes, and how far apart they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from ...label_check.findings import ClassSummary, LabelCheck
from ...label_check.verdict import HARDLY, WELL, distance_text
from .canvas import INK, new_figure, png_of, short_name
from .spectrum_axis import broken_curve, finish_spectrum_axes, spectrum_axis, usual_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = npt.NDArray[np.float64]

_OTHERS = "#d3d8de"
_HARDLY, _PARTLY, _WELL = "#e9a37d", "#f5e3a8", "#e4f1ea"
_MOST_WITH_NUMBERS = 20
_WIDTH = 10.2


def spectra_figure(check: LabelCheck) -> bytes:
    """Mean spectra of all classes in one chart."""
    classes = [c for c in check.classes if c.mean is not None]
    figure = new_figure(_WIDTH, 3.6)
    axes = figure.add_subplot()
    x, gaps = band_axis(check)
    for item in classes:
        _line(axes, x, gaps, item.mean, color=item.item.colour, lw=1.6, label=short_name(item.item.name), outline=True)
    _finish(axes, check, x, gaps, labels=True)
    axes.legend(
        frameon=False,
        fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        ncols=1 + (len(classes) > 16),
        borderaxespad=0,
    )
    return png_of(figure)


def class_spectra_figure(check: LabelCheck) -> bytes:
    """One small chart per class: mean ± standard deviation in its colour, the means of the others in grey."""
    classes = [c for c in check.classes if c.mean is not None]
    columns = min(4, max(2, len(classes))) if len(classes) > 1 else 1
    rows = -(-len(classes) // columns)
    figure = new_figure(_WIDTH * columns / 4 if columns < 3 else _WIDTH, 1.9 * rows + 0.3)
    x, gaps = band_axis(check)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for position, axes in enumerate(panels.flat):
        if position >= len(classes):
            axes.set_visible(False)
            continue
        own = classes[position]
        for other in classes:
            if other is not own:
                _line(axes, x, gaps, other.mean, color=_OTHERS, lw=0.7)
        _band(axes, x, gaps, own)
        _line(axes, x, gaps, own.mean, color=own.item.colour, lw=1.6, outline=True)
        axes.set_title(short_name(own.item.name), loc="left", fontsize=8.5, color=INK)
        _finish(axes, check, x, gaps, labels=position // columns == rows - 1 and position % columns == 0)
    return png_of(figure)


def separability_figure(check: LabelCheck) -> bytes:
    """Jeffries–Matusita distances as a triangle; colours tell hardly, partly and well apart."""
    items = [c.item for c in check.classes if c.pixels]
    at = {item.value: index for index, item in enumerate(items)}
    n = len(items)
    shown = np.full((n, n), np.nan)
    for pair in check.pairs:
        a, b = sorted(at[value] for value in pair.values)
        shown[b, a] = pair.distance
    size = 1.6 + 0.36 * n if n <= _MOST_WITH_NUMBERS else 8.6
    font = max(3.0, min(8.0, 0.45 * 72 * size / n))
    figure = new_figure(size + 1.6, size + 0.4)
    axes = figure.add_subplot()
    colours = ListedColormap([_HARDLY, _PARTLY, _WELL])
    axes.imshow(shown[1:, :-1], cmap=colours, norm=BoundaryNorm([0, HARDLY, WELL, 2.0001], 3), interpolation="nearest")
    names = [short_name(item.name) for item in items]
    axes.set_xticks(range(n - 1), names[:-1], rotation=90 if n > 8 else 35, ha="center" if n > 8 else "right")
    axes.set_yticks(range(n - 1), names[1:])
    if n <= 8:
        for label in axes.get_xticklabels():
            label.set_rotation_mode("anchor")
    axes.tick_params(length=0, labelsize=font)
    axes.spines[:].set_visible(False)
    axes.set_xticks(np.arange(n) - 0.5, minor=True)
    axes.set_yticks(np.arange(n) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.2)
    axes.tick_params(which="minor", length=0)
    if n <= _MOST_WITH_NUMBERS:
        for (row, col), distance in np.ndenumerate(shown[1:, :-1]):
            if not np.isnan(distance):
                weight = "bold" if distance < HARDLY else "normal"
                text = distance_text(float(distance))
                axes.text(col, row, text, ha="center", va="center", fontsize=6.8, color=INK, fontweight=weight)
    axes.legend(
        handles=[
            Patch(color=_HARDLY, label="hardly"),
            Patch(color=_PARTLY, label="partly"),
            Patch(color=_WELL, label="well"),
        ],
        title="told apart",
        title_fontsize=8,
        fontsize=8,
        frameon=False,
        loc="upper right",
    )
    return png_of(figure)


def band_axis(check: LabelCheck) -> tuple[FloatArray, list[tuple[float, float]]]:
    """Place of each band used on the horizontal axis, and the stretches of bands between them that are not used."""
    return spectrum_axis(check.wavelength_nm, check.bands)


def value_limits(check: LabelCheck) -> tuple[tuple[float, float] | None, list[int]]:
    """Where the charts of spectra end, if a few bands would squeeze all others, and these bands, counted from 1."""
    known = [(c.mean, c.deviation) for c in check.classes if c.mean is not None and c.deviation is not None]
    if not known:
        return None, []
    low = np.min([mean - deviation for mean, deviation in known], axis=0)
    high = np.max([mean + deviation for mean, deviation in known], axis=0)
    limits, beyond = usual_limits(low, high)
    return limits, [check.bands[at] + 1 for at in beyond]


def _line(
    axes: Axes,
    x: FloatArray,
    gaps: Sequence[tuple[float, float]],
    mean: FloatArray | None,
    *,
    outline: bool = False,
    **style: Any,
) -> None:
    if mean is None:
        return
    places, values = broken_curve(x, gaps, mean)
    if outline:  # pale colours stay visible on white
        axes.plot(places, values, color="#6b7280", lw=style["lw"] + 0.7, alpha=0.55, solid_capstyle="round")
    axes.plot(places, values, solid_capstyle="round", **style)


def _band(axes: Axes, x: FloatArray, gaps: Sequence[tuple[float, float]], own: ClassSummary) -> None:
    if own.mean is None or own.deviation is None:
        return
    places, low = broken_curve(x, gaps, own.mean - own.deviation)
    _, high = broken_curve(x, gaps, own.mean + own.deviation)
    axes.fill_between(places, low, high, color=own.item.colour, alpha=0.35, lw=0)


def _finish(axes: Axes, check: LabelCheck, x: FloatArray, gaps: Sequence[tuple[float, float]], *, labels: bool) -> None:
    limits, _ = value_limits(check)
    finish_spectrum_axes(axes, gaps, limits, nm=all(w is not None for w in check.wavelength_nm) if labels else None)
