"""The whole job on a real scene: Indian Pines, from files to a map and its accuracy."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ..reporting import PhaseReporter, Reporter
from .base import Operation, OperationParams, OperationResult, parameter


class RunDemoParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    output: Path = parameter(
        Path("demo_output"),
        title="Folder",
        description="Folder for everything that is made; it is created where it is missing.",
        kind="folder_out",
    )
    epochs: int = parameter(
        40, title="Epochs", description="Passes over the training pixels.", kind="integer", ge=1, le=10_000
    )
    seed: int = parameter(0, title="Seed", description="Decides every random draw.", kind="seed", ge=0, le=2**63 - 1)
    device: str = parameter(
        "auto", title="Device", description="auto, cpu, cuda, cuda:0, … or mps.", kind="text", advanced=True
    )


class RunDemoResult(OperationResult):
    """The files, and the two accuracies: of the random split, and of spatially disjoint blocks."""

    scene: Path
    labels: Path
    ground_truth: Path
    split: Path
    model: Path
    class_map: Path
    confidence: Path
    report: Path
    picture: Path
    overall_accuracy: float
    average_accuracy: float
    kappa: float
    test_pixels: int
    leakage: float
    block_overall_accuracy: float
    block_test_pixels: int
    block_leakage: float
    seconds: float

    def to_text(self) -> str:
        return f"""
Indian Pines, HybridSN, trained on 10 % of the labelled pixels in {self.seconds:.0f} s

  Random split    overall accuracy {_percent(self.overall_accuracy)}, average accuracy {_percent(self.average_accuracy)},\
 kappa {self.kappa:.4f}
                  on {self.test_pixels:,} pixels; {_percent(self.leakage)} of them lie inside a training patch
  Spatial blocks  overall accuracy {_percent(self.block_overall_accuracy)}
                  on {self.block_test_pixels:,} pixels; {_percent(self.block_leakage)} of them lie inside a training patch

The first figure is what the literature reports; the second is what to expect away from the training fields.

What to open next, in {self.class_map.parent}:
  {self.report.name:<28} the report, in a browser
  {self.picture.name:<28} the map with its legend
  {self.class_map.name:<28} the map, in QGIS: drop it on the canvas, the legend comes along
  {self.confidence.name:<28} how sure the model is of each pixel
  {self.scene.name:<28} the scene (its coordinates are approximate)
  {self.labels.name:<28} the labels as polygons, for training with QGIS
  {self.model.name:<28} the model, for hsi classify"""


def run(params: RunDemoParams, reporter: Reporter) -> RunDemoResult:
    """Write the scene, train with both splits, map, assess on the pixels that were not trained on."""
    from ..demo.indian_pines import write_indian_pines
    from .assess_map import AssessMapParams, AssessMapResult
    from .assess_map import run as assess
    from .classify_scene import ClassifySceneParams
    from .classify_scene import run as classify
    from .train_classifier import run as train
    from .training_params import TrainClassifierParams

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
    assessed: AssessMapResult = assess(
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


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


OPERATION = Operation(
    name="run_demo",
    command="demo",
    title="Run demo",
    summary="Do the whole job on a real scene, Indian Pines: write it, train HybridSN, map it, assess the map.",
    group="Demo",
    params=RunDemoParams,
    result=RunDemoResult,
    run=run,
    example="hsi demo --output demo_output",
)
