"""Accuracies as files for other programs: JSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ...evaluation.accuracy import Accuracy
from ..parts.csv_table import csv_text


def accuracy_json(
    accuracy: Accuracy, map_path: Path, reference: Path, notes: Sequence[str], warnings: Sequence[str]
) -> str:
    """One JSON object: what was compared, all figures, what was left out, and what may make the figures meaningless."""
    data = {
        "question": "these_pixels",
        "map": str(map_path),
        "reference": str(reference),
        "warnings": list(warnings),
        **accuracy.to_json(),
        "notes": list(notes),
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def accuracy_csv(accuracy: Accuracy) -> str:
    """One row per class of the reference: accuracies (0 to 1), counts, and its row of the confusion matrix.

    Columns ``map_7`` hold the pixels that the map shows as the class of value 7. Undefined figures are empty.
    """
    figures = ("producers_accuracy", "users_accuracy", "f1", "support", "mapped", "unclassified")
    data = accuracy.to_json()
    rows = [
        [entry["value"], entry["name"], *(entry[name] for name in figures), *row]
        for entry, row in zip(data["classes"], data["confusion_matrix"], strict=True)
    ]
    return csv_text([["value", "name", *figures, *(f"map_{item.value}" for item in accuracy.legend)], *rows])
