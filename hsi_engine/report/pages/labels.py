"""The page on labels before a training: one HTML file that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...label_check.findings import KINDS, CheckVerdict, ClassSummary, LabelCheck, PairSummary
from ...label_check.verdict import HALF, WELL, distance_text
from ...phrases import counted, listed
from ...pixels.grid import Grid
from ...pixels.samples import SampleSet
from ...spectrum.bands import named_bands
from ..content import FactTable
from ..figures.embedding import figure_view
from ..figures.label_map import FINDING_TITLES, label_map_figure
from ..figures.labels import band_axis, class_spectra_figure, separability_figure, spectra_figure, value_limits
from ..html import page_template
from ..wording import percent

_MOST_FINDINGS = 200
_MOST_PAIRS = 12
_HECTARE_M2 = 10_000


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelPage:
    """What the page shows.

    Parameters
    ----------
    scene, labels : names of the files.
    created : when, as it is to be printed.
    check : the findings.
    grid, samples : of the scene, and all labelled pixels.
    centres : a point (row, col) in each finding, in pixels, (findings, 2).
    problems : name of the layer of findings, or None.
    facts : settings, inputs and versions.
    """

    scene: str
    labels: str
    created: str
    check: LabelCheck
    grid: Grid
    samples: SampleSet
    centres: npt.NDArray[np.float64]
    problems: str | None
    facts: tuple[FactTable, ...]


def render_label_page(page: LabelPage) -> str:
    """The page as an HTML string, in UTF-8 when written."""
    check = page.check
    close = [pair for pair in check.pairs if pair.distance < WELL]
    _, gaps = band_axis(check)
    _, beyond = value_limits(check)
    return page_template("labels.html.j2").render(
        page=page,
        check=check,
        verdict=_sentences(check.verdict),
        figures=_figures(check),
        classes=[_class_row(c) for c in check.classes],
        has_area=any(c.area_m2 is not None for c in check.classes),
        has_test=check.overall_accuracy is not None,
        has_lost=any(c.pixels_without_data for c in check.classes),
        spectra=figure_view(spectra_figure(check)),
        each=figure_view(class_spectra_figure(check)) if len(check.classes) > 1 else None,
        map=figure_view(label_map_figure(page.grid, page.samples, check.findings, page.centres)),
        has_gaps=bool(gaps),
        beyond=named_bands(band - 1 for band in beyond) if beyond else "",
        separability=figure_view(separability_figure(check)) if len(check.pairs) > 1 else None,
        close=[_pair_row(pair) for pair in close[:_MOST_PAIRS]],
        further=max(0, len(close) - _MOST_PAIRS),
        findings=[_finding_row(check, finding) for finding in check.findings[:_MOST_FINDINGS]],
        kinds=_kinds(check),
        unsearched=listed(check.unsearched),
        hidden=max(0, len(check.findings) - _MOST_FINDINGS),
        words=f"{check.feature_word}s",
    )


def _sentences(verdict: CheckVerdict) -> dict[str, str]:
    """The verdict as a headline and what follows it."""
    headline, _, rest = verdict.text.partition(". ")
    return {"level": verdict.level, "headline": f"{headline.rstrip('.')}.", "text": rest}


def _figures(check: LabelCheck) -> list[dict[str, str]]:
    """The numbers at the head of the page."""
    word = check.feature_word
    used = sum(1 for c in check.classes if c.pixels)
    close = sum(1 for pair in check.pairs if pair.told_apart == "hardly")
    tested = sum(1 for c in check.classes if c.tested)
    return [
        {
            "title": "Labels",
            "value": f"{sum(c.features for c in check.classes):,}",
            "small": f"{word}s of {counted(len(check.classes), 'class').replace('classs', 'classes')}",
        },
        {
            "title": "Labelled pixels",
            "value": f"{sum(c.pixels for c in check.classes):,}",
            "small": _extremes([c for c in check.classes if c.pixels]),
        },
        {
            "title": "Accuracy can be checked",
            "value": f"{tested} of {used}",
            "small": "classes lie in enough separate places",
        },
        {
            "title": "First estimate",
            "value": "–" if check.overall_accuracy is None else percent(check.overall_accuracy, 0),
            "small": "not known: nothing can be tested"
            if check.overall_accuracy is None
            else "of pixels in other places are recognised by a simple classifier",
        },
        {
            "title": "Hardly told apart",
            "value": f"{close} of {len(check.pairs)}",
            "small": "pairs of classes, by their spectra",
        },
    ]


def _extremes(classes: Sequence[ClassSummary]) -> str:
    if not classes:
        return ""
    least, most = (pick(classes, key=lambda c: c.pixels) for pick in (min, max))
    return f"from {least.pixels:,} ({least.item.name}) to {most.pixels:,} ({most.item.name})"


def _class_row(summary: ClassSummary) -> dict[str, Any]:
    return {
        "item": summary.item,
        "features": summary.features,
        "pixels": summary.pixels,
        "lost": summary.pixels_without_data,
        "area": None if summary.area_m2 is None else _hectares(summary.area_m2),
        "places": summary.places,
        "tested": summary.tested,
        "recognised": None if summary.recognised is None else percent(summary.recognised, 0),
        "weak": summary.recognised is not None and summary.recognised < HALF,
        "advice": summary.advice,
    }


def _hectares(area_m2: float) -> str:
    hectares = area_m2 / _HECTARE_M2
    return f"{hectares:,.0f}" if hectares >= 100 else f"{hectares:.1f}" if hectares >= 1 else f"{hectares:.2g}"


def _pair_row(pair: PairSummary) -> dict[str, Any]:
    low, high = error_bounds(pair.distance)
    return {
        "text": pair.text,
        "told_apart": pair.told_apart,
        "distance": distance_text(pair.distance),
        "confused": f"{100 * low:.0f}–{100 * high:.0f}" if high >= 0.005 else "less than 1",
    }


def error_bounds(distance: float) -> tuple[float, float]:
    """Least and largest share (0 to 0.5) of pixels that an ideal classifier of two equally frequent classes gets wrong.

    With r = 1 - JM/2: (1 - sqrt(1 - r²)) / 2 and r / 2 (Kailath 1967).
    """
    overlap = 1 - distance / 2
    return (1 - math.sqrt(max(0.0, 1 - overlap**2))) / 2, overlap / 2


def _finding_row(check: LabelCheck, finding: Any) -> dict[str, Any]:
    item = next(c.item for c in check.classes if c.item.value == finding.value)
    return {
        "number": finding.feature,
        "item": item,
        "kind": FINDING_TITLES[finding.kind],
        "reason": finding.reason,
    }


def _kinds(check: LabelCheck) -> list[dict[str, Any]]:
    counts = {kind: sum(1 for f in check.findings if f.kind == kind) for kind in KINDS}
    return [{"title": FINDING_TITLES[kind], "count": n} for kind, n in counts.items() if n]
