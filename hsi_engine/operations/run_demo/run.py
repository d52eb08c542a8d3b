"""The steps of the demo: write the scene, choose a method, train, map, draw the map."""

from __future__ import annotations

import time

from ...bundle.model_file import read_bundle
from ...demo.indian_pines import write_indian_pines
from ...io.files.outputs import StagedOutputs
from ...report.figures.training import map_figure
from ...reporting import PhaseReporter, Reporter
from ..definition.function import start
from ..parts.map_picture import picture_of_new_map
from ..train_and_classify.operation import OPERATION as MAP_IN_ONE_GO
from ..train_and_classify.operation import TrainAndClassifyParams
from .operation import RunDemoParams, RunDemoResult


def run(params: RunDemoParams, reporter: Reporter) -> RunDemoResult:
    """Write the scene, compare methods on separate places, train the best with all labels, map, and draw the map."""
    started = time.perf_counter()
    folder = params.output
    reporter.progress(0.0, "Writing the scene")
    files = write_indian_pines(folder)
    model, folds, class_map = (folder / f"indian_pines{end}" for end in (".hsimodel", "_folds.tif", "_map.tif"))
    confidence, report, picture = (folder / name for name in ("indian_pines_confidence.tif", "report.html", "map.png"))
    made = start(
        MAP_IN_ONE_GO,
        TrainAndClassifyParams(
            scene=files.scene,
            labels=files.labels,
            class_field="class_id",
            output=class_map,
            confidence=confidence,
            model_output=model,
            report=report,
            split_output=folds,
            effort=params.effort,
            compare_split="random",
            train_share=0.1,
            seed=params.seed,
            device=params.device,
        ),
        PhaseReporter(reporter, 0.02, 0.98),
    )
    counts = [c["pixels"] for c in made.mapping.classes]
    with StagedOutputs() as stage:
        drawn = picture_of_new_map(class_map, read_bundle(model).legend, counts, files.scene, reporter)
        stage.path(picture).write_bytes(map_figure(drawn))
    reporter.artifact("picture", picture)
    trained = made.training
    places, gaps = trained.test or {}, trained.comparison or {}
    selection = trained.selection or {}
    return RunDemoResult(
        scene=files.scene,
        labels=files.labels,
        ground_truth=files.ground_truth,
        folds=folds,
        model=model,
        class_map=class_map,
        confidence=confidence,
        report=report,
        picture=picture,
        chosen=selection["title"],
        reason=selection["reason"],
        candidates=selection["candidates"],
        new_places=places,
        new_places_interval=(trained.intervals or {}).get("overall_accuracy", {}).get("interval_95"),
        gaps=gaps["test"],
        gaps_leakage=gaps["split"]["leakage"],
        smoothed_pixels=made.mapping.smoothed_pixels,
        seconds=time.perf_counter() - started,
    )
