"""What a random split and spatial blocks show about the same recipe, on Indian Pines: ``python -m benchmarks.split_honesty``.

Prints one JSON document: for each recipe the overall accuracy with both splits, and their leakage. Takes a few
minutes on two cores; ``docs/accuracy.md`` holds the table.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import hsi_engine
from hsi_engine.demo.indian_pines import write_indian_pines

COMMON: dict[str, Any] = {
    "class_field": "class_id",
    "split": "random",
    "compare_split": "blocks",
    "train_share": 0.1,
    "model": "hybridsn",
    "reduction": "pca",
    "components": 15,
    "whiten": 1.0,
    "fewest_draws": 0,
    "batch_size": 32,
    "seed": 0,
}
RECIPES: tuple[dict[str, Any], ...] = (
    {"patch_size": 25, "augment": False, "epochs": 15},
    {"patch_size": 25, "augment": True, "epochs": 20},
    {"patch_size": 15, "augment": False, "epochs": 40},
    {"patch_size": 15, "augment": True, "epochs": 40},
)


def measure(recipe: dict[str, Any], folder: Path) -> dict[str, Any]:
    files = write_indian_pines(folder)
    result: Any = hsi_engine.train_classifier(
        scene=files.scene, labels=files.labels, output=folder / "m.hsimodel", **COMMON, **recipe
    )
    splits = {"random": (result.split, result.test), "blocks": (result.comparison["split"], result.comparison["test"])}
    return recipe | {
        name: {
            "overall_accuracy": test["overall_accuracy"],
            "average_accuracy": test["average_accuracy"],
            "test_samples": split["test_samples"],
            "leakage": split["leakage"],
        }
        for name, (split, test) in splits.items()
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for recipe in RECIPES:
            rows.append(measure(recipe, Path(folder)))
            print(rows[-1], file=sys.stderr)
    print(json.dumps({"common": COMMON, "recipes": rows}, indent=2))


if __name__ == "__main__":
    main()
