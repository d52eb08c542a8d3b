"""The steps of the demo: write the scene, train, map, assess."""

from __future__ import annotations

import time
from typing import Any

from ..demo.indian_pines import write_indian_pines
from ..reporting import PhaseReporter, Reporter
from .assess_map import AssessMapParams
from .assessment_run import run as assess
from .classify_scene import ClassifySceneParams
from .mapping_run import run as classify
from .run_demo import RunDemoParams, RunDemoResult
from .training_outputs import run as train
from .training_params import TrainClassifierParams


def run(params: RunDemoParams, reporter: Reporter) -> RunDemoResult:
    """Write the scene, train with both splits, map, assess on the pixels that were not trained on."""
    started = time.perf_counter()
    folder = params.output
    reporter.progress(0.0, "Writing the scene")
    files = write_indian_pines(folder)
    model, split, class_map = (folder / f"indian_pines{end}" for end in (".hsimodel", "_split.tif", "_map.tif"))
    confidence, report, picture = (folder / name for name in ("indian_pines_confidence.tif", "report.html", "map.png"))
    trained = train(
        TrainClassifierParams(
            scene=files.scene,
            labels=files.labels,
            class_field="class_id",
            output=model,
            split_output=split,
            split="random",
            compare_split="blocks",
            train_share=0.1,
            epochs=params.epochs,
            seed=params.seed,
            device=params.device,
        ),
        PhaseReporter(reporter, 0.02, 0.92),
    )
    classify(
        ClassifySceneParams(
            scene=files.scene, model=model, output=class_map, confidence=confidence, device=params.device
        ),
        PhaseReporter(reporter, 0.92, 0.96),
    )
    assessed = assess(
        AssessMapParams(
            map=class_map,
            reference=files.ground_truth,
            subset=split,
            model=model,
            scene=files.scene,
            report=report,
            picture=picture,
        ),
        PhaseReporter(reporter, 0.96, 1.0),
    )
    blocks: dict[str, Any] = trained.comparison or {}
    return RunDemoResult(
        scene=files.scene,
        labels=files.labels,
        ground_truth=files.ground_truth,
        split=split,
        model=model,
        class_map=class_map,
        confidence=confidence,
        report=report,
        picture=picture,
        overall_accuracy=assessed.overall_accuracy or 0.0,
        average_accuracy=assessed.average_accuracy or 0.0,
        kappa=assessed.kappa or 0.0,
        test_pixels=assessed.samples,
        leakage=trained.split["leakage"],
        block_overall_accuracy=blocks["test"]["overall_accuracy"],
        block_test_pixels=blocks["test"]["samples"],
        block_leakage=blocks["split"]["leakage"],
        seconds=time.perf_counter() - started,
    )
