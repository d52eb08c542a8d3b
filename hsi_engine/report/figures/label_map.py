"""A map of labels alone: where they lie in the scene, and where there is something to look at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from ...label_check.findings import KINDS, Finding, Kind
from ...pixels.grid import Grid
from ...pixels.samples import SampleSet
from .canvas import INK, QUIET, png_of
from .labelled_picture import picture_of_labels

FINDING_TITLES: dict[Kind, str] = {
    "contradiction": "Two classes in one place",
    "overlap": "Overlaps another class",
    "odd": "Odd spectrum",
    "no_pixel": "No pixel centre",
    "outside": "Outside the scene",
    "no_data": "No data",
    "duplicate": "Drawn twice",
    "tiny": "Smaller than a pixel",
}

_RINGS: dict[Kind, str] = {
    "contradiction": "#b3261e",
    "overlap": "#e06c00",
    "odd": "#6a1fb0",
    "no_pixel": "#1f2328",
    "no_data": "#6b7280",
    "duplicate": "#0b4f82",
}
"""Colours of what is drawn: what lies outside has no place here, and what is smaller than a pixel does no harm."""

_LONG_EDGE, _SHORTEST = 6.6, 1.6  # inches
_MOST_NUMBERS = 30


def label_map_figure(
    grid: Grid, samples: SampleSet, findings: Sequence[Finding], centres: npt.NDArray[np.float64]
) -> bytes:
    """Labelled pixels in the colours of their classes, and a ring around each finding.

    Parameters
    ----------
    centres : row and col of each finding in pixels, (findings, 2).
    """
    rows, cols = grid.shape
    scale = _LONG_EDGE / max(rows, cols)
    figure = Figure(figsize=(max(_SHORTEST, cols * scale), max(_SHORTEST, rows * scale)))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    picture = picture_of_labels(grid, samples, samples.classes, [item.colour for item in samples.legend])
    axes.imshow(picture, extent=(0, cols, rows, 0), interpolation="nearest", aspect="auto")
    axes.set_xlim(0, cols)
    axes.set_ylim(rows, 0)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set(color=QUIET, linewidth=0.7)
    axes.set_facecolor("#f6f7f8")
    shown = [at for at, finding in enumerate(findings) if finding.kind in _RINGS]
    down = rows - centres[:, 0] if grid.shown_transform.e > 0 else centres[:, 0]  # north is up
    kinds = [kind for kind in KINDS if any(findings[at].kind == kind for at in shown)]
    for kind in reversed(kinds):  # what matters most is drawn last
        own = [at for at in shown if findings[at].kind == kind]
        for colour, width in (("white", 3.2), (_RINGS[kind], 1.5)):
            axes.plot(centres[own, 1], down[own], "o", ms=11, mfc="none", mec=colour, mew=width, clip_on=False)
    if len(shown) <= _MOST_NUMBERS:
        for at in shown:
            text = axes.annotate(
                str(findings[at].feature),
                (centres[at, 1], down[at]),
                (6, 5),
                textcoords="offset points",
                fontsize=7,
                color=INK,
            )
            text.set_path_effects([withStroke(linewidth=2, foreground="white")])
    if kinds:
        rings = [
            Line2D([], [], ls="", marker="o", ms=8, mfc="none", mec=_RINGS[kind], mew=1.5, label=FINDING_TITLES[kind])
            for kind in kinds
        ]
        axes.legend(handles=rings, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=8)
    return png_of(figure)
