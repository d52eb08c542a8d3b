"""How often prediction sets hold the right class, on Indian Pines: ``python -m benchmarks.conformal``.

Prints one JSON document: for random pixels and for folds of blocks, for two quick methods, the realised coverage of sets at
90 % by each kind of sets, with its interval, over all and by class, and the shares of pixels with one class, several and
none. ``calibrations`` is what single calibration sets of random pixels give: mean, deviation and range of their coverage on
the remaining test pixels. Takes two to three minutes on two cores; ``docs/accuracy.md`` holds the table.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import hsi_engine
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.demo.indian_pines import write_indian_pines
from hsi_engine.evaluation.trust.conformal import CalibrationScores, SetMethod

COVERAGE = 0.9
METHODS: dict[str, dict[str, Any]] = {
    "logistic_regression": {"model": "logistic_regression"},
    "spectral_cnn": {"model": "spectral_cnn", "patch_size": 3, "epochs": 12},
}
SPLITS: dict[str, dict[str, Any]] = {
    "random_pixels": {"split": "random", "train_share": 0.2},
    "blocks": {"split": "folds", "folds": 4},
}
KINDS: tuple[SetMethod, ...] = ("lac", "aps", "class")
CALIBRATION_PIXELS, REPEATS = 1000, 200


def measure(scene: Path, labels: Path, output: Path, **settings: Any) -> dict[str, Any]:
    """Coverage of one method in one kind of places."""
    started = time.perf_counter()
    trained: Any = hsi_engine.train_classifier(
        scene=scene,
        labels=labels,
        class_field="class_id",
        output=output,
        smooth=False,
        seed=0,
        device="cpu",
        **settings,
    )
    bundle = read_bundle(output)
    conformal, calibrated = bundle.metrics["conformal"], bundle.trust.calibrated
    if calibrated is None:
        raise SystemExit("The training tested nothing.")
    at = [one for one in conformal["sets"] if one["asked"] == COVERAGE]
    found: dict[str, Any] = {
        "overall_accuracy": (trained.test or trained.cross_fitted)["overall_accuracy"],
        "unit": conformal["unit_name"],
        "sets": {one["method"]: _figures(one, bundle.legend.names) for one in at},
        "seconds": round(time.perf_counter() - started, 1),
    }
    if conformal["unit_name"] == "pixel":
        found["calibrations"] = {kind: calibrations(calibrated.scores, kind) for kind in KINDS}
    return found


def _figures(one: dict[str, Any], names: list[str]) -> dict[str, Any]:
    sizes = one["set_sizes"]
    by_class = {name: share for name, share in zip(names, one["by_class"], strict=True) if share is not None}
    return {
        **{name: one[name] for name in ("realised", "interval_95", "samples", "units", "of_units")},
        "by_class": by_class,
        "lowest_class": min(by_class.values()),
        "without_own_threshold": one["without_own_threshold"],
        "one_class": sizes[1],
        "several_classes": sum(sizes[2:]),
        "none": sizes[0],
        "mean_size": sum(size * share for size, share in enumerate(sizes)),
    }


def calibrations(scores: CalibrationScores, kind: SetMethod) -> dict[str, float]:
    """Coverage of random calibration sets on the test pixels that are not in them."""
    found = []
    for seed in range(REPEATS):
        order = np.random.default_rng(seed).permutation(len(scores))
        own, rest = order[:CALIBRATION_PIXELS], order[CALIBRATION_PIXELS:]
        part = CalibrationScores(
            **{name: getattr(scores, name)[own] for name in ("lac", "aps", "classes", "folds", "units")},
            n_classes=scores.n_classes,
        )
        limits = part.thresholds(kind, COVERAGE)
        of = scores.aps if kind == "aps" else scores.lac
        found.append(float((of[rest] <= limits[scores.classes[rest]]).mean()))
    return {
        "calibration_pixels": CALIBRATION_PIXELS,
        "repeats": REPEATS,
        "mean": float(np.mean(found)),
        "deviation": float(np.std(found)),
        "lowest": min(found),
        "highest": max(found),
    }


def main() -> None:
    found: dict[str, Any] = {"coverage": COVERAGE}
    with tempfile.TemporaryDirectory() as folder:
        files = write_indian_pines(Path(folder))
        for place, split in SPLITS.items():
            found[place] = {}
            for name, method in METHODS.items():
                model = Path(folder) / "m.hsimodel"
                found[place][name] = measure(files.scene, files.labels, model, **split, **method)
                print(place, name, found[place][name]["sets"]["lac"]["realised"], file=sys.stderr)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
