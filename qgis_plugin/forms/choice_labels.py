"""What a form shows for the words that the engine, scripts and models use.

A choice keeps its word everywhere else: "folds" in scripts and model files, "Separate places" before the eyes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..translation import tr

OWN = tr("The method's own")
"""Shown if nothing is chosen and the method decides."""

_PLACES = {
    "folds": tr("Separate places"),
    "random": tr("Random pixels (leaks)"),
    "polygons": tr("Whole polygons (part for training)"),
    "blocks": tr("Separate places (part for training)"),
    "none": tr("Nothing"),
}
_OVERLAP = {
    "drop": tr("Leave these pixels out"),
    "first": tr("Use the first polygon"),
    "last": tr("Use the last polygon"),
    "error": tr("Stop"),
}
_RESAMPLING = {
    "refuse": tr("Stop"),
    "nearest": tr("Nearest pixel"),
    "majority": tr("Class with the largest share"),
}

# Words of a choice by the name of its parameter; a test holds them to what the engine offers.
CHOICE_LABELS: Mapping[str, Mapping[str, str]] = {
    "model": {
        "auto": tr("Automatic"),
        "logistic_regression": tr("Logistic regression"),
        "lda": tr("Shrinkage LDA"),
        "svm": tr("SVM (RBF kernel)"),
        "random_forest": tr("Random forest"),
        "spectral_cnn": tr("Spectral-first CNN"),
        "hybridsn": tr("HybridSN (3-D–2-D CNN)"),
    },
    "effort": {"quick": tr("Quick"), "standard": tr("Standard"), "thorough": tr("Thorough")},
    "split": _PLACES,
    "compare_split": {
        "none": tr("Nothing else"),
        **{word: _PLACES[word] for word in ("blocks", "random", "polygons")},
    },
    "overlap": _OVERLAP,
    "resampling": _RESAMPLING,
    "small_classes": {"error": tr("Stop"), "drop": tr("Leave them out")},
    "reduction": {
        "bands": tr("All bands, standardised"),
        "decorrelated": tr("All bands, decorrelated"),
        "pca": tr("Principal components"),
        "mnf": tr("Minimum noise fraction (MNF)"),
    },
    "normalisation": {
        "none": tr("None"),
        "brightness": tr("Divide by brightness"),
        "derivative": tr("Differences of neighbouring bands"),
    },
    "schedule": {
        "one_cycle": tr("One cycle"),
        "step": tr("Step"),
        "cosine": tr("Cosine"),
        "constant": tr("Constant"),
    },
    "precision": {
        "auto": tr("Automatic"),
        "32-true": tr("32 bits"),
        "16-mixed": tr("16 bits, mixed"),
        "bf16-mixed": tr("bfloat16, mixed"),
    },
    "composite": {
        "automatic": tr("Automatic"),
        "true_colour": tr("True colour"),
        "near_infrared": tr("Near infrared"),
        "short_wave_infrared": tr("Short-wave infrared"),
    },
    "area_unit": {"ha": tr("Hectares"), "m2": tr("Square metres"), "px": tr("Pixels")},
    "unclassified": {"wrong": tr("Count as wrong"), "leave_out": tr("Leave out")},
}

TRUTH_LABELS: Mapping[str, str] = {"true": tr("Yes"), "false": tr("No")}


def labels_of(name: str, choices: Iterable[str]) -> list[str]:
    """Labels of ``choices`` of the engine's parameter ``name``; a word without a label is its own."""
    known = CHOICE_LABELS.get(name, {})
    return [known.get(choice, choice) for choice in choices]
