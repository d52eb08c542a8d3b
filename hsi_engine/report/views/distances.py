"""For which distances from training pixels an accuracy holds: a sentence and a picture."""

from __future__ import annotations

from ...splitting.distances import DistanceComparison
from ..wording import percent

_METRES_IN_KM = 1000.0


def distance_sentence(found: DistanceComparison) -> str:
    """Whether the tested distances match those of the map."""
    tested, mapped = (_distance(value, found.unit) for value in found.medians)
    begin = f"Half of the tested pixels lie within {tested} of a pixel their model was trained on, half of the map within {mapped}"
    if found.matching == "farther":
        return (
            f"{begin}; {percent(found.beyond, 0)} of the map is farther away than nearly all tests (95 %). The accuracy applies"
            " near the labels; far from them the map may be worse. Label other parts of the scene to find out."
        )
    if found.matching == "nearer":
        return (
            f"{begin}: the tests were farther from training pixels than the map is. That is harder than the map needs, so distance does"
            " not flatter the accuracy."
        )
    return f"{begin}: the tests were about as far from training pixels as the map is, which is what a fair test needs."


def distances_figure(found: DistanceComparison) -> bytes:
    """Share of the pixels within a distance of the nearest training pixel, for the tested pixels and for the map."""
    from matplotlib.ticker import PercentFormatter  # the log has no use for it

    from ..figures.canvas import SERIES, new_figure, png_of

    figure = new_figure(5.4, 3.0)
    axes = figure.add_subplot()
    longest = max(found.tested[-1], found.mapped[-1])
    in_km = found.unit == "m" and longest >= 10 * _METRES_IN_KM
    unit, factor = ("km", 1 / _METRES_IN_KM) if in_km else (found.unit, 1.0)
    for values, colour, name in (
        (found.tested, SERIES[0], "tested pixels"),
        (found.mapped, SERIES[1], "pixels of the map"),
    ):
        axes.plot([factor * value for value in values], found.shares, color=colour, lw=1.6, label=name)
    axes.set_xlim(0, factor * longest or 1.0)
    axes.set_ylim(0, 1)
    axes.set_xlabel(f"distance to the nearest training pixel ({unit})", fontsize=8.5)
    axes.set_ylabel("share of the pixels within it", fontsize=8.5)
    axes.tick_params(labelsize=8)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e5e7eb", lw=0.6)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=7.5, loc="lower right")
    return png_of(figure)


def _distance(value: float, unit: str) -> str:
    if unit == "px":
        return f"{value:.3g} px"
    return f"{value / _METRES_IN_KM:.3g} km" if value >= _METRES_IN_KM else f"{value:.3g} m"
