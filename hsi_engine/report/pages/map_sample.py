"""The page on one map that was assessed with a probability sample: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..content import FactTable, MapPicture, Verdict
from ..html import map_view, page_template

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class MapSamplePage:
    """What the page shows.

    Parameters
    ----------
    map, reference, created : names of the files, and when the page was made.
    headline, basis : the answer, and what it rests on, in a sentence each.
    sample : all figures, as :func:`hsi_engine.operations.assess_map.sampled.figures.sample_json` gives them.
    comparisons : other maps, and interpreters, in sentences.
    verdicts : what has to be known before the figures are used.
    picture : the map.
    facts, notes : settings, inputs and versions; remarks, one sentence each.
    """

    map: str
    reference: str
    created: str
    headline: str
    basis: str
    sample: Json
    comparisons: Sequence[str]
    verdicts: Sequence[Verdict]
    picture: MapPicture
    facts: tuple[FactTable, ...]
    notes: Sequence[str]


def render_map_sample(page: MapSamplePage) -> str:
    """The page as an HTML string, in UTF-8 when written."""
    matrix, classes = page.sample["matrix"], page.sample["classes"]
    unmapped = any(row[-1] for row in matrix["points"])
    return page_template("map_sample.html.j2").render(
        page=page,
        sample=page.sample,
        overall=_figure(page.sample["overall"]),
        classes=[_class_row(item) for item in classes],
        points=[_row(item, row, unmapped=unmapped) for item, row in zip(classes, matrix["points"], strict=True)],
        shares=[_row(item, row, unmapped=unmapped) for item, row in zip(classes, matrix["shares"], strict=True)],
        unmapped=unmapped,
        map=map_view(page.picture),
    )


def _row(item: Json, cells: Sequence[float], *, unmapped: bool) -> dict[str, Any]:
    shown = list(cells) if unmapped else list(cells[:-1])
    return {"item": _named(item), "cells": shown, "total": sum(cells)}


def _class_row(item: Json) -> dict[str, Any]:
    area = item["area_ha"]
    return {
        "item": _named(item),
        "in_map": item["in_map"],
        "users": _figure(item["users_accuracy"]),
        "producers": _figure(item["producers_accuracy"]),
        "share": _figure(item["area_share"]),
        "area": None if area is None else _amounts(area),
        "mapped_share": _tenths(item["mapped_share"]),
        "mapped_area": _amount(item["mapped_ha"]),
        "points_reference": item["points_reference"],
        "points_map": item["points_map"],
    }


def _named(item: Json) -> dict[str, Any]:
    """A class as the template knows it."""
    return {"value": item["value"], "name": item["name"], "colour": item["color"]}


def _figure(figure: Json) -> dict[str, str]:
    bounds = figure["interval_95"]
    return {
        "value": _tenths(figure["value"]),
        # All or none of the points are right: the spread of the sample is 0, its uncertainty is not.
        "error": _tenths(figure["standard_error"] or None),
        "interval": "not known" if bounds is None else f"{_tenths(bounds[0])} to {_tenths(bounds[1])}",
    }


def _amounts(area: Json) -> dict[str, str]:
    bounds = area["interval_95"]
    return {
        "value": _amount(area["value"]),
        "error": _amount(area["standard_error"]),
        "interval": "not known" if bounds is None else f"{_amount(bounds[0])} to {_amount(bounds[1])}",
    }


def _tenths(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}".replace("-", "−")


def _amount(hectares: float | None) -> str:
    if hectares is None:
        return "–"
    digits = 0 if abs(hectares) >= 1000 else 1 if abs(hectares) >= 10 else 2
    return f"{hectares:,.{digits}f}".replace("-", "−")
