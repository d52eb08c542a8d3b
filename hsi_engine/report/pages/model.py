"""The page on a model: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...classes.legend import LegendClass
from ..content import FactTable, Verdict
from ..html import page_template


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A share from 0 to 1 with its 95 % interval; None if not known."""

    value: float | None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class ClassLine:
    """One class: labelled pixels and places if known, and how well it was found (producer's, user's accuracy)."""

    item: LegendClass
    labelled: int | None
    places: int | None
    found: Measured
    right: Measured


@dataclass(frozen=True, kw_only=True)
class CheckLine:
    """One comparison of model and scene; ``level`` is "good", "remark", "problem" or "unknown"."""

    title: str
    level: str
    text: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class ModelPage:
    """What the page shows.

    Parameters
    ----------
    model, created : name of the file, and when the page was made.
    verdict : what is said first.
    scene : name of the scene that was compared; None if there was none.
    checks : of model and scene.
    figures : title, value and small print of the numbers at the head.
    overall, average : accuracies; None without value if nothing was tested.
    accuracy, caution : what is known of the accuracy in a sentence, and what to know before using it.
    classes : in the order of the legend.
    facts : tables that a reader looks at; ``record`` those for whoever wants to repeat the training.
    limits : what a model cannot do.
    notes : what is odd about the scene.
    """

    model: str
    created: str
    verdict: Verdict
    scene: str | None
    checks: Sequence[CheckLine]
    figures: Sequence[tuple[str, str, str]]
    overall: Measured
    average: Measured
    accuracy: str
    caution: Verdict
    classes: Sequence[ClassLine]
    facts: Sequence[FactTable]
    record: Sequence[FactTable]
    limits: str
    notes: Sequence[str] = ()


def render_model_page(page: ModelPage) -> str:
    """The page as an HTML string, in UTF-8 when written."""
    return page_template("model.html.j2").render(
        page=page,
        overall=_bar(page.overall),
        average=_bar(page.average),
        classes=[
            {
                "item": line.item,
                "labelled": line.labelled,
                "places": line.places,
                "found": _bar(line.found),
                "right": _bar(line.right),
            }
            for line in page.classes
        ],
        has_labels=any(line.labelled is not None for line in page.classes),
        has_accuracy=any(line.found.value is not None for line in page.classes),
        has_intervals=any(line.found.interval is not None for line in page.classes),
    )


def _bar(measured: Measured) -> dict[str, Any] | None:
    """Place and width of a bar in per cent of its track, and the figure as text."""
    if measured.value is None:
        return None
    low, high = measured.interval or (measured.value, measured.value)
    text = "" if measured.interval is None else f"{100 * low:.0f}–{100 * high:.0f}"
    return {
        "value": f"{100 * measured.value:.1f}",
        "at": f"{100 * measured.value:.2f}",
        "from": f"{100 * low:.2f}",
        "width": f"{100 * (high - low):.2f}",
        "range": text,
    }
