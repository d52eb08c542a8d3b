"""A dialog runs an algorithm on a thread of its own, with a context of its own; scripts and qgis_process do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
)

from dialog_run import run_as_a_dialog_does
from qgis_plugin.provider import HsiProvider
from recording_feedback import RecordingFeedback


def test_a_cleaned_map_is_loaded_under_the_name_of_the_map(
    provider: HsiProvider, world: Any, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    project, target = QgsProject.instance(), str(tmp_path / "clean.tif")
    context = QgsProcessingContext()
    context.setProject(project)
    parameters = {"MAP": world.labels, "MAJORITY": 3, "OUTPUT": QgsProcessingOutputLayerDefinition(target, project)}

    run_as_a_dialog_does(provider.algorithm("clean_map").create(), parameters, context, feedback)

    details = context.layerToLoadOnCompletionDetails(target)
    assert details.name == f"{Path(world.labels).stem} – cleaned"
    layer = QgsRasterLayer(target, details.name)
    details.postProcessor().postProcessLayer(layer, context, feedback)
    assert isinstance(layer.renderer(), QgsPalettedRasterRenderer)


def test_the_map_is_loaded_under_the_name_of_the_scene_and_with_its_style(
    provider: HsiProvider, world: Any, trained: dict[str, Any], feedback: RecordingFeedback, tmp_path: Path
) -> None:
    project, target = QgsProject.instance(), str(tmp_path / "map.tif")
    context = QgsProcessingContext()
    context.setProject(project)
    parameters = {
        "SCENE": world.scene,
        "MODEL": trained["OUTPUT"],
        "OUTPUT": QgsProcessingOutputLayerDefinition(target, project),
        "CONFIDENCE": str(tmp_path / "confidence.tif"),  # not to be loaded
    }

    results = run_as_a_dialog_does(provider.algorithm("classify_scene").create(), parameters, context, feedback)

    assert results["OUTPUT"] == target
    assert list(context.layersToLoadOnCompletion()) == [target]
    details = context.layerToLoadOnCompletionDetails(target)
    assert details.name == f"{Path(world.scene).stem} – classes"
    layer = QgsRasterLayer(target, details.name)
    details.postProcessor().postProcessLayer(layer, context, feedback)
    assert isinstance(layer.renderer(), QgsPalettedRasterRenderer)


def test_an_output_that_a_batch_leaves_empty_is_not_loaded(
    provider: HsiProvider, world: Any, trained: dict[str, Any], feedback: RecordingFeedback, tmp_path: Path
) -> None:
    project, target = QgsProject.instance(), str(tmp_path / "map.tif")
    context = QgsProcessingContext()
    context.setProject(project)
    parameters = {
        "SCENE": world.scene,
        "MODEL": trained["OUTPUT"],
        "OUTPUT": QgsProcessingOutputLayerDefinition(target, project),
        "CONFIDENCE": QgsProcessingOutputLayerDefinition("", project),
    }

    results = run_as_a_dialog_does(provider.algorithm("classify_scene").create(), parameters, context, feedback)

    assert "CONFIDENCE" not in results
    assert list(context.layersToLoadOnCompletion()) == [target]
