"""What a start from a trained model is worth: one half of Indian Pines trains it, five labels per class of the other half follow.

``python -m benchmarks.warm_start`` prints JSON: overall accuracy in the right half, of all its labelled pixels but the five per
class, for a training from scratch and for two that start from a model of the left half; three draws of the labels.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio

import hsi_engine
from hsi_engine.demo.indian_pines import write_indian_pines

PER_CLASS = 5


def write_like(path: Path, like: Path, values: npt.NDArray[np.uint8]) -> Path:
    """Write class values on the grid of a raster."""
    with rasterio.open(like) as file:
        profile = file.profile | {"count": 1, "dtype": "uint8", "nodata": 0}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


def drawn(truth: npt.NDArray[np.uint8], seed: int) -> npt.NDArray[np.uint8]:
    """Five pixels of each class, 0 elsewhere."""
    rng = np.random.default_rng(seed)
    labels = np.zeros_like(truth)
    for value in np.unique(truth[truth > 0]):
        rows, cols = np.nonzero(truth == value)
        some = rng.permutation(len(rows))[:PER_CLASS]
        labels[rows[some], cols[some]] = value
    return labels


def measure(model: str, seeds: int) -> dict[str, Any]:
    """Accuracies of all three ways, by seed."""
    found: dict[str, list[float]] = {"scratch": [], "warm": [], "frozen": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_indian_pines(folder)
        with rasterio.open(files.ground_truth) as file:
            truth = file.read(1)
        middle = truth.shape[1] // 2
        left, right = truth.copy(), truth.copy()
        left[:, middle:], right[:, :middle] = 0, 0
        # A class with a handful of pixels has none left to test.
        counts = np.bincount(right.ravel(), minlength=256)
        right[counts[right] < 4 * PER_CLASS] = 0
        common: dict[str, Any] = {
            "scene": files.scene,
            "model": model,
            "split": "none",
            "smooth": False,
            "device": "cpu",
        }
        start = folder / "left.hsimodel"
        hsi_engine.train_classifier(labels=write_like(folder / "left.tif", files.scene, left), output=start, **common)
        for seed in range(seeds):
            labels = drawn(right, seed)
            few = write_like(folder / "few.tif", files.scene, labels)
            ways: dict[str, dict[str, Any]] = {
                "scratch": {},
                "warm": {"init_from": start},
                "frozen": {"init_from": start, "freeze_features": True},
            }
            for way, settings in ways.items():
                trained, mapped = folder / "few.hsimodel", folder / "map.tif"
                hsi_engine.train_classifier(labels=few, output=trained, seed=seed, **common, **settings)
                hsi_engine.classify_scene(scene=files.scene, model=trained, output=mapped, device="cpu")
                with rasterio.open(mapped) as file:
                    classes = file.read(1)
                tested = (right > 0) & (labels == 0)
                found[way].append(float((classes[tested] == right[tested]).mean()))
    means = {way: float(np.mean(values)) for way, values in found.items()}
    return {"model": model, "overall_accuracy": found, "mean": means, "gain": means["warm"] - means["scratch"]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.warm_start")
    parser.add_argument("--model", default="spectral_cnn")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    print(json.dumps(measure(given.model, given.seeds), indent=2))


if __name__ == "__main__":
    main()
