"""The whole job on a real scene: Indian Pines, from files to a map and its accuracy."""

from __future__ import annotations

from pathlib import Path

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
    run="hsi_engine.operations.demo_run:run",
    example="hsi demo --output demo_output",
)
