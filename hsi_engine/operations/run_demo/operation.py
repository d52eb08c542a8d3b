"""The whole job on a real scene: Indian Pines, from files to a map and its accuracy."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..parts.computing import device_parameter
from ..train_classifier.method_options import MethodOptions
from ..train_classifier.options import EFFORTS


class RunDemoParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    output: Path = parameter(
        Path("demo_output"),
        title="Folder",
        description="Folder for all outputs; it is created if it does not exist.",
        kind="folder_out",
    )
    effort: Literal["quick", "standard", "thorough"] = parameter(
        "quick",
        title="Effort",
        description="How many methods are compared.",
        kind="choice",
        choices=EFFORTS,
    )
    seed: int = same_as(MethodOptions, "seed", description="Seed of all random numbers.")
    device: str = device_parameter()


class RunDemoResult(OperationResult):
    """The files, the method that was chosen, and two accuracies that answer two questions.

    ``new_places`` and ``gaps`` are as :meth:`hsi_engine.evaluation.accuracy.Accuracy.to_json` gives them: the first of pixels in
    places the model was not trained on, the second of random pixels when a tenth of the labels is trained on.
    """

    scene: Path
    labels: Path
    ground_truth: Path
    folds: Path
    model: Path
    class_map: Path
    confidence: Path
    report: Path
    picture: Path
    chosen: str
    reason: str
    candidates: list[dict[str, Any]]
    new_places: dict[str, Any]
    new_places_interval: list[float] | None
    gaps: dict[str, Any]
    gaps_leakage: float | None
    smoothed_pixels: int | None
    seconds: float

    def to_text(self) -> str:
        tried = [c for c in self.candidates if c["overall_accuracy"] is not None]
        width = max(len(c["title"]) for c in tried)
        rows = "\n".join(
            f"  {'→' if c['status'] == 'chosen' else ' '} {c['title']:<{width}}"
            f"  {_percent(c['overall_accuracy']):>7}  {_percent(c['average_accuracy']):>7}"
            for c in tried
            if len(c["members"]) == 1 or c["status"] == "chosen"
        )
        bounds = self.new_places_interval
        interval = f" (95 % interval {_percent(bounds[0])} to {_percent(bounds[1])})" if bounds else ""
        smoothed = f"\nThe map is smoothed: {self.smoothed_pixels:,} pixels changed." if self.smoothed_pixels else ""
        return f"""
Indian Pines, mapped in {self.seconds:.0f} s. Methods in places they were not trained on, overall and average accuracy:

{rows}

{self.reason}{smoothed}

Two questions, two figures:
  New places             {_percent(self.new_places["overall_accuracy"])}{interval}
                         on {self.new_places["samples"]:,} pixels, each away from what its model was trained on
  Gaps between labels    {_percent(self.gaps["overall_accuracy"])}
                         on {self.gaps["samples"]:,} random pixels, when a random tenth is trained on

The second is what most of the literature reports: neighbours of the tested pixels were trained on. The map itself was
made with all labels.

What to open next, in {self.class_map.parent}:
  {self.report.name:<28} the report, in a browser
  {self.picture.name:<28} the map with its legend
  {self.class_map.name:<28} the map, for QGIS: drop it on the canvas; its legend comes with it
  {self.confidence.name:<28} how sure the model is of each pixel
  {self.folds.name:<28} which labels were tested in which fold
  {self.scene.name:<28} the scene (its coordinates are approximate)
  {self.labels.name:<28} the labels as polygons, for training with QGIS
  {self.model.name:<28} the model, for hsi classify"""


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


OPERATION = Operation(
    name="run_demo",
    command="demo",
    title="Run demo",
    summary="Run the whole job on a real scene, Indian Pines: write it, choose the best method, train it and map.",
    group="Demo",
    params=RunDemoParams,
    result=RunDemoResult,
    run="hsi_engine.operations.run_demo.run:run",
    example="hsi demo --output demo_output",
    in_toolbox=False,
)
