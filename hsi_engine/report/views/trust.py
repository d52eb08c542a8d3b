"""How much a map gains if its least certain pixels are left out, and how often sets of classes hold the right one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import PercentFormatter

from ...evaluation.trust.selective import RiskCoverage, SelectivePoint
from ...phrases import listed
from ..figures.canvas import INK, SERIES, new_figure, png_of
from ..wording import percent, percent_range

# Shares left out that the table lists, and the one of the example.
_LISTED = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
_EXAMPLE = 0.1
# A point of the curve that is farther from a share than this does not stand for it: many pixels are equally confident.
_NEAR = 0.03
_METHODS = {"lac": "Smallest sets", "aps": "Adaptive sets", "class": "Smallest sets, coverage in each class"}


@dataclass(frozen=True, kw_only=True)
class LeftOutRow:
    """A share left out, the minimum confidence that does so, the share of the rest that is right, and its interval."""

    left_out: str
    min_confidence: str
    right: str
    interval: str


@dataclass(frozen=True, kw_only=True)
class SetsRow:
    """Sets of one kind and coverage: coverage that was asked and realised, in the median unit, and shares by size."""

    method: str
    asked: str
    realised: str
    interval: str
    median: str
    one: str
    several: str
    empty: str


def typed_confidence(point: SelectivePoint) -> str:
    """A minimum confidence to type in, rounded down so that it keeps what the point keeps."""
    hundredths = math.floor(100 * point.min_confidence)
    # A product with 100 may round up to the next whole number.
    return f"{(hundredths - (hundredths / 100 > point.min_confidence)) / 100:.2f}"


def selective_text(curve: RiskCoverage) -> str:
    """What leaving out the least certain pixels gains; empty if they cannot be told from the others."""
    point, every = curve.at(_EXAMPLE), curve.at(0.0)
    if abs(point.left_out - _EXAMPLE) > _NEAR:
        return ""
    interval = f" (95 % interval {percent_range(point.interval)})" if point.interval else ""
    return (
        f"Leave the least certain {percent(point.left_out, 0)} of the pixels unclassified (minimum confidence"
        f" {typed_confidence(point)}), and expect {percent(point.accuracy)} of the rest to be right{interval}, instead of"
        f" {percent(every.accuracy)} of all. This holds for pixels like the tested ones; the share of a map that lies below the"
        " same confidence may be another one."
    )


def left_out_rows(curve: RiskCoverage) -> list[LeftOutRow]:
    """Some points of the curve."""
    points = [curve.at(share) for share in _LISTED if abs(curve.at(share).left_out - share) <= _NEAR]
    return [
        LeftOutRow(
            left_out=percent(point.left_out, 0),
            min_confidence=typed_confidence(point) if point.left_out else "–",
            right=percent(point.accuracy),
            interval=percent_range(point.interval) or "–",
        )
        for point in dict.fromkeys(points)
    ]


def selective_figure(curve: RiskCoverage) -> bytes:
    """Share of right pixels over the share that is left out, with the band of its intervals."""
    figure = new_figure(5.4, 3.2)
    axes = figure.add_subplot()
    left = np.array([point.left_out for point in curve.points])
    right = np.array([point.accuracy for point in curve.points])
    bounds = np.array([point.interval or (np.nan, np.nan) for point in curve.points])
    if np.isfinite(bounds).any():
        axes.fill_between(left, bounds[:, 0], bounds[:, 1], color=SERIES[0], alpha=0.15, lw=0, label="95 % interval")
    axes.plot(left, right, color=SERIES[0], lw=1.6, label="tested pixels")
    example = curve.at(_EXAMPLE)
    if abs(example.left_out - _EXAMPLE) <= _NEAR:
        axes.plot([example.left_out], [example.accuracy], color=INK, marker="o", ms=4, ls="")
        axes.annotate(
            f"below {typed_confidence(example)}",
            (example.left_out, example.accuracy),
            xytext=(6, -12),
            textcoords="offset points",
            fontsize=7.5,
            color=INK,
        )
    axes.set_xlim(0, 1)
    axes.set_xlabel("share left unclassified, least certain first", fontsize=8.5)
    axes.set_ylabel("share of the rest that is right", fontsize=8.5)
    axes.tick_params(labelsize=8)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e5e7eb", lw=0.6)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=7.5, loc="lower right")
    return png_of(figure)


def sets_rows(found: Mapping[str, Any]) -> list[SetsRow]:
    """From ``conformal`` in the metrics of a model."""
    rows = []
    for one in found["sets"]:
        sizes = one["set_sizes"]
        interval = None if one["interval_95"] is None else tuple(one["interval_95"])
        rows.append(
            SetsRow(
                method=_METHODS.get(one["method"], one["method"]),
                asked=percent(one["asked"], 0),
                realised=percent(one["realised"]),
                interval=percent_range(interval) or "–",
                median=percent(one["of_units"]["median"]),
                one=percent(sizes[1], 0),
                several=percent(sum(sizes[2:]), 0),
                empty=percent(sizes[0], 0),
            )
        )
    return rows


def without_own_text(found: Mapping[str, Any]) -> str:
    """Which classes are too rare for a separate threshold at 90 %; empty if none is."""
    lacking: list[str] = next(
        (one["without_own_threshold"] for one in found["sets"] if one["method"] == "class" and one["asked"] == 0.9), []
    )
    if not lacking:
        return ""
    return f"Too few tested pixels for a separate threshold: {listed(lacking)}. That of all classes is used for them."
