"""The jobs of a soak, and how one is run in QGIS as its dialog runs it. Needs QGIS, nothing of the engine."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer

_LONG_MS = 300_000


@dataclass(frozen=True)
class Inputs:
    """Files of a small scene: the scene, polygons with ``class_name``, a class map, and a folder for outputs."""

    scene: str
    polygons: str
    class_map: str
    folder: Path


@dataclass
class Job:
    """One job, and how it has to end: ``done``, ``refused`` by the form, ``failed`` in the engine, or ``cancelled``.

    Parameters
    ----------
    loaded : the outputs that become layers of the project.
    """

    name: str
    algorithm: str
    parameters: dict[str, Any]
    ends: str = "done"
    loaded: tuple[str, ...] = ()


class Feedback(QgsProcessingFeedback):
    """Keeps the last error and the number of lines; cancels at the first progress if it should."""

    def __init__(self, *, cancels: bool = False) -> None:
        super().__init__(False)
        self.problem, self.lines = "", 0
        if cancels:
            self.progressChanged.connect(self._at_progress)

    def _at_progress(self, percent: float) -> None:
        if percent > 0:
            self.cancel()

    # Names given by QGIS.
    def pushInfo(self, info: str) -> None:  # noqa: N802
        self.lines += 1

    def pushWarning(self, warning: str) -> None:  # noqa: N802
        self.lines += 1

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N802, N803
        self.problem = error


@dataclass
class Layers:
    """The layers that the jobs read: a scene, and a copy of the polygons in memory whose style has the classes."""

    scene: QgsRasterLayer
    labels: QgsVectorLayer
    ids: set[str] = field(default_factory=set)


def open_layers(inputs: Inputs) -> Layers:
    """Put them into the project."""
    scene, file = QgsRasterLayer(inputs.scene, "scene"), QgsVectorLayer(inputs.polygons, "polygons")
    labels = QgsVectorLayer(f"Polygon?crs={file.crs().authid()}&field=class_name:string", "drawn", "memory")
    position = file.fields().lookupField("class_name")
    features = list(file.getFeatures())
    names = sorted({feature.attribute(position) for feature in features})
    for feature in features:
        feature.setAttributes([feature.attribute(position)])
    labels.dataProvider().addFeatures(features)
    labels.setRenderer(
        QgsCategorizedSymbolRenderer(
            "class_name", [QgsRendererCategory(name, QgsFillSymbol.createSimple({}), name) for name in names]
        )
    )
    QgsProject.instance().addMapLayers([scene, labels])
    return Layers(scene, labels, {scene.id(), labels.id()})


def job_mix(inputs: Inputs, layers: Layers) -> list[Job]:
    """One round. The classification needs the model of the training before it."""
    out, scene = inputs.folder / "out", {"SCENE": layers.scene.id()}
    model, trained = str(inputs.folder / "kept.hsimodel"), {"LABELS": layers.labels.id(), "CLASS_FIELD": "class_name"}
    quick = {**scene, **trained, "MODEL": "lda", "SPLIT": "blocks", "DEVICE": "cpu"}
    damaged = inputs.folder / "damaged.hsimodel"
    damaged.write_text("not a model", encoding="utf-8")
    mapped = str(out / "map.tif")
    return [
        Job("train", "train_classifier", {**quick, "OUTPUT": model, "REPORT": str(out / "training.html")}),
        Job(
            "classify",
            "classify_scene",
            {**scene, "MODEL": model, "OUTPUT": mapped, "DEVICE": "cpu"},
            loaded=("OUTPUT",),
        ),
        Job("information", "scene_information", {**scene, "REPORT": str(out / "scene.html")}),
        Job(
            "check labels",
            "check_labels",
            {**scene, **trained, "REPORT": str(out / "labels.html"), "PROBLEMS": str(out / "problems.gpkg")},
            loaded=("PROBLEMS",),
        ),
        Job(
            "clean",
            "clean_map",
            {"MAP": inputs.class_map, "MAJORITY": 3, "OUTPUT": str(out / "clean.tif")},
            loaded=("OUTPUT",),
        ),
        Job("preview", "preview_map", {**scene, **trained, "OUTPUT": str(out / "preview.tif")}, loaded=("OUTPUT",)),
        Job("colour", "colour_scene", {**scene, "COMPOSITE": "automatic", "IMAGE": str(out / "colours.tif")}),
        Job(
            "cancel", "train_classifier", {**scene, **trained, "OUTPUT": str(out / "never.hsimodel")}, ends="cancelled"
        ),
        Job(
            "damaged model",
            "classify_scene",
            {**scene, "MODEL": str(damaged), "OUTPUT": str(out / "never.tif")},
            ends="failed",
        ),
        Job("no scene", "classify_scene", {"SCENE": "gone.tif", "MODEL": model, "OUTPUT": mapped}, ends="refused"),
    ]


def run_job(job: Job, inputs: Inputs, layers: Layers) -> str:
    """Run it as its dialog does, load its outputs, and put everything back; how it ended."""
    (inputs.folder / "out").mkdir(exist_ok=True)
    project = QgsProject.instance()
    context, feedback = QgsProcessingContext(), Feedback(cancels=job.ends == "cancelled")
    context.setProject(project)
    parameters = dict(job.parameters)
    for name in job.loaded:
        parameters[name] = QgsProcessingOutputLayerDefinition(parameters[name], project)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"hsi:{job.algorithm}")
    accepted, problem = algorithm.checkParameterValues(parameters, context)
    if accepted:
        ended = _run_task(algorithm, parameters, context, feedback)
        _load(context, feedback)
        problem = feedback.problem
    else:
        ended = "refused"
    if ended != job.ends:
        raise RuntimeError(f"job '{job.name}' ended as '{ended}', not as '{job.ends}': {problem}")
    project.removeMapLayers([one for one in project.mapLayers() if one not in layers.ids])
    shutil.rmtree(inputs.folder / "out")
    return ended


def settle() -> None:
    """Let QGIS and Python forget what nobody needs."""
    for _ in range(3):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()


def _run_task(algorithm: Any, parameters: dict[str, Any], context: QgsProcessingContext, feedback: Feedback) -> str:
    loop, outcome, late = QEventLoop(), list[bool](), QTimer()
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    if task.isCanceled():  # its preparation failed
        return "refused"
    task.executed.connect(lambda done, results: (outcome.append(done), loop.quit()))
    late.setSingleShot(True)
    late.timeout.connect(loop.quit)
    late.start(_LONG_MS)
    QgsApplication.taskManager().addTask(task)
    loop.exec()
    late.stop()
    if not outcome:
        raise RuntimeError(f"{algorithm.name()} did not end within {_LONG_MS / 1000:g} s")
    if outcome[0]:
        return "done"
    return "cancelled" if feedback.isCanceled() else "failed"


def _load(context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
    """What Processing does with the outputs that are to be layers."""
    for path, details in context.layersToLoadOnCompletion().items():
        found = QgsProcessingUtils.mapLayerFromString(path, context, True, details.layerTypeHint)
        layer = context.takeResultLayer(found.id())
        details.setOutputLayerName(layer)
        details.project.addMapLayer(layer)
        if details.postProcessor() is not None:
            details.postProcessor().postProcessLayer(layer, context, feedback)


Watch = Callable[[int, Job], None]


def run_round(number: int, inputs: Inputs, layers: Layers, mix: list[Job], after: Watch) -> int:
    """Run ``number`` jobs of the mix, one after the other; ``after`` is called with the number and the job that ended."""
    for place in range(number):
        job = mix[place % len(mix)]
        run_job(job, inputs, layers)
        settle()
        after(place + 1, job)
    return number
