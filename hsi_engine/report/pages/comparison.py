"""The page on a comparison of models: one HTML file that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..content import FactTable
from ..figures.embedding import figure_view
from ..figures.model_comparison import models_figure
from ..html import page_template
from ..wording import percent, percent_range

_LEVEL = 0.05
_REDUCTIONS = {"bands": "bands", "decorrelated": "decorrelated bands"}


@dataclass(frozen=True, kw_only=True)
class ComparisonPage:
    """What the page shows.

    Parameters
    ----------
    scene, labels : names of the files.
    created : when, as it is to be printed.
    result : of the comparison, as JSON values; see
        :class:`hsi_engine.operations.compare_models.operation.CompareModelsResult`.
    facts : settings, inputs and versions.
    """

    scene: str
    labels: str
    created: str
    result: Mapping[str, Any]
    facts: tuple[FactTable, ...]


def render_comparison_page(page: ComparisonPage) -> str:
    """The page as an HTML string, in UTF-8 when written."""
    result = page.result
    compared = [model for model in result["models"] if model["status"] == "compared"]
    return page_template("comparison.html.j2").render(
        page=page,
        result=result,
        box=_box(result),
        figures=_figures(result, compared),
        models=[_model_row(model) for model in compared],
        failed=[model for model in result["models"] if model["status"] == "failed"],
        chart=figure_view(models_figure(compared)),
        names=[model["name"] for model in compared],
        classes=_class_rows(result, compared),
        pairs=[_pair_row(pair) for pair in result["pairs"]],
        has_runs=any(pair["training_runs"] for pair in result["pairs"]),
        has_mcnemar=any(pair["mcnemar"] for pair in result["pairs"]),
        trained=[_trained_row(model) for model in compared],
        several_seeds=len(result["seeds"]) > 1,
        of_folds=result["question"] == "new_places",
    )


def _box(result: Mapping[str, Any]) -> dict[str, str]:
    """The verdict as a headline and what follows it."""
    own = [pair for pair in result["pairs"] if pair["first"] == result["best"]]
    clear = bool(own) and all(pair["p_holm"] < _LEVEL for pair in own)
    runs = [pair["training_runs"] for pair in own if pair["training_runs"]]
    steady = all(run["p_holm"] < _LEVEL for run in runs)
    level = "good" if clear and steady and result["question"] == "new_places" else "caution"
    name = result["best"]
    if clear and not steady:
        headline = f"{name} is the best on these places, but not clearly so over training runs"
    elif clear:
        headline = f"{name} is the best of these models"
    elif own:
        headline = f"{name} leads, but not by more than chance explains"
    else:
        headline = f"Only {name} could be trained"
    if result["question"] == "gaps":
        headline += ", at filling gaps between labels"
    return {"level": level, "headline": f"{headline}.", "text": result["verdict"]}


def _figures(result: Mapping[str, Any], compared: list[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """The numbers at the head of the page."""
    split, best = result["split"], compared[0]
    overall = best["overall_accuracy"]
    interval = percent_range(overall["interval_95"])
    tested = split["tested"]
    return [
        (
            "Best mean overall accuracy",
            percent(overall["mean"]),
            f"{best['name']}{f', 95 % interval {interval}' if interval else ''}",
        ),
        ("Models", f"{len(compared)}", f"{split['trainings']} trainings each"),
        ("Seeds", f"{len(result['seeds'])}", "each with other splits and weights, the same for all models"),
        (
            "Tested pixels",
            f"{round(sum(tested) / len(tested)):,}",
            f"per seed, of {split['samples']:,} labelled pixels in {split['units']:,} {split['unit_name']}s",
        ),
    ]


def _model_row(model: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": model["name"],
        "title": model["title"],
        "cells": [
            _spread(model["overall_accuracy"], 100, 1),
            percent_range(model["overall_accuracy"]["interval_95"]).removesuffix(" %"),
            _spread(model["average_accuracy"], 100, 1),
            _spread(model["kappa"], 1, 3),
            _spread(model["mean_iou"], 100, 1),
        ],
        "pairs": [
            (_spread(model["train_seconds"], 1, 1), _spread(model["predict_seconds"], 1, 2)),
            (f"{model['parameters']:,}", _size(model["size_bytes"])),
        ],
    }


def _trained_row(model: Mapping[str, Any]) -> dict[str, Any]:
    """What a methods section states of a model."""
    training = model["training"]
    patch = f"{model['patch_size']}×{model['patch_size']}"
    spectra = _REDUCTIONS.get(model["reduction"]) or f"{model['components']} components ({model['reduction'].upper()})"
    cells = [spectra, patch]
    if training is None:
        return {"name": model["name"], "cells": [*cells, *["–"] * 5]}
    rate, decay = (f"{training[name]:g}" for name in ("learning_rate", "weight_decay"))
    augment = "yes" if training["augment"] else "no"
    return {"name": model["name"], "cells": [*cells, training["epochs"], rate, training["batch_size"], decay, augment]}


def _class_rows(result: Mapping[str, Any], compared: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for index, item in enumerate(result["classes"]):
        of_class = [model["classes"][index] for model in compared]
        found = [one["producers_accuracy"]["mean"] for one in of_class]
        best = max((value for value in found if value is not None), default=None)
        rows.append(
            {
                "item": item,
                "samples": of_class[0]["samples"],
                "cells": [
                    {
                        "text": _spread(one["producers_accuracy"], 100, 1),
                        "users": _spread(one["users_accuracy"], 100, 1),
                        "best": best is not None and value == best and len(compared) > 1,
                    }
                    for one, value in zip(of_class, found, strict=True)
                ],
            }
        )
    return rows


def _pair_row(pair: Mapping[str, Any]) -> dict[str, Any]:
    runs, mcnemar = pair["training_runs"], pair["mcnemar"]
    return {
        "first": pair["first"],
        "second": pair["second"],
        "difference": _number(100 * pair["difference"], 1),
        "error": "–" if pair["standard_error"] is None else _number(100 * pair["standard_error"], 1),
        "units": [_p(pair["p_value"]), _p(pair["p_holm"])],
        "is_clear": pair["p_holm"] < _LEVEL,
        "runs": ["–"] * 3
        if runs is None
        else [f"{_number(runs['t'], 2)} ({runs['degrees_of_freedom']})", _p(runs["p_value"]), _p(runs["p_holm"])],
        "mcnemar": None
        if mcnemar is None
        else [_p(mcnemar["p_exact"]), _p(mcnemar["p_mid"]), _p(mcnemar["p_exact_holm"]), _p(mcnemar["p_mid_holm"])],
    }


def _spread(figure: Mapping[str, Any], factor: float, digits: int) -> str:
    if figure["mean"] is None or math.isnan(figure["mean"]):
        return "–"
    text = _number(factor * figure["mean"], digits)
    return text if figure["deviation"] is None else f"{text} ± {factor * figure['deviation']:.{digits}f}"


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e6 else f"{size_bytes / 1e3:.0f} kB"
