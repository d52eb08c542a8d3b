"""The report as one HTML file that needs nothing else: no script, no font, no picture beside it."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ..legend import Legend
from ..metrics import Accuracy
from .content import Assessment, MapPicture, ReportContent
from .canvas import FIGURE_DPI
from .figures import confusion_figure, learning_curves_figure
from .pictures import class_map_rgba, png, scale_bar, thinning_step, upright
from .wording import percent, strategy_name, strategy_text, verdict

_UNDEFINED = "–"
_CSS_DPI = 96
_SMALL_TABLE = 10
_MEDIUM_TABLE = 20


def render_report(content: ReportContent) -> str:
    """The report as a text of HTML, in UTF-8 when written."""
    return _template().render(
        content=content,
        assessments=[_assessment_view(item) for item in content.assessments],
        map=None if content.map_picture is None else _map_view(content.map_picture),
        curves=None if content.curves is None else _figure_view(learning_curves_figure(content.curves)),
        split_notes=list(dict.fromkeys(n for a in content.assessments if a.split for n in a.split.notes)),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("hsi_engine.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(share=_share, coefficient=_coefficient, count=_count)
    return environment.get_template("template.html.j2")


def _assessment_view(item: Assessment) -> dict[str, Any]:
    accuracy = item.accuracy
    return {
        "name": item.name,
        "accuracy": accuracy,
        "interval": _interval(accuracy),
        "split": item.split,
        "strategy": _UNDEFINED if item.verdict else strategy_name(item.split),
        "strategy_text": "" if item.split is None else strategy_text(item.split),
        "leakage": _UNDEFINED if item.split is None or item.split.leakage is None else percent(item.split.leakage),
        "overlap": _UNDEFINED if item.split is None or item.split.overlap is None else percent(item.split.overlap),
        "verdict": item.verdict or verdict(item.split),
        "heat_map": _figure_view(confusion_figure(accuracy)),
        "classes": _class_rows(accuracy),
        "confusion": _confusion_rows(accuracy),
        "has_unclassified": bool(accuracy.unclassified.any()),
        "size": _table_size(len(accuracy.legend)),
    }


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


def _class_rows(accuracy: Accuracy) -> list[dict[str, Any]]:
    columns = (accuracy.producers_accuracy, accuracy.users_accuracy, accuracy.f1, accuracy.support, accuracy.mapped)
    return [
        {"item": item, "producers": float(p), "users": float(u), "f1": float(f), "support": int(s), "mapped": int(m)}
        for item, p, u, f, s, m in zip(accuracy.legend, *columns, strict=True)
    ]


def _map_view(picture: MapPicture) -> dict[str, Any]:
    values = picture.values
    step = thinning_step(values.shape)
    rgba = upright(class_map_rgba(values[::step, ::step], picture.legend), picture.grid)
    bar = scale_bar(picture.grid)
    scene = picture.false_colour
    rows, cols = picture.grid.shape
    return {
        "url": _data_url(png(rgba)),
        "scene_url": None if scene is None else _data_url(png(np.asarray(upright(scene.rgb, picture.grid)))),
        "scene_caption": "" if scene is None else scene.caption,
        "legend": _legend_rows(picture),
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
    if counts is None:
        indices = picture.legend.to_index(picture.values)
        counts = np.bincount(indices[indices >= 0], minlength=len(picture.legend)).tolist()
    total = max(1, sum(counts))
    return [{"item": item, "share": percent(n / total)} for item, n in zip(picture.legend, counts, strict=True)]


def _longest_name(legend: Legend) -> int:
    return max((len(name) for name in legend.names), default=0)


def _table_size(classes: int) -> str:
    if classes <= _SMALL_TABLE:
        return "small"
    return "medium" if classes <= _MEDIUM_TABLE else "large"


def _interval(accuracy: Accuracy) -> str:
    low, high = (100 * bound for bound in accuracy.overall_accuracy_interval)
    return _UNDEFINED if math.isnan(low) else f"{low:.2f}–{high:.2f} %"


def _share(value: float) -> str:
    return _UNDEFINED if math.isnan(value) else f"{100 * value:.2f}"


def _coefficient(value: float) -> str:
    return _UNDEFINED if math.isnan(value) else f"{value:.4f}".replace("-", "−")


def _count(value: int) -> str:
    # A narrow space between thousands (ISO 80000-1): neither a decimal point nor a comma to any reader.
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _figure_view(image: bytes) -> dict[str, Any]:
    """A figure with the width, in CSS pixels, at which its letters have the size they were drawn for."""
    width = int.from_bytes(image[16:20], "big")  # IHDR chunk of PNG
    return {"url": _data_url(image), "width": round(width * _CSS_DPI / FIGURE_DPI)}


def _data_url(image: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(image).decode("ascii")
