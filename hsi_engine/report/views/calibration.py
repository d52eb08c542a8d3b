"""How far confidence can be trusted: the reliability diagram and its words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from ...evaluation.confidence_scaling import ConfidenceScaling, log_odds
from ...evaluation.reliability import Reliability
from ..evidence import Calibration
from ..figures.canvas import INK, QUIET, SERIES, new_figure, png_of
from ..wording import percent, percent_range

# Confidence that the example is about, if enough pixels have it.
_EXAMPLE = 0.8
_SAME = 0.01
# Bars of the counts reach up to this height.
_BARS = 0.2


@dataclass(frozen=True, kw_only=True)
class ErrorRow:
    """Calibration error before or after: expected calibration error, the same without bias, and its interval."""

    name: str
    plug_in: str
    debiased: str
    interval: str


def reliability_figure(calibration: Calibration) -> bytes:
    """Confidence against accuracy, before and after scaling, with the pixels of each bin as bars below."""
    figure = new_figure(7.4, 3.7)
    panels = (("Before scaling", calibration.before, SERIES[1]), ("After scaling", calibration.after, SERIES[0]))
    most = max((b.count for _, found, _ in panels for b in found.bins), default=1)
    least = min((b.confidence for _, found, _ in panels for b in found.bins), default=0.0)
    start = max(0.0, np.floor(10 * (least - 0.02)) / 10)
    for position, (name, found, colour) in enumerate(panels, start=1):
        axes = figure.add_subplot(1, 2, position)
        _panel(axes, found, colour, most=most, start=float(start))
        error = found.expected_calibration_error
        title = name if error is None else f"{name}: calibration error {percent(error)}"
        axes.set_title(title, loc="left", fontsize=9.5, color=INK)
    return png_of(figure)


def calibration_text(calibration: Calibration) -> str:
    """What a confidence means now, in plain words."""
    before, after = calibration.before, calibration.after
    if not after.bins:
        return ""
    sure, right = _means(before)
    now_sure, now_right = _means(after)
    text = (
        f"Before scaling, the mean confidence was {percent(sure)} and {percent(right)} of the tested pixels were"
        f" right{_direction(sure - right)}. Now it is {percent(now_sure)}, and {percent(now_right)} are right"
        f"{_direction(now_sure - now_right)}."
    )
    nearest = min(after.bins, key=lambda b: abs(b.confidence - _EXAMPLE))
    text += (
        f" In places the model was not trained on, {percent(nearest.accuracy, 0)} of the pixels with a confidence of"
        f" about {percent(nearest.confidence, 0)} are right."
    )
    if (after.expected_calibration_error or 0) > (before.expected_calibration_error or 0):
        text += " On these pixels scaling does not make confidence more reliable."
    return text


def scaling_text(calibration: Calibration) -> str:
    """The numbers that scale it, and how to read them."""
    each = ", ".join(f"{t:.2f}" for t in calibration.temperatures)
    curve = calibration.scaling
    if curve.is_identity and calibration.temperature != 1:
        return (
            f"Temperatures: {each} for each method, {calibration.temperature:.2f} for the final probabilities. Values above 1"
            " make a model less confident."
        )
    text = f"Temperatures: {each} for each method; values above 1 make it less confident."
    if curve.is_identity:
        return f"{text} The final confidence is left as it is."
    return (
        f"{text} Final confidence p: {curve}, so that {_on(curve, 0.5)}, {_on(curve, 0.8)} and {_on(curve, 0.95)}, unless another class"
        " would overtake. The class of a pixel never changes."
    )


def _on(curve: ConfidenceScaling, confidence: float) -> str:
    odds = curve.slope * float(log_odds(np.array(confidence))) + curve.offset
    return f"{percent(confidence, 0)} becomes {percent(float(1 / (1 + np.exp(-odds))), 0)}"


def error_rows(calibration: Calibration) -> list[ErrorRow]:
    """Calibration errors before and after."""
    return [
        ErrorRow(
            name=name,
            plug_in=_error(found.expected_calibration_error),
            debiased=_error(found.debiased),
            interval=_range(found.debiased_interval),
        )
        for name, found in (("Before scaling", calibration.before), ("After scaling", calibration.after))
    ]


def _panel(axes: Axes, found: Reliability, colour: str, *, most: int, start: float) -> None:
    confidence = np.array([b.confidence for b in found.bins])
    accuracy = np.array([b.accuracy for b in found.bins])
    counts = np.array([b.count for b in found.bins])
    axes.plot([start, 1], [start, 1], color=QUIET, lw=0.8, ls=(0, (4, 3)), label="confidence = share right")
    if len(confidence):
        middles = (confidence[1:] + confidence[:-1]) / 2
        edges = np.concatenate(
            [[max(start, 2 * confidence[0] - (middles[0] if len(middles) else confidence[0]))], middles, [1.0]]
        )
        axes.bar(
            edges[:-1], _BARS * counts / most, width=np.diff(edges), align="edge", color="#dbe2ea", edgecolor="white",
            linewidth=0.6, label="pixels per bin",
        )  # fmt: skip
        axes.plot(confidence, accuracy, color=colour, lw=1.4, marker="o", ms=3.5, label="tested pixels")
        axes.text(start + 0.01, _BARS * counts[0] / most + 0.015, _per_bin(counts), fontsize=7, color=QUIET)
    axes.set_xlim(start, 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("confidence (mean of bin)", fontsize=8.5)
    axes.set_ylabel("share of pixels that are right", fontsize=8.5)
    axes.tick_params(labelsize=8)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e5e7eb", lw=0.6)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=7.5, loc="upper left")


def _per_bin(counts: np.ndarray) -> str:
    low, high = int(counts.min()), int(counts.max())
    return f"{low:,} pixels per bin" if low == high else f"{low:,}–{high:,} pixels per bin"


def _means(found: Reliability) -> tuple[float, float]:
    total = sum(b.count for b in found.bins) or 1
    confidence = sum(b.confidence * b.count for b in found.bins) / total
    return confidence, sum(b.accuracy * b.count for b in found.bins) / total


def _direction(excess: float) -> str:
    if abs(excess) < _SAME:
        return ""
    return ": too confident" if excess > 0 else ": not confident enough"


def _error(value: float | None) -> str:
    return "–" if value is None else percent(value)


def _range(interval: tuple[float, float] | None) -> str:
    if interval is None:
        return "–"
    return (
        percent_range(interval)
        if interval[1] - interval[0] < 0.03
        else f"{100 * interval[0]:.1f}–{100 * interval[1]:.1f} %"
    )
