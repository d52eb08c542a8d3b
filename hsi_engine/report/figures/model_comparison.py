"""Figure of the page on a comparison of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .canvas import INK, QUIET, SERIES, new_figure, png_of, short_name


def models_figure(models: Sequence[Mapping[str, Any]]) -> bytes:
    """Overall accuracy of each model: its seeds as points, their mean as a line, the 95 % interval as a bar.

    Parameters
    ----------
    models : those that were compared, the best first, as in the results of the comparison.
    """
    figure = new_figure(8.6, 0.9 + 0.42 * len(models))
    axes = figure.add_subplot()
    for row, model in enumerate(models):
        overall = model["overall_accuracy"]
        if overall["interval_95"] is not None:
            low, high = (100 * bound for bound in overall["interval_95"])
            axes.plot([low, high], [row, row], color="#bfd7ea", lw=9, solid_capstyle="butt", zorder=1)
        axes.plot([100 * overall["mean"]] * 2, [row - 0.3, row + 0.3], color=SERIES[0], lw=2, zorder=2)
        values = [100 * value for value in overall["values"]]
        axes.plot(values, [row] * len(values), "o", ms=5, mfc="white", mec=INK, mew=1, zorder=3)
    axes.set_yticks(range(len(models)), [short_name(model["name"], 40) for model in models])
    axes.set_ylim(len(models) - 0.4, -0.6)
    axes.set_xlabel("overall accuracy (%)", fontsize=8.5)
    axes.tick_params(labelsize=8.5, length=0)
    axes.grid(axis="x", color="#e5e7eb", lw=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
    return png_of(figure)
