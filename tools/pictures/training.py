"""Accuracy over training time, the usual recipe and ours: training.py FIGURES.json PICTURE.png.

FIGURES.json is what ``python -m benchmarks.training`` printed; ``docs/pictures/training.json`` keeps one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

INK, QUIET = "#22272e", "#6b7280"
OURS, REFERENCE = "#0072b2", "#d55e00"
LOWEST = 0.2


def draw(found: dict[str, Any], picture: Path) -> None:
    curves = found["curves"]
    figure = Figure(figsize=(7.2, 3.7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    followed = len(curves["reference"])
    end_s = found["reference"]["seconds"]
    for side, colour, label in (
        ("ours", OURS, f"this engine, all {found['ours']['epochs']} epochs"),
        (
            "reference",
            REFERENCE,
            f"the usual recipe, followed for {followed} of its {found['reference']['epochs']} epochs",
        ),
    ):
        axes.plot(
            [point["seconds"] for point in curves[side]],
            [point["overall_accuracy"] for point in curves[side]],
            color=colour, lw=1.6, marker="o", ms=2.5, label=label,
        )  # fmt: skip
    axes.axvline(end_s, color=REFERENCE, lw=1, ls=(0, (4, 3)), label="where the usual recipe ends, estimated")
    axes.set_xscale("log")
    axes.set_ylim(LOWEST, 1.0)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel(f"seconds of training, {found['threads']} CPU threads", fontsize=8.5, color=INK)
    axes.set_ylabel("overall accuracy", fontsize=8.5, color=INK)
    axes.set_title(
        f"Indian Pines: {found['training_pixels']:,} training pixels at random, {found['test_pixels']:,} test pixels",
        loc="left", fontsize=9.5, color=INK,
    )  # fmt: skip
    axes.tick_params(labelsize=8, colors=QUIET)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e5e7eb", lw=0.6)
    axes.set_axisbelow(True)
    axes.legend(framealpha=1, edgecolor="white", fontsize=8, loc="lower right")
    figure.savefig(picture, dpi=180, facecolor="white", metadata={"Software": None})


def main() -> None:
    figures, picture = map(Path, sys.argv[1:])
    draw(json.loads(figures.read_text()), picture)


if __name__ == "__main__":
    main()
