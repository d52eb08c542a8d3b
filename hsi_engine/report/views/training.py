"""The parts of a page that follow from the record of a training."""

from __future__ import annotations

from typing import Any

from ...splitting.distances import DistanceComparison
from ..content import ReportContent
from ..evidence import Calibration, TrainingEvidence
from ..figures.embedding import data_url, figure_view
from ..figures.folds_picture import fold_colours, over_scene
from ..figures.pictures import png
from ..headline import design_effect, questions, sentence, unknown_accuracy
from .calibration import calibration_text, error_rows, reliability_figure, scaling_text
from .distances import distance_sentence, distances_figure
from .selection import selection_view
from .trust import left_out_rows, selective_figure, selective_text, sets_rows, without_own_text


def training_view(content: ReportContent, evidence: TrainingEvidence) -> dict[str, Any]:
    """Names of the templates' variables and their values."""
    places = next((item.places for item in content.assessments if item.places is not None), None)
    effects = (design_effect(item.drawn) for item in content.assessments)
    return {
        "sentence": sentence(content, evidence),
        "unknown": unknown_accuracy(content, evidence),
        "questions": questions(content, evidence),
        "design_effect": next(filter(None, effects), ""),
        "selection": selection_view(evidence),
        "baseline": evidence.baseline,
        "calibration": None if evidence.calibration is None else _calibration(evidence.calibration),
        "trust": _trust(evidence),
        "distances": None if evidence.distances is None else _distances(evidence.distances),
        "places": places,
        "folds": _folds(content, evidence, 0 if places is None else places.n_folds),
    }


def _calibration(calibration: Calibration) -> dict[str, Any]:
    return {
        "figure": figure_view(reliability_figure(calibration)),
        "text": calibration_text(calibration),
        "errors": error_rows(calibration),
        "scaling": scaling_text(calibration),
    }


def _distances(found: DistanceComparison) -> dict[str, Any]:
    return {"sentence": distance_sentence(found), "figure": figure_view(distances_figure(found))}


def _trust(evidence: TrainingEvidence) -> dict[str, Any] | None:
    curve, sets = evidence.selective, evidence.sets
    if curve is None or sets is None:
        return None
    return {
        "selective_text": selective_text(curve),
        "figure": figure_view(selective_figure(curve)),
        "left_out": left_out_rows(curve),
        "sets": sets_rows(sets),
        "unit_name": sets["unit_name"],
        "without_own": without_own_text(sets),
    }


def _folds(content: ReportContent, evidence: TrainingEvidence, n_folds: int) -> dict[str, Any] | None:
    picture = evidence.folds_picture
    if picture is None or not n_folds:
        return None
    shown = content.map_picture
    scene = None if shown is None else shown.false_colour
    rows, cols = picture.rgba.shape[:2]
    return {
        "url": data_url(png(over_scene(picture, scene, None if shown is None else shown.grid))),
        "legend": fold_colours(n_folds),
        "over_scene": scene is not None,
        "wide": cols > 1.6 * rows,
    }
