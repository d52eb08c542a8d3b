"""The report as one HTML file that needs nothing else: no script, no font, no separate picture."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from ..classes.legend import Legend
from ..evaluation.accuracy import Accuracy
from ..evaluation.clustered import ClusteredAccuracy
from ..evaluation.one_class import no_better_than_one_class, one_class_baseline
from ..phrases import in_sentence
from .areas import area_texts
from .content import Assessment, LearningCurves, MapPicture, ReportContent, SplitSummary, Verdict
from .figures.embedding import data_url, figure_view
from .figures.pictures import class_map_rgba, png, scale_bar, thinning_step, upright
from .figures.training import confusion_figure, learning_curves_figure
from .headline import interval_of, notes_elsewhere
from .views.classes import advice_on, class_interval, class_rows
from .views.training import training_view
from .wording import percent, percent_range, strategy_name, strategy_text, verdict

_UNDEFINED = "–"
_SMALL_TABLE = 10
_MEDIUM_TABLE = 20


def render_report(content: ReportContent) -> str:
    """The report as an HTML string, in UTF-8 when written."""
    elsewhere = {no_better_than_one_class(item.accuracy, item.subject) for item in content.assessments}
    if content.evidence is not None:
        elsewhere.update(notes_elsewhere(content))
    return page_template("template.html.j2").render(
        content=content,
        assessments=[_assessment_view(item) for item in content.assessments],
        map=None if content.map_picture is None else map_view(content.map_picture),
        curves=None if content.curves is None else _curves_view(content.curves),
        split_notes=_split_notes(content.assessments),
        training=None if content.evidence is None else training_view(content, content.evidence),
        notes=[note for note in content.notes if note not in elsewhere],
    )


@cache
def page_template(name: str) -> Template:
    """A template of this package, with the filters that write numbers."""
    environment = Environment(
        loader=PackageLoader("hsi_engine.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        share=_share,
        coefficient=_coefficient,
        count=_count,
        tenths=lambda value: _fixed(value, 100, 1),
        hundredths=lambda value: _fixed(value, 1, 2),
        breakable=_breakable,
        capitalize_first=lambda text: text[:1].upper() + text[1:],
        seconds=lambda value: _fixed(value, 1, 0) if value is None or value >= 10 else _fixed(value, 1, 1),
    )
    return environment.get_template(name)


def _breakable(name: str) -> Markup:
    """A name of code that may break after an underscore, a bracket or a comma, not within a word."""
    return Markup(re.sub(r"([_(,])", r"\1<wbr>", str(escape(name))))  # noqa: S704  # nosec B704 - escaped before


def _assessment_view(item: Assessment) -> dict[str, Any]:
    accuracy, places, drawn = item.accuracy, item.places, item.drawn
    clustered = None if drawn is None else drawn.intervals
    return {
        "name": item.name,
        "accuracy": accuracy,
        "interval": _interval(accuracy) if clustered is None else interval_of(item),
        "interval_kind": "single pixels (Wilson)" if drawn is None else f"whole {drawn.unit_name}s",
        "average_interval": None if clustered is None else percent_range(clustered.average_accuracy.interval),
        "kappa_interval": None if clustered is None else _bounds(clustered.kappa.interval),
        # More digits than the interval would pretend a precision that places do not give.
        "overall": _share(accuracy.overall_accuracy)
        if clustered is None
        else _fixed(accuracy.overall_accuracy, 100, 1),
        "average": _share(accuracy.average_accuracy)
        if clustered is None
        else _fixed(accuracy.average_accuracy, 100, 1),
        "kappa": _coefficient(accuracy.kappa) if clustered is None else _fixed(accuracy.kappa, 1, 2),
        "places": places,
        "drawn": drawn,
        "place_rows": None if places is None else class_rows(accuracy, places),
        "advice": advice_on(item),
        "split": item.split,
        "strategy": _UNDEFINED if item.verdict else strategy_name(item.split),
        "strategy_text": "" if item.split is None else strategy_text(item.split),
        "leakage": _leakage(item.split),
        "near": "" if item.split is None or item.split.near is None else percent(item.split.near),
        "overlap": _UNDEFINED if item.split is None or item.split.overlap is None else percent(item.split.overlap),
        "verdict": item.verdict or verdict(item.split),
        "one_class": one_class_baseline(accuracy),
        "no_better": _no_better(item),
        "heat_map": figure_view(confusion_figure(accuracy)),
        "classes": _class_rows(accuracy, clustered),
        "confusion": _confusion_rows(accuracy),
        "has_unclassified": bool(accuracy.unclassified.any()),
        "size": _table_size(len(accuracy.legend)),
    }


def _no_better(item: Assessment) -> Verdict | None:
    text = no_better_than_one_class(item.accuracy, item.subject)
    return Verdict(level="warning", headline="No better than one class everywhere", text=text) if text else None


def _leakage(split: SplitSummary | None) -> str:
    """The share of test pixels inside a training patch; a method that looks at single pixels has no patches."""
    if split is None or split.leakage is None:
        return _UNDEFINED
    return "no patches: single pixels" if split.patch_size == 1 else percent(split.leakage)


def _split_notes(assessments: Sequence[Assessment]) -> list[str]:
    """Notes on the splits; of several, each with its name."""
    several = len(assessments) > 1
    found = [f"{a.name}: {n}" if several else n for a in assessments if a.split for n in a.split.notes]
    return list(dict.fromkeys(found))


def _curves_view(curves: LearningCurves) -> dict[str, Any]:
    note = (
        "The final model is trained on all labelled pixels, those tested in the folds included: these curves show how its"
        " training went, not how accurate it is."
        if curves.trained_on_all
        else "No test pixel is used in training or in choosing the epoch."
    )
    of = ""
    if curves.network and curves.networks > 1:
        of = f"Of {in_sentence(curves.network)}, the first of the {curves.networks} networks that are averaged. "
    return {**figure_view(learning_curves_figure(curves)), "note": note, "of": of}


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """A count of the confusion matrix; ``weight`` 0 to 1 is the strength of its colour."""

    count: int
    weight: float
    correct: bool


def _confusion_rows(accuracy: Accuracy) -> list[dict[str, Any]]:
    rows = []
    for index, item in enumerate(accuracy.legend):
        support = max(1, int(accuracy.support[index]))
        # Few errors among many samples stay visible: the colour follows the root of their share.
        cells = [
            _Cell(count=int(n), weight=round(math.sqrt(int(n) / support), 3), correct=column == index)
            for column, n in enumerate(accuracy.confusion[index])
        ]
        rows.append(
            {
                "item": item,
                "cells": cells,
                "unclassified": int(accuracy.unclassified[index]),
                "support": int(accuracy.support[index]),
            }
        )
    return rows


def _class_rows(accuracy: Accuracy, clustered: ClusteredAccuracy | None) -> list[dict[str, Any]]:
    drawn = [{} for _ in accuracy.legend] if clustered is None else _class_intervals(accuracy, clustered)
    columns = (accuracy.producers_accuracy, accuracy.users_accuracy, accuracy.f1, accuracy.support, accuracy.mapped)
    return [
        {"item": item, "producers": float(p), "users": float(u), "f1": float(f), "support": int(s), "mapped": int(m)}
        | intervals
        for item, intervals, p, u, f, s, m in zip(accuracy.legend, drawn, *columns, strict=True)
    ]


def _class_intervals(accuracy: Accuracy, clustered: ClusteredAccuracy) -> list[dict[str, Any]]:
    """Of a class that was not tested neither accuracy has one, as in the table of folds."""
    pairs = zip(clustered.producers_accuracy, clustered.users_accuracy, accuracy.support, strict=True)
    return [
        {
            "producers_interval": class_interval(producers if tested else None),
            "users_interval": class_interval(users if tested else None),
        }
        for producers, users, tested in pairs
    ]


def map_view(picture: MapPicture) -> dict[str, Any]:
    """What ``map.html.j2`` shows of a map."""
    values = picture.values
    step = thinning_step(values.shape)
    rgba = upright(class_map_rgba(values[::step, ::step], picture.legend), picture.grid)
    bar = scale_bar(picture.grid)
    scene = picture.false_colour
    rows, cols = picture.grid.shape
    return {
        "url": data_url(png(rgba)),
        "scene_url": None if scene is None else data_url(png(np.asarray(upright(scene.rgb, picture.grid)))),
        "scene_caption": "" if scene is None else scene.caption,
        "legend": _legend_rows(picture),
        "has_areas": picture.class_hectares is not None,
        "legend_width": "22rem" if _longest_name(picture.legend) > 28 else "13.5rem",
        "rows": rows,
        "cols": cols,
        "step": thinning_step(picture.grid.shape),
        "wide": cols > 1.6 * rows,
        "bar_percent": None if bar is None else round(100 * bar[0], 2),
        "bar_label": "" if bar is None else bar[1],
    }


def _legend_rows(picture: MapPicture) -> list[dict[str, Any]]:
    counts = picture.class_pixels
    total = max(1, sum(counts))
    hectares = picture.class_hectares
    areas = [""] * len(counts) if hectares is None else area_texts(hectares)
    return [
        {"item": item, "share": percent(n / total), "area": area}
        for item, n, area in zip(picture.legend, counts, areas, strict=True)
    ]


def _longest_name(legend: Legend) -> int:
    return max((len(name) for name in legend.names), default=0)


def _table_size(classes: int) -> str:
    if classes <= _SMALL_TABLE:
        return "small"
    return "medium" if classes <= _MEDIUM_TABLE else "large"


def _interval(accuracy: Accuracy) -> str:
    low, high = (100 * bound for bound in accuracy.overall_accuracy_interval)
    return _UNDEFINED if math.isnan(low) else f"{low:.2f}–{high:.2f} %"


def _bounds(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.2f}–{interval[1]:.2f}".replace("-", "−")


def _share(value: float) -> str:
    return _UNDEFINED if math.isnan(value) else f"{100 * value:.2f}"


def _fixed(value: float | None, factor: float, digits: int) -> str:
    if value is None or math.isnan(value):
        return _UNDEFINED
    return f"{factor * value:.{digits}f}".replace("-", "−")


def _coefficient(value: float) -> str:
    return _UNDEFINED if math.isnan(value) else f"{value:.4f}".replace("-", "−")


def _count(value: int) -> str:
    return f"{value:,}"
