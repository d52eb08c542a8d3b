"""What the last step does to confidence: ``python -m benchmarks.calibration [--enmap FOLDER] [--effort E] [--model M]``.

Trains on Indian Pines, or on ``scene.tif`` and ``polygons.gpkg`` of FOLDER, and prints one JSON document: for the out-of-fold
probabilities, unsmoothed and smoothed, the calibration error with its interval, the same without bias, and the Brier score of

- ``before``: the members without their temperatures (unsmoothed only), or without a last step (smoothed),
- ``temperature``: a temperature with the lowest Brier score, which was the last step up to version 3 of model files,
- ``curve``: slope and offset of the log-odds of the chosen class, which is the last step since version 4,
- ``most_likely_curve``: the same, fitted by its likelihood, as Platt (1999) did.

All of them are fitted to the other folds. ``difference`` is either curve minus temperature, the median and the 2.5 and 97.5 percentile of
draws of whole blocks or polygons. ``--smooth`` smooths even if that makes the tested pixels less accurate. ``step`` is how
long both steps take for the probabilities of a megapixel, in this process. ``docs/decisions/0018`` holds the table.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression

import hsi_engine
from hsi_engine.demo.indian_pines import write_indian_pines
from hsi_engine.evaluation.calibration import brier_score, fit_temperature, softmax
from hsi_engine.evaluation.confidence_scaling import (
    LEAST,
    SLOPE_BOUNDS,
    ConfidenceScaling,
    fit_confidence_scaling,
    log_odds,
)
from hsi_engine.evaluation.reliability import reliability
from hsi_engine.inference.confidence.scaling import scaled_samples, sharpened, with_scaled_confidence
from hsi_engine.operations.train_classifier import run as training
from hsi_engine.operations.train_classifier.pack import Packing
from hsi_engine.selection import smoothing_choice
from hsi_engine.selection.cross_fit import tested_samples

Shares = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Fit = Callable[[Shares, Indices], ConfidenceScaling]
DRAWS = 1000


def out_of_fold(smooth: bool, **settings: Any) -> Packing:
    """Train a model, and return what it was made of."""
    kept: list[Packing] = []
    pack = training.pack

    def keep(parts: Packing) -> Any:
        kept.append(parts)
        return pack(parts)

    score = smoothing_choice._score
    # No smoothing comes first, and then never is the best.
    scores = itertools.chain([lambda _: -1.0] if smooth else [], itertools.repeat(score))
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(training, "pack", keep),
        mock.patch.object(smoothing_choice, "_score", lambda accuracy: next(scores)(accuracy)),
    ):
        hsi_engine.train_classifier(output=Path(folder) / "m.hsimodel", device="cpu", **settings)
    return kept[0]


def by_temperature(shares: Shares, reference: Indices, fold: Indices) -> Shares:
    """Of each fold with the temperature of the others."""
    logs, scaled = np.log(np.maximum(shares, LEAST)), np.empty_like(shares)
    for number in np.unique(fold):
        here = fold == number
        scaled[here] = softmax(logs[here], fit_temperature(logs[~here], reference[~here]))
    return scaled


def by_curve(shares: Shares, reference: Indices, fold: Indices, fit: Fit) -> Shares:
    """Of each fold on the curve of the others."""
    scaled = np.empty_like(shares)
    for number in np.unique(fold):
        here = fold == number
        scaled[here] = scaled_samples(shares[here], fit(shares[~here], reference[~here]))
    return scaled


def curve_of(shares: Shares, reference: Indices) -> ConfidenceScaling:
    return fit_confidence_scaling(shares.max(axis=1), shares.argmax(axis=1) == reference)


def most_likely_curve_of(shares: Shares, reference: Indices) -> ConfidenceScaling:
    odds, right = log_odds(shares.max(axis=1))[:, None], shares.argmax(axis=1) == reference
    found = LogisticRegression(C=1e9).fit(odds, right)
    return ConfidenceScaling(slope=max(float(found.coef_[0, 0]), SLOPE_BOUNDS[0]), offset=float(found.intercept_[0]))


def compared(before: Shares, shares: Shares, reference: Indices, fold: Indices, units: Indices) -> dict[str, Any]:
    """Figures of each step; ``before`` and ``shares`` are (n, classes); ``shares`` is what the last step gets."""
    steps = {
        "before": before,
        "temperature": by_temperature(shares, reference, fold),
        "curve": by_curve(shares, reference, fold, curve_of),
        "most_likely_curve": by_curve(shares, reference, fold, most_likely_curve_of),
    }
    found: dict[str, Any] = {}
    for name, scaled in steps.items():
        of = reliability(scaled, reference, units, seed=0)
        found[name] = {
            "expected_calibration_error": of.expected_calibration_error,
            "interval_95": of.interval,
            "debiased": of.debiased,
            "debiased_interval_95": of.debiased_interval,
            "brier_score": brier_score(scaled, reference),
            "mean_confidence": float(scaled.max(axis=1).mean()),
        }
    found["accuracy"] = float((shares.argmax(axis=1) == reference).mean())
    found["difference"] = {
        name: difference(steps[name], steps["temperature"], reference, units) for name in ("curve", "most_likely_curve")
    }
    curve = curve_of(shares, reference)
    best = np.sort(scaled_samples(shares, curve), axis=1)
    found["all_folds"] = asdict(curve) | {"held_up": float((best[:, -1] - best[:, -2] < 1e-4).mean())}
    return found


def difference(one: Shares, other: Shares, reference: Indices, units: Indices) -> dict[str, float]:
    """Calibration errors of ``one`` minus those of ``other`` on the same draws of units."""
    rng, members = np.random.default_rng(0), [np.flatnonzero(units == unit) for unit in np.unique(units)]
    drawn = []
    for _ in range(DRAWS):
        at = np.concatenate([members[unit] for unit in rng.integers(0, len(members), len(members))])
        errors = [
            reliability(shares[at], reference[at], np.zeros(len(at)), seed=0).expected_calibration_error or 0.0
            for shares in (one, other)
        ]
        drawn.append(errors[0] - errors[1])
    low, median, high = np.percentile(drawn, [2.5, 50, 97.5])
    return {"median": float(median), "low": float(low), "high": float(high)}


def step_seconds(classes: int = 16, edge: int = 256, repeats: int = 21) -> dict[str, float]:
    """Median time of both steps for a megapixel, in turn, and their ratio."""
    rng = np.random.default_rng(0)
    shares = torch.from_numpy(rng.dirichlet(np.full(classes, 0.3), (edge, edge)).transpose(2, 0, 1).astype(np.float32))
    shares = shares.contiguous()
    curve = ConfidenceScaling(slope=0.7, offset=0.8)
    seconds: dict[str, list[float]] = {"temperature": [], "curve": []}
    for _ in range(repeats):
        for name, step in (
            ("temperature", lambda: sharpened(shares, 0.7)),
            ("curve", lambda: with_scaled_confidence(shares, curve)),
        ):
            started = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - started)
    found = {name: float(np.median(values)) * 1e6 / edge**2 for name, values in seconds.items()}
    return found | {"ratio": found["curve"] / found["temperature"], "classes": classes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enmap", type=Path)
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--model", default="auto")
    parser.add_argument("--smooth", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.enmap is None:
            files = write_indian_pines(Path(folder))
            source = {"scene": files.scene, "labels": files.labels, "class_field": "class_id"}
        else:
            scene, labels = given.enmap / "scene.tif", given.enmap / "polygons.gpkg"
            source = {"scene": scene, "labels": labels, "class_field": "class_name"}
        parts = out_of_fold(given.smooth, effort=given.effort, model=given.model, **source)
    if parts.choice is None or parts.folds is None:
        raise SystemExit("The training tested nothing.")
    folds, tested, chosen = parts.folds, tested_samples(parts.folds), parts.choice.chosen
    at = folds.samples.classes[tested], folds.fold[tested], folds.unit[tested]
    unscaled = np.mean([softmax(member.log_scores) for member in chosen.members], axis=0)
    found: dict[str, Any] = {
        "method": chosen.title,
        "tested": len(tested),
        "folds": folds.n_folds,
        "units": len(np.unique(at[2])),
        "unsmoothed": compared(unscaled, chosen.probabilities, *at),
        "smoothed": None,
        "step": step_seconds(),
    }
    if parts.smoothed is not None and parts.smoothed.strength is not None:
        shares = parts.smoothed.probabilities
        found["strength"] = asdict(parts.smoothed.strength)
        found["smoothed"] = compared(shares, shares, *at)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
