"""Layers that Processing loads when an algorithm is done: their names and styles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsSettings

from ..engine.operations import LayerDescription
from ..translation import tr
from .layer_metadata import MapFacts
from .post_processing import StyledOutput
from .refresh import layers_of, refresh_overwritten
from .stacking import Stack
from .styling import STYLES

# QGIS does not own the post-processors it calls: without a reference they are gone before, and silently not called.
_waiting: list[StyledOutput] = []

# "Prefer output filename for layer names" in the options of Processing.
_FILE_NAMES_SETTING = "Processing/Configuration/PREFER_FILENAME_AS_LAYER_NAME"


@dataclass(frozen=True)
class OutputLayer:
    """A raster or vector layer that was written.

    Attributes
    ----------
    name, title : of the engine's parameter
    destination : its file
    layer : what the engine says of the layer
    """

    name: str
    title: str
    destination: str
    layer: LayerDescription


def add_results(
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    outputs: Iterable[OutputLayer],
    scene_name: str,
    facts: MapFacts | None = None,
    scene_id: str = "",
) -> None:
    """Name and style the layers that will be loaded, in their order from the top; refresh layers whose file was overwritten.

    Call in ``postProcessAlgorithm``. Layers are called "scene – classes", "scene – classes 2" and so on, except where a
    model names its output or the user has chosen to name layers after their files; a layer that shows a file that was written
    again keeps its name. The class map lies on top
    of the scene, which ``scene_id`` names if it is a layer of the project; all else is unticked and folded below the map. A
    layer that cannot be styled is said in the log. ``facts`` become the metadata of class maps.
    """
    _waiting[:] = [processor for processor in _waiting if not processor.done]
    project = context.project() or QgsProject.instance()
    stack = Stack(scene_id)
    for place, output in enumerate(outputs, start=1):
        refresh_overwritten(project, output.destination, feedback)
        if context.willLoadLayerOnCompletion(output.destination):
            details = context.layerToLoadOnCompletionDetails(output.destination)
            if details.name in (output.title, output.name.upper()):
                # QGIS takes a layer that shows the file already, and would give it the name. The first by name is taken.
                known = min(
                    (layer.name() for layer in layers_of(project, output.destination)), key=str.lower, default=""
                )
                details.name = known or _new_name(project, f"{scene_name} – {tr(output.layer.name)}")
                # QGIS names layers after their files unless told otherwise; only a choice that was made counts here.
                details.forceName = bool(known) or not QgsSettings().contains(_FILE_NAMES_SETTING)
            described = facts if output.layer.content == "class_map" else None
            rank = 0 if output.layer.shown else place
            processor = StyledOutput(STYLES[output.layer.content], stack, rank, described)
            _waiting.append(processor)
            details.setPostProcessor(processor)


def _new_name(project: QgsProject, name: str) -> str:
    """The name, with a number if layers of the project have it already."""
    number, found = 1, name
    while project.mapLayersByName(found):
        number += 1
        found = f"{name} {number}"
    return found
