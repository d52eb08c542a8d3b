"""Figures drawn with matplotlib, as PNG bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ...evaluation.accuracy import Accuracy
from ..content import LearningCurves, MapPicture
from .canvas import INK, QUIET, SERIES, new_figure, png_of, short_name
from .pictures import class_map_rgba, thinning_step, upright

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SERIES = dict(zip(("training", "validation"), SERIES, strict=True))
# White to a dark blue, even in lightness; numbers turn white on the darker half.
_SHARES = LinearSegmentedColormap.from_list("shares", ["#ffffff", "#d6e6f2", "#86b6d8", "#2f7ab5", "#0b3a66"])
_MOST_CLASSES_WITH_NUMBERS = 20
_MAP_EDGE, _MAP_GAP = 4.6, 0.15  # inches


def confusion_figure(accuracy: Accuracy) -> bytes:
    """Heat map of the confusion matrix, each row as shares of its reference class.

    Samples that the map leaves unclassified are in a separate column if there are any.
    """
    counts = accuracy.confusion
    columns = [short_name(name) for name in accuracy.legend.names]
    if accuracy.unclassified.any():
        counts = np.column_stack([counts, accuracy.unclassified])
        columns.append("unclassified")
    support = accuracy.support[:, None]
    shares = np.divide(counts, support, out=np.full(counts.shape, np.nan), where=support > 0)
    n = len(accuracy.legend)
    size = 2.2 + 0.36 * n if n <= _MOST_CLASSES_WITH_NUMBERS else 9.6
    font = max(3.0, min(8.0, 0.45 * 72 * size / n))
    figure = new_figure(size + 1.6, size + 0.6)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap=_SHARES, vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks(range(len(columns)), columns, rotation=90 if n > 8 else 35, ha="center" if n > 8 else "right")
    axes.set_yticks(range(n), [short_name(name) for name in accuracy.legend.names])
    axes.tick_params(length=0, labelsize=font)
    if n <= 8:
        for label in axes.get_xticklabels():
            label.set_rotation_mode("anchor")
    axes.set_xticks(np.arange(len(columns) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(n + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#e5e7eb", linewidth=0.5)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("class of the map", fontsize=8.5)
    axes.set_ylabel("class of the reference", fontsize=8.5)
    if n <= _MOST_CLASSES_WITH_NUMBERS:
        _write_shares(axes, shares)
    bar = figure.colorbar(image, ax=axes, fraction=0.03, pad=0.02, format=PercentFormatter(1, decimals=0, symbol=" %"))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, length=2)
    bar.set_label("share of the reference class", fontsize=8)
    return png_of(figure)


def learning_curves_figure(curves: LearningCurves) -> bytes:
    """Loss and accuracy by epoch, next to each other; the epoch whose weights were kept is marked."""
    panels: list[tuple[str, Mapping[str, Sequence[float | None]]]] = [
        (name, series) for name, series in (("loss", curves.loss), ("accuracy", curves.accuracy)) if series
    ]
    figure = new_figure(4.6 * max(1, len(panels)), 2.9)
    for position, (name, series) in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), position)
        for subset, values in series.items():
            drawn = [np.nan if value is None else value for value in values]
            marker = "o" if len(drawn) < 3 else None
            axes.plot(curves.epochs, drawn, color=_SERIES.get(subset, QUIET), lw=1.4, marker=marker, ms=3, label=subset)
        axes.set_title(name.capitalize(), loc="left", fontsize=9.5, color=INK)
        axes.set_xlabel("epoch", fontsize=8.5)
        axes.tick_params(labelsize=8)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#e5e7eb", lw=0.6)
        axes.set_axisbelow(True)
        if name == "accuracy":
            axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        else:
            axes.set_ylim(bottom=0)
        if curves.best_epoch:
            axes.axvline(
                curves.best_epoch, color=QUIET, lw=0.8, ls=(0, (4, 3)), label=f"kept: epoch {curves.best_epoch}"
            )
        axes.legend(frameon=False, fontsize=7.5)
    return png_of(figure)


def map_figure(picture: MapPicture, title: str = "") -> bytes:
    """The class map with its legend, next to the false-colour picture if there is one: a figure that stands alone."""
    step = thinning_step(picture.values.shape)
    rgba = upright(class_map_rgba(picture.values[::step, ::step], picture.legend), picture.grid)
    pictures: list[tuple[str, Any]] = [("Class map", rgba)]
    if picture.false_colour is not None:
        pictures.insert(0, ("False colour", upright(picture.false_colour.rgb, picture.grid)))
    rows, cols = rgba.shape[:2]
    width = min(_MAP_EDGE, _MAP_EDGE * cols / rows)
    height = width * rows / cols
    # Placed by hand: the legend may be taller than the map, which would squeeze the map out of a layout.
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    for position, (name, pixels) in enumerate(pictures):
        axes = figure.add_axes((position * (1 + _MAP_GAP / width), 0, 1, 1))
        axes.imshow(pixels, interpolation="nearest", aspect="auto")
        axes.set_title(name, fontsize=9, loc="left", color=INK)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set(color="#d1d5db", linewidth=0.6)
    axes.legend(
        handles=[
            Patch(facecolor=c.colour, edgecolor="#9ca3af", linewidth=0.4, label=short_name(c.name, 34))
            for c in picture.legend
        ],
        loc="upper left",
        bbox_to_anchor=(1 + 0.1 / width, 1.0),
        borderaxespad=0,
        frameon=False,
        fontsize=8,
        ncols=-(-len(picture.legend) // max(16, int(height / 0.19))),
        handlelength=1.3,
        handleheight=1.0,
    )
    if title:
        figure.text(0, 1 + 0.38 / height, title, fontsize=11, color=INK)
    return png_of(figure)


def _write_shares(axes: Axes, shares: Any) -> None:
    for (row, col), share in np.ndenumerate(shares):
        if share > 0:
            text = f"{100 * share:.0f}" if share >= 0.005 else "<1"
            colour = "white" if share > 0.5 else INK
            axes.text(col, row, text, ha="center", va="center", fontsize=6.5, color=colour)
