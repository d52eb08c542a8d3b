"""The figures of a sample as files for other programs: JSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...parts.csv_table import csv_text
from .assessment import SampledAssessment
from .figures import result_fields

_FIGURES = ("users_accuracy", "producers_accuracy", "area_share", "area_ha")


def sample_metrics(assessed: SampledAssessment, sample: Mapping[str, Any], reference: str) -> str:
    """One JSON object: the question, the files, the main figures under their usual names, and all figures of the sample."""
    usual = result_fields(assessed.map)
    data = {
        "question": "this_map",
        "map": str(assessed.map.measured.path),
        "reference": reference,
        "warnings": list(assessed.warnings),
        **{name: value for name, value in usual.items() if name != "classes"},
        **{name: value for name, value in sample.items() if name != "question"},
        "notes": list(assessed.notes),
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def sample_csv(sample: Mapping[str, Any]) -> str:
    """The overall accuracy in the first row, then one row per class; shares 0 to 1, areas in hectares.

    Each figure has four columns: value, standard error and the bounds of the 95 % interval. A standard error is empty if all or
    none of the points are right: that they do not differ does not make the figure certain, as the interval shows. Columns ``map_7`` are points
    of the class that the map shows as the class of value 7, ``share_7`` the estimated share of the map.
    """
    values = [c["value"] for c in sample["classes"]]
    head = ["value", "name"]
    for figure in ("overall_accuracy", *_FIGURES):
        head += [figure, f"{figure}_se", f"{figure}_low", f"{figure}_high"]
    head += ["mapped_share", "mapped_ha", "points_reference", "points_map"]
    head += [f"map_{value}" for value in (*values, "none")] + [f"share_{value}" for value in (*values, "none")]
    rest = len(head) - 6
    rows: list[list[Any]] = [head, [None, "all classes", *_cells(sample["overall"]), *[None] * rest]]
    for number, item in enumerate(sample["classes"]):
        row = [item["value"], item["name"], *[None] * 4]
        for figure in _FIGURES:
            row += _cells(item[figure])
        row += [item[name] for name in ("mapped_share", "mapped_ha", "points_reference", "points_map")]
        rows.append([*row, *sample["matrix"]["points"][number], *sample["matrix"]["shares"][number]])
    return csv_text(rows)


def _cells(figure: Mapping[str, Any] | None) -> list[float | None]:
    if figure is None:
        return [None] * 4
    return [figure["value"], figure["standard_error"] or None, *(figure["interval_95"] or (None, None))]
