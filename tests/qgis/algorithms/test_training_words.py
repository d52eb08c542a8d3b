"""What the log says of an accuracy: its interval, what was drawn for it, and how many test pixels are neighbours."""

from __future__ import annotations

from typing import Any

import pytest

from qgis_plugin.runs.wording import training_sentences


def training(strategy: str, unit: str, **more: Any) -> dict[str, Any]:
    classes = [{"name": name, "support": 50} for name in ("soil", "water")]
    return {
        "method": "Shrinkage LDA",
        "test": {
            "overall_accuracy": 0.7,
            "average_accuracy": 0.6,
            "kappa": 0.5,
            "overall_accuracy_interval_95": [0.68, 0.72],
            "classes": classes,
            "samples": 100,
        },
        "split": {
            "strategy": strategy,
            "train_samples": 20,
            "test_samples": 100,
            "leakage": 0.0,
            "near": 0.472,
            "unit_name": unit,
        },
        "folds": None,
        "intervals": None,
        "test_intervals": None,
        "comparison": None,
    } | more


@pytest.mark.parametrize("unit", ["block", "polygon"])
def test_the_interval_of_a_held_back_test_is_that_of_its_places(unit: str) -> None:
    drawn = {"overall_accuracy": {"interval_95": [0.6, 0.8]}, "units": 1100, "design_effect": 31.7}
    said = training_sentences(training(f"{unit}s", unit, test_intervals=drawn))
    assert (
        f"95 % interval of the overall accuracy: 60.0 % to 80.0 %, from draws of 1,100 whole {unit}s (design effect 31.7)."
        in said
    )
    assert any(
        text.startswith("47.2 % of the test pixels have a training pixel within two pixels, 0.0 % lie") for text in said
    )


def test_the_interval_of_single_pixels_says_so() -> None:
    assert (
        "95 % interval of the overall accuracy: 68.0 % to 72.0 %, as if pixels were independent; the true one is wider."
        in training_sentences(training("random", "pixel"))
    )
