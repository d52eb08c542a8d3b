"""The figures of a sample as plain values: for JSON, the result and the report."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ....classes.legend import LegendClass
from ....evaluation.design_based.map_accuracy import Share
from .assessment import SampledAssessment
from .estimate import EstimatedMap, total_area
from .map_values import has_class

_HECTARE_M2 = 10_000
KAPPA_NOTE = (
    "Kappa corrects for an agreement by chance that no map maker aims at, and depends on how common the classes are; it says"
    " nothing that overall, user's and producer's accuracies do not say better (Pontius and Millones 2011; Foody 2020)."
)


def sample_json(assessed: SampledAssessment, interval: str) -> dict[str, Any]:
    """All that a sample says, as plain values; what is not known is None.

    Shares are 0 to 1. ``overall`` and each figure of a class hold ``value``, ``standard_error`` and ``interval_95``.
    ``area_share`` and ``area_ha`` are the estimated true areas (bias-adjusted), ``mapped_share`` and ``mapped_ha`` what the map
    shows. Rows of the two matrices are classes of the reference, columns those of the map in the same order, and last what has
    no class in the map: ``points`` counts points, ``shares`` estimates shares of the map. ``sampled_share`` is the share of the
    classified pixels of the map that the figures are for, and ``map_ha`` the area of all of them. ``unclassified`` says how many
    ``pixels`` of the map have no class, which ``share`` of all these are, how many labelled points there are ``counted_wrong``,
    and whether the figures are for the pixels with a class only (``left_out``).
    """
    found, points = assessed.map, assessed.points
    return {
        "question": "How accurate is this map?",
        "design": points.design,
        "drawn_for": points.drawn_for[0] or None,
        "interval": interval,
        "points": len(points),
        "labelled": int(points.labelled.sum()),
        "unlabelled": int((~points.labelled).sum()),
        "undecided": points.undecided,
        "part_of_map": points.part_of_map,
        "sampled_share": sampled_share(assessed),
        "map_ha": _hectares(total_area(found.measured.classes)),
        "unclassified": _unclassified(assessed),
        **map_json(found),
        "strata": [
            {
                "name": stratum.name,
                "pixels": stratum.pixels,
                "area_ha": _hectares(stratum.area_m2),
                "drawn": stratum.drawn,
                "labelled": labelled,
            }
            for stratum, labelled in zip(found.strata, found.labelled_by_stratum, strict=True)
        ],
        "other_maps": [
            {
                "map": str(other.measured.path),
                **map_json(other),
                "notes": list(other.notes),
                "warnings": list(other.warnings),
            }
            for other in assessed.maps[1:]
        ],
        "differences": [
            {
                "first": str(assessed.maps[pair.first].measured.path),
                "second": str(assessed.maps[pair.second].measured.path),
                **pair.difference.to_json(),
                "p_holm": pair.p_holm,
            }
            for pair in assessed.differences
        ],
        "interpreters": [
            {"first": pair.first, "second": pair.second, **pair.agreement.to_json()} for pair in assessed.interpreters
        ],
    }


def sampled_share(assessed: SampledAssessment) -> float | None:
    """Share of the classified pixels of the map that could be drawn; None if it is another map than the sample's."""
    points, measured = assessed.points, assessed.map.measured
    if points.drawn_for[1] and points.drawn_for[1] != measured.sha256:
        return None
    if not points.part_of_map:
        return 1.0
    total = sum(found.pixels for found in measured.classes.values())
    return sum(stratum.pixels for stratum in points.known_strata) / total if total else None


def _unclassified(assessed: SampledAssessment) -> dict[str, Any]:
    points, measured = assessed.points, assessed.map.measured
    rest, wrong = measured.without_class, int(assessed.map.accuracy.counts[:, -1].sum())
    lie_there = bool((points.labelled & measured.on_map & ~has_class(measured.at_points)).any())
    drawn_for_it = points.drawn_for[1] == measured.sha256
    return {
        "pixels": rest.pixels,
        "share": rest.pixels / measured.pixels,
        "counted_wrong": wrong,
        "left_out": bool(rest.pixels) and not wrong and (lie_there or drawn_for_it),
    }


def map_json(found: EstimatedMap) -> dict[str, Any]:
    """The figures of one map."""
    accuracy, legend = found.accuracy, found.classes.legend
    region = found.region_m2
    return {
        "region_ha": _hectares(region),
        "counted": accuracy.points,
        "correct": accuracy.correct,
        "overall": accuracy.overall.to_json(),
        "kappa": accuracy.kappa,
        "kappa_note": KAPPA_NOTE,
        "classes": [_class_json(found, number, item) for number, item in enumerate(legend)],
        "matrix": {"points": accuracy.counts.tolist(), "shares": accuracy.proportions.tolist()},
    }


def _class_json(found: EstimatedMap, number: int, item: LegendClass) -> dict[str, Any]:
    accuracy, region = found.accuracy, found.region_m2
    mapped = found.mapped.get(item.value)
    known = item.name not in found.classes.unknown
    return {
        "value": item.value,
        "name": item.name,
        "color": item.colour,
        "in_map": known,
        "users_accuracy": accuracy.users[number].to_json(),
        "producers_accuracy": accuracy.producers[number].to_json(),
        "area_share": accuracy.areas[number].to_json(),
        "area_ha": None if region is None else accuracy.areas[number].times(region / _HECTARE_M2).to_json(),
        "mapped_share": mapped_share(found, item.value),
        "mapped_ha": _hectares(mapped.area_m2) if mapped else 0.0 if found.mapped and region is not None else None,
        "points_reference": int(accuracy.counts[number].sum()),
        "points_map": int(accuracy.counts[:, number].sum()),
    }


def mapped_share(found: EstimatedMap, value: int) -> float | None:
    """Share of the sampled region that the map shows as a class; None if it is not known."""
    if not found.mapped or not found.region_known:
        return None
    total = found.region_m2
    mapped = found.mapped.get(value)
    if mapped is None:
        return 0.0
    if total and mapped.area_m2 is not None:
        return mapped.area_m2 / total
    pixels = sum(stratum.pixels for stratum in found.strata)
    return mapped.pixels / pixels


def result_fields(found: EstimatedMap) -> dict[str, Any]:
    """The figures under the names that a comparison without a design has; here they are estimates for the whole map."""
    accuracy, legend = found.accuracy, found.classes.legend
    low, high = accuracy.overall.interval or (None, None)
    shares = accuracy.proportions
    both, known, mapped = np.diag(shares), shares.sum(axis=1), shares[:, :-1].sum(axis=0)
    f1, iou = _quotient(2 * both, known + mapped), _quotient(both, known + mapped - both)
    occurring = known > 0
    return {
        "overall_accuracy": accuracy.overall.value,
        "overall_accuracy_interval_95": (low, high),
        "average_accuracy": _mean([share for share in accuracy.producers if share.value is not None]),
        "kappa": accuracy.kappa,
        "mean_iou": float(iou[occurring].mean()) if occurring.any() else None,
        "samples": accuracy.points,
        "correct": accuracy.correct,
        "unclassified": int(accuracy.counts[:, -1].sum()),
        "confusion_matrix": accuracy.counts[:, :-1].tolist(),
        "classes": [
            {
                "value": item.value,
                "name": item.name,
                "color": item.colour,
                "producers_accuracy": accuracy.producers[i].value,
                "users_accuracy": accuracy.users[i].value,
                "f1": _defined(f1[i]),
                "iou": _defined(iou[i]),
                "support": int(accuracy.counts[i].sum()),
                "mapped": int(accuracy.counts[:, i].sum()),
                "unclassified": int(accuracy.counts[i, -1]),
            }
            for i, item in enumerate(legend)
        ],
    }


def _mean(shares: list[Share]) -> float | None:
    return math.fsum(share.value or 0.0 for share in shares) / len(shares) if shares else None


def _quotient(part: Any, whole: Any) -> Any:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _hectares(area_m2: float | None) -> float | None:
    return None if area_m2 is None else area_m2 / _HECTARE_M2
