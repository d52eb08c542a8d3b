"""Layers that Processing loads when an algorithm is done: their names and styles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsSettings

from ..translation import tr
from .layer_metadata import MapFacts
from .post_processing import StyledOutput
from .refresh import refresh_overwritten
from .stacking import Stack
from .styling import (
    Style,
    style_class_map,
    style_components,
    style_confidence,
    style_findings,
    style_image,
    style_probabilities,
)

# QGIS does not own the post-processors it calls: without a reference they are gone before, and silently not called.
_waiting: list[StyledOutput] = []

# "Prefer output filename for layer names" in the options of Processing.
_FILE_NAMES_SETTING = "Processing/Configuration/PREFER_FILENAME_AS_LAYER_NAME"


@dataclass(frozen=True)
class OutputLayer:
    """A raster or vector layer that was written: ``name``, ``kind`` and title of the engine's parameter, and its file.

    ``words`` name its layer after the scene; if they are empty, the kind of the layer does.
    """

    name: str
    kind: str
    title: str
    destination: str
    words: str = ""


def add_results(
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    outputs: Iterable[OutputLayer],
    scene_name: str,
    facts: MapFacts | None = None,
    scene_id: str = "",
) -> None:
    """Name and style the layers that will be loaded, and refresh layers whose file was overwritten.

    Call in ``postProcessAlgorithm``. Layers are called "scene – classes", "scene – classes 2" and so on, except where a
    model names its output or the user has chosen to name layers after their files. The class map lies on top
    of the scene, which ``scene_id`` names if it is a layer of the project; all else is unticked and folded below the map. A
    layer that cannot be styled is said in the log. ``facts`` become the metadata of class maps.
    """
    _waiting[:] = [processor for processor in _waiting if not processor.done]
    project = context.project() or QgsProject.instance()
    stack = Stack(scene_id)
    for output in outputs:
        rank, style, usual = _role(output)
        words = output.words or usual
        refresh_overwritten(project, output.destination, feedback)
        if context.willLoadLayerOnCompletion(output.destination):
            details = context.layerToLoadOnCompletionDetails(output.destination)
            if details.name in (output.title, output.name.upper()):
                details.name = _new_name(project, f"{scene_name} – {words}")
                # QGIS names layers after their files unless told otherwise; only a choice that was made counts here.
                details.forceName = not QgsSettings().contains(_FILE_NAMES_SETTING)
            processor = StyledOutput(style, stack, rank, facts if _is_class_map(output) else None)
            _waiting.append(processor)
            details.setPostProcessor(processor)


def _new_name(project: QgsProject, name: str) -> str:
    """The name, with a number if layers of the project have it already."""
    number, found = 1, name
    while project.mapLayersByName(found):
        number += 1
        found = f"{name} {number}"
    return found


def _is_class_map(output: OutputLayer) -> bool:
    return output.kind == "class_map_out" or output.name == "unsmoothed"


def _role(output: OutputLayer) -> tuple[int, Style, str]:
    """Place from the top, style and words for the name."""
    if output.kind == "vector_out":
        return 0, style_findings, tr("labels to look at")
    if output.kind == "class_map_out":
        return 0, style_class_map, tr("classes")
    if output.name == "image":
        return 0, style_image, tr("in colour")
    if output.name == "unsmoothed":
        return 1, style_class_map, tr("classes before smoothing")
    if output.name == "confidence":
        return 2, style_confidence, tr("confidence")
    if output.name == "split_output":
        return 3, style_class_map, tr("split")
    if output.name == "probabilities":
        return 4, style_probabilities, tr("probabilities")
    return 0, style_components, tr("components")
