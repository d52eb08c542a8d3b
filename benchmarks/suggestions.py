"""What suggested labels are worth: 50 of them against 50 random ones, for a model that begins with a few labels per class.

``python -m benchmarks.suggestions`` prints JSON: overall and average accuracy in blocks that hold no label, by
seed, after the first labels, after 50 random ones more, and after 50 suggested ones. The labelled pixels of the scene are cut
into blocks of 8 pixels, half of which are for labels and half for the test. ``--enmap FOLDER`` takes ``scene.tif`` and
``labels.tif`` of a folder instead.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio

import hsi_engine
from hsi_engine.demo.indian_pines import write_indian_pines

Labels = npt.NDArray[np.uint8]

POINTS, PER_PLACE, BLOCK = 50, 5, 8


def write_like(path: Path, like: Path, values: Labels) -> Path:
    """Write class values on the grid of a raster."""
    with rasterio.open(like) as file:
        profile = file.profile | {"count": 1, "dtype": "uint8", "nodata": 0}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


def halves(truth: Labels, rng: np.random.Generator) -> tuple[Labels, Labels]:
    """The labelled pixels of two random halves of the blocks: those that may be labelled, and those of the test."""
    rows, cols = np.indices(truth.shape) // BLOCK
    sides = rng.random((rows.max() + 1, cols.max() + 1)) < 0.5
    ours = sides[rows, cols]
    return np.where(ours, truth, 0).astype(np.uint8), np.where(ours, 0, truth).astype(np.uint8)


def first_labels(pool: Labels, places: int, rng: np.random.Generator) -> Labels:
    """Of each class some places of five pixels, as a person draws them."""
    labels = np.zeros_like(pool)
    for value in np.unique(pool[pool > 0]):
        rows, cols = np.nonzero(pool == value)
        for at in rng.choice(len(rows), places):
            near = np.argsort((rows - rows[at]) ** 2 + (cols - cols[at]) ** 2, kind="stable")[:PER_PLACE]
            labels[rows[near], cols[near]] = value
    return labels


def random_labels(pool: Labels, known: Labels, rng: np.random.Generator) -> Labels:
    """The known labels and 50 others at random."""
    labels = known.copy()
    rows, cols = np.nonzero((pool > 0) & (known == 0))
    some = rng.permutation(len(rows))[:POINTS]
    labels[rows[some], cols[some]] = pool[rows[some], cols[some]]
    return labels


def suggested_pixels(path: Path) -> tuple[list[int], list[int]]:
    """Rows and columns of the suggested points."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute('SELECT "row", col FROM suggestions ORDER BY rank').fetchall()
    return [row for row, _ in found], [col for _, col in found]


def accuracies(folder: Path, scene: Path, labels: Labels, test: Labels, model: str, seed: int) -> tuple[float, float]:
    """Overall and average accuracy in the test blocks of a model of these labels, which stays in the folder."""
    trained, mapped = folder / "m.hsimodel", folder / "map.tif"
    hsi_engine.train_classifier(
        scene=scene,
        labels=write_like(folder / "labels.tif", scene, labels),
        output=trained,
        model=model,
        split="none",
        smooth=False,
        seed=seed,
        device="cpu",
    )
    hsi_engine.classify_scene(scene=scene, model=trained, output=mapped, device="cpu")
    with rasterio.open(mapped) as file:
        classes = file.read(1)
    right = classes == test
    overall = float(right[test > 0].mean())
    return overall, float(np.mean([right[test == value].mean() for value in np.unique(test[test > 0])]))


def measure(
    scene: Path, truth: Labels, model: str, seeds: int, places: int, settings: dict[str, Any]
) -> dict[str, Any]:
    """Accuracies of all three, by seed."""
    found: dict[str, list[tuple[float, float]]] = {"first": [], "random": [], "suggested": []}
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as name:
            folder, rng = Path(name), np.random.default_rng(seed)
            pool, test = halves(truth, rng)
            test[~np.isin(test, pool)] = 0  # a class that cannot be labelled
            known = first_labels(pool, places, rng)
            found["first"].append(accuracies(folder, scene, known, test, model, seed))
            hsi_engine.suggest_labels(
                scene=scene,
                model=folder / "m.hsimodel",
                output=folder / "next.gpkg",
                mask=write_like(folder / "pool.tif", scene, pool),
                labels=folder / "labels.tif",
                points=POINTS,
                seed=seed,
                device="cpu",
                **settings,
            )
            labels, at = known.copy(), suggested_pixels(folder / "next.gpkg")
            labels[at] = pool[at]
            found["suggested"].append(accuracies(folder, scene, labels, test, model, seed))
            found["random"].append(accuracies(folder, scene, random_labels(pool, known, rng), test, model, seed))
    gains = np.array(found["suggested"]) - np.array(found["random"])
    return {
        "model": model,
        "places": places,
        "by_seed": found,
        "overall_accuracy": {way: float(np.mean([v[0] for v in values])) for way, values in found.items()},
        "average_accuracy": {way: float(np.mean([v[1] for v in values])) for way, values in found.items()},
        "suggested_minus_random": dict(zip(("overall", "average"), gains.mean(axis=0).tolist(), strict=True)),
        "standard_error": dict(
            zip(("overall", "average"), (gains.std(axis=0, ddof=1) / np.sqrt(seeds)).tolist(), strict=True)
        ),
        "seeds_not_worse": int((gains[:, 0] >= 0).sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suggestions")
    parser.add_argument("--enmap", type=Path)
    parser.add_argument("--model", default="lda")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--places", type=int, default=10, help="places of five pixels of each class that are labelled first"
    )
    parser.add_argument("--settings", type=json.loads, default={}, help="further parameters of suggest_labels, as JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if given.enmap is None:
            files = write_indian_pines(Path(name))
            scene, labels = files.scene, files.ground_truth
        else:
            scene, labels = given.enmap / "scene.tif", given.enmap / "labels.tif"
        with rasterio.open(labels) as file:
            truth = file.read(1)
        print(json.dumps(measure(scene, truth, given.model, given.seeds, given.places, given.settings), indent=2))


if __name__ == "__main__":
    main()
